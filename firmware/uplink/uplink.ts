// The terminal's side of the protocol: records go up in order, and are repeated until they are acknowledged. Commands come down, and each gets one answer. Every
// message that goes up has a MAC. PROTOCOL.md describes all messages.

import type { Hal } from "../../hal/hal.js";
import type { LinkConfig, MessageKind } from "../../hal/link.js";
import type { Ledger } from "../ledger/ledger.js";
import { parseMessage } from "./codec.js";
import type { Guard } from "./command-authentication.js";

/** Records that may be under way without an acknowledgement. */
const WINDOW = 4;
/** Time without an acknowledgement after which records are sent again. */
const RESEND_MS = 5000;
/** Answers that are remembered. */
const ANSWERS = 8;
/** Characters in base64 of the hash by which an answer names its command: 96 bits. */
const OF_CHARACTERS = 16;

export interface UplinkParts {
  readonly hal: Hal;
  /** As in `Link.start`. */
  readonly config: LinkConfig;
  /** Time of silence after which the host counts as lost. */
  readonly lostMs: number;
  readonly ledger: Ledger;
  /** The identity in the hello. */
  readonly identity: object;
  readonly guard: Guard;
  /** Carries out an admitted command. @returns "ok", a word for the reason why it is refused, or the requested data */
  readonly onCommand: (command: Record<string, unknown>, atMs: number) => string | object;
  /** An acknowledgement has made room for records. */
  readonly onAcknowledged: (atMs: number) => void;
  /** `pump` is due: a message of the host was handled, or the link came up, went down, or has room again. */
  readonly onHeard: () => void;
  /** The host is lost, for this reason, or is heard again. */
  readonly onLost: (isLost: boolean, atMs: number, why: string) => void;
}

export interface Uplink {
  /** Sends what can be sent now. Call it after every step. @returns whether a hello was among it */
  pump(nowMs: number): boolean;
  /** Sends a message once, when the link is up. @returns whether the link took it */
  tell(kind: MessageKind, message: object): boolean;
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
  /** When the last hello was sent, or something was acknowledged. The next hello is due half of `lostMs` later. */
  let quietSinceMs = 0;
  /** Since when the host has owed an acknowledgement or the link has been down, or -1. */
  let owedSinceMs = -1;
  /** The reason for which the other side refuses the link, or "". */
  let refusal = "";
  /** The newest answers, as they were sent. A repeated command gets the same answer, and is not carried out again. */
  const plainAnswers: string[] = [];
  /** The same of signed commands: strangers, who can send plain ones, cannot push these out. */
  const signedAnswers: string[] = [];

  /** Adds the MAC to the text of a message, so that nobody else can send messages in this terminal's name. */
  function withMac(text: string): string {
    return text.substr(0, text.length - 1) + ',"mac":"' + hal.toBase64(ledger.mac(text)) + '"}';
  }

  function send(kind: MessageKind, message: object): boolean {
    return link.send(kind, withMac(JSON.stringify(message))) === "sent";
  }

  function watch(nowMs: number): void {
    const isNowLost = !!refusal || (owedSinceMs >= 0 && nowMs - owedSinceMs >= parts.lostMs);
    if (isNowLost === isLost) return;
    isLost = isNowLost;
    parts.onLost(isLost, nowMs, refusal || "host not heard");
  }

  /** Notes that the host owes an acknowledgement from now on, if it did not already. */
  function expectAcknowledgement(nowMs: number): void {
    if (owedSinceMs < 0) owedSinceMs = nowMs;
  }

  function tellRecord(sequence: number): boolean {
    const record = ledger.read(sequence);
    const message: Record<string, unknown> = { "log": ledger.logId(), "seq": sequence };
    if (record) message["record"] = hal.toBase64(record.bytes);
    // The host must not wait for a record that flash has lost.
    else message["lost"] = true;
    return send("record", message);
  }

  function pump(nowMs: number): boolean {
    const acknowledged = ledger.acknowledged();
    const isGreeting = isUp && nowMs - quietSinceMs >= parts.lostMs / 2;
    if (isGreeting) {
      quietSinceMs = nowMs;
      expectAcknowledgement(nowMs);
      const log = ledger.logId();
      send("hello", {
        "hello": parts.identity,
        "log": log,
        "last": ledger.last(),
        "acknowledged": acknowledged,
        "start": parts.guard.start,
        "signed": parts.guard.newest(),
      });
    }
    if (sent < acknowledged) sent = acknowledged;
    if (sent > acknowledged && nowMs - sentAtMs >= RESEND_MS) sent = acknowledged;
    while (isUp && sent < ledger.last() && sent - acknowledged < WINDOW) {
      if (!tellRecord(sent + 1)) break;
      sent++;
      sentAtMs = nowMs;
      expectAcknowledgement(nowMs);
    }
    watch(nowMs);
    return isGreeting;
  }

  function answer(command: string, message: Record<string, unknown>, atMs: number): void {
    // A longer id, or one of other characters, could make the answer too long, or not ASCII. It is answered with null instead.
    const id = "" + JSON.stringify(message["id"]);
    const isPlain = id.length < 35 && /^"[A-Za-z0-9._-]*"$|^[0-9.e+-]+$/.test(id);
    let text = '{"answer":' + (isPlain ? id : null) + ',"of":"' + hal.toBase64(hal.sha256(hal.toBytes(command))).substr(0, OF_CHARACTERS) + '",';
    const answers = message["signed"] ? signedAnswers : plainAnswers;
    for (let i = 0; isPlain && i < answers.length; i++) {
      const known = answers[i] as string;
      if (known.substr(0, text.length) === text) {
        link.send("answer", known);
        return;
      }
    }
    // The command, or a word for the reason why it is refused. A word has no fields.
    const admitted = parts.guard.admit(message, atMs);
    const what = (admitted as Record<string, unknown>)["do"];
    const sequence = (admitted as Record<string, unknown>)["seq"] as number;
    let result: string | object = admitted;
    if (what === "resend") result = !ledger.read(sequence) ? "gone" : tellRecord(sequence) ? "ok" : "busy";
    else if (what === "acknowledge") {
      const isNew = ledger.acknowledge(sequence);
      const isAll = sent <= ledger.acknowledged();
      // A host that repeats an acknowledgement while records wait does not store them, so it does not count as heard.
      if (isNew || isAll) {
        owedSinceMs = isAll ? -1 : atMs;
        quietSinceMs = atMs;
      }
      if (isNew) parts.onAcknowledged(atMs);
      // An acknowledgement has no answer, because an answer to an answer would never end.
      return;
    } else if (typeof admitted !== "string") result = parts.onCommand(admitted, atMs);
    // Requested data is an object, which has no length.
    const isError = result !== "ok" && (result as string).length > 0;
    text = withMac(text + JSON.stringify(isError ? { "error": result } : { "result": result }).substr(1));
    if (typeof admitted !== "string" && answers.push(text) > ANSWERS) answers.shift();
    link.send("answer", text);
  }

  link.start(parts.config, {
    onMessage(text) {
      const message = parseMessage(text);
      if (!message) return;
      answer(text, message, hal.clock.nowMs());
      parts.onHeard();
    },
    onState(isNowUp, why) {
      const nowMs = hal.clock.nowMs();
      isUp = isNowUp;
      refusal = why;
      sent = ledger.acknowledged();
      // A hello is due at once.
      quietSinceMs = nowMs - parts.lostMs;
      expectAcknowledgement(nowMs);
      parts.onHeard();
    },
    onReady: parts.onHeard,
  });

  return {
    pump,
    tell: (kind, message) => isUp && send(kind, message),
    deadlineMs() {
      const resendMs = sent > ledger.acknowledged() ? sentAtMs + RESEND_MS : Infinity;
      const dueMs = isUp ? Math.min(resendMs, quietSinceMs + parts.lostMs / 2) : Infinity;
      return owedSinceMs < 0 || isLost ? dueMs : Math.min(dueMs, owedSinceMs + parts.lostMs);
    },
  };
}
