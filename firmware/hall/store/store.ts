// The hall's store as the rest of the hall sees it: rows, and one transaction for each batch of messages. Which database holds them is known only to the file
// beside this one.

import { ToolError } from "../../tools/tool-error.js";
import type { Alarm, AlarmKind, AlarmRow, DeviceRow, HeadRow, LogSummary, Proof, RecordRow, StoredRecord } from "./rows.js";

/** What the receiver needs of a store. Every method throws `StorageError` when the database fails, and `RowError` when it refuses a value. */
export interface Store {
  /** Runs a batch as one transaction. When it returns, everything is on the disk; when anything throws, nothing of it was stored. */
  transact(batch: () => void): void;

  /** @returns whether the record is new: a record with this number that is there stays as it is */
  insert(row: RecordRow): boolean;
  /** Puts a record in the place of one that is proven to be false, or of a lost one that came after all. A false one is kept apart: it was acknowledged. */
  replace(row: RecordRow): void;
  find(device: string, log: number, sequence: number): StoredRecord | undefined;
  setProof(device: string, log: number, sequence: number, proof: Proof): void;
  /** How many records of a log up to a number are verified. */
  countProven(device: string, log: number, upTo: number): number;
  /** Numbers of the records of a log beyond a number. */
  numbersBeyond(device: string, log: number, sequence: number): number[];

  device(name: string): DeviceRow | undefined;
  devices(): DeviceRow[];
  saveDevice(row: DeviceRow): void;

  head(device: string, log: number): HeadRow | undefined;
  saveHead(head: HeadRow): void;
  /** Devices that have a log of this name. */
  devicesWithLog(log: number): string[];

  /** Raises an alarm, or counts it. @param at in ms since 1970 UTC @returns whether its occasion is another one than before */
  raise(alarm: Alarm, at: number): boolean;
  hasAlarm(alarm: Alarm): boolean;
  /** How many rows the alarms of a kind have. @param device of this device alone */
  countAlarms(kind: AlarmKind, device?: string): number;
}

/** The database refuses this row, and would take others: nothing of the transaction is in it. */
export class RowError extends ToolError {
  constructor(reason: string) {
    super(
      "databaseFailed",
      `The database refuses a row: ${reason}.`,
      "Nothing of this batch is stored.",
      "It is stored without that row: see the alarms.",
    );
  }
}

/** What exports and reports need of a store. They only read. */
export interface Archive {
  /** Every record in order, of one device or of all. */
  records(device?: string): Iterable<RecordRow>;
  devices(): DeviceRow[];
  /** Every log, by device and name. */
  logs(): LogSummary[];
  /** Every alarm, in the order in which they were first raised. */
  alarms(): AlarmRow[];
}

/** Why a database cannot store. */
export type StorageTrouble = "full" | "busy" | "broken";

const ADVICE: Readonly<Record<StorageTrouble, readonly [message: string, todo: string]>> = {
  full: ["the disk is full", "Make room."],
  busy: ["another program holds the database", "End that program."],
  broken: ["the database does not take them", "See to the disk and its rights."],
};

/** The database could not store: nothing of the transaction is in it. */
export class StorageError extends ToolError {
  /** @param detail in the words of the database */
  constructor(trouble: StorageTrouble, detail: string) {
    const [why, todo] = ADVICE[trouble];
    const reason = trouble === "broken" ? `${why} (${detail})` : why;
    const state = "Nothing is acknowledged meanwhile, so the terminals keep everything and send it again.";
    super("databaseFailed", `Records cannot be stored: ${reason}.`, state, todo);
  }
}
