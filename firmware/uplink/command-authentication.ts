// Whose word counts (rules R3, R7): what lets records go, sets their time, or changes people, records or the configuration is taken with a signature alone, each
// command once. PROTOCOL.md has what is signed.

import type { Hal } from "../../hal/hal.js";
import type { Append } from "../app/recorder.js";
import type { Ledger } from "../ledger/ledger.js";
import { RecordType } from "../ledger/records.js";
import { parseMessage } from "./codec.js";

/** Refusals are told by a record at most this often: a stranger must not fill the ledger. */
const TELL_MS = 60000;

/** So many signed commands may come for each record. */
const NUMBERS = 1000;

type Message = Readonly<Record<string, unknown>>;

export interface Guard {
  /** Number of the newest signed command that was accepted; one that comes must have a greater one. */
  newest(): number;
  /**
   * What a message wants done: itself, or what it holds signed.
   * @returns the command, or why it is refused
   */
  admit(message: Message, atMs: number): Message | string;
}

/**
 * @param ledger nothing was appended since the start. Its numbers tell one start from the next: those of commands are above those of all records before the
 * start, each counted for `NUMBERS`, and not above those of the newest, which a start's own record is: so none is good any more after the next start.
 * @param hasKey the device key is whole
 */
export function createGuard(parts: Pick<Hal, "toBase64">, ledger: Pick<Ledger, "last" | "logId" | "mac">, hasKey: boolean, append: Append): Guard {
  let newest = (ledger.last() + 1) * NUMBERS;
  let refusals = 0;
  let toldMs = -TELL_MS;
  return {
    newest: () => newest,
    admit(message, atMs) {
      const text = message["signed"];
      const isSigned = typeof text === "string";
      const command = isSigned ? parseMessage(text as string) || {} : message;
      const n = command["n"] as number;
      const isLog = command["log"] === ledger.logId();
      let error = "unsigned";
      if (!/^(acknowledge|approve|card|duplicateBadge|emergency|replace|restart|signOut|time|unlock|void)$/.test(command["do"] as string))
        return command;
      if (isSigned) {
        if (!hasKey || parts.toBase64(ledger.mac("command:" + text)) !== message["mac"]) error = "badMac";
        // Taken once more an acknowledgement does nothing, and a host may not know yet that a log is another: neither is worth a record.
        else if (command["do"] === "acknowledge") return isLog ? command : "otherLog";
        else if (!isLog) error = "otherLog";
        else if (!(n > newest)) error = "replayed";
        else if (n >= (ledger.last() + 1) * NUMBERS) error = "bad n";
        else {
          newest = n;
          return command;
        }
      }
      refusals++;
      if (atMs - toldMs >= TELL_MS && append(RecordType.Refused, [error, refusals], atMs)) {
        toldMs = atMs;
        refusals = 0;
      }
      return error;
    },
  };
}
