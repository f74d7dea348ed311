// A receiver on a real database, led by hand: time, messages and death are the test's.

import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { DeviceKeys, ReceiverEvent } from "../../../firmware/hall/receiver/hall-state.js";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../../firmware/hall/receiver/receiver.js";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import type { StorageError } from "../../../firmware/hall/store/store.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import type { Peer } from "../../../firmware/tools/link/source.js";
import { VirtualClock } from "../../../sim/world/clock.js";
import { encodeRecord, type RecordText, u32 } from "../ledger/ledger-encoder.js";

export type Sent = Record<string, unknown>;

export const KEY = Buffer.alloc(32, 0x5a);
export const LOG = 3777279546;
export const BEGIN_MS = Date.UTC(2026, 2, 2, 1);
export const RATING: RecordText = { type: 4, text: '"1024","T-1",0,5,1000', wallSeconds: BEGIN_MS / 1000 };

/** Records of a log, chained. */
export function recordsOf(texts: readonly RecordText[], log = LOG, key = KEY): Buffer[] {
  let before: Buffer = u32(log);
  return texts.map((text, i) => {
    const record = encodeRecord(key, before, i + 1, text);
    before = record.subarray(-12, -8);
    return record;
  });
}

/** Records that follow others. */
export function continued(before: readonly Buffer[], texts: readonly string[], log = LOG): Buffer[] {
  let mac: Buffer = before.at(-1)?.subarray(-12, -8) ?? u32(log);
  return texts.map((text, i) => {
    const record = encodeRecord(KEY, mac, before.length + i + 1, { ...RATING, text });
    mac = record.subarray(-12, -8);
    return record;
  });
}

export function ratings(count: number, log = LOG): Buffer[] {
  return recordsOf(
    Array.from({ length: count }, (_, i) => ({ ...RATING, text: `"1024","T-${i}",0,5,1000` })),
    log,
  );
}

export interface TestPeer extends Peer {
  /** What came since, taken out of its envelope. */
  take(): Sent[];
  readonly isClosed: boolean;
  readonly isProven: boolean;
}

/** What a terminal makes of an envelope. */
function opened(message: Sent): Sent {
  const { id, signed, mac } = message;
  if (signed === undefined) return message;
  expect(mac).toBe(createHmac("sha256", KEY).update(`command:${signed}`).digest("base64"));
  return { ...(id === undefined ? {} : { id }), ...(JSON.parse(signed as string) as object) };
}

/** @param device named by the way itself, as a topic does @param onSent is told each message too */
export function peerOf(device?: string, onSent: (message: Sent, text: string) => void = () => undefined): TestPeer {
  let sent: Sent[] = [];
  let isClosed = false;
  let isProven = false;
  return {
    name: "test",
    device,
    send(text) {
      const message = opened(JSON.parse(text) as Sent);
      sent.push(message);
      onSent(message, text);
    },
    prove() {
      isProven = true;
    },
    close() {
      isClosed = true;
    },
    get isClosed() {
      return isClosed;
    },
    get isProven() {
      return isProven;
    },
    take() {
      const taken = sent;
      sent = [];
      return taken;
    },
  };
}

export function hello(device: string, more: object = {}, identity: object = {}): object {
  return {
    hello: { device, counter: device.toUpperCase(), firmware: "1", config: 1, ...identity },
    log: LOG,
    last: 0,
    acknowledged: 0,
    start: 1,
    signed: 0,
    ...more,
  };
}

export function recordMessage(sequence: number, records: readonly Buffer[], log = LOG): object {
  return { log, seq: sequence, record: (records[sequence - 1] as Buffer).toString("base64") };
}

export function acknowledgedBy(messages: readonly Sent[]): unknown[] {
  return messages.filter((message) => message.do === "acknowledge").map(({ seq }) => seq);
}

export class TestHall {
  readonly folder = mkdtempSync(path.join(tmpdir(), "hall-"));
  readonly file = path.join(this.folder, "hall.sqlite");
  readonly clock = new VirtualClock();
  events: ReceiverEvent[] = [];
  /** How long the computer has slept, in ms. */
  sleptMs = 0;
  /** Why its database can never store again. */
  readonly lost: StorageError[] = [];
  /** Devices that have a key. */
  known = ["a", "b", "c"];
  keys: DeviceKeys = (device) => (this.known.includes(device) ? KEY : undefined);
  store!: SqliteStore;
  receiver!: Receiver;

  constructor(private readonly options: Partial<ReceiverOptions> = {}) {
    this.open();
  }

  open(): void {
    const { clock } = this;
    // Only processes die here, and never the computer.
    this.store = SqliteStore.open(this.file, false);
    this.receiver = createReceiver({
      store: this.store,
      keys: (device) => this.keys(device),
      onEvent: (event) => void this.events.push(event),
      onStorageLost: (error) => void this.lost.push(error),
      tellsTime: false,
      clock: {
        nowMs: () => BEGIN_MS + this.sleptMs + clock.nowMs,
        after(ms, run) {
          const task = clock.at(clock.nowMs + ms, run);
          return () => clock.cancel(task);
        },
      },
      ...this.options,
    });
  }

  /** The receiver ends, as after Ctrl-C. */
  stop(): void {
    this.receiver.close();
    this.store.close();
    this.clock.clear();
  }

  /** The receiver is killed: what has come and is not on the disk is lost. */
  kill(): void {
    this.clock.clear();
    this.store.close();
  }

  restart(): void {
    this.stop();
    this.open();
  }

  remove(): void {
    this.stop();
    rmSync(this.folder, { recursive: true });
  }

  pass(ms: number): void {
    const { clock } = this;
    const endMs = clock.nowMs + ms;
    while (clock.nextMs <= endMs) clock.runNext();
    clock.skipTo(endMs);
  }

  hear(from: Peer, text: string): void {
    this.receiver.hear(from, JSON.parse(text), text);
  }

  /** Messages come, are stored, and whatever is owed for them is sent. */
  say(from: TestPeer, ...messages: object[]): Sent[] {
    for (const message of messages) this.hear(from, sealedText(KEY, message));
    this.pass(5);
    return from.take();
  }

  numbers(device = ""): number[] {
    return [...this.store.records(device)].map(({ sequence }) => sequence);
  }

  alarms(): string[] {
    return this.store.alarms().map(({ kind }) => kind);
  }

  wordsOf(kind: ReceiverEvent["kind"]): string[] {
    return this.events.filter((event) => event.kind === kind).map(({ words }) => words);
  }
}
