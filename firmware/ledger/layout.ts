// The layout of records and pages in flash. FORMAT.md describes every byte.

import type { Hal } from "../../hal/hal.js";

/** Length of a slot in bytes. A record takes one slot or several. */
export const SLOT_BYTES = 64;
/** Most slots that a record takes. */
export const MAX_SLOTS = 4;
/** Bytes of a record around its text: header, chain code, CRC and commit mark. */
export const FRAME_BYTES = 28;
/** Longest text of a record, in bytes. */
export const MAX_TEXT_BYTES = MAX_SLOTS * SLOT_BYTES - FRAME_BYTES;
/** "CTL1", the first word of a page in use, little-endian. */
export const PAGE_MAGIC = 0x314c5443;
/** Largest backlog in a record's header. It stands for this number, any larger one, or an unknown one. */
export const MAX_BACKLOG = 0xffff;
/** Added to the type of a begun record, whose header holds a check of its head instead of the backlog. */
export const BEGUN = 128;
/** Offset at which a begun record is divided: the bytes before it are written when the record begins, the others when it is completed. */
export const HEAD_END = 40;
/** Longest head of a begun record, in bytes. */
export const MAX_HEAD_BYTES = HEAD_END - 16;
/** Text behind the head of a begun record that was never completed. */
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
