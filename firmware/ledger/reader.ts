// Reads records from flash, one by number or many from the newest back.

import type { Hal } from "../../hal/hal.js";
import { BEGUN, isCommitted, MAX_SLOTS, SLOT_BYTES, sequenceOf, textOf, wallSecondsOf } from "./layout.js";
import type { StoredRecord } from "./ledger.js";
import type { Log } from "./log.js";
import type { RecordType } from "./records.js";

/** Slots that are read at once to see what kinds of records they hold: 1024 bytes. */
const LOOK_SLOTS = 16;

export interface Reader {
  /** The bytes of the record that begins at a slot, or undefined where none does. */
  recordAt(page: number, slot: number): Uint8Array | undefined;
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

  function recordAt(page: number, slot: number): Uint8Array | undefined {
    const offset = page * flash.pageBytes + slot * SLOT_BYTES;
    let bytes = flash.read(offset, SLOT_BYTES);
    const slots = bytes[0] as number;
    if (slots < 1 || slots > MAX_SLOTS || slot + slots > slotsInPage) return undefined;
    if (slots > 1) bytes = flash.read(offset, slots * SLOT_BYTES);
    return isCommitted(bytes, parts.crc32) ? bytes : undefined;
  }

  return {
    recordAt,

    read(sequence) {
      if (!(sequence > 0 && sequence < log.nextSequence)) return undefined;
      if (readPage < 0 || sequence !== readSequence + 1) {
        readPage = -1;
        for (let i = 0; i < flash.pageCount; i++) {
          const isCandidate = log.pageOrder[i] && (log.firstSequence[i] as number) <= sequence;
          if (isCandidate && (readPage < 0 || (log.pageOrder[i] as number) > (log.pageOrder[readPage] as number))) readPage = i;
        }
        if (readPage < 0) return undefined;
        // Every record takes a slot or more, so this one cannot lie before this slot.
        readSlot = 1 + sequence - (log.firstSequence[readPage] as number);
      }
      for (;;) {
        const end = readPage === log.page ? log.slot : slotsInPage;
        while (readSlot < end) {
          const bytes = recordAt(readPage, readSlot);
          readSlot += bytes ? (bytes[0] as number) : 1;
          if (bytes && sequenceOf(bytes) === sequence) {
            readSequence = sequence;
            return { sequence, bytes };
          }
        }
        readSequence = 0;
        readPage = readPage === log.page ? -1 : log.pageOrder.indexOf((log.pageOrder[readPage] as number) + 1);
        if (readPage < 0) return undefined;
        readSlot = 1;
      }
    },

    lookBack(types, visit) {
      let page = log.page;
      let end = log.slot;
      while (page >= 0) {
        while (end > 1) {
          // The types in several slots are read at once.
          const count = Math.min(end - 1, LOOK_SLOTS);
          end -= count;
          const looked = flash.read(page * flash.pageBytes + end * SLOT_BYTES, count * SLOT_BYTES);
          for (let at = (count - 1) * SLOT_BYTES + 1; at > 0; at -= SLOT_BYTES) {
            // Most records are of no interest: this loop is all that is done for each of them.
            while (at > 0 && !((types >> ((looked[at] as number) & ~BEGUN)) & 1)) at -= SLOT_BYTES;
            const bytes = at > 0 ? recordAt(page, end + Math.floor(at / SLOT_BYTES)) : undefined;
            if (bytes) {
              types = visit((bytes[1] as number) & ~BEGUN, textOf(bytes), wallSecondsOf(bytes), sequenceOf(bytes));
              if (!types) return;
            }
          }
        }
        const order = (log.pageOrder[page] as number) - 1;
        page = order > 0 ? log.pageOrder.indexOf(order) : -1;
        end = slotsInPage;
      }
    },

    rewind() {
      readPage = -1;
    },
  };
}
