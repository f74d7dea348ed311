// The layout of records and pages in flash. FORMAT.md describes every byte.

import type { Hal } from "../../hal/hal.js";

/** Length of a slot in bytes. A record takes one slot or several. */
export const SLOT_BYTES = 64;
/** Most slots that a record takes. */
export const MAX_SLOTS = 4;
/** Bytes of a record around its text: header, MAC, CRC and commit mark. */
export const FRAME_BYTES = 28;
/** Longest text of a record, in bytes. */
export const MAX_TEXT_BYTES = MAX_SLOTS * SLOT_BYTES - FRAME_BYTES;
/** "CTL1", the first word of a page in use, little-endian. */
export const PAGE_MAGIC = 0x314c5443;
/** The largest backlog (records before it that the host had not acknowledged) that a header can say. It means this number, a larger one, or an unknown one. */
export const MAX_BACKLOG = 0xffff;
/**
 * Added to the type of a begun record: one that is written in two parts, its head (the bytes before `HEAD_END`) and later its end (`Ledger.begin`). In the place of the
 * backlog it has a check of its head.
 */
export const BEGUN = 128;
/** Offset at which a begun record is divided into head and end. */
export const HEAD_END = 40;
/** Longest text in the head of a begun record, in bytes: what its header of 16 bytes leaves. */
export const MAX_HEAD_BYTES = HEAD_END - 16;
/** The text that completes a session's record whose end was never written: outcome `pending`, no grade, no time. */
export const PENDING = "4,0,0";

/** Whether the bytes are a whole record or page header: committed, and with the right CRC. */
export function isCommitted(bytes: Uint8Array, crc32: Hal["crc32"]): boolean {
  const end = bytes.length - 4;
  const view = new DataView(bytes.buffer);
  return !view.getUint32(end, true) && crc32(new Uint8Array(bytes.buffer, 0, end - 4)) === view.getUint32(end - 4, true);
}

/** The sequence number of a record. */
export function sequenceOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(4, true);
}

/** The wall time of a record, in seconds since 1970 UTC, or 0. */
export function wallSecondsOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(12, true);
}

/** The text of a record, padded with spaces. */
export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, new Uint8Array(bytes.buffer, 16, bytes.length - FRAME_BYTES) as unknown as number[]);
}
