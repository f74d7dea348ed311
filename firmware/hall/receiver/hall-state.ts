// The state of a hall while messages are taken in: its terminals, their keys, and actions that wait until a batch of messages is on the disk. It mirrors the
// database, and is forgotten when a transaction fails.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import { ToolError } from "../../tools/tool-error.js";
import type { Alarm, DeviceRow } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { unknownDevice, unusableKey } from "./alarms.js";

/** An event for people. */
export interface ReceiverEvent {
  readonly kind: "online" | "offline" | "record" | "status" | "alert" | "alarm" | "answer" | "refused" | "storage";
  readonly device: string;
  /** A line for people. */
  readonly words: string;
  readonly record?: LedgerRecord;
}

/** @returns the key of a device, 32 bytes; undefined: it has none @throws ToolError when its key cannot be read */
export type DeviceKeys = (device: string) => Buffer | undefined;

/** Time as the receiver knows it. */
export interface ReceiverClock {
  /** Wall time in ms since 1970 UTC. */
  nowMs(): number;
  /** Calls `run` later. @returns a function that cancels the call */
  after(ms: number, run: () => void): () => void;
}

export interface HallStateParts {
  readonly store: Store;
  readonly keys: DeviceKeys;
  readonly clock: ReceiverClock;
  readonly onEvent: ((event: ReceiverEvent) => void) | undefined;
}

export class HallState {
  readonly store: Store;
  readonly clock: ReceiverClock;
  /** Whether anybody listens to its events. */
  readonly isHeard: boolean;
  private readonly rows = new Map<string, DeviceRow>();
  private readonly touched = new Set<DeviceRow>();
  /** The key of each device until its next hello; null: it has none. */
  private readonly keys = new Map<string, Buffer | null>();
  private actions: (() => void)[] = [];

  constructor(private readonly parts: HallStateParts) {
    this.store = parts.store;
    this.clock = parts.clock;
    this.isHeard = parts.onEvent !== undefined;
  }

  /** Does something once the batch is on the disk. */
  later(action: () => void): void {
    this.actions.push(action);
  }

  /** Tells people once the batch is on the disk. */
  say(event: ReceiverEvent): void {
    const { onEvent } = this.parts;
    if (onEvent) this.later(() => onEvent(event));
  }

  /** Tells people at once. */
  sayNow(event: ReceiverEvent): void {
    this.parts.onEvent?.(event);
  }

  /** @returns whether it is a new one */
  raise(alarm: Alarm): boolean {
    if (!this.store.raise(alarm, this.clock.nowMs())) return false;
    this.say({ kind: "alarm", device: alarm.device, words: alarm.words });
    return true;
  }

  // --- terminals ---

  /** The row of a terminal; a new one where it has never been here. */
  device(name: string): DeviceRow {
    let row = this.rows.get(name);
    if (!row) {
      row = this.store.device(name) ?? {
        device: name,
        counter: "",
        firmware: "",
        configuration: 0,
        neighbours: [],
        signed: 0,
        log: -1,
        status: "",
        dutyBadge: "",
        dutyStaff: "",
        dutySince: 0,
        dutyPause: "",
        seenAt: 0,
        emergency: "",
        start: 0,
      };
      this.rows.set(name, row);
      if (row.seenAt === 0) this.touch(row);
    }
    return row;
  }

  /** A terminal that has been here; undefined for any other. */
  find(name: string): DeviceRow | undefined {
    return this.rows.get(name) ?? this.store.device(name);
  }

  devices(): Iterable<DeviceRow> {
    return this.rows.values();
  }

  /** The row has changed, and is saved with the batch. */
  touch(row: DeviceRow): void {
    this.touched.add(row);
  }

  /** The key of a terminal; raises an alarm where there is none. */
  keyOf(device: string): Buffer | undefined {
    let key = this.keys.get(device);
    if (key === undefined) {
      key = this.lookUpKey(device) ?? null;
      this.keys.set(device, key);
    }
    return key ?? undefined;
  }

  /** Reads its key file again when the key is next needed: somebody may have put it there, or corrected it. */
  forgetKey(device: string): void {
    this.keys.delete(device);
  }

  private lookUpKey(device: string): Buffer | undefined {
    try {
      const key = this.parts.keys(device);
      if (!key) this.raise(unknownDevice(device));
      return key;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.raise(unusableKey(device, error));
      return undefined;
    }
  }

  // --- batches ---

  load(): void {
    if (this.rows.size === 0) for (const row of this.store.devices()) this.rows.set(row.device, row);
  }

  save(): void {
    for (const row of this.touched) this.store.saveDevice(row);
  }

  /** The batch is on the disk. */
  settle(): void {
    this.touched.clear();
    const { actions } = this;
    this.actions = [];
    for (const action of actions) action();
  }

  /** The batch could not be stored. */
  forget(): void {
    this.rows.clear();
    this.touched.clear();
    this.actions = [];
  }
}
