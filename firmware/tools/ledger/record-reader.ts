// Reads one record, as it stands in flash or comes off the wire.

import { crc32 } from "node:zlib";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { fieldsOf, type LedgerRecord, leastFields, OUTCOMES, typeWith } from "./record-types.js";

/** Bytes that are no record. The message says why. */
export class RecordError extends ToolError {
  constructor(message: string) {
    super("recordInvalid", message, UNTOUCHED, "Check the whole ledger: counter-terminal ledger check.");
  }
}

/** Length of a slot. A record has one or more. */
export const SLOT_BYTES = 64;

/** Where the text of a record begins; how many bytes stand behind it; and how many of these stand behind its MAC. */
export const TEXT_START = 16;

export const END_BYTES = 12;

const BEHIND_MAC_BYTES = 8;

export const MAC_BYTES = END_BYTES - BEHIND_MAC_BYTES;

/** Added to the type of a record that was written in two parts. Its header has a check of the first part in place of the backlog. */
const BEGUN = 128;

export const MOST_SLOTS = 4;

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
  const type = typeWith(typeNumber);
  if (!type) return { ...frame, type: "unknown", typeNumber, values };
  const named: Record<string, unknown> = {};
  fieldsOf(typeNumber).forEach(([name, kind], i) => {
    const value = values[i];
    if (value === undefined && i >= leastFields(type)) {
      if (type === "totals") named[name] = 0;
      return;
    }
    const wanted = kind === "text" ? "string" : "number";
    if (typeof value !== wanted)
      throw new RecordError(`field ${i + 1} (${name}) of a ${type} is ${JSON.stringify(value)}, and should be a ${wanted}`);
    if (wanted === "number" && !Number.isSafeInteger(value))
      throw new RecordError(`field ${i + 1} (${name}) of a ${type} is ${value}, and should be a whole number`);
    named[name] = kind === "outcome" ? OUTCOMES[value as number] : value;
    if (named[name] === undefined) throw new RecordError(`outcome ${value} does not exist`);
  });
  // The fields were checked against the table that the type LedgerRecord is made from.
  return { ...frame, type, ...named } as LedgerRecord;
}

function parseValues(text: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    throw new RecordError(`its fields are not JSON: ${text.trimEnd()}`);
  }
}

/** The same bytes as a buffer, without a copy. */
export function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The reason why bytes are not one whole record; undefined: they are. */
export function damageOf(buffer: Buffer): string | undefined {
  const slots = buffer[0] ?? 0;
  if (slots < 1 || slots > MOST_SLOTS) return `its first byte is ${slots}, and should be its number of slots, 1 to ${MOST_SLOTS}`;
  if (buffer.length !== slots * SLOT_BYTES) return `it has ${buffer.length} bytes, and should have ${slots * SLOT_BYTES}`;
  if (!isCommitted(buffer)) return "it was never committed";
  return isWhole(buffer) ? undefined : "its CRC is wrong";
}

/** Whether its commit mark is written. */
export function isCommitted(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - 4) === 0;
}

/** Whether its CRC is right. */
export function isWhole(buffer: Buffer): boolean {
  return buffer.readUInt32LE(buffer.length - BEHIND_MAC_BYTES) === crcOf(buffer);
}

/**
 * A copy of a committed record or header in which the one bit is put right that differs from a whole one; undefined: it is not one bit alone. No two bits change
 * the CRC in the same way, so there is no choice.
 */
export function mended(buffer: Buffer): Buffer | undefined {
  const markAt = buffer.length - 4;
  const crcAt = buffer.length - BEHIND_MAC_BYTES;
  const bitsOfMark = bitsIn(buffer.readUInt32LE(markAt));
  const change = (buffer.readUInt32LE(crcAt) ^ crcOf(buffer)) >>> 0;
  if (bitsOfMark > 1 || (bitsOfMark === 1) !== (change === 0)) return undefined;
  const copy = Buffer.from(buffer);
  if (bitsOfMark === 1) copy.writeUInt32LE(0, markAt);
  else if (bitsIn(change) === 1) copy.writeUInt32LE(crcOf(buffer), crcAt);
  else {
    const { bytesBehind, bit } = placesOfChanges().get(change) ?? { bytesBehind: crcAt, bit: 0 };
    const at = crcAt - 1 - bytesBehind;
    if (at < 0) return undefined;
    copy[at] = (copy[at] as number) ^ (1 << bit);
  }
  return copy;
}

/** A bit under the CRC. */
interface BitPlace {
  /** So many bytes stand between its byte and the CRC. */
  readonly bytesBehind: number;
  /** 0 is the lowest. */
  readonly bit: number;
}

let changes: Map<number, BitPlace> | undefined;

/** The bits under the CRC of the longest record, by what each of them changes in it. That depends on nothing but how many bytes stand behind. */
function placesOfChanges(): ReadonlyMap<number, BitPlace> {
  if (changes) return changes;
  changes = new Map();
  const bytes = Buffer.alloc(MOST_SLOTS * SLOT_BYTES - BEHIND_MAC_BYTES);
  const unchanged = crc32(bytes);
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] = 1 << bit;
      changes.set((crc32(bytes) ^ unchanged) >>> 0, { bytesBehind: bytes.length - 1 - at, bit });
    }
    bytes[at] = 0;
  }
  return changes;
}

/** How many bits of a number are set. */
export function bitsIn(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** The CRC that a record or a header with these bytes has. */
export function crcOf(record: Uint8Array): number {
  return crc32(record.subarray(0, -BEHIND_MAC_BYTES));
}

/** The MAC in a record. */
export function macIn(buffer: Buffer): Buffer {
  return buffer.subarray(-END_BYTES, -BEHIND_MAC_BYTES);
}

/**
 * Whether the power went during the last write, after the commit mark and before the CRC beside it was complete. Writing only clears bits, so the CRC in the
 * record has every bit of the right one, and more. Such a record never counted.
 */
export function isTornInCommit(buffer: Buffer): boolean {
  const right = crcOf(buffer);
  return !isWhole(buffer) && (buffer.readUInt32LE(buffer.length - BEHIND_MAC_BYTES) & right) >>> 0 === right;
}

/**
 * Whether another record, whole or torn, begins in the slots of this one. Then the write of this one broke off before those slots, they were used again, and the
 * commit mark at the end is not its own.
 */
export function hasRecordInside(record: Buffer): boolean {
  for (let at = SLOT_BYTES; at < record.length; at += SLOT_BYTES) {
    const inside = record.subarray(at, at + (record[at] as number) * SLOT_BYTES);
    if (inside.length > 0 && inside.length % SLOT_BYTES === 0 && isCommitted(inside) && (isWhole(inside) || isTornInCommit(inside))) return true;
  }
  return false;
}
