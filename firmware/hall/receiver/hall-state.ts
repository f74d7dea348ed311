// The state of a hall while messages are taken in: its terminals, their keys, and actions that wait until a batch of messages is on the disk. It mirrors the
// database, and is forgotten when a transaction fails.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import { ToolError } from "../../tools/tool-error.js";
import type { Alarm, DeviceRow } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { DAILY, manyStrangers, olderDatabase, unknownDevice, unusableKey } from "./alarms.js";
import { RowIndex } from "./row-index.js";

/** Most rows that the alarms of a kind have: of one terminal, or of all that are unknown. */
const MOST_ALARMS = 100;
/** The key of the alarm that counts all further ones. */
const MORE = "more";

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
  /** Terminals by the number of their counter, by the badge on duty, and by the counters that they name as neighbours. */
  readonly byCounter = new RowIndex(({ counter }) => [counter]);
  readonly byBadge = new RowIndex(({ dutyBadge }) => (dutyBadge ? [dutyBadge] : []));
  readonly byNeighbour = new RowIndex(({ neighbours }) => neighbours);
  private readonly rows = new Map<string, DeviceRow>();
  private readonly touched = new Set<DeviceRow>();
  /** Keys that were read. Names without a key are not kept: anybody can invent them. */
  private readonly keys = new Map<string, Buffer>();
  private actions: (() => void)[] = [];
  private isRead = false;

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

  /** Raises an alarm. People are told where its occasion is a new one. @returns whether it is */
  raise(alarm: Alarm): boolean {
    const nowMs = this.clock.nowMs();
    const raised = this.bounded(alarm);
    const occasion = raised.occasion === DAILY ? new Date(nowMs).toISOString().slice(0, 10) : raised.occasion;
    if (!this.store.raise({ ...raised, occasion }, nowMs)) return false;
    this.say({ kind: "alarm", device: raised.device, words: raised.words });
    return true;
  }

  /** The alarm, or the one that counts all for which there is no room: whoever sends may choose names and numbers. */
  private bounded(alarm: Alarm): Alarm {
    const { store } = this;
    // These come of names alone, before anything is proven.
    const isOfNames = alarm.kind === "unknownDevice" || alarm.kind === "key";
    if (store.hasAlarm(alarm) || store.countAlarms(alarm.kind, isOfNames ? undefined : alarm.device) < MOST_ALARMS) return alarm;
    if (alarm.kind === "unknownDevice") return manyStrangers(alarm.device);
    return isOfNames ? { ...alarm, device: "", key: MORE, occasion: DAILY } : { ...alarm, key: MORE };
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
        heardAt: 0,
        isGone: false,
        emergency: "",
        start: -1,
      };
      this.add(row);
      if (row.seenAt === 0) this.touch(row);
    }
    return row;
  }

  /** A terminal that has been here; undefined for any other. */
  find(name: string): DeviceRow | undefined {
    return this.rows.get(name) ?? this.store.device(name);
  }

  /** Whether its terminals are known: they are read with the first batch. */
  get isLoaded(): boolean {
    return this.isRead;
  }

  devices(): Iterable<DeviceRow> {
    return this.rows.values();
  }

  /** The row has changed, and is saved with the batch. */
  touch(row: DeviceRow): void {
    this.touched.add(row);
    this.index(row);
  }

  private add(row: DeviceRow): void {
    this.rows.set(row.device, row);
    this.index(row);
  }

  private index(row: DeviceRow): void {
    this.byCounter.note(row);
    this.byBadge.note(row);
    this.byNeighbour.note(row);
  }

  /** The key of a terminal, read once; undefined: it has none that can be read. */
  keyOf(device: string): Buffer | undefined {
    const kept = this.keys.get(device);
    if (kept) return kept;
    try {
      return this.keep(device, this.parts.keys(device));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return undefined;
    }
  }

  /** Looks for the key of a terminal anew: somebody may have put the file there, corrected it, or taken it away. Raises an alarm where there is none. */
  lookUpKey(device: string): Buffer | undefined {
    try {
      const key = this.keep(device, this.parts.keys(device));
      if (!key) this.raise(unknownDevice(device));
      return key;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // The disk, or the number of open files, has nothing to do with who the terminal is.
      const kept = this.keys.get(device);
      this.raise(unusableKey(device, error, kept !== undefined));
      return kept;
    }
  }

  private keep(device: string, key: Buffer | undefined): Buffer | undefined {
    if (key) this.keys.set(device, key);
    else this.keys.delete(device);
    return key;
  }

  // --- batches ---

  load(): void {
    if (!this.isRead) for (const row of this.store.devices()) this.add(row);
    this.isRead = true;
    if (this.store.isOlder) this.forgetPresent();
  }

  /** The database is older than the hall: what it tells of the present may have changed since. */
  private forgetPresent(): void {
    for (const row of this.rows.values()) {
      Object.assign(row, { start: -1, status: "", emergency: "", dutyBadge: "", dutyStaff: "", dutySince: 0, dutyPause: "" });
      this.touch(row);
    }
    this.raise(olderDatabase(this.clock.nowMs()));
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
    this.byCounter.clear();
    this.byBadge.clear();
    this.byNeighbour.clear();
    this.isRead = false;
    this.touched.clear();
    this.actions = [];
  }
}
