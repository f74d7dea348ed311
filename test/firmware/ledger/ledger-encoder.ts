// Writes ledgers by FORMAT.md, for the tests of the reader: records, pages and rings. It does not use the firmware.

import { createHmac } from "node:crypto";
import { crc32 } from "node:zlib";

export interface RecordText {
  readonly type: number;
  /** Fields as JSON without the outer brackets. */
  readonly text: string;
  readonly uptimeMs?: number;
  readonly wallSeconds?: number;
  readonly backlog?: number;
  /** Length of the first fields of a begun record. */
  readonly begun?: number;
}

export interface LogOptions {
  readonly key: Uint8Array;
  readonly logId: number;
  readonly pageBytes: number;
  readonly pageCount: number;
  /** Pages that have failed. */
  readonly retired?: readonly number[];
}

/** A ledger as it lies in flash, and all records that were ever in it. */
export interface EncodedLog {
  readonly image: Buffer;
  readonly records: readonly Buffer[];
  /** Offset at which each record is or was in flash. */
  readonly places: readonly { readonly page: number; readonly offset: number }[];
  /** The image as it was after each record. */
  readonly history: readonly Buffer[];
}

const SLOT_BYTES = 64;
/** Bytes around the text: 16 in front, MAC, CRC and commit mark behind. */
const FRAME_BYTES = 28;

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The MAC in a record. */
export function macOf(record: Buffer): Buffer {
  return record.subarray(-12, -8);
}

export function headOf(record: Buffer): { sequence: number; mac: string } {
  return { sequence: record.readUInt32LE(4), mac: macOf(record).toString("hex") };
}

/** Corrects the CRC of a record or a header, which needs no key. */
export function sealCrc(bytes: Buffer): Buffer {
  const signed = Buffer.from(bytes.subarray(0, -8));
  // The seal of a page is written later, and is not under the CRC.
  if (signed.toString("latin1", 0, 4) === "CTL1") signed.fill(0xff, 32, 40);
  bytes.writeUInt32LE(crc32(signed), bytes.length - 8);
  return bytes;
}

/** A record. @param before MAC of the record before it, or the name of the log for the first record */
export function encodeRecord(key: Uint8Array, before: Uint8Array, sequence: number, record: RecordText): Buffer {
  const { type, text, uptimeMs = 0, wallSeconds = 0, backlog = 0, begun } = record;
  const slots = Math.ceil((text.length + FRAME_BYTES) / SLOT_BYTES);
  const bytes = Buffer.alloc(slots * SLOT_BYTES, 0x20);
  bytes.writeUInt8(slots, 0);
  bytes.writeUInt8(begun === undefined ? type : type + 128, 1);
  bytes.writeUInt16LE(begun === undefined ? backlog : 0, 2);
  bytes.writeUInt32LE(sequence, 4);
  bytes.writeUInt32LE(uptimeMs / 10, 8);
  bytes.writeUInt32LE(wallSeconds, 12);
  if (begun === undefined) bytes.write(text, 16, "latin1");
  else {
    bytes.write(text.slice(0, begun), 16, "latin1");
    bytes.writeUInt16LE((crc32(bytes.subarray(0, 40)) >>> 8) % 65536, 2);
    bytes.write(text.slice(begun), 40, "latin1");
  }
  const mac = createHmac("sha256", key)
    .update(before)
    .update(bytes.subarray(0, bytes.length - 12))
    .digest();
  mac.copy(bytes, bytes.length - 12, 0, 4);
  bytes.writeUInt32LE(0, bytes.length - 4);
  return sealCrc(bytes);
}

/** The header of a page. @param place number of the page in the ring; left out where the ring has one page */
export function encodeHeader(order: number, first: number, acknowledged: number, logId: number, before: Uint8Array, place = 0xffffffff): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES, 0xff);
  bytes.write("CTL1", "latin1");
  bytes.writeUInt32LE(SLOT_BYTES, 4);
  bytes.writeUInt32LE(order, 8);
  bytes.writeUInt32LE(first, 12);
  bytes.writeUInt32LE(acknowledged, 16);
  bytes.writeUInt32LE(logId, 20);
  bytes.set(before, 24);
  bytes.writeUInt32LE(place, 28);
  bytes.writeUInt32LE(0, 60);
  return sealCrc(bytes);
}

/** Records, one behind the other. */
export function encodeRecords(key: Uint8Array, logId: number, texts: readonly RecordText[]): Buffer[] {
  let before: Buffer = u32(logId);
  return texts.map((text, i) => {
    const record = encodeRecord(key, before, i + 1, text);
    before = macOf(record);
    return record;
  });
}

/** A ring of pages with the last of these records. `torn`: there is a torn slot before this record. */
export function encodeLog(options: LogOptions, texts: readonly (RecordText & { readonly torn?: boolean })[]): EncodedLog {
  const { key, logId, pageBytes, pageCount, retired = [] } = options;
  const image = Buffer.alloc(pageBytes * pageCount, 0xff);
  for (const page of retired) image.fill(0, page * pageBytes, page * pageBytes + 8);
  const records = encodeRecords(key, logId, texts);
  const places: { page: number; offset: number }[] = [];
  const history: Buffer[] = [];
  let page = -1;
  let at = pageBytes;
  let order = 0;
  records.forEach((record, i) => {
    const tornBytes = texts[i]?.torn ? SLOT_BYTES : 0;
    if (at + tornBytes + record.length > pageBytes) {
      const last = page;
      do page = (page + 1) % pageCount;
      while (retired.includes(page));
      const start = page * pageBytes;
      image.fill(0xff, start, start + pageBytes);
      const place = pageCount > 1 ? page : undefined;
      encodeHeader(++order, i + 1, Math.max(0, i - 1), logId, i > 0 ? macOf(records[i - 1] as Buffer) : u32(logId), place).copy(image, start);
      // The page before tells that this one is in use.
      if (last >= 0 && last !== page) image.fill(0, last * pageBytes + 32, last * pageBytes + 40);
      at = SLOT_BYTES;
    }
    image.fill(0, page * pageBytes + at, page * pageBytes + at + Math.min(tornBytes, 8));
    at += tornBytes;
    record.copy(image, page * pageBytes + at);
    places.push({ page, offset: page * pageBytes + at });
    at += record.length;
    history.push(Buffer.from(image));
  });
  return { image, records, places, history };
}
