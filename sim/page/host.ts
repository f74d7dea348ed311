// The hall's host at the other end of the link: it stores records, acknowledges them, and sends commands.

import { sentenceOf } from "../../firmware/tools/link/error-codes.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import { crc32 } from "../world/native.js";
import { Signer } from "../world/signer.js";
import type { World } from "../world/world.js";
import type { RecordPlace, Snapshot } from "./snapshot.js";

/** Time to store a record before it is acknowledged, in ms: long enough for people to see it wait. */
const STORE_MS = 400;
/** Time after which a command counts as not answered, in ms. */
const ANSWER_WAIT_MS = 2000;

/** The records of one log that the host has. */
interface StoredLog {
  /** Every record up to this number is stored. */
  stored: number;
  /** Numbers behind a gap. */
  readonly beyond: Set<number>;
  /** The number that was acknowledged last. */
  acknowledged: number;
}

export interface Host {
  isAcknowledging: boolean;
  /** Number of lines that the link has carried. */
  readonly lines: { up: number; down: number };
  /** The outcome of the newest command. */
  readonly says: Snapshot["hostSays"];
  /** A line of the terminal has arrived. */
  hear(line: string): void;
  /** Sends a command. @param what its name for people, such as "Invite A-1001" */
  command(message: object, what: string): void;
  /** The time at which `pass` has something to do, or Infinity. */
  nextMs(): number;
  /** Acknowledges records, and gives up commands, that are due. */
  pass(): void;
  /** Who has a record. */
  placeOf(logId: number, sequence: number): RecordPlace;
}

export function createHost(world: World): Host {
  const lines = { up: 0, down: 0 };
  const logs = new Map<number, StoredLog>();
  const replies: { atMs: number; logId: number }[] = [];
  const signer = new Signer();
  let says: Snapshot["hostSays"] = { number: 0, isGood: true, text: "" };
  let waiting: { id: number; what: string; untilMs: number } | undefined;
  let lastId = 0;

  function say(isGood: boolean, text: string): void {
    says = { number: says.number + 1, isGood, text };
  }

  function logOf(logId: number): StoredLog {
    const log = logs.get(logId) ?? { stored: 0, beyond: new Set(), acknowledged: 0 };
    logs.set(logId, log);
    return log;
  }

  function send(message: object): void {
    lines.down++;
    world.sendFromHost(encodeLine(message, crc32));
  }

  const host: Host = {
    isAcknowledging: true,
    lines,
    get says() {
      return says;
    },

    hear(line) {
      lines.up++;
      const message = decodeLine(line, crc32);
      if (!message) return;
      signer.hear(message);
      if (waiting && message.answer === waiting.id) {
        if (message.result === "ok") say(true, `${waiting.what}: ok`);
        else say(false, `${waiting.what}: ${String(message.error)} – ${sentenceOf(String(message.error))}`);
        waiting = undefined;
      }
      const logId = message.log;
      if (typeof logId !== "number") return;
      const log = logOf(logId);
      if (typeof message.acknowledged === "number" && message.acknowledged > log.stored) log.stored = message.acknowledged;
      // A hello has no sequence number; it is answered too.
      if (typeof message.seq === "number" && message.seq > log.stored) log.beyond.add(message.seq);
      // An acknowledgement says "everything up to here", so a gap must be filled first.
      while (log.beyond.delete(log.stored + 1)) log.stored++;
      replies.push({ atMs: world.clock.nowMs + STORE_MS, logId });
    },

    command(message, what) {
      if (!world.isPowered || !world.isLinkUp) {
        say(false, `${what}: no answer, ${world.isPowered ? "the link is down" : "the terminal has no power"}`);
        return;
      }
      waiting = { id: ++lastId, what, untilMs: world.clock.nowMs + ANSWER_WAIT_MS };
      send(signer.message({ id: lastId, ...message }));
    },

    nextMs: () => Math.min(replies[0]?.atMs ?? Infinity, waiting?.untilMs ?? Infinity),

    pass() {
      const nowMs = world.clock.nowMs;
      while (replies[0] && replies[0].atMs <= nowMs) {
        const { logId } = replies.shift() as (typeof replies)[0];
        if (!host.isAcknowledging || !world.isPowered || !world.isLinkUp) continue;
        const log = logOf(logId);
        if (!log.stored) continue;
        log.acknowledged = log.stored;
        send(signer.acknowledgement(log.stored));
      }
      if (waiting && waiting.untilMs <= nowMs) {
        say(false, `${waiting.what}: no answer`);
        waiting = undefined;
      }
    },

    placeOf(logId, sequence) {
      const log = logs.get(logId);
      if (!log) return "waiting";
      if (sequence <= log.acknowledged) return "acknowledged";
      return sequence <= log.stored || log.beyond.has(sequence) ? "received" : "waiting";
    },
  };
  return host;
}
