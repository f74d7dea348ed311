// Authentication of commands (rules R3, R7): a command that lets records go, sets their time, or changes people, records or the configuration needs a signature,
// and is accepted once. PROTOCOL.md describes signatures.

import type { Hal } from "../../hal/hal.js";
import type { Append } from "../app/recorder.js";
import type { Ledger } from "../ledger/ledger.js";
import { RecordType } from "../ledger/records.js";
import { placeOf } from "../text.js";
import { parseMessage } from "./codec.js";

/** Shortest time between two records of refusals, so that attackers cannot fill the ledger. */
const TELL_MS = 60000;

/** Numbers of signed commands for each record. */
const NUMBERS = 1000;

type Message = Readonly<Record<string, unknown>>;

export interface Guard {
  /** Names this start of the terminal, 0 to 2^32-1. Every signature holds it, so what was signed for an earlier start is worth nothing, whatever flash holds. */
  readonly start: number;
  /** The number that the next signed command has to exceed. */
  newest(): number;
  /** The command that a message is, or holds signed. @returns the command, or a word for the reason why it is refused */
  admit(message: Message, atMs: number): Message | string;
}

/**
 * @param ledger to which nothing was appended since the start. Record n allows the command numbers from n * `NUMBERS` on. Commands of this start need a number
 * above those of its first record. So no command is accepted after another start, which adds a record.
 * @param hasKey whether the device key is whole
 */
export function createGuard(
  parts: Pick<Hal, "toBase64" | "random32">,
  ledger: Pick<Ledger, "last" | "logId" | "mac" | "word">,
  hasKey: boolean,
  append: Append,
): Guard {
  const start = ledger.word("start:" + ledger.logId() + ":" + ledger.last() + ":" + parts.random32());
  let newest = (ledger.last() + 1) * NUMBERS;
  let refusals = 0;
  let toldMs = -TELL_MS;
  return {
    start,
    newest: () => newest,
    admit(message, atMs) {
      const text = message["signed"];
      const isSigned = typeof text === "string";
      const command = isSigned ? parseMessage(text as string) || {} : message;
      // No field of a command is an object: an object in the place of a text or a number could throw wherever it is used.
      for (const name in command) {
        if (command[name] && typeof command[name] === "object") return "bad object";
        // The interpreter throws where it has to make a number of a text of 64 characters or more.
        if (/^at$|^bytes$|^count$|^grade$|^n$|^seq$|^unix$/.test(name) && typeof command[name] !== "number") return "bad " + name;
      }
      const what = command["do"];
      const n = command["n"] as number;
      const isThisStart = command["start"] === start;
      let error = "unsigned";
      if (typeof what !== "string") return "unknownCommand";
      // These need a signature. No regular expression: with so many alternatives the interpreter would keep `what` in memory for ever.
      if (placeOf(" acknowledge approve card duplicateBadge emergency leader replace restart signOut time unlock void ", " " + what + " ") < 0)
        return command;
      if (isSigned) {
        if (!hasKey || parts.toBase64(ledger.mac("command:" + text)) !== message["mac"]) error = "badMac";
        // A repeated acknowledgement does no harm, and a host may not know yet that the terminal has started anew: neither is recorded.
        else if (what === "acknowledge") return isThisStart ? command : "otherStart";
        else if (!isThisStart) error = "otherStart";
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
