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

/** Offset in the header of a page at which 8 bytes of `00` say that the next page is in use. They are not under the CRC. */
export const SEAL_AT = 32;
/** End of the part of a header that counts as erased for its CRC, which begins at `SEAL_AT`. */
export const SEAL_END = 40;

/** CRC-32 over any whole record or page header, commit mark included: behind its own CRC, the CRC of a message does not depend on the message. */
const CRC_OF_WHOLE = 0x6522df69;
/** The polynomial of CRC-32, EDB88320, as a signed number. */
const POLYNOMIAL = -306674912;

/** Whether the bytes are a whole record or page header: committed, and with the right CRC. */
export function isCommitted(bytes: Uint8Array, crc32: Hal["crc32"]): boolean {
  return crc32(bytes) === CRC_OF_WHOLE;
}

/** Whether a number of 32 bits has no more than one bit set. */
export function hasOneBitAtMost(bits: number): boolean {
  return !(bits & (bits - 1));
}

/** What became of the bytes of a record or page header that are not whole. */
export const enum Mended {
  /** It was not committed: the power was cut while it was written. */
  Torn = 0,
  /** They are whole now. */
  Whole = 1,
  /** It was committed, and more than one bit has changed. */
  Damaged = 2,
}

/**
 * Puts right the one bit in which a record or page header differs from a whole one. Every bit changes the CRC in its own way, so the CRC tells which one it is.
 * Of what a power cut has left, it takes only that for whole in which a single bit of the CRC or the commit mark was not cleared yet: there everything had been
 * written and read back before.
 */
export function mend(bytes: Uint8Array, crc32: Hal["crc32"]): Mended {
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 8;
  const difference = crc32(bytes) ^ CRC_OF_WHOLE;
  let change = POLYNOMIAL;
  if (!hasOneBitAtMost(view.getUint32(end + 4, true))) return Mended.Torn;
  for (let bit = bytes.length * 8 - 1; bit >= 0; bit--) {
    if (change === difference) {
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      return Mended.Whole;
    }
    change = (change >>> 1) ^ (change & 1 ? POLYNOMIAL : 0);
  }
  // The slots behind the first hold text, unless they were used again after the power had cut the write of this record.
  for (let at = SLOT_BYTES; at < end; at += SLOT_BYTES) if ((bytes[at] as number) < 32) return Mended.Torn;
  // A cut commit leaves every bit of the CRC set that is set in the right one.
  return ~view.getUint32(end, true) & crc32(new Uint8Array(bytes.buffer, 0, end)) ? Mended.Damaged : Mended.Torn;
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
