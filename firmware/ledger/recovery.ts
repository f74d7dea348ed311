// Finds out where the log stands after a start, also after a power cut at any moment. It reads page headers and a few slots, never the whole log:
// slots are used in order, so a binary search finds the end of the log.

import type { Hal } from "../../hal/hal.js";
import type { Appender } from "./appender.js";
import type { Frame } from "./frame.js";
import {
  BEGUN,
  HEAD_END,
  hasOneBitAtMost,
  isCommitted,
  MAX_BACKLOG,
  MAX_SLOTS,
  Mended,
  mend,
  PAGE_MAGIC,
  PENDING,
  SEAL_AT,
  SEAL_END,
  SLOT_BYTES,
  sequenceOf,
} from "./layout.js";
import { type Log, noteFlaw, noteSlot } from "./log.js";
import type { Pages } from "./pages.js";
import type { Reader } from "./reader.js";
import { RecordType } from "./records.js";

/** How the text in the head of a session looks: staff number, transaction, and nothing else. */
const HEAD_OF_SESSION = /"[ !#-~]*","[ !#-~]*", *$/;

/** CRC-32 over 1 to 4 erased slots. */
const CRCS_OF_BLANK = [0xf6187ba, 0x652d544c, 0xa0b8e4d, 0xfea8a821];

/** Why a page is not in use. */
const enum Unused {
  No = 0,
  /** Its header is erased or cleared. */
  Free = 1,
  /** Its header is lost, or the power went while the page was erased. */
  Unknown = 2,
}

/** Makes the function that recovers the log. It is called once. */
export function createRecovery(
  parts: Pick<Hal, "flash" | "crc32" | "toBytes">,
  log: Log,
  frame: Frame,
  reader: Reader,
  pages: Pages,
  appender: Appender,
  newName: (remains: string) => number,
): () => void {
  const flash = parts.flash;
  const slotsInPage = flash.pageBytes / SLOT_BYTES;
  const bytes = frame.bytes;
  const view = frame.view;

  /** CRCs of all headers. */
  let remains = "";
  /** The pages that are not in use. */
  const unused: Unused[] = [];
  /** How many pages are in use, and the lowest of their orders. */
  let usedCount = 0;
  let lowestOrder = Infinity;

  /** Reads the header of every page. @returns that of the newest page, or undefined where none is in use */
  function readHeaders(): DataView | undefined {
    let newest: DataView | undefined;
    for (let i = 0; i < flash.pageCount; i++) {
      const bytes = flash.read(i * flash.pageBytes, SLOT_BYTES);
      const header = new DataView(bytes.buffer);
      const magic = header.getUint32(0, true);
      remains += parts.crc32(bytes);
      if (flash.pageCount > 1) bytes.fill(255, SEAL_AT, SEAL_END);
      let isUsed =
        hasOneBitAtMost(magic ^ PAGE_MAGIC) &&
        (isCommitted(bytes, parts.crc32) || (mend(bytes, parts.crc32) === Mended.Whole && noteSlot(log, i, 0)));
      // A page that is not in use begins with erased or cleared bytes, or its header was never committed. Else the power was cut while it was erased, or its header
      // is lost.
      const isLost =
        !isUsed &&
        !hasOneBitAtMost(magic) &&
        !hasOneBitAtMost(~magic) &&
        !hasOneBitAtMost(~header.getUint32(60, true)) &&
        noteFlaw(log, "page " + i + " torn");
      const order = header.getUint32(8, true);
      if (flash.pageCount > 1) {
        unused[i] = isUsed ? Unused.No : isLost ? Unused.Unknown : Unused.Free;
        const twin = isUsed ? log.pageOrder.indexOf(order) : -1;
        const own = isUsed ? header.getUint32(28, true) : i;
        if (own !== i && own < flash.pageCount && noteFlaw(log, "page " + i + " holds " + own)) isUsed = twin < 0;
        else if (twin >= 0) log.pageOrder[twin] = 0;
        if (isUsed) {
          usedCount++;
          lowestOrder = Math.min(lowestOrder, order);
        }
      }
      log.pageOrder[i] = isUsed ? order : 0;
      log.firstSequence[i] = isUsed ? header.getUint32(12, true) : 0;
      if (isUsed && (flash.pageCount < 2 || log.page < 0 || order > (log.pageOrder[log.page] as number))) {
        log.page = i;
        newest = header;
      }
    }
    return newest;
  }

  /** Whether a word of flash is erased; one bit of it may have changed. A used slot, and a seal, have more zeros in their first. @param offset in the ring */
  function isErased(offset: number): boolean {
    return hasOneBitAtMost(~wordAt(offset));
  }

  function wordAt(offset: number): number {
    return new Uint32Array(flash.read(offset, 4).buffer)[0] as number;
  }

  /** Whether the page behind this one has been in use: its seal may be torn. */
  function isSealed(page: number): boolean {
    return !isErased(page * flash.pageBytes + SEAL_AT);
  }

  /** Whether the pages in use have consecutive orders, and every other page is free. @param newest the highest order */
  function areConsecutive(newest: number): boolean {
    return unused.indexOf(Unused.Unknown) < 0 && newest - lowestOrder + 1 === usedCount;
  }

  /** @cold A page whose header is lost is in use again, so that nothing in it is erased before the host has all that can still be read. */
  function adopt(page: number, order: number, end: number): void {
    unused[page] = Unused.No;
    log.pageOrder[page] = order;
    log.firstSequence[page] = end;
  }

  /** @cold The number of the first record in a page that can be read. @param none where none can */
  function firstIn(page: number, none: number): number {
    for (let slot = 1; slot < slotsInPage; slot++) {
      const record = reader.recordAt(page, slot);
      if (record) return sequenceOf(record);
    }
    return none;
  }

  /** @cold Finds pages that are lost, by the seals and orders of the others. @returns whether the newest page is */
  function findLostPages(): boolean {
    const isNewestLost = isSealed(log.page);
    const order = log.pageOrder[log.page] as number;
    const next = (log.page + 1) % flash.pageCount;
    if (isNewestLost) {
      // The newest page is lost, and perhaps others: the log goes on with a number that none of them can have given, and behind all that is left of them. An earlier start
      // may have stepped already: then one more lost header or seal is left there each time, and it is one more step.
      const lost: number[] = [];
      let room = 0;
      let steps = 1;
      for (let i = 0; i < flash.pageCount; i++) if (!log.pageOrder[i]) room += slotsInPage;
      let isMore = true;
      for (let place = next; isMore && unused[place]; place = (place + 1) % flash.pageCount) {
        lost.push(place);
        // Noise is no seal.
        isMore = hasOneBitAtMost(wordAt(place * flash.pageBytes + SEAL_AT));
        if (isMore) steps++;
        if (unused[place] === Unused.Unknown) steps++;
        if (unused[(place + 1) % flash.pageCount] === Unused.Unknown) isMore = true;
      }
      log.nextSequence += room * steps;
      log.slot = slotsInPage;
      noteFlaw(log, "page " + next + " lost");
      lost.forEach((place, i) => {
        adopt(place, order + 1 + i, log.nextSequence);
        log.page = place;
      });
    } else {
      const before = log.pageOrder.indexOf(order - 1);
      // The power went before this page was announced.
      if (order > 1 && before >= 0 && !isSealed(before)) frame.spoil(before * flash.pageBytes + SEAL_AT);
    }
    // Mostly the orders are consecutive, which is seen at once.
    for (let page = areConsecutive(order) ? -1 : log.page; page >= 0; ) {
      const older = reader.olderPage(page);
      const order = (log.pageOrder[page] as number) - 1;
      const place = (page + flash.pageCount - 1) % flash.pageCount;
      const isGap = older >= 0 && log.pageOrder[older] !== order;
      if (isGap) noteFlaw(log, "page " + place + " lost");
      const first = log.firstSequence[page] as number;
      const next = log.acknowledged + 1;
      if (isGap && unused[place]) adopt(place, order, first);
      // What stands before the oldest page has been erased, or still waits for its acknowledgement.
      else if (older < 0 && order && unused[place] === Unused.Unknown && next < first) adopt(place, order, firstIn(place, next));
      else {
        page = older;
        continue;
      }
      page = place;
    }
    return isNewestLost;
  }

  /** Whether the slots from here to the end of the longest record are erased. */
  function isBlank(slot: number): boolean {
    const slots = Math.min(MAX_SLOTS, slotsInPage - slot);
    return parts.crc32(flash.read(appender.offsetOf(slot), slots * SLOT_BYTES)) === CRCS_OF_BLANK[slots - 1];
  }

  /** Finds the first free slot of the newest page. */
  function findEnd(): void {
    const base = log.page * flash.pageBytes;
    let low = 1;
    let high = slotsInPage;
    if (!isErased(base + flash.pageBytes - SLOT_BYTES)) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      // As `isErased`, in place: a start does this more often than anything else.
      const bits = ~(new Uint32Array(flash.read(base + middle * SLOT_BYTES, 4).buffer)[0] as number);
      if (bits & (bits - 1)) low = middle + 1;
      else high = middle;
    }
    log.slot = low;
    // A torn record may have left its first word erased. Such a slot is marked as used, or the next search would go wrong.
    while (log.slot < slotsInPage && !isBlank(log.slot)) {
      if (isErased(appender.offsetOf(log.slot))) frame.spoil(appender.offsetOf(log.slot));
      log.slot++;
    }
  }

  /** Takes number, chain code and acknowledgement from the newest records. @returns whether slots behind the newest record are torn */
  function readNewest(): boolean {
    let isTorn = false;
    let damaged: number | undefined;
    for (let slot = log.slot - 1; slot > 0; slot--) {
      const record = reader.recordAt(log.page, slot);
      if (!record) {
        isTorn = true;
        continue;
      }
      const header = new DataView(record.buffer);
      const sequence = header.getUint32(4, true);
      if (sequence >= log.nextSequence) {
        log.nextSequence = sequence + 1;
        log.newestCode = header.getUint32(record.length - 12, true);
        damaged = log.damaged;
      }
      // A begun record does not hold the backlog.
      if ((record[1] as number) & BEGUN) continue;
      const backlog = header.getUint16(2, true);
      if (backlog < MAX_BACKLOG) log.acknowledged = sequence - 1 - backlog;
      break;
    }
    // Behind the newest record there may be damaged ones, whose numbers the host may have.
    if (damaged === undefined) damaged = log.damaged;
    log.nextSequence += damaged;
    return isTorn;
  }

  /**
   * Puts the head of the begun record that comes next into the frame.
   * @param bit that is turned before; behind the head it changes nothing
   * @returns whether it is one
   */
  function takeHead(head: Uint8Array, bit: number): boolean {
    bytes.fill(32);
    bytes.set(head);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    const check = view.getUint16(2, true);
    const isBegun = bytes[0] === 1 && (bytes[1] as number) & BEGUN && view.getUint32(4, true) === log.nextSequence;
    if (!isBegun || appender.checkOfHead() !== check) return false;
    view.setUint16(2, check, true);
    return true;
  }

  /** @cold The bit that has to be turned in the head of a begun record, `HEAD_END * 8` for none; -1: these bytes are no head. */
  function wrongBitOf(head: Uint8Array): number {
    for (let bit = HEAD_END * 8; bit >= 0; bit--) {
      const isHead = takeHead(head, bit);
      // What the power has cut while it was written would fit the check of 16 bits too easily.
      if (isHead && (bit === HEAD_END * 8 || HEAD_OF_SESSION.test(String.fromCharCode.apply(null, frame.part(0, HEAD_END) as unknown as number[]))))
        return bit;
      if (!hasOneBitAtMost((head[0] as number) ^ 1) || !hasOneBitAtMost((head[1] as number) ^ BEGUN ^ RecordType.Session)) return -1;
    }
    return -1;
  }

  /** Completes a record that was begun when the power went as pending. Behind it may lie the remains of attempts to write it once more. */
  function recoverBegun(): void {
    for (let slot = log.slot - 1; slot > 0 && !reader.recordAt(log.page, slot); slot--) {
      const torn = flash.read(appender.offsetOf(slot), SLOT_BYTES);
      const head = new Uint8Array(torn.buffer, 0, HEAD_END);
      const bit = wrongBitOf(head);
      if (bit < 0) continue;
      // A head that was put right is written again too: completed where it stands it would keep its wrong bit, and a power cut meanwhile could add another.
      let isTailTorn = (bit < HEAD_END * 8 && noteSlot(log, log.page, slot)) || slot < log.slot - 1;
      for (let i = HEAD_END; i < SLOT_BYTES; i++) if (torn[i] !== 255) isTailTorn = true;
      if (!isTailTorn) {
        log.slot--;
        appender.complete(PENDING);
        return;
      }
      // Its end is torn: the record is written again behind all others, in the next page where this one is full. In a full ring it waits for a later start.
      if (pages.makeRoom(1) !== "ok") return;
      takeHead(head, bit);
      bytes.set(parts.toBytes(PENDING), HEAD_END);
      appender.commitRecord(1, 0);
      return;
    }
  }

  return () => {
    const header = readHeaders();
    if (!header) {
      log.id = newName(remains);
      log.newestCode = log.id;
      return;
    }
    log.nextSequence = header.getUint32(12, true);
    log.acknowledged = header.getUint32(16, true);
    log.id = header.getUint32(20, true);
    log.newestCode = header.getUint32(24, true);
    findEnd();
    const isTorn = readNewest();
    const isLost = flash.pageCount > 1 && findLostPages();
    if (isTorn && !isLost) recoverBegun();
  };
}
