// The only part of the proof that uses the ledger and the independent reader: it starts the ledger, and reads images. The other files know the content of
// records, and not the places of their bytes.

import type { Ledger } from "../../firmware/ledger/ledger.js";
import type { RecordType } from "../../firmware/ledger/records.js";
import {
  type LedgerRecord,
  OUTCOMES,
  RECORD_FIELDS,
  type RecordTypeName,
  readFlashImage,
  readRecord,
} from "../../firmware/tools/ledger/ledger-reader.js";
import type { Flash } from "../../hal/flash.js";
import { applyCut, type Cut, type FlashOperation } from "../chips/cut-models.js";
import { type FlashGeometry, flashOver, NorFlash } from "../chips/nor-flash.js";
import { openSimulatedLedger, SIMULATED_KEY } from "../world/simulated-key.js";

/** A start of the terminal, which opens and repairs the log. @param newName names a new log */
export function startLedger(flash: Flash, newName: () => number): Ledger {
  return openSimulatedLedger(flash, newName);
}

/** The result of the independent reader for an image. */
export interface Image {
  /** Undefined when there is no log. */
  readonly logId: number | undefined;
  readonly records: readonly LedgerRecord[];
  /** Its complaints, as sentences. */
  readonly problems: readonly string[];
  /** Bits that have changed and were put right, as sentences. */
  readonly flaws: readonly string[];
}

/** Reads an image with the independent reader. @param isVerified whether it also verifies the chain, which takes twice as long */
export function readImage(bytes: Uint8Array, geometry: FlashGeometry, isVerified = true): Image {
  const { logId, records, problems, flaws } = readFlashImage(bytes, geometry, isVerified ? { key: SIMULATED_KEY } : {});
  return { logId, records, problems: problems.map(({ words }) => words), flaws };
}

/** Reads one record with the independent reader. */
export function readOne(bytes: Uint8Array): LedgerRecord {
  return readRecord(bytes);
}

/** A write or an erase, and the content of flash before it. */
export interface Recorded {
  readonly before: Uint8Array;
  readonly operation: FlashOperation;
}

/** A flash over a chip that keeps every operation, with the image before it, until it is stopped. */
export interface RecordingFlash extends Flash {
  readonly recorded: readonly Recorded[];
  stopRecording(): void;
}

export function recordingFlash(chip: NorFlash): RecordingFlash {
  const flash = flashOver(chip);
  const recorded: Recorded[] = [];
  let isRecording = true;
  return {
    ...flash,
    recorded,
    stopRecording: () => {
      isRecording = false;
    },
    write(offset, data) {
      if (isRecording) recorded.push({ before: chip.bytes.slice(), operation: { kind: "write", offset, data: data.slice() } });
      return flash.write(offset, data);
    },
    erase(page) {
      if (isRecording) recorded.push({ before: chip.bytes.slice(), operation: { kind: "erase", page } });
      return flash.erase(page);
    },
  };
}

/** The content of flash after the power was cut in an operation. */
export function cutImage({ before, operation }: Recorded, geometry: FlashGeometry, cut: Cut): Uint8Array {
  const bytes = before.slice();
  applyCut(bytes, operation, geometry, cut);
  return bytes;
}

export function createChip(geometry: FlashGeometry): NorFlash {
  return new NorFlash(geometry, () => undefined);
}

/** A field of a record in the form that the terminal writes. */
export type Value = string | number;

/** The content that a record must have, for every reader. */
export interface Expected {
  readonly sequence: number;
  readonly type: RecordType;
  readonly uptimeMs: number;
  readonly wallSeconds: number;
  readonly values: readonly Value[];
  /** Its bytes, if it was complete in flash before the cut; undefined if the next start has completed it. */
  readonly bytes?: Uint8Array;
}

/** The text of fields for the ledger. */
export function textOf(values: readonly Value[]): string {
  return JSON.stringify(values).slice(1, -1);
}

// Types are numbered from 1 on without gaps, and the table of the reader has them in this order.
const TYPE_NAMES = Object.keys(RECORD_FIELDS) as RecordTypeName[];
const OUTCOME_NAMES: readonly string[] = OUTCOMES;

/** @returns the difference of a record from its expected content, or undefined */
export function differenceOf(record: LedgerRecord, expected: Expected): string | undefined {
  if (record.sequence !== expected.sequence) return `it is record ${record.sequence}, and should be ${expected.sequence}`;
  const name = TYPE_NAMES[expected.type - 1] as RecordTypeName;
  const isSame =
    record.type === name &&
    record.uptimeMs === Math.round(expected.uptimeMs / 10) * 10 &&
    (record.wallSeconds ?? 0) === expected.wallSeconds &&
    hasValues(record, Object.keys(RECORD_FIELDS[name] as object), expected.values);
  return isSame ? undefined : `record ${record.sequence} reads ${JSON.stringify(record)}, and should be ${name} ${textOf(expected.values)}`;
}

function hasValues(record: LedgerRecord, names: readonly string[], values: readonly Value[]): boolean {
  const fields = record as unknown as Readonly<Record<string, Value | undefined>>;
  return names.every((name, i) => {
    const value = fields[name];
    return (name === "outcome" ? OUTCOME_NAMES.indexOf(value as string) : value) === values[i];
  });
}
