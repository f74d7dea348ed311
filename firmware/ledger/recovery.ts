// Finds out where the log stands after a start, also after a power cut at any moment. It reads page headers and a few slots, never the whole log:
// slots are used in order, so a binary search finds the end of the log.

import type { Hal } from "../../hal/hal.js";
import type { Appender } from "./appender.js";
import type { Frame } from "./frame.js";
import { BEGUN, HEAD_END, isCommitted, MAX_BACKLOG, MAX_SLOTS, PAGE_MAGIC, PENDING, SLOT_BYTES, sequenceOf } from "./layout.js";
import type { Log } from "./log.js";
import type { Pages } from "./pages.js";
import type { Reader } from "./reader.js";

/** CRC-32 of four erased bytes: one call compares them all. */
const CRC_OF_ERASED_WORD = 0xffffffff;
/** CRC-32 of one to four erased slots. */
const CRC_OF_ERASED_SLOTS = [0x0f6187ba, 0x652d544c, 0xa0b8e4d, 0xfea8a821];

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

  /** Reads the header of every page. @returns that of the newest page, or undefined where none is in use */
  function readHeaders(): DataView | undefined {
    let newest: DataView | undefined;
    for (let i = 0; i < flash.pageCount; i++) {
      const bytes = flash.read(i * flash.pageBytes, SLOT_BYTES);
      const header = new DataView(bytes.buffer);
      remains += parts.crc32(bytes);
      const isUsed = header.getUint32(0, true) === PAGE_MAGIC && isCommitted(bytes, parts.crc32);
      log.pageOrder[i] = isUsed ? header.getUint32(8, true) : 0;
      log.firstSequence[i] = isUsed ? header.getUint32(12, true) : 0;
      if (isUsed && (log.page < 0 || (log.pageOrder[i] as number) > (log.pageOrder[log.page] as number))) {
        log.page = i;
        newest = header;
      }
    }
    return newest;
  }

  function isWordErased(slot: number): boolean {
    return parts.crc32(flash.read(log.page * flash.pageBytes + slot * SLOT_BYTES, 4)) === CRC_OF_ERASED_WORD;
  }

  /** Whether the slots from here to the end of the longest record are erased. */
  function isBlank(slot: number): boolean {
    const slots = Math.min(MAX_SLOTS, slotsInPage - slot);
    return parts.crc32(flash.read(log.page * flash.pageBytes + slot * SLOT_BYTES, slots * SLOT_BYTES)) === CRC_OF_ERASED_SLOTS[slots - 1];
  }

  /** Finds the first free slot of the newest page. */
  function findEnd(): void {
    let high = slotsInPage;
    log.slot = isWordErased(high - 1) ? 1 : high;
    while (log.slot < high) {
      const middle = (log.slot + high) >> 1;
      if (isWordErased(middle)) high = middle;
      else log.slot = middle + 1;
    }
    // A torn record may have left its first word erased. Such a slot is marked as used, or the next search would go wrong.
    while (log.slot < slotsInPage && !isBlank(log.slot)) {
      if (isWordErased(log.slot)) frame.spoil(log.page * flash.pageBytes + log.slot * SLOT_BYTES);
      log.slot++;
    }
  }

  /** Takes number, chain code and acknowledgement from the newest records. @returns whether slots behind the newest record are torn */
  function readNewest(): boolean {
    let isTorn = false;
    for (let slot = log.slot - 1; slot > 0; slot--) {
      const record = reader.recordAt(log.page, slot);
      if (!record) {
        isTorn = true;
        continue;
      }
      const sequence = sequenceOf(record);
      const header = new DataView(record.buffer);
      if (sequence >= log.nextSequence) {
        log.nextSequence = sequence + 1;
        log.newestCode = header.getUint32(record.length - 12, true);
      }
      // A begun record does not hold the backlog.
      if ((record[1] as number) & BEGUN) continue;
      const backlog = header.getUint16(2, true);
      if (backlog < MAX_BACKLOG) log.acknowledged = sequence - 1 - backlog;
      break;
    }
    return isTorn;
  }

  /** Completes a record that was begun when the power went as pending. Behind it may lie the remains of attempts to write it once more. */
  function recoverBegun(): void {
    for (let slot = log.slot - 1; slot > 0 && !reader.recordAt(log.page, slot); slot--) {
      const torn = flash.read(log.page * flash.pageBytes + slot * SLOT_BYTES, SLOT_BYTES);
      const head = new Uint8Array(torn.buffer, 0, HEAD_END);
      bytes.fill(32);
      bytes.set(head);
      const check = view.getUint16(2, true);
      const isBegun = torn[0] === 1 && (torn[1] as number) & BEGUN && appender.checkOfHead() === check;
      if (!isBegun || view.getUint32(4, true) !== log.nextSequence) continue;
      view.setUint16(2, check, true);
      let isTailTorn = slot < log.slot - 1;
      for (let i = HEAD_END; i < SLOT_BYTES; i++) if (torn[i] !== 255) isTailTorn = true;
      if (!isTailTorn) {
        log.slot--;
        appender.complete(PENDING);
        return;
      }
      // Its end is torn: the record is written again behind all others, in the next page where this one is full. In a full ring it waits for a later start.
      if (pages.makeRoom(1) !== "ok") return;
      bytes.fill(32);
      bytes.set(head);
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
    if (readNewest()) recoverBegun();
  };
}
