// Reads the ledger on the Node side: a whole flash image, or one record off the wire. Written from ledger/FORMAT.md alone, so that it
// checks the firmware instead of repeating it: it shares no code and no constant with ledger/ledger.ts.

import { crc32 } from "node:zlib";

/** How the flash region is divided. */
export interface LedgerGeometry {
  readonly pageBytes: number;
  readonly pageCount: number;
}

export const OUTCOMES = ["rated", "timeout", "cancelled", "staffLeft", "pending"] as const;
/** How a session ended. */
export type OutcomeName = (typeof OUTCOMES)[number];

/** The types of record by their numbers, and behind each its fields in order. Fields behind a missing one are missing too. */
const TYPES = {
  1: { type: "started", fields: { firmware: "text", configuration: "number", author: "text", selfTest: "text", deadKeys: "number" } },
  2: { type: "signIn", fields: { staff: "text", badge: "text", punctuality: "text" } },
  3: { type: "signOut", fields: { staff: "text", relievedBy: "text", lateMinutes: "number" } },
  4: {
    type: "session",
    fields: { staff: "text", transaction: "text", outcome: "outcome", grade: "number", elapsedMs: "number", suspect: "number", begunBy: "text" },
  },
  5: { type: "pauseBegan", fields: { staff: "text", reason: "text", approvedBy: "text" } },
  6: { type: "pauseEnded", fields: { staff: "text", seconds: "number", reason: "text" } },
  7: { type: "badgeRefused", fields: { badge: "text", reason: "text" } },
  8: { type: "faultBegan", fields: { fault: "text", detail: "text" } },
  9: { type: "faultEnded", fields: { fault: "text", detail: "text" } },
  10: { type: "timeSet", fields: { beforeSeconds: "number", afterSeconds: "number", awaySeconds: "number" } },
  11: { type: "notInvited", fields: { staff: "text", transaction: "text" } },
  12: { type: "reason", fields: { staff: "text", transaction: "text", code: "number" } },
  13: { type: "approved", fields: { supervisor: "text", what: "text", reason: "text" } },
  14: { type: "notApproved", fields: { staff: "text", what: "text", reason: "text" } },
  15: { type: "alert", fields: { alert: "text", detail: "text" } },
  16: { type: "card", fields: { staff: "text", transaction: "text", grade: "number", supervisor: "text" } },
  17: { type: "voided", fields: { record: "number", supervisor: "text", reason: "text" } },
  18: { type: "selfTest", fields: { result: "text", presses: "text" } },
  19: { type: "state", fields: { staff: "text", pause: "text", transaction: "text", begunBy: "text", deadKeys: "number" } },
  20: { type: "emergency", fields: { textCrc: "number" } },
  21: { type: "opened", fields: { staff: "text", transaction: "text" } },
} as const;

type Types = (typeof TYPES)[keyof typeof TYPES];
type Values<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends "number" ? number : Fields[Name] extends "outcome" ? OutcomeName : string;
};
type Known<Each> = Each extends { type: infer Type; fields: infer Fields } ? { readonly type: Type } & Values<Fields> : never;

/** What every record has. */
export interface RecordFrame {
  /** Counts from 1 within the log, without gaps. */
  readonly sequence: number;
  /** Time on the terminal's monotonic clock, in ms, to 10 ms. */
  readonly uptimeMs: number;
  /** Wall time in seconds since 1970 UTC; undefined where the terminal did not know it. */
  readonly wallSeconds: number | undefined;
  /** Records before this one that the host had not acknowledged then; undefined: 65535 or more, or not told. */
  readonly backlog: number | undefined;
}

/** A record with its fields by name. `unknown`: a type that is newer than this reader. */
export type LedgerRecord = RecordFrame &
  (Known<Types> | { readonly type: "unknown"; readonly typeNumber: number; readonly values: readonly unknown[] });

export type RecordTypeName = Types["type"];

/** The fields of each type of record, by their names in order. */
export const RECORD_FIELDS: Readonly<Record<string, Readonly<Record<string, "text" | "number" | "outcome">>>> = Object.fromEntries(
  Object.values(TYPES).map(({ type, fields }) => [type, fields]),
);

export interface LedgerImage {
  /** The log's name; undefined when there is no log in the image. */
  readonly logId: number | undefined;
  /** All whole records, oldest first. */
  readonly records: readonly LedgerRecord[];
  /** The host has everything up to here. */
  readonly acknowledged: number;
  /** Slots that a power cut left half written. They are normal, and their records never counted. */
  readonly tornSlots: number;
  /** What should never be, a sentence each: damaged records, missing numbers, pages of another log. */
  readonly problems: readonly string[];
}

/** Bytes that are no record. The message says what is wrong with them. */
export class RecordError extends Error {}

const SLOT_BYTES = 64;
/** Added to the type of a record that was written in two parts: its header holds a check of the first part instead of the backlog. */
const BEGUN = 128;
const MOST_SLOTS = 4;
const BLANK = Buffer.alloc(SLOT_BYTES, 255);

/**
 * Reads one record, as it stands in flash or in the uplink's `record` message.
 * @throws RecordError when it is not one whole, committed record
 */
export function readRecord(bytes: Uint8Array): LedgerRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slots = buffer[0] ?? 0;
  if (slots < 1 || slots > MOST_SLOTS) throw new RecordError(`its first byte is ${slots}, and should be its number of slots, 1 to ${MOST_SLOTS}`);
  if (buffer.length !== slots * SLOT_BYTES) throw new RecordError(`it has ${buffer.length} bytes, and should have ${slots * SLOT_BYTES}`);
  if (!isCommitted(buffer)) throw new RecordError("it was never committed");
  if (!isWhole(buffer)) throw new RecordError("its CRC is wrong");

  const isBegun = buffer.readUInt8(1) >= BEGUN;
  const typeNumber = buffer.readUInt8(1) % BEGUN;
  const backlog = buffer.readUInt16LE(2);
  const wallSeconds = buffer.readUInt32LE(12);
  const frame = {
    sequence: buffer.readUInt32LE(4),
    uptimeMs: buffer.readUInt32LE(8) * 10,
    wallSeconds: wallSeconds || undefined,
    backlog: isBegun || backlog === 0xffff ? undefined : backlog,
  };
  const values = parseValues(buffer.toString("latin1", 16, buffer.length - 12));
  const known = (TYPES as Record<number, Types>)[typeNumber];
  if (!known) return { ...frame, type: "unknown", typeNumber, values };
  const named: Record<string, unknown> = {};
  Object.entries(known.fields).forEach(([name, kind], i) => {
    const value = values[i];
    if (value === undefined && known.type === "session" && i > 4) return;
    const wanted = kind === "text" ? "string" : "number";
    if (typeof value !== wanted)
      throw new RecordError(`field ${i + 1} (${name}) of a ${known.type} is ${JSON.stringify(value)}, and should be a ${wanted}`);
    named[name] = kind === "outcome" ? OUTCOMES[value as number] : value;
    if (named[name] === undefined) throw new RecordError(`outcome ${value} does not exist`);
  });
  // The fields are checked against the table above, which the type is made from.
  return { ...frame, type: known.type, ...named } as LedgerRecord;
}

function parseValues(text: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    throw new RecordError(`its fields are not JSON: ${text.trimEnd()}`);
  }
}

function isCommitted(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - 4) === 0;
}

function isWhole(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - 8) === crc32(buffer.subarray(0, -8));
}

/**
 * Whether the power went in the last write, after the commit mark and before the CRC beside it was whole: writing only clears bits, so the CRC that
 * stands there has every bit of the right one, and more.
 */
function isTornInCommit(buffer: Buffer): boolean {
  const right = crc32(buffer.subarray(0, -8));
  return (buffer.readUInt32LE(buffer.length - 8) & right) >>> 0 === right;
}

/** Whether the power went while a header was made invalid: of its first 8 bytes only some bits have cleared, and all others are right. */
function isTornInEnd(header: Buffer): boolean {
  const before = Buffer.from(header);
  before.write("CTL1", 0, "latin1");
  before.writeUInt32LE(SLOT_BYTES, 4);
  return isWhole(before) && header.subarray(0, 8).every((byte, i) => (byte & (before[i] as number)) === byte);
}

/**
 * Whether another record begins in the slots of this one, be it torn too: then this one was torn before it reached them, they were used again, and the commit mark at
 * its end is not its own.
 */
function hasRecordInside(record: Buffer): boolean {
  for (let at = SLOT_BYTES; at < record.length; at += SLOT_BYTES) {
    const inside = record.subarray(at, at + (record[at] as number) * SLOT_BYTES);
    if (inside.length > 0 && inside.length % SLOT_BYTES === 0 && isCommitted(inside) && (isWhole(inside) || isTornInCommit(inside))) return true;
  }
  return false;
}

interface Page {
  readonly index: number;
  readonly order: number;
  readonly firstSequence: number;
  readonly acknowledged: number;
  readonly logId: number;
}

/** Reads a whole image of the ledger's flash region. */
export function readFlashImage(bytes: Uint8Array, geometry: LedgerGeometry): LedgerImage {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { pageBytes, pageCount } = geometry;
  if (image.length !== pageBytes * pageCount) throw new RangeError(`the image has ${image.length} bytes, not ${pageCount} pages of ${pageBytes}`);
  const problems: string[] = [];
  const records: LedgerRecord[] = [];
  let tornSlots = 0;

  const pages = readPages(image, geometry, problems);
  const newest = pages[pages.length - 1];
  let acknowledged = newest?.acknowledged ?? 0;
  let next: number | undefined;

  pages.forEach((page, place) => {
    const before = pages[place - 1];
    if (before && page.order !== before.order + 1) problems.push(`page ${page.index}: order ${page.order} follows order ${before.order}`);
    if (next !== undefined && page.firstSequence !== next) {
      problems.push(`page ${page.index}: its header says that record ${page.firstSequence} comes first, but it is record ${next}`);
    }
    next ??= page.firstSequence;
    const inPage = image.subarray(page.index * pageBytes, (page.index + 1) * pageBytes);
    const last = lastUsedByte(inPage);
    let slot = 1;
    while (slot * SLOT_BYTES <= last) {
      const slots = inPage[slot * SLOT_BYTES] as number;
      const record = inPage.subarray(slot * SLOT_BYTES, (slot + Math.max(slots, 1)) * SLOT_BYTES);
      const where = `page ${page.index}, slot ${slot}`;
      const isRecord = slots >= 1 && slots <= MOST_SLOTS && record.length === slots * SLOT_BYTES && isCommitted(record);
      if (!isRecord || !isWhole(record)) {
        if (isRecord && !isTornInCommit(record) && !hasRecordInside(record)) problems.push(`${where}: a committed record is damaged`);
        else if (!record.subarray(0, SLOT_BYTES).equals(BLANK)) tornSlots++;
        slot++;
        continue;
      }
      slot += slots;
      try {
        const read = readRecord(record);
        if (read.sequence !== next) problems.push(`${where}: record ${read.sequence} stands where record ${next} should`);
        next = read.sequence + 1;
        records.push(read);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        problems.push(`${where}: ${error.message}`);
        next = record.readUInt32LE(4) + 1;
      }
    }
  });
  const telling = records.filter((record) => record.backlog !== undefined).at(-1);
  if (telling && newest && telling.sequence >= newest.firstSequence) {
    acknowledged = Math.max(acknowledged, telling.sequence - 1 - (telling.backlog as number));
  }
  return { logId: newest?.logId, records, acknowledged, tornSlots, problems };
}

/** Pages in use, oldest first. */
function readPages(image: Buffer, geometry: LedgerGeometry, problems: string[]): Page[] {
  const pages: Page[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    const header = image.subarray(index * geometry.pageBytes, index * geometry.pageBytes + SLOT_BYTES);
    if (header.toString("latin1", 0, 4) !== "CTL1" || !isCommitted(header)) continue;
    if (!isWhole(header)) {
      if (isTornInCommit(header) || isTornInEnd(header)) continue;
      problems.push(`page ${index}: its header is damaged`);
      continue;
    }
    const slotBytes = header.readUInt32LE(4);
    if (slotBytes !== SLOT_BYTES) {
      problems.push(`page ${index}: its slots have ${slotBytes} bytes, and this reader knows ${SLOT_BYTES}`);
      continue;
    }
    pages.push({
      index,
      order: header.readUInt32LE(8),
      firstSequence: header.readUInt32LE(12),
      acknowledged: header.readUInt32LE(16),
      logId: header.readUInt32LE(20),
    });
  }
  pages.sort((a, b) => a.order - b.order);
  const logId = pages[pages.length - 1]?.logId;
  return pages.filter((page) => {
    if (page.logId === logId) return true;
    problems.push(`page ${page.index}: it belongs to log ${page.logId}, and the newest page to log ${logId}`);
    return false;
  });
}

/** Place of the last byte that is not erased, or -1. Searched by halves, because most of a page is mostly blank. */
function lastUsedByte(page: Buffer): number {
  const blank = Buffer.alloc(page.length, 255);
  let end = page.length;
  for (let step = end >> 1; step >= 1; step >>= 1) {
    while (end >= step && page.subarray(end - step, end).equals(blank.subarray(0, step))) end -= step;
  }
  return end - 1;
}
