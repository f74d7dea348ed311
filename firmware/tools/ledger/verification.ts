// A verification of records: its evidence and its result, for a stream of records and for a flash image alike.

import type { ChainItem, HeadState, LedgerProblem, RecordHead } from "./chain/question.js";
import { END_BYTES, macIn, RecordError, readRecord } from "./record-reader.js";
import type { LedgerRecord } from "./record-types.js";

/** The evidence against which a log is checked. */
export interface Evidence {
  /** The device key, 32 bytes. Without it nothing is verified beyond the CRC of each record. */
  readonly key?: Uint8Array | undefined;
  /** The newest record that somebody else has, such as the host. Without it nobody can tell that the newest records were cut off. */
  readonly head?: RecordHead | undefined;
}

/** The result of checking a log. */
export interface Verification {
  /** Everything that is wrong, by record numbers. Empty for a log that nobody touched, whatever the power did. */
  readonly problems: readonly LedgerProblem[];
  /** How many records the chain proves; undefined without a key: then nothing was verified beyond the CRC of each record. */
  readonly verified: number | undefined;
  readonly head: HeadState;
  /** How far it was checked, in a sentence. */
  readonly scope: string;
}

/** A record as the chain sees it. @param damage why it is no whole record; undefined: it is one */
export function itemOf(buffer: Buffer, where: string, damage: string | undefined): ChainItem {
  return { where, sequence: buffer.readUInt32LE(4), mac: macIn(buffer), signed: buffer.subarray(0, -END_BYTES), damage };
}

/** Reads a whole record into a list, or notes the problem why it cannot be read. */
export function readInto(records: LedgerRecord[], problems: LedgerProblem[], buffer: Buffer, { sequence, where }: ChainItem): void {
  try {
    records.push(readRecord(buffer));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    problems.push({ kind: "unreadable", sequence, last: sequence, words: `Record ${sequence} at ${where} cannot be read: ${error.message}.` });
  }
}

/** How far records were checked, as a sentence. */
export function scopeOf(verified: number | undefined, count: number, head: RecordHead | undefined): string {
  const records = count === 1 ? "1 record" : `${count} records`;
  if (verified === undefined) return `Nothing was verified beyond the CRC of ${records}: that takes the device key.`;
  const cut = head ? "" : " Whether newer ones were cut off takes a head: number and MAC of the newest record that the host has.";
  return `The chain proves ${verified} of ${records}.${cut}`;
}

/** A number as 4 bytes, little-endian. */
export function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
