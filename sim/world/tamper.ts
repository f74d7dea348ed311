// Tampering by somebody who holds the chip but not the device key: he removes a record, changes one, or appends one, each with a correct CRC. The places
// of the fields in a record come from ledger-reader.ts.

import {
  crcOf,
  END_BYTES,
  findRecords,
  OUTCOMES,
  RECORD_FIELDS,
  RECORD_NUMBERS,
  type RecordTypeName,
  readRecord,
  SLOT_BYTES,
  TEXT_START,
} from "../../firmware/tools/ledger/ledger-reader.js";
import type { NorFlash } from "../chips/nor-flash.js";

/** Fields of a record by their names, as in `LedgerRecord`. */
export type TamperedFields = Readonly<Record<string, string | number>>;

export type Tampering =
  /** The slots of the record are cleared, as a terminal clears those of a failed write. */
  | { readonly kind: "remove"; readonly sequence: number }
  /** These fields are replaced. The MAC stays. */
  | { readonly kind: "change"; readonly sequence: number; readonly fields: TamperedFields }
  /** A record is appended, with the next number and the times of the newest record. Missing fields are empty, 0 or the first outcome. */
  | { readonly kind: "append"; readonly type: RecordTypeName; readonly fields: TamperedFields };

/** The ledger does not allow this tampering. The message says why. */
export class TamperError extends Error {}

/** Number of bytes that a terminal clears at the beginning of a slot when it gives the slot up. */
const CLEARED_BYTES = 8;

/**
 * Changes the bytes of the chip, also where its physics would not allow it.
 * @throws TamperError
 */
export function tamper(flash: NorFlash, what: Tampering): void {
  const image = Buffer.from(flash.bytes.buffer, flash.bytes.byteOffset, flash.bytes.length);
  const { records, room } = findRecords(image, flash.geometry);
  if (what.kind === "append") {
    const newest = records[records.length - 1];
    if (!newest || !room) throw new TamperError("there is no record yet to put another one behind");
    const text = textOf(what.type, what.fields, []);
    const lengthBytes = Math.ceil((TEXT_START + text.length + END_BYTES) / SLOT_BYTES) * SLOT_BYTES;
    if (lengthBytes > room.lengthBytes) throw new TamperError("there is no room for another record in the newest page");
    const record = image.subarray(room.offset, room.offset + lengthBytes);
    record.fill(0);
    image.copy(record, 0, newest.offset, newest.offset + TEXT_START);
    record.writeUInt8(lengthBytes / SLOT_BYTES, 0);
    record.writeUInt8(RECORD_NUMBERS[what.type] as number, 1);
    record.writeUInt16LE(0, 2);
    record.writeUInt32LE(room.sequence, 4);
    writeText(record, text);
    return;
  }
  const place = records.find(({ sequence }) => sequence === what.sequence);
  if (!place) throw new TamperError(`there is no record ${what.sequence} in flash`);
  const record = image.subarray(place.offset, place.offset + place.lengthBytes);
  if (what.kind === "remove") for (let at = 0; at < record.length; at += SLOT_BYTES) record.fill(0, at, at + CLEARED_BYTES);
  else {
    const { type } = readRecord(record);
    if (type === "unknown") throw new TamperError(`record ${what.sequence} is of a type that nobody knows`);
    writeText(record, textOf(type, what.fields, JSON.parse(`[${record.toString("latin1", TEXT_START, record.length - END_BYTES)}]`) as unknown[]));
  }
}

/** The text of a record after these fields were replaced. */
function textOf(type: RecordTypeName, fields: TamperedFields, before: readonly unknown[]): string {
  const known = RECORD_FIELDS[type] ?? {};
  const names = Object.keys(known);
  const foreign = Object.keys(fields).find((name) => !names.includes(name));
  if (foreign !== undefined) throw new TamperError(`a ${type} has no "${foreign}", but ${names.join(", ")}`);
  // The record ends with the last field that it had, or that is given.
  const count = Math.max(before.length || names.length, ...names.map((name, i) => (name in fields ? i + 1 : 0)));
  const values = names.slice(0, count).map((name, i) => {
    const given = fields[name];
    if (given === undefined) return before[i] ?? (known[name] === "text" ? "" : 0);
    return known[name] === "outcome" ? OUTCOMES.indexOf(given as (typeof OUTCOMES)[number]) : given;
  });
  return JSON.stringify(values).slice(1, -1);
}

/** Writes the text of a record, and corrects its CRC. */
function writeText(record: Buffer, text: string): void {
  const end = record.length - END_BYTES;
  if (TEXT_START + text.length > end) throw new TamperError(`the record has no room for ${text}`);
  record.fill(" ", TEXT_START, end);
  record.write(text, TEXT_START, "latin1");
  record.writeUInt32LE(crcOf(record), record.length - 8);
}
