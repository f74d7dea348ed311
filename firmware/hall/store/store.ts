// The hall's store as the rest of the hall sees it: rows, and one transaction for each batch of messages. Which database holds them is known only to the file
// beside this one.

import { ToolError } from "../../tools/tool-error.js";
import type { Alarm, AlarmKind, AlarmRow, DeviceRow, HeadRow, LogSummary, NumberRange, Proof, RecordRow, ReplacedRow, StoredRecord } from "./rows.js";

/** What the receiver needs of a store. Every method throws `StorageError` when the database fails, and `RowError` when it refuses a value. */
export interface Store {
  /** Runs a batch as one transaction. When it returns, everything is on the disk, under the name of the database; when anything throws, nothing of it counts. */
  transact(batch: () => void): void;
  /** Looks whether what is stored is still there. @throws StorageError where it is not */
  look(): void;
  /** Whether it is an older copy of what it was, restored from a backup or put there by somebody, and nothing has been stored since. */
  readonly isOlder: boolean;

  /** @returns whether the record is new: a record with this number that is there stays as it is */
  insert(row: RecordRow): boolean;
  /** Puts a record in the place of one that is proven to be false, or of a lost one that came after all. A false one is kept apart: it was acknowledged. */
  replace(row: RecordRow): void;
  find(device: string, log: number, sequence: number): StoredRecord | undefined;
  setProof(device: string, log: number, sequence: number, proof: Proof): void;
  /** How many records of a log up to a number are verified. */
  countProven(device: string, log: number, upTo: number): number;
  /** Numbers beyond `floor` and up to `upTo` of which a log has no record. */
  missing(device: string, log: number, floor: number, upTo: number): NumberRange[];
  /** Whether a log has every record beyond `floor` and up to `upTo`. */
  isWhole(device: string, log: number, floor: number, upTo: number): boolean;
  /** The bytes of the newest records of some types up to a number, the newest first. */
  newestOf(device: string, log: number, types: readonly string[], upTo: number): Buffer[];
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
  /** The cause of an alarm is over. @param at in ms since 1970 UTC */
  endAlarm(kind: AlarmKind, device: string, at: number): void;
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
  /** The records that did not verify and whose place another has taken, in the order in which that happened. */
  replacedRecords(device?: string): Iterable<ReplacedRow>;
  devices(): DeviceRow[];
  /** Every log, by device and name. */
  logs(): LogSummary[];
  /** Every alarm, in the order in which they were first raised. */
  alarms(): AlarmRow[];
}

/**
 * Why a database cannot store.
 * - `gone`: what is stored now nobody would find again, as a file of the database was deleted or exchanged.
 * - `damaged`: what was stored cannot be relied on.
 */
export type StorageTrouble = "full" | "busy" | "readOnly" | "disk" | "damaged" | "gone" | "broken";

/** What to do where a database is lost, as the end of a sentence. */
export const RESTORE = "restore the newest backup: counter-terminal receive restore BACKUP";

/** @param detail in the words of the database */
const ADVICE: Readonly<Record<StorageTrouble, (detail: string) => readonly [why: string, todo: string]>> = {
  full: () => ["the disk is full", "Make room."],
  busy: () => ["another program holds the database", "End that program."],
  readOnly: () => [
    "its file may not be written any more",
    "Let the user who runs the receiver write it: the disk may have become read-only after an error.",
  ],
  disk: (detail) => [`the disk fails (${detail})`, "See to the disk, and back the database up on another: counter-terminal receive backup FILE."],
  damaged: (detail) => [`the database is damaged (${detail})`, `End whatever else writes it, then ${RESTORE}.`],
  gone: (detail) => [detail, `Put it back, or ${RESTORE}.`],
  broken: (detail) => [`the database does not take them (${detail})`, "See to the disk and its rights."],
};

/** The database could not store: nothing of the transaction counts. */
export class StorageError extends ToolError {
  /** Whether it can never store again, so that the receiver has to end. */
  readonly isFinal: boolean;

  /** @param detail in the words of the database */
  constructor(
    readonly trouble: StorageTrouble,
    detail: string,
  ) {
    const isFinal = trouble === "damaged" || trouble === "gone";
    const [why, todo] = ADVICE[trouble](detail);
    const state = isFinal
      ? "The receiver ends, and acknowledges nothing more: the terminals keep what they have not had acknowledged."
      : "Nothing is acknowledged meanwhile, so the terminals keep everything and send it again.";
    super(isFinal ? "databaseDamaged" : "databaseFailed", `Records cannot be stored: ${why}.`, state, todo);
    this.isFinal = isFinal;
  }
}
