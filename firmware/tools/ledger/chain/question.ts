// The question to the chain, and its answer: a log as it was found, and everything that is wrong with it.

import { createHmac } from "node:crypto";

/**
 * The kinds of problems.
 * - `removed`: numbers are missing between others.
 * - `jumped`: numbers are missing that the terminal itself has left out, as it does where a page is lost.
 * - `changed`: a record is not as it was written.
 * - `reordered`: a record stands at another place than its own.
 * - `invented`: a record that the chain does not lead to, or a second one with its number.
 * - `missing`: the host has stored records that should be there, or another record with that number.
 * - `unverified`: nothing says that a record is wrong, but the record that would prove it is gone.
 * - `unreadable`: the fields of a record are not those of its type.
 * - `page`: the header of a page contradicts the others, or the records.
 * - `totals`: the terminal's own totals differ from a count of its records.
 */
export type ProblemKind = "removed" | "jumped" | "changed" | "reordered" | "invented" | "missing" | "unverified" | "unreadable" | "page" | "totals";

/** One thing that is wrong with a log. */
export interface LedgerProblem {
  readonly kind: ProblemKind;
  /** Number of the record; undefined where the problem is of no record, or its number is not known. */
  readonly sequence: number | undefined;
  /** Last of several neighbouring records that share the problem, else as `sequence`. */
  readonly last: number | undefined;
  /** The same as a sentence. */
  readonly words: string;
}

/** Number and MAC of a record that somebody else has seen, such as the newest that the host has stored. */
export interface RecordHead {
  readonly sequence: number;
  /** The 4 bytes of its MAC as 8 hexadecimal digits, in their order in flash. */
  readonly mac: string;
}

/** Whether the record of the head is here. `overwritten` is no fault: its page was used again. */
export type HeadState = "notGiven" | "found" | "overwritten" | "missing";

/** A record, or the remains of one, at its place. */
export interface ChainItem {
  /** Its place in words. */
  readonly where: string;
  /** Page that it stands in; undefined where there are no pages. */
  readonly page?: number | undefined;
  /** The number in it. */
  readonly sequence: number;
  /** The MAC in it. */
  readonly mac: Buffer;
  /** The bytes under the MAC, without the MAC of the record before. */
  readonly signed: Buffer;
  /** The reason why it is no whole record, as the end of a sentence. */
  readonly damage?: string | undefined;
  /** Bytes of earlier slots that may be the MACs of erased records. */
  readonly remains?: readonly Buffer[];
}

/** The header of a page in use. */
export interface ChainPage {
  readonly index: number;
  readonly order: number;
  /** Number of its first record. */
  readonly firstSequence: number;
  /** MAC of the record before that one. */
  readonly mac: Buffer;
}

export interface ChainQuestion {
  /** Oldest first, as they stand. */
  readonly items: readonly ChainItem[];
  /** Oldest first; none for a stream of records. */
  readonly pages: readonly ChainPage[];
  /** Whole records in pages that have no valid header. */
  readonly strays?: readonly ChainItem[];
  /** The number that should come first. */
  readonly first: number;
  /** Number and MAC of the record before the first one; for a whole log 0 and its id. */
  readonly begin: { readonly sequence: number; readonly mac: Buffer };
  readonly key: Uint8Array | undefined;
  readonly head: RecordHead | undefined;
}

export interface ChainJudgement {
  /** In the order of their numbers. */
  readonly problems: readonly LedgerProblem[];
  /** How many records the chain proves; undefined without a key. */
  readonly verified: number | undefined;
  readonly head: HeadState;
}

/** MAC of a record: 4 bytes of HMAC-SHA-256 over the MAC before it and the record. */
export function macOf(key: Uint8Array, before: Uint8Array, signed: Uint8Array): Buffer {
  return createHmac("sha256", key).update(before).update(signed).digest().subarray(0, 4);
}
