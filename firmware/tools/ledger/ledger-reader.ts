// Reads the ledger on the Node side: a whole flash image, the records that a host has stored, or one record off the wire. Written from ledger/FORMAT.md
// alone, so that it checks the firmware instead of repeating it: it shares no code and no constant with what is in ledger/.

import { crc32 } from "node:zlib";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { type ChainItem, type ChainPage, type HeadState, judgeChain, type LedgerProblem, type RecordHead } from "./ledger-chain.js";

export type { HeadState, LedgerProblem, ProblemKind, RecordHead } from "./ledger-chain.js";

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
  17: {
    type: "voided",
    fields: { record: "number", supervisor: "text", reason: "text", staff: "text", countedSeconds: "number", place: "number" },
  },
  18: { type: "selfTest", fields: { result: "text", presses: "text" } },
  19: {
    type: "state",
    fields: { staff: "text", pause: "text", transaction: "text", begunBy: "text", deadKeys: "number", totals: "number", totalsSince: "number" },
  },
  20: { type: "emergency", fields: { textCrc: "number" } },
  21: { type: "opened", fields: { staff: "text", transaction: "text" } },
  22: {
    type: "totals",
    fields: {
      row: "text",
      rated1: "number",
      rated2: "number",
      rated3: "number",
      rated4: "number",
      rated5: "number",
      timeouts: "number",
      cancelled: "number",
      staffLeft: "number",
      notInvited: "number",
      cards: "number",
      voided: "number",
    },
  },
  23: { type: "switched", fields: { file: "text", generation: "number", sha256: "text", by: "text" } },
  24: { type: "refused", fields: { error: "text", count: "number" } },
} as const;

/** How many fields there are always, of types that leave out those at the end where they have nothing to tell; of totals they are 0 then. */
const LEAST_FIELDS: Readonly<Record<string, number>> = { session: 5, voided: 3, state: 5, totals: 2, switched: 3 };

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
  /** Its 4 bytes of the chain, as 8 hexadecimal digits. Reading one record does not verify it. */
  readonly mac: string;
}

/** A record with its fields by name. `unknown`: a type that is newer than this reader. */
export type LedgerRecord = RecordFrame &
  (Known<Types> | { readonly type: "unknown"; readonly typeNumber: number; readonly values: readonly unknown[] });

export type RecordTypeName = Types["type"];

/** The fields of each type of record, by their names in order. */
export const RECORD_FIELDS: Readonly<Record<string, Readonly<Record<string, "text" | "number" | "outcome">>>> = Object.fromEntries(
  Object.values(TYPES).map(({ type, fields }) => [type, fields]),
);

/** The same by the number of the type, ready for going through. */
const FIELDS: Readonly<Record<number, readonly (readonly [string, string])[]>> = Object.fromEntries(
  Object.entries(TYPES).map(([number, { fields }]) => [number, Object.entries(fields)]),
);

/** The number of each type of record. */
export const RECORD_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(TYPES).map(([number, { type }]) => [type, Number(number)]),
);

/** What a log is checked against. */
export interface Evidence {
  /** The device key, 32 bytes. Without it nothing is verified beyond the CRC of each record. */
  readonly key?: Uint8Array | undefined;
  /** The newest record that somebody else has, such as the host. Without it nobody can tell that the newest records were cut off. */
  readonly head?: RecordHead | undefined;
}

/** What came of checking a log. */
export interface Verification {
  /** What is wrong, in the order of record numbers. Empty for a log that nobody touched, whatever the power did. */
  readonly problems: readonly LedgerProblem[];
  /** How many records the chain proves; undefined where there was no key, so that nothing was verified beyond the CRC of each record. */
  readonly verified: number | undefined;
  readonly head: HeadState;
  /** How far it was checked, in a sentence. */
  readonly scope: string;
}

export interface LedgerImage extends Verification {
  /** The log's name; undefined when there is no log in the image. */
  readonly logId: number | undefined;
  /** All whole records, oldest first as they stand. */
  readonly records: readonly LedgerRecord[];
  /** The host has everything up to here. */
  readonly acknowledged: number;
  /** Slots that a power cut or a failed write left. They are normal, and their records never counted. */
  readonly tornSlots: number;
}

/** Bytes that are no record. The message says what is wrong with them. */
export class RecordError extends ToolError {
  constructor(message: string) {
    super("recordInvalid", message, UNTOUCHED, "Check the whole ledger: counter-terminal ledger check.");
  }
}

/** Length of a slot. A record has one or more. */
export const SLOT_BYTES = 64;
/** Where the text of a record begins, how many bytes stand behind it, and how many of these behind its MAC. */
export const TEXT_START = 16;
export const END_BYTES = 12;
const BEHIND_MAC_BYTES = 8;
const MAC_BYTES = END_BYTES - BEHIND_MAC_BYTES;
/** Added to the type of a record that was written in two parts: its header holds a check of the first part instead of the backlog. */
const BEGUN = 128;
const MOST_SLOTS = 4;
const BLANK = Buffer.alloc(SLOT_BYTES, 255);

/**
 * Reads one record, as it stands in flash or in the uplink's `record` message.
 * @throws RecordError when it is not one whole, committed record
 */
export function readRecord(bytes: Uint8Array): LedgerRecord {
  const buffer = bufferOver(bytes);
  const damage = damageOf(buffer);
  if (damage !== undefined) throw new RecordError(damage);

  const isBegun = buffer.readUInt8(1) >= BEGUN;
  const typeNumber = buffer.readUInt8(1) % BEGUN;
  const backlog = buffer.readUInt16LE(2);
  const wallSeconds = buffer.readUInt32LE(12);
  const frame = {
    sequence: buffer.readUInt32LE(4),
    uptimeMs: buffer.readUInt32LE(8) * 10,
    wallSeconds: wallSeconds || undefined,
    backlog: isBegun || backlog === 0xffff ? undefined : backlog,
    mac: macIn(buffer).toString("hex"),
  };
  const values = parseValues(buffer.toString("latin1", TEXT_START, buffer.length - END_BYTES));
  const known = (TYPES as Record<number, Types>)[typeNumber];
  if (!known) return { ...frame, type: "unknown", typeNumber, values };
  const named: Record<string, unknown> = {};
  (FIELDS[typeNumber] ?? []).forEach(([name, kind], i) => {
    const value = values[i];
    if (value === undefined && i >= (LEAST_FIELDS[known.type] ?? Infinity)) {
      if (known.type === "totals") named[name] = 0;
      return;
    }
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

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Why bytes are not one whole record, or undefined. */
function damageOf(buffer: Buffer): string | undefined {
  const slots = buffer[0] ?? 0;
  if (slots < 1 || slots > MOST_SLOTS) return `its first byte is ${slots}, and should be its number of slots, 1 to ${MOST_SLOTS}`;
  if (buffer.length !== slots * SLOT_BYTES) return `it has ${buffer.length} bytes, and should have ${slots * SLOT_BYTES}`;
  if (!isCommitted(buffer)) return "it was never committed";
  return isWhole(buffer) ? undefined : "its CRC is wrong";
}

function isCommitted(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - 4) === 0;
}

function isWhole(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - BEHIND_MAC_BYTES) === crcOf(buffer);
}

/** The CRC that a record or a header with these bytes has. */
export function crcOf(record: Uint8Array): number {
  return crc32(record.subarray(0, -BEHIND_MAC_BYTES));
}

function macIn(buffer: Buffer): Buffer {
  return buffer.subarray(-END_BYTES, -BEHIND_MAC_BYTES);
}

function itemOf(buffer: Buffer, where: string, damage: string | undefined): ChainItem {
  return { where, sequence: buffer.readUInt32LE(4), mac: macIn(buffer), signed: buffer.subarray(0, -END_BYTES), damage };
}

/**
 * Whether the power went in the last write, after the commit mark and before the CRC beside it was whole: writing only clears bits, so the CRC that
 * stands there has every bit of the right one, and more. It never counted.
 */
function isTornInCommit(buffer: Buffer): boolean {
  const right = crcOf(buffer);
  return !isWhole(buffer) && (buffer.readUInt32LE(buffer.length - BEHIND_MAC_BYTES) & right) >>> 0 === right;
}

/**
 * Whether another record begins in the slots of this one, be that torn too: then this one was torn before it reached them, they were used again, and
 * the commit mark at its end is not its own.
 */
function hasRecordInside(record: Buffer): boolean {
  for (let at = SLOT_BYTES; at < record.length; at += SLOT_BYTES) {
    const inside = record.subarray(at, at + (record[at] as number) * SLOT_BYTES);
    if (inside.length > 0 && inside.length % SLOT_BYTES === 0 && isCommitted(inside) && (isWhole(inside) || isTornInCommit(inside))) return true;
  }
  return false;
}

// --- a stream of records ---

/** What a stream of records is checked against. */
export interface StreamEvidence extends Evidence {
  readonly logId: number;
  /** The record before the first of them. Without it the first of them is the first of the log. */
  readonly previous?: RecordHead | undefined;
}

/**
 * Checks records of one log that somebody has stored, such as a host.
 * @param records each as it came in the uplink's `record` message, oldest first
 */
export function verifyRecords(records: readonly Uint8Array[], evidence: StreamEvidence): Verification {
  const { key, head, previous, logId } = evidence;
  const problems: LedgerProblem[] = [];
  const items: ChainItem[] = [];
  records.forEach((bytes, i) => {
    const where = `place ${i + 1}`;
    const buffer = bufferOver(bytes);
    const damage = damageOf(buffer);
    if (buffer.length < SLOT_BYTES) {
      problems.push({ kind: "changed", sequence: undefined, last: undefined, words: `What stands at ${where} is no record: ${damage}.` });
      return;
    }
    const item = itemOf(buffer, where, damage);
    items.push(item);
    if (damage === undefined) readInto([], problems, buffer, item);
  });
  const begin = previous ? { sequence: previous.sequence, mac: Buffer.from(previous.mac, "hex") } : { sequence: 0, mac: bytesOf(logId) };
  const judged = judgeChain({ items, pages: [], first: begin.sequence + 1, begin, key, head });
  return { ...judged, problems: [...problems, ...judged.problems], scope: scopeOf(judged.verified, items.length, head) };
}

/** Reads a whole record, or says why that cannot be. */
function readInto(records: LedgerRecord[], problems: LedgerProblem[], buffer: Buffer, { sequence, where }: ChainItem): void {
  try {
    records.push(readRecord(buffer));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    problems.push({ kind: "unreadable", sequence, last: sequence, words: `Record ${sequence} at ${where} cannot be read: ${error.message}.` });
  }
}

function scopeOf(verified: number | undefined, count: number, head: RecordHead | undefined): string {
  const records = count === 1 ? "1 record" : `${count} records`;
  if (verified === undefined) return `Nothing was verified beyond the CRC of ${records}: that takes the device key.`;
  const cut = head ? "" : " Whether newer ones were cut off takes a head: number and MAC of the newest record that the host has.";
  return `The chain proves ${verified} of ${records}.${cut}`;
}

/** 4 bytes, little-endian. */
function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

// --- flash ---

interface Page extends ChainPage {
  readonly acknowledged: number;
  readonly logId: number;
}

/** What stands in the slots of a page. */
interface PageScan {
  /** Committed records, whole or damaged. */
  readonly items: readonly { readonly item: ChainItem; readonly bytes: Buffer; readonly slot: number }[];
  readonly tornSlots: number;
  /** The slot behind the last that was used. */
  readonly freeSlot: number;
}

/** Where a whole record stands in an image. */
export interface RecordPlace {
  readonly sequence: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/**
 * Finds the whole records of an image, oldest first, and the free room behind them in the newest page.
 * @returns `room` is undefined when there is no log
 */
export function findRecords(bytes: Uint8Array, geometry: LedgerGeometry): { records: readonly RecordPlace[]; room: RecordPlace | undefined } {
  const image = imageOver(bytes, geometry);
  const pages = readPages(image, geometry, []);
  const records: RecordPlace[] = [];
  let room: RecordPlace | undefined;
  for (const { index, firstSequence } of pages) {
    const { items, freeSlot } = scanPage(pageOf(image, geometry, index), index);
    for (const { item, bytes: record, slot } of items) {
      if (item.damage !== undefined) continue;
      records.push({ sequence: item.sequence, offset: index * geometry.pageBytes + slot * SLOT_BYTES, lengthBytes: record.length });
    }
    const offset = freeSlot * SLOT_BYTES;
    const sequence = (records[records.length - 1]?.sequence ?? firstSequence - 1) + 1;
    room = { sequence, offset: index * geometry.pageBytes + offset, lengthBytes: geometry.pageBytes - offset };
  }
  return { records, room };
}

/** Reads a whole image of the ledger's flash region, and checks it against the evidence there is. */
export function readFlashImage(bytes: Uint8Array, geometry: LedgerGeometry, evidence: Evidence = {}): LedgerImage {
  const { key, head } = evidence;
  const image = imageOver(bytes, geometry);
  const problems: LedgerProblem[] = [];
  const records: LedgerRecord[] = [];
  const items: ChainItem[] = [];
  let tornSlots = 0;

  const pages = readPages(image, geometry, problems);
  for (const { index } of pages) {
    const scan = scanPage(pageOf(image, geometry, index), index);
    tornSlots += scan.tornSlots;
    for (const { item, bytes: record } of scan.items) {
      items.push(item);
      if (item.damage === undefined) readInto(records, problems, record, item);
    }
  }
  const strays: ChainItem[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    if (pages.some((page) => page.index === index)) continue;
    for (const { item } of scanPage(pageOf(image, geometry, index), index).items) if (item.damage === undefined) strays.push(item);
  }

  const [oldest] = pages;
  const newest = pages[pages.length - 1];
  const begin = { sequence: 0, mac: bytesOf(newest?.logId ?? 0) };
  const judged = judgeChain({ items, pages, strays, first: oldest?.firstSequence ?? 1, begin, key, head });

  let acknowledged = newest?.acknowledged ?? 0;
  const telling = records.filter((record) => record.backlog !== undefined).at(-1);
  if (telling && newest && telling.sequence >= newest.firstSequence) {
    acknowledged = Math.max(acknowledged, telling.sequence - 1 - (telling.backlog as number));
  }
  const scope = newest ? scopeOf(judged.verified, records.length, head) : scopeOfNone(strays.length);
  return { logId: newest?.logId, records, acknowledged, tornSlots, ...judged, problems: [...problems, ...judged.problems], scope };
}

function scopeOfNone(strays: number): string {
  if (strays === 0) return "There is no log: no page is in use.";
  return `There is no log: no page has a valid header, though records stand in the pages. The power went while a page was erased, or somebody destroyed it.`;
}

function imageOver(bytes: Uint8Array, { pageBytes, pageCount }: LedgerGeometry): Buffer {
  const lengthBytes = pageBytes * pageCount;
  if (bytes.length < lengthBytes) throw new RangeError(`the image has ${bytes.length} bytes, not ${pageCount} pages of ${pageBytes}`);
  // Behind the ledger are the slots.
  return bufferOver(bytes.subarray(0, lengthBytes));
}

function pageOf(image: Buffer, { pageBytes }: LedgerGeometry, index: number): Buffer {
  return image.subarray(index * pageBytes, (index + 1) * pageBytes);
}

function scanPage(page: Buffer, index: number): PageScan {
  const items: { item: ChainItem; bytes: Buffer; slot: number }[] = [];
  let tornSlots = 0;
  let remains: Buffer[] = [];
  const freeSlot = Math.max(1, Math.floor(lastUsedByte(page) / SLOT_BYTES) + 1);
  let slot = 1;
  while (slot < freeSlot) {
    const slots = page[slot * SLOT_BYTES] as number;
    const record = page.subarray(slot * SLOT_BYTES, (slot + Math.max(slots, 1)) * SLOT_BYTES);
    const inSlot = record.subarray(0, SLOT_BYTES);
    const isCommittedRecord = slots >= 1 && slots <= MOST_SLOTS && record.length === slots * SLOT_BYTES && isCommitted(record);
    const isDamaged = !isCommittedRecord || !isWhole(record);
    if (isCommittedRecord && !(isDamaged && (isTornInCommit(record) || hasRecordInside(record)))) {
      const item = itemOf(record, `page ${index}, slot ${slot}`, isDamaged ? "its CRC is wrong" : undefined);
      items.push({ item: { ...item, page: index, remains }, bytes: record, slot });
      remains = [];
    } else if (!inSlot.equals(BLANK)) {
      tornSlots++;
      remains = [...remains, macIn(inSlot)];
    }
    slot += isDamaged ? 1 : slots;
  }
  return { items, tornSlots, freeSlot };
}

/** Pages in use, oldest first. */
function readPages(image: Buffer, geometry: LedgerGeometry, problems: LedgerProblem[]): Page[] {
  const say = (index: number, words: string): void => {
    problems.push({ kind: "page", sequence: undefined, last: undefined, words: `Page ${index}: ${words}.` });
  };
  const pages: Page[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    const header = pageOf(image, geometry, index).subarray(0, SLOT_BYTES);
    // Whatever else stands there: the page is blank, was being erased, or has failed.
    if (header.toString("latin1", 0, 4) !== "CTL1" || !isCommitted(header) || !isWhole(header)) continue;
    const slotBytes = header.readUInt32LE(4);
    if (slotBytes !== SLOT_BYTES) {
      say(index, `its slots have ${slotBytes} bytes, and this reader knows ${SLOT_BYTES}`);
      continue;
    }
    pages.push({
      index,
      order: header.readUInt32LE(8),
      firstSequence: header.readUInt32LE(12),
      acknowledged: header.readUInt32LE(16),
      logId: header.readUInt32LE(20),
      mac: header.subarray(24, 24 + MAC_BYTES),
    });
  }
  pages.sort((a, b) => a.order - b.order);
  const newest = pages[pages.length - 1];
  return pages.filter(({ index, order, logId }) => {
    // A page that failed and kept its header: the ring has gone round without it, so its records were overwritten.
    if (newest && order <= newest.order - geometry.pageCount) return false;
    if (logId === newest?.logId) return true;
    say(index, `it belongs to log ${logId}, and the newest page to log ${newest?.logId}`);
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
