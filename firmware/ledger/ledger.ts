// The record log: a ring of raw flash pages, written in slots of 64 bytes. FORMAT.md describes every byte.
// layout.ts knows the bytes, frame.ts commits them, pages.ts turns the ring, appender.ts and reader.ts write and read records, and recovery.ts finds the
// end of the log after a start.

import type { Hal } from "../../hal/hal.js";
import { createAppender } from "./appender.js";
import { createChain } from "./chain.js";
import { createFrame } from "./frame.js";
import { MAX_SLOTS, SLOT_BYTES } from "./layout.js";
import { createLog } from "./log.js";
import { createPages } from "./pages.js";
import { createReader } from "./reader.js";
import type { RecordType } from "./records.js";
import { createRecovery } from "./recovery.js";

/**
 * Whether a record was written. `full`: it was not, as every record in the ring still waits for its acknowledgement. `failed`: it was not, as flash did not
 * take it.
 */
export type AppendStatus = "ok" | "full" | "failed";

/** One record as it lies in flash. */
export interface StoredRecord {
  readonly sequence: number;
  /** All its bytes, commit mark included. */
  readonly bytes: Uint8Array;
}

export interface Ledger {
  /** Name of this log, fixed when its first page was written. Sequence numbers count within it. */
  logId(): number;
  /** Sequence number of the newest record, or 0 where there is none. */
  last(): number;
  /** Sequence number up to which the host has stored everything. */
  acknowledged(): number;

  /**
   * Writes a record. It is committed when this returns `ok`.
   * @param uptimeMs time of the record on the monotonic clock
   * @param wallSeconds the same on the wall clock, in seconds since 1970 UTC, or 0 where it is unknown
   * @param text the fields as JSON without the outer brackets, in ASCII
   * @throws Error when the text is longer than `MAX_TEXT_BYTES`
   */
  append(type: RecordType, uptimeMs: number, wallSeconds: number, text: string): AppendStatus;

  /**
   * Writes the beginning of a record whose end is not known yet: its type, times and first fields, into the slot of the whole record. The next `append`
   * of the same type, whose text begins alike, completes it. Any other record completes it with `PENDING` and comes behind it. After a power cut it is
   * completed with `PENDING`.
   * @param head the first fields, as in `append`, with a comma at the end. A head longer than `MAX_HEAD_BYTES` is not written.
   */
  begin(type: RecordType, uptimeMs: number, wallSeconds: number, head: string): AppendStatus;

  /**
   * Calls `visit` with records, the newest first. Text and wall time are as in `append`; the text is padded with spaces.
   * @param types the types of records to visit, a bit each. Others are skipped quickly.
   * @param visit returns the types to visit from there on, or 0 to stop
   */
  lookBack(types: number, visit: (type: RecordType, text: string, wallSeconds: number, sequence: number) => number): void;

  /**
   * The host has stored everything up to `sequence`. The acknowledgement reaches flash with the next record. A number that is not between the last
   * acknowledgement and the newest record changes nothing.
   * @returns whether it changed anything
   */
  acknowledge(sequence: number): boolean;

  /** The record with this number, or undefined when the ring does not hold it. */
  read(sequence: number): StoredRecord | undefined;

  /** Sequence number of the oldest record in the ring, or of the next record where the ring is empty. It looks at all pages, so it is slow. */
  oldest(): number;

  /** Whether the next record has no room, because every record in the ring still waits for its acknowledgement. */
  isFull(): boolean;

  /**
   * What has been found wrong with flash since the start, in words for the technician, each with a comma behind it; or "". FORMAT.md has the words.
   */
  flaws(): string;

  /**
   * Erases the next page, if all its records are acknowledged. It blocks for as long as the flash erases, so call it only while nobody is served.
   * @param isVacant whether nobody is on duty. Then the only page of a ring of one may be erased too: nothing but totals has to be written again.
   */
  tidy(isVacant: boolean): void;

  /** As in `Chain`. */
  mac(text: string): Uint8Array;

  /** As in `Chain`. */
  word(text: string): number;

  /** Is called before a page in use is erased. @param end the number behind that of its newest record */
  onForget: ((end: number) => void) | undefined;
}

/** The parts of a board that a ledger uses. */
export type LedgerParts = Pick<Hal, "flash" | "crc32" | "sha256" | "toBytes">;

/**
 * Opens the log, and recovers it after a power cut at any moment.
 * @param key of the device, as in `createChain`
 * @param newName names a log that begins, 0 to 2^32-1: no two logs of a key may have the same name. It gets `word` of the chain, and a text that depends on
 * what flash holds instead of a log.
 */
export function openLedger(parts: LedgerParts, key: string, newName: (word: (text: string) => number, remains: string) => number): Ledger {
  const log = createLog();
  const chain = createChain(parts, key, MAX_SLOTS * SLOT_BYTES);
  const frame = createFrame(parts, chain, log);
  const reader = createReader(parts, log);
  const pages = createPages(parts.flash, log, frame, (end) => {
    if (end && ledger.onForget) ledger.onForget(end);
    reader.rewind();
  });
  const appender = createAppender(parts, chain, log, frame, pages);
  const recover = createRecovery(parts, log, frame, reader, pages, appender, (remains) => newName(chain.word, remains));
  const ledger: Ledger = {
    onForget: undefined,
    logId: () => log.id,
    last: () => log.nextSequence - 1,
    acknowledged: () => log.acknowledged,
    append: appender.append,
    begin: appender.begin,
    lookBack: reader.lookBack,
    acknowledge(sequence) {
      if (sequence !== Math.floor(sequence) || !(sequence > log.acknowledged && sequence < log.nextSequence)) return false;
      log.acknowledged = sequence;
      return true;
    },
    read: reader.read,
    oldest: pages.oldest,
    isFull: pages.isFull,
    flaws: () => log.flaws,
    tidy: pages.tidy,
    mac: chain.mac,
    word: chain.word,
  };
  recover();
  return ledger;
}
