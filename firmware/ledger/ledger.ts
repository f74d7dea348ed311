// The record log: a ring of raw flash pages, written in slots of 64 bytes, data first and the commit mark last. FORMAT.md has every byte.
// Slots make the end of the log a binary search, so starting costs the same however many records there are.

import type { Hal } from "../../hal/hal.js";
import { createChain } from "./chain.js";
import type { RecordType } from "./records.js";

export const SLOT_BYTES = 64;
/** Bytes of a record around its text: header, chain code, CRC and commit mark. */
const FRAME_BYTES = 28;
const MAX_SLOTS = 4;
/** Longest text of a record, in bytes. */
export const MAX_TEXT_BYTES = MAX_SLOTS * SLOT_BYTES - FRAME_BYTES;
/** "CTL1", the first word of a page in use, little-endian. */
const PAGE_MAGIC = 0x314c5443;
/** Writes of one record that are tried in one page before the page is given up. */
const TRIES = 2;
/** Slots that are read at once to see what kind of records they hold: 1024 bytes. */
const LOOK_SLOTS = 16;
/** All types of records, a bit each. */
export const EVERY_TYPE = -1;
/** CRC-32 of four erased bytes: one call compares them all. */
const CRC_OF_ERASED_WORD = 0xffffffff;
/** CRC-32 of one to four erased slots. */
const CRC_OF_ERASED_SLOTS = [0x0f6187ba, 0x652d544c, 0xa0b8e4d, 0xfea8a821];
/** Stands for "more than this, or unknown" in a record's backlog. */
const BACKLOG_MOST = 0xffff;
/** Where the text of a begun record is divided: what is before is written at the beginning, what is behind at the end. */
export const HEAD_END = 40;
/** The other fields of a begun record that never got its own. */
export const PENDING = "4,0,0";
/** Added to the type of a begun record: instead of the backlog its header holds a check of its head. */
export const BEGUN = 128;
/** Longest head of a begun record, in bytes. */
export const MAX_HEAD_BYTES = HEAD_END - 16;

/** `full`: every record in the ring still waits for its acknowledgement. `failed`: flash did not take it. Neither wrote a record. */
export type AppendStatus = "ok" | "full" | "failed";

/** One record as it lies in flash. */
export interface StoredRecord {
  readonly sequence: number;
  /** All its bytes, commit mark included. */
  readonly bytes: Uint8Array;
}

export interface Ledger {
  /** Names this log, random, fixed when the first page was written: sequence numbers count within it. */
  logId(): number;
  /** Sequence number of the newest record, 0 when there is none. */
  last(): number;
  /** Sequence number up to which the host has stored everything. */
  acknowledged(): number;

  /**
   * Writes a record; it is committed when this returns `ok`.
   * @param uptimeMs time of the record on the monotonic clock
   * @param wallSeconds the same on the wall clock, seconds since 1970 UTC, or 0 where it is not known
   * @param text fields as JSON without the outer brackets, ASCII
   * @throws Error when the text is longer than `MAX_TEXT_BYTES`
   */
  append(type: RecordType, uptimeMs: number, wallSeconds: number, text: string): AppendStatus;

  /**
   * Keeps the beginning of a record whose end is not known yet: type, times and first fields reach flash now, in the slot where the whole record will
   * stand. The next `append` of the same type whose text begins alike completes it; any other completes it with `PENDING` and comes behind it.
   * After a power cut it stands with `PENDING`.
   * @param head first fields, as in `append`, ended by a comma, at most `MAX_HEAD_BYTES`; a longer one is not kept
   */
  begin(type: RecordType, uptimeMs: number, wallSeconds: number, head: string): AppendStatus;

  /**
   * Calls `visit` with records, the newest first. Text and wall time as in `append`, the text padded with spaces.
   * @param types which ones, a bit each; the others are passed over quickly
   * @param visit returns the types that it wants from there on; 0: it has seen enough
   */
  lookBack(types: number, visit: (type: RecordType, text: string, wallSeconds: number, sequence: number) => number): void;

  /**
   * The host has stored everything up to `sequence`. Numbers that are not between the last acknowledgement and the newest record change nothing.
   * It reaches flash with the next record.
   * @returns whether it changed anything
   */
  acknowledge(sequence: number): boolean;

  /** The record with this number, or undefined when it is not, or no longer, in the ring. */
  read(sequence: number): StoredRecord | undefined;

  /** Sequence number of the oldest record that is in the ring, or will be the first in it. Not for every step: it looks at all pages. */
  oldest(): number;

  /** Whether the next record has no room, as all in the ring still wait for their acknowledgement. */
  isFull(): boolean;

  /** How many pages have failed since the start. Nothing goes into them any more. */
  retired(): number;

  /**
   * Erases a page that will be needed soon and whose records are all acknowledged. It blocks for as long as the flash erases: call it while nobody is
   * served.
   * @param isVacant nobody is on duty: then a ring of one page may be erased too, and nothing but totals has to be written again
   */
  tidy(isVacant: boolean): void;

  /** As in `Chain`. */
  mac(text: string): Uint8Array;

  /** Is called before a page is erased that is in use. @param end number behind that of its newest record */
  onForget: ((end: number) => void) | undefined;
}

/** The text of a record. */
export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, new Uint8Array(bytes.buffer, 16, bytes.length - FRAME_BYTES) as unknown as number[]);
}

/** What a ledger needs of a board. */
export type LedgerParts = Pick<Hal, "flash" | "crc32" | "sha256" | "random32" | "toBytes">;

/**
 * Opens the log and recovers it after a power cut at whatever moment. Reads page headers and a few slots, never the whole log.
 * @param parts of the board; `random32` names a new log
 * @param key the device's own, as in `createChain`
 */
export function openLedger(parts: LedgerParts, key: string): Ledger {
  const flash = parts.flash;
  const crc32 = parts.crc32;
  const slotsInPage = flash.pageBytes / SLOT_BYTES;
  const chain = createChain(parts, key, MAX_SLOTS * SLOT_BYTES);
  /** The record that is put together. */
  const buffer = bufferPart(0, MAX_SLOTS * SLOT_BYTES);
  const view = new DataView(chain.bytes.buffer, chain.recordAt, MAX_SLOTS * SLOT_BYTES);
  /** Number of each page in the order of use, 0: not in use. */
  const pageOrder: number[] = [];
  /** Sequence number of the first record of each page in use. */
  const firstSequence: number[] = [];
  /** The page that is written, -1 before the first; the next free slot in it. */
  let page = -1;
  let slot = 0;
  let nextSequence = 1;
  let acknowledged = 0;
  let logId = 0;
  /** Chain code of the newest record; of an empty log its id. */
  let newestCode = 0;
  /** Pages that failed, and how many they are. */
  const isRetired: boolean[] = [];
  let retiredCount = 0;
  /** A page that was erased since power-up and not used, or -1. */
  let erasedPage = -1;
  /** Head of the record that was begun, or "" where none is; the record so far is in `buffer`. */
  let begunHead = "";
  let begunType = 0;
  /** Where the last `read` ended, to go on from: records are mostly read in order. */
  let readPage = -1;
  let readSlot = 0;
  let readSequence = 0;

  function bufferPart(start: number, lengthBytes: number): Uint8Array {
    return new Uint8Array(chain.bytes.buffer, chain.recordAt + start, lengthBytes);
  }

  /** Length in bytes of the whole record or header in `bytes`, or 0 if it is torn, foreign or was never committed. */
  function committedBytes(bytes: Uint8Array, lengthBytes: number): number {
    const end = lengthBytes - 4;
    const view = new DataView(bytes.buffer);
    if (view.getUint32(end, true)) return 0;
    return crc32(new Uint8Array(bytes.buffer, 0, end - 4)) === view.getUint32(end - 4, true) ? lengthBytes : 0;
  }

  function readRecord(atPage: number, atSlot: number): Uint8Array | undefined {
    const offset = atPage * flash.pageBytes + atSlot * SLOT_BYTES;
    let bytes = flash.read(offset, SLOT_BYTES);
    const slots = bytes[0] as number;
    if (slots < 1 || slots > MAX_SLOTS || atSlot + slots > slotsInPage) return undefined;
    if (slots > 1) bytes = flash.read(offset, slots * SLOT_BYTES);
    return committedBytes(bytes, slots * SLOT_BYTES) ? bytes : undefined;
  }

  function sequenceOf(bytes: Uint8Array): number {
    return new DataView(bytes.buffer).getUint32(4, true);
  }

  /** Whether the slots from here to the end of the longest record are erased. */
  function isBlank(atSlot: number): boolean {
    const slots = Math.min(MAX_SLOTS, slotsInPage - atSlot);
    return crc32(flash.read(page * flash.pageBytes + atSlot * SLOT_BYTES, slots * SLOT_BYTES)) === CRC_OF_ERASED_SLOTS[slots - 1];
  }

  /** Writes what `buffer` holds from `start` on: all but the last 8 bytes first, then CRC and commit mark together. */
  function commit(offset: number, lengthBytes: number, start: number): boolean {
    view.setUint32(lengthBytes - 8, crc32(bufferPart(0, lengthBytes - 8)), true);
    view.setUint32(lengthBytes - 4, 0, true);
    const isDone =
      flash.write(offset + start, bufferPart(start, lengthBytes - 8 - start)) === "ok" &&
      flash.write(offset + lengthBytes - 8, bufferPart(lengthBytes - 8, 8)) === "ok";
    // What a chip that failed has kept of it must not be taken for a record, nor its erased slots for the end of the log. Where even that fails,
    // nothing more goes into this page.
    for (let at = 0; !isDone && at < lengthBytes; at += SLOT_BYTES) if (!spoil(offset + at)) slot = slotsInPage;
    return isDone;
  }

  /** Commits the record in `buffer`, behind all others: see `commit`. */
  function commitRecord(slots: number, start: number): AppendStatus {
    const lengthBytes = slots * SLOT_BYTES;
    const code = chain.code(newestCode, lengthBytes - 12);
    view.setUint32(lengthBytes - 12, code, true);
    const at = slot;
    // Whatever comes of it, these slots are spent: a failed write may have left anything there.
    slot += slots;
    if (!commit(page * flash.pageBytes + at * SLOT_BYTES, lengthBytes, start)) return "failed";
    newestCode = code;
    nextSequence++;
    return "ok";
  }

  /** Clears the beginning of a slot: it is used, and no record. */
  function spoil(offset: number): boolean {
    buffer.fill(0);
    return flash.write(offset, bufferPart(0, 8)) === "ok";
  }

  /** The page that comes after the current one in the ring, retired ones left out; the current one where there is no other. */
  function nextPage(): number {
    let next = page;
    for (let i = 0; i < flash.pageCount; i++) {
      next = (next + 1) % flash.pageCount;
      if (!isRetired[next]) break;
    }
    return next;
  }

  /** The number behind that of the newest record in a page; 0 where it is not in use. */
  function endOf(used: number): number {
    if (!pageOrder[used]) return 0;
    const next = pageOrder.indexOf((pageOrder[used] as number) + 1);
    return next < 0 ? nextSequence : (firstSequence[next] as number);
  }

  /** Whether all records of a page are acknowledged. */
  function isReusable(candidate: number): boolean {
    return endOf(candidate) <= acknowledged + 1;
  }

  /** Erases a page, its header first: what a torn erase leaves of it must not be taken for a page in use, or numbers would be given twice. @rare */
  function erase(old: number): boolean {
    if (pageOrder[old] && ledger.onForget) ledger.onForget(endOf(old));
    readPage = -1;
    for (let i = 0; i < flash.pageCount; i++) {
      // Retired pages that are older go out of use before it: pages in use are neighbours, and what is left must never be the newest.
      if (!isRetired[i] || !pageOrder[i] || (pageOrder[i] as number) >= (pageOrder[old] as number)) continue;
      if (spoil(i * flash.pageBytes)) pageOrder[i] = 0;
      else if (old === page) return false;
    }
    if (pageOrder[old] && !spoil(old * flash.pageBytes)) return false;
    pageOrder[old] = 0;
    return flash.erase(old) === "ok";
  }

  function retire(bad: number): void {
    if (!isRetired[bad]) retiredCount++;
    isRetired[bad] = true;
  }

  /** Opens the next page that works. Those that do not are retired. @rare */
  function openPage(): AppendStatus {
    for (let i = 0; i < flash.pageCount; i++) {
      const next = nextPage();
      if (isRetired[next]) break;
      const status = openPageAt(next);
      if (status !== "failed") return status;
      retire(next);
    }
    return "failed";
  }

  function openPageAt(next: number): AppendStatus {
    if (!isReusable(next)) return "full";
    const order = page < 0 ? 1 : (pageOrder[page] as number) + 1;
    // Whatever comes of it, nothing more goes into the page before: what stood behind a page that was opened would be out of order.
    slot = slotsInPage;
    if (erasedPage !== next && !erase(next)) return "failed";
    erasedPage = -1;
    buffer.fill(255);
    view.setUint32(0, PAGE_MAGIC, true);
    view.setUint32(4, SLOT_BYTES, true);
    view.setUint32(8, order, true);
    view.setUint32(12, nextSequence, true);
    view.setUint32(16, acknowledged, true);
    view.setUint32(20, logId, true);
    view.setUint32(24, newestCode, true);
    if (!commit(next * flash.pageBytes, SLOT_BYTES, 0)) return "failed";
    pageOrder[next] = order;
    firstSequence[next] = nextSequence;
    page = next;
    slot = 1;
    return "ok";
  }

  function recover(): void {
    let newest: Uint8Array | undefined;
    for (let i = 0; i < flash.pageCount; i++) {
      const bytes = flash.read(i * flash.pageBytes, SLOT_BYTES);
      const header = new DataView(bytes.buffer);
      const isUsed = header.getUint32(0, true) === PAGE_MAGIC && committedBytes(bytes, SLOT_BYTES) > 0;
      pageOrder[i] = isUsed ? header.getUint32(8, true) : 0;
      firstSequence[i] = isUsed ? header.getUint32(12, true) : 0;
      if (isUsed && (page < 0 || (pageOrder[i] as number) > (pageOrder[page] as number))) {
        page = i;
        newest = bytes;
      }
    }
    if (!newest) {
      logId = parts.random32();
      newestCode = logId;
      return;
    }
    const header = new DataView(newest.buffer);
    nextSequence = header.getUint32(12, true);
    acknowledged = header.getUint32(16, true);
    logId = header.getUint32(20, true);
    newestCode = header.getUint32(24, true);
    // Slots are used in order, so "is it erased" is false up to the end of the log and true from there.
    const begin = page * flash.pageBytes;
    const isPageFull = crc32(flash.read(begin + flash.pageBytes - SLOT_BYTES, 4)) !== CRC_OF_ERASED_WORD;
    let high = slotsInPage;
    slot = isPageFull ? high : 1;
    while (slot < high) {
      const middle = (slot + high) >> 1;
      if (crc32(flash.read(begin + middle * SLOT_BYTES, 4)) === CRC_OF_ERASED_WORD) high = middle;
      else slot = middle + 1;
    }
    // A torn record may have left its first word erased. Mark such a slot as used, or the next search would be led astray.
    while (slot < slotsInPage && !isBlank(slot)) {
      const offset = begin + slot * SLOT_BYTES;
      if (crc32(flash.read(offset, 4)) === CRC_OF_ERASED_WORD) spoil(offset);
      slot++;
    }
    let isTorn = false;
    let isKnown = false;
    for (let i = slot - 1; i > 0 && !isKnown; i--) {
      const last = readRecord(page, i);
      if (!last) {
        isTorn = true;
        continue;
      }
      const sequence = sequenceOf(last);
      if (sequence >= nextSequence) {
        nextSequence = sequence + 1;
        newestCode = new DataView(last.buffer).getUint32(last.length - 12, true);
      }
      // A record that was begun does not say what was acknowledged.
      if ((last[1] as number) & BEGUN) continue;
      const backlog = new DataView(last.buffer).getUint16(2, true);
      if (backlog < BACKLOG_MOST) acknowledged = sequence - 1 - backlog;
      isKnown = true;
    }
    if (isTorn) recoverBegun();
  }

  /** Makes room for a record of so many slots. */
  function makeRoom(slots: number): AppendStatus {
    return page < 0 || slot + slots > slotsInPage ? openPage() : "ok";
  }

  /** Puts the header and the text of the next record into `buffer`. */
  function compose(slots: number, type: number, uptimeMs: number, wallSeconds: number, text: string): void {
    buffer.fill(32);
    buffer[0] = slots;
    buffer[1] = type;
    view.setUint16(2, Math.min(nextSequence - 1 - acknowledged, BACKLOG_MOST), true);
    view.setUint32(4, nextSequence, true);
    view.setUint32(8, Math.round(uptimeMs / 10) % 4294967296, true);
    view.setUint32(12, wallSeconds, true);
    buffer.set(parts.toBytes(text), 16);
  }

  /** Half a CRC-32 of the head in `buffer`, its own place taken as 0. */
  function checkOfHead(): number {
    view.setUint16(2, 0, true);
    return crc32(bufferPart(0, HEAD_END)) & 0xffff;
  }

  /** Completes the begun record, which is still in `buffer`, with the rest of its text. */
  function complete(tail: string): AppendStatus {
    begunHead = "";
    buffer.set(parts.toBytes(tail), HEAD_END);
    return commitRecord(1, HEAD_END);
  }

  /** Writes something behind all others, again where flash does not take it, and in the next page where this one takes nothing. */
  function persist(slots: number, write: () => AppendStatus): AppendStatus {
    for (let tries = 1; ; tries++) {
      const room = makeRoom(slots);
      if (room !== "ok") return room;
      if (write() === "ok") return "ok";
      if (tries > TRIES * flash.pageCount) return "failed";
      if (tries % TRIES === 0) {
        retire(page);
        slot = slotsInPage;
      }
    }
  }

  /** A record that was begun when the power went: it stands as pending. Behind it may be what is left of attempts to write it once more. */
  function recoverBegun(): void {
    for (let at = slot - 1; at > 0 && !readRecord(page, at); at--) {
      const bytes = flash.read(page * flash.pageBytes + at * SLOT_BYTES, SLOT_BYTES);
      const head = new Uint8Array(bytes.buffer, 0, HEAD_END);
      buffer.fill(32);
      buffer.set(head);
      const check = view.getUint16(2, true);
      if (bytes[0] !== 1 || !((bytes[1] as number) & BEGUN) || checkOfHead() !== check || view.getUint32(4, true) !== nextSequence) continue;
      view.setUint16(2, check, true);
      let isTorn = at < slot - 1;
      for (let i = HEAD_END; i < SLOT_BYTES; i++) if (bytes[i] !== 255) isTorn = true;
      if (!isTorn) {
        slot--;
        complete(PENDING);
        return;
      }
      // Its end was torn: the beginning stands again behind all others, on a full page in the next one. In a full ring it waits for a later start.
      if (makeRoom(1) !== "ok") return;
      buffer.fill(32);
      buffer.set(head);
      buffer.set(parts.toBytes(PENDING), HEAD_END);
      commitRecord(1, 0);
      return;
    }
  }

  const ledger: Ledger = {
    onForget: undefined,
    logId: () => logId,
    last: () => nextSequence - 1,
    acknowledged: () => acknowledged,

    append(type, uptimeMs, wallSeconds, text) {
      if (text.length > MAX_TEXT_BYTES) throw new Error("text longer than " + MAX_TEXT_BYTES);
      if (begunHead) {
        const tail = text.substr(begunHead.length);
        const isItsEnd = type === begunType && text.substr(0, begunHead.length) === begunHead && tail.length <= SLOT_BYTES - 12 - HEAD_END;
        // Where the end of its own record fails, the whole text stands in another.
        if (complete(isItsEnd ? tail : PENDING) === "ok" && isItsEnd) return "ok";
      }
      const slots = Math.ceil((text.length + FRAME_BYTES) / SLOT_BYTES);
      return persist(slots, () => {
        compose(slots, type, uptimeMs, wallSeconds, text);
        return commitRecord(slots, 0);
      });
    },

    begin(type, uptimeMs, wallSeconds, head) {
      if (begunHead) complete(PENDING);
      if (head.length > MAX_HEAD_BYTES) return "ok";
      const status = persist(1, () => {
        compose(1, type + BEGUN, uptimeMs, wallSeconds, head);
        view.setUint16(2, checkOfHead(), true);
        const isWritten = flash.write(page * flash.pageBytes + slot * SLOT_BYTES, bufferPart(0, HEAD_END));
        if (isWritten !== "ok") slot = spoil(page * flash.pageBytes + slot * SLOT_BYTES) ? slot + 1 : slotsInPage;
        return isWritten;
      });
      if (status !== "ok") return status;
      begunHead = head;
      begunType = type;
      return "ok";
    },

    lookBack(types, visit) {
      let at = page;
      let end = slot;
      while (at >= 0) {
        while (end > 1) {
          // The types of several slots with one look.
          const count = Math.min(end - 1, LOOK_SLOTS);
          end -= count;
          const looked = flash.read(at * flash.pageBytes + end * SLOT_BYTES, count * SLOT_BYTES);
          for (let place = (count - 1) * SLOT_BYTES + 1; place > 0; place -= SLOT_BYTES) {
            // Most records are of no interest: this is all that is done for each of them.
            while (place > 0 && !((types >> ((looked[place] as number) & ~BEGUN)) & 1)) place -= SLOT_BYTES;
            const bytes = place > 0 ? readRecord(at, end + Math.floor(place / SLOT_BYTES)) : undefined;
            if (bytes) {
              types = visit((bytes[1] as number) & ~BEGUN, textOf(bytes), new DataView(bytes.buffer).getUint32(12, true), sequenceOf(bytes));
              if (!types) return;
            }
          }
        }
        const order = (pageOrder[at] as number) - 1;
        at = order > 0 ? pageOrder.indexOf(order) : -1;
        end = slotsInPage;
      }
    },

    acknowledge(sequence) {
      if (sequence !== Math.floor(sequence) || !(sequence > acknowledged && sequence < nextSequence)) return false;
      acknowledged = sequence;
      return true;
    },

    read(sequence) {
      if (!(sequence > 0 && sequence < nextSequence)) return undefined;
      if (readPage < 0 || sequence !== readSequence + 1) {
        readPage = -1;
        for (let i = 0; i < flash.pageCount; i++) {
          const isCandidate = pageOrder[i] && (firstSequence[i] as number) <= sequence;
          if (isCandidate && (readPage < 0 || (pageOrder[i] as number) > (pageOrder[readPage] as number))) readPage = i;
        }
        if (readPage < 0) return undefined;
        // Every record takes a slot or more, so it cannot lie before this one.
        readSlot = 1 + sequence - (firstSequence[readPage] as number);
      }
      for (;;) {
        const end = readPage === page ? slot : slotsInPage;
        while (readSlot < end) {
          const bytes = readRecord(readPage, readSlot);
          readSlot += bytes ? (bytes[0] as number) : 1;
          if (bytes && sequenceOf(bytes) === sequence) {
            readSequence = sequence;
            return { sequence, bytes };
          }
        }
        readSequence = 0;
        readPage = readPage === page ? -1 : pageOrder.indexOf((pageOrder[readPage] as number) + 1);
        if (readPage < 0) return undefined;
        readSlot = 1;
      }
    },

    oldest() {
      let oldest = nextSequence;
      for (let i = 0; i < flash.pageCount; i++) if (pageOrder[i]) oldest = Math.min(oldest, firstSequence[i] as number);
      return oldest;
    },
    isFull: () => page >= 0 && slot >= slotsInPage && !isReusable(nextPage()),
    retired: () => retiredCount,
    mac: chain.mac,

    tidy(isVacant) {
      if (page < 0 || begunHead) return;
      const next = nextPage();
      if (erasedPage === next || isRetired[next] || !isReusable(next)) return;
      // The only page of a ring of one is given up when it is three quarters full.
      if (next === page && (!isVacant || slot < (slotsInPage * 3) / 4)) return;
      if (next === page) openPage();
      else if (erase(next)) erasedPage = next;
      else retire(next);
    },
  };

  recover();
  return ledger;
}
