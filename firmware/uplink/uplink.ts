// The terminal's side of the conversation with the hall: records go up in order and again until they are acknowledged, commands come down and
// get one answer each. PROTOCOL.md has every message.

import type { Hal } from "../../hal/hal.js";
import type { Ledger } from "../ledger/ledger.js";
import { decodeLine, encodeLine } from "./codec.js";

/** Records that may be under way without an acknowledgement. */
const WINDOW = 4;
/** Without an acknowledgement for so long, records under way are sent again. */
const RESEND_MS = 5000;

export interface UplinkParts {
  readonly hal: Hal;
  /** As in `Link.start`. */
  readonly host: string;
  /** A link that is silent for so long is lost. */
  readonly lostMs: number;
  readonly ledger: Ledger;
  /** Who this is, for the first message after the link comes up. */
  readonly identity: object;
  /** Carries out a command. @returns "ok", or a word for what stands in its way, or what was asked for */
  readonly onCommand: (command: Record<string, unknown>, atMs: number) => string | object;
  /** Acknowledgements have made room. */
  readonly onAcknowledged: (atMs: number) => void;
  /** A line of the host has been dealt with. */
  readonly onHeard: () => void;
  /** The host is lost, or heard again. */
  readonly onLost: (isLost: boolean, atMs: number) => void;
}

export interface Uplink {
  /** Sends what can be sent now. Call it after every step. */
  pump(nowMs: number): void;
  /** Sends a message once, when the link is up. */
  tell(message: object): void;
  /** When `pump` wants to be called again, or Infinity. */
  deadlineMs(): number;
}

export function startUplink(parts: UplinkParts): Uplink {
  const ledger = parts.ledger;
  const hal = parts.hal;
  const link = hal.link;
  let isUp = false;
  let isLost = false;
  /** Newest record that is under way. */
  let sent = 0;
  let sentAtMs = 0;
  /** Since when the host owes an acknowledgement, or the link is down; -1: it does not, and is not. */
  let owedSinceMs = -1;

  function send(message: object): boolean {
    return link.send(encodeLine(message, hal.crc32)) === "sent";
  }

  function watch(nowMs: number): void {
    const isOwed = !isUp || sent > ledger.acknowledged();
    if (!isOwed) owedSinceMs = -1;
    else if (owedSinceMs < 0) owedSinceMs = nowMs;
    const isNowLost = isOwed && nowMs - owedSinceMs >= parts.lostMs;
    if (isNowLost === isLost) return;
    isLost = isNowLost;
    parts.onLost(isLost, nowMs);
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
      if (!send(message)) break;
      sent++;
      sentAtMs = nowMs;
    }
    watch(nowMs);
  }

  function answer(message: Record<string, unknown>, atMs: number): void {
    let result: string | object = "otherLog";
    if (message["do"] !== "acknowledge") result = parts.onCommand(message, atMs);
    else if (message["log"] === ledger.logId()) {
      if (ledger.acknowledge(message["seq"] as number)) {
        owedSinceMs = -1;
        parts.onAcknowledged(atMs);
      }
      // Acknowledgements are not answered: an answer to an answer would never end.
      return;
    }
    // Anything but a short plain id would make a line that is too long, or not ASCII.
    const id = message["id"];
    const isPlain = typeof id === "number" || (typeof id === "string" && id.length <= 32 && /^[A-Za-z0-9._-]*$/.test(id));
    const answered = isPlain ? id : null;
    const isError = typeof result === "string" && result !== "ok";
    send(isError ? { "answer": answered, "error": result } : { "answer": answered, "result": result });
  }

  link.start(parts.host, {
    onLine(line) {
      const message = decodeLine(line, hal.crc32);
      if (!message) return;
      answer(message, hal.clock.nowMs());
      parts.onHeard();
    },
    onState(isNowUp) {
      const nowMs = hal.clock.nowMs();
      isUp = isNowUp;
      sent = ledger.acknowledged();
      if (isUp && send({ "hello": parts.identity, "log": ledger.logId(), "last": ledger.last(), "acknowledged": sent })) pump(nowMs);
      else watch(nowMs);
    },
  });

  return {
    pump,
    tell(message) {
      if (isUp) send(message);
    },
    deadlineMs() {
      const resendMs = isUp && sent > ledger.acknowledged() ? sentAtMs + RESEND_MS : Infinity;
      return owedSinceMs < 0 || isLost ? resendMs : Math.min(resendMs, owedSinceMs + parts.lostMs);
    },
  };
}
