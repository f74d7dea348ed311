// Reads records from flash, one by number or many from the newest back.

import type { Hal } from "../../hal/hal.js";
import { BEGUN, hasOneBitAtMost, isCommitted, MAX_SLOTS, Mended, mend, SLOT_BYTES, sequenceOf, textOf, wallSecondsOf } from "./layout.js";
import type { StoredRecord } from "./ledger.js";
import { type Log, noteSlot } from "./log.js";
import { RecordType } from "./records.js";

/** Slots that are read at once to see what kinds of records they hold: 1024 bytes. */
const LOOK_SLOTS = 16;
/**
 * CRC-32 over `LOOK_SLOTS` whole records of one slot each, whatever they hold: behind each of them the CRC is in a state that does not depend on it. As with one
 * record, up to three wrong bits always give another.
 */
const CRC_OF_LOOK = 0xaa217a7a;

export interface Reader {
  /** The bytes of the record that begins at a slot, or undefined where none does. One wrong bit is put right. */
  recordAt(page: number, slot: number): Uint8Array | undefined;
  /** The newest of the pages that are older than a page, or -1. Pages between them may be lost. */
  olderPage(page: number): number;
  /** As in `Ledger`. */
  read(sequence: number): StoredRecord | undefined;
  /** As in `Ledger`. */
  lookBack(types: number, visit: (type: RecordType, text: string, wallSeconds: number, sequence: number) => number): void;
  /** The place where the last `read` ended is not valid any more. */
  rewind(): void;
}

export function createReader(parts: Pick<Hal, "flash" | "crc32">, log: Log): Reader {
  const flash = parts.flash;
  const slotsInPage = flash.pageBytes / SLOT_BYTES;
  /** Where the last `read` ended. The next one goes on there, as records are mostly read in order. */
  let readPage = -1;
  let readSlot = 0;
  let readSequence = 0;

  /** @cold A record of which one bit has changed, or undefined. @param first its first byte, which may be the changed one */
  function mendedAt(page: number, slot: number, first: number): Uint8Array | undefined {
    for (let slots = 1; slots <= MAX_SLOTS && slot + slots <= slotsInPage; slots++) {
      if (!hasOneBitAtMost(first ^ slots)) continue;
      const bytes = flash.read(page * flash.pageBytes + slot * SLOT_BYTES, slots * SLOT_BYTES);
      bytes[0] = slots;
      const mended = first === slots ? mend(bytes, parts.crc32) : isCommitted(bytes, parts.crc32);
      if (mended === Mended.Damaged) log.damaged++;
      else if (mended && bytes[0] === slots && noteSlot(log, page, slot)) return bytes;
    }
    return undefined;
  }

  function recordAt(page: number, slot: number): Uint8Array | undefined {
    const offset = page * flash.pageBytes + slot * SLOT_BYTES;
    let bytes = flash.read(offset, SLOT_BYTES);
    const slots = bytes[0] as number;
    if (slots > 1 && slots <= MAX_SLOTS && slot + slots <= slotsInPage) bytes = flash.read(offset, slots * SLOT_BYTES);
    return slots && isCommitted(bytes, parts.crc32) ? bytes : mendedAt(page, slot, slots);
  }

  function olderPage(page: number): number {
    let newest = -1;
    let newestOrder = 0;
    for (let i = 0; flash.pageCount > 1 && i < flash.pageCount; i++) {
      const order = log.pageOrder[i] as number;
      if (order > newestOrder && order < (log.pageOrder[page] as number)) {
        newest = i;
        newestOrder = order;
      }
    }
    return newest;
  }

  return {
    recordAt,
    olderPage,

    read(sequence) {
      if (!(sequence > 0 && sequence < log.nextSequence)) return undefined;
      if (readPage < 0 || sequence !== readSequence + 1) {
        readPage = -1;
        for (let i = 0; i < flash.pageCount; i++) {
          const isCandidate = log.pageOrder[i] && (log.firstSequence[i] as number) <= sequence;
          if (isCandidate && (flash.pageCount < 2 || readPage < 0 || (log.pageOrder[i] as number) > (log.pageOrder[readPage] as number)))
            readPage = i;
        }
        if (readPage < 0) return undefined;
        // Every record takes a slot or more, so this one cannot lie before this slot.
        readSlot = 1 + sequence - (log.firstSequence[readPage] as number);
      }
      for (;;) {
        const end = readPage === log.page ? log.slot : slotsInPage;
        while (readSlot < end) {
          const bytes = recordAt(readPage, readSlot);
          const found = bytes ? sequenceOf(bytes) : 0;
          readSequence = sequence;
          // The record is lost. The search for the next one goes on here.
          if (found > sequence) return undefined;
          readSlot += bytes ? (bytes[0] as number) : 1;
          if (bytes && found === sequence) return { sequence, bytes };
        }
        readPage = flash.pageCount < 2 || readPage === log.page ? -1 : log.pageOrder.indexOf((log.pageOrder[readPage] as number) + 1);
        if (readPage < 0) return undefined;
        readSlot = 1;
      }
    },

    lookBack(types, visit) {
      let page = log.page;
      let end = log.slot;
      while (page >= 0) {
        while (end > 1) {
          // Several slots are read at once.
          const count = Math.min(end - 1, LOOK_SLOTS);
          end -= count;
          const looked = flash.read(page * flash.pageBytes + end * SLOT_BYTES, count * SLOT_BYTES);
          // Where one of them is not whole, it may be of another type than it says.
          const isWhole = parts.crc32(looked) === CRC_OF_LOOK;
          // Places of the types, from the last slot to the first.
          for (let at = count * SLOT_BYTES + 1; ; ) {
            // Most records are sessions, and of no interest: this is all that is done for each of them.
            const passed = isWhole && !((types >> RecordType.Session) & 1) ? RecordType.Session : -1;
            do at -= SLOT_BYTES;
            while (looked[at] === passed);
            if (at < 0) break;
            if (isWhole && !((types >> ((looked[at] as number) & 31)) & 1)) continue;
            const slot = end + (at - 1) / SLOT_BYTES;
            const bytes = isWhole ? flash.read(page * flash.pageBytes + slot * SLOT_BYTES, SLOT_BYTES) : recordAt(page, slot);
            if (!bytes) continue;
            const type = (bytes[1] as number) & ~BEGUN;
            if ((types >> type) & 1) types = visit(type, textOf(bytes), wallSecondsOf(bytes), sequenceOf(bytes));
            if (!types) return;
          }
        }
        page = olderPage(page);
        end = slotsInPage;
      }
    },

    rewind() {
      readPage = -1;
    },
  };
}
