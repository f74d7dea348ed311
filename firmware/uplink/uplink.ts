// The terminal's side of the conversation with the hall: records go up in order and again until they are acknowledged, commands come down and
// get one answer each. PROTOCOL.md has every message.

import type { Hal } from "../../hal/hal.js";
import type { Ledger } from "../ledger/ledger.js";
import { decodeLine, encodeLine } from "./codec.js";

/** Records that may be under way without an acknowledgement. */
const WINDOW = 4;
/** Without an acknowledgement for so long, records under way are sent again. */
const RESEND_MS = 5000;

/** A command's answer: `ok`, or a word for what is wrong and a sentence that says what to do. */
export type CommandResult = "ok" | { readonly error: string; readonly hint: string };

export interface UplinkListener {
  onInvite(transaction: string, atMs: number): CommandResult;
  /** @param unixSeconds wall time now */
  onTime(unixSeconds: number, atMs: number): CommandResult;
  /** Acknowledgements have made room. */
  onAcknowledged(atMs: number): void;
}

export interface Uplink {
  /** Sends what can be sent now. Call it after every step. */
  pump(nowMs: number): void;
  /** When `pump` wants to be called again, or Infinity. */
  deadlineMs(): number;
}

export interface UplinkParts {
  readonly hal: Hal;
  /** As in `Link.start`. */
  readonly host: string;
  readonly ledger: Ledger;
  /** Who this is, for the first message after the link comes up. */
  readonly identity: object;
  readonly listener: UplinkListener;
}

export function startUplink(parts: UplinkParts): Uplink {
  const ledger = parts.ledger;
  const hal = parts.hal;
  const link = hal.link;
  let isUp = false;
  /** Newest record that is under way. */
  let sent = 0;
  let sentAtMs = 0;

  function send(message: object): boolean {
    return link.send(encodeLine(message, hal.crc32)) === "sent";
  }

  function pump(nowMs: number): void {
    const acknowledged = ledger.acknowledged();
    if (sent < acknowledged) sent = acknowledged;
    if (sent > acknowledged && nowMs - sentAtMs >= RESEND_MS) sent = acknowledged;
    while (isUp && sent < ledger.last() && sent - acknowledged < WINDOW) {
      const record = ledger.read(sent + 1);
      // A number that flash lost is told as such: the host must not wait for it.
      const message = record
        ? { "log": ledger.logId(), "seq": sent + 1, "record": hal.toBase64(record.bytes) }
        : { "log": ledger.logId(), "seq": sent + 1, "lost": true };
      if (!send(message)) return;
      sent++;
      sentAtMs = nowMs;
    }
  }

  function command(message: Record<string, unknown>, atMs: number): CommandResult {
    const what = message["do"];
    if (what === "invite") {
      const transaction = message["transaction"];
      if (typeof transaction !== "string" || !/^[A-Za-z0-9._-]+$/.test(transaction) || transaction.length > 16) {
        return { error: "badTransaction", hint: "1 to 16 of A-Z a-z 0-9 . _ -" };
      }
      return parts.listener.onInvite(transaction, atMs);
    }
    if (what === "time") {
      const unix = message["unix"];
      if (typeof unix !== "number" || !(unix > 1577836800 && unix < 4294967295)) {
        return { error: "badTime", hint: "seconds since 1970, after 2020" };
      }
      return parts.listener.onTime(Math.floor(unix), atMs);
    }
    if (what === "acknowledge") {
      if (message["log"] !== ledger.logId()) return { error: "otherLog", hint: "this terminal's log is " + ledger.logId() };
      if (ledger.acknowledge(message["seq"] as number)) parts.listener.onAcknowledged(atMs);
      return "ok";
    }
    return { error: "unknownCommand", hint: "invite, time or acknowledge" };
  }

  link.start(parts.host, {
    onLine(line) {
      const message = decodeLine(line, hal.crc32);
      if (!message) return;
      const result = command(message, hal.clock.nowMs());
      // Acknowledgements are not answered: an answer to an answer would never end.
      if (message["do"] !== "acknowledge" || result !== "ok") {
        send(
          result === "ok" ? { "answer": message["id"], "result": result } : { "answer": message["id"], "error": result.error, "hint": result.hint },
        );
      }
      pump(hal.clock.nowMs());
    },
    onState(isNowUp) {
      isUp = isNowUp;
      sent = ledger.acknowledged();
      if (isUp && send({ "hello": parts.identity, "log": ledger.logId(), "last": ledger.last(), "acknowledged": sent })) pump(hal.clock.nowMs());
    },
  });

  return {
    pump,
    deadlineMs: () => (isUp && sent > ledger.acknowledged() ? sentAtMs + RESEND_MS : Infinity),
  };
}
