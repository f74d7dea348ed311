// Flash that forgets: bits of a record, or of the header of a page, change by themselves.

import { findRecords, SLOT_BYTES } from "../../firmware/tools/ledger/ledger-reader.js";
import type { NorFlash } from "../chips/nor-flash.js";

export interface Forgetting {
  /** The number of a record, or of a page whose header is meant. */
  readonly place: { readonly record: number } | { readonly page: number };
  /** The bits that change, from 0: the lowest one of the first byte. */
  readonly bits: readonly number[];
}

/** There is no such bit. The message says why. */
export class ForgetError extends Error {}

/**
 * Changes bits of the chip.
 * @throws ForgetError
 */
export function forget(flash: NorFlash, { place, bits }: Forgetting): void {
  const { offset, lengthBytes, words } = "record" in place ? recordIn(flash, place.record) : headerIn(flash, place.page);
  for (const bit of bits) {
    if (bit >= lengthBytes * 8) throw new ForgetError(`${words} has ${lengthBytes * 8} bits only`);
    const at = offset + (bit >> 3);
    flash.bytes[at] = (flash.bytes[at] as number) ^ (1 << (bit & 7));
  }
}

interface Place {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly words: string;
}

function recordIn(flash: NorFlash, record: number): Place {
  const found = findRecords(flash.bytes, flash.geometry).records.find(({ sequence }) => sequence === record);
  if (!found) throw new ForgetError(`there is no record ${record} in flash`);
  return { ...found, words: `record ${record}` };
}

function headerIn({ geometry: { pageCount, pageBytes } }: NorFlash, page: number): Place {
  if (page >= pageCount) throw new ForgetError(`the ledger has ${pageCount} page${pageCount === 1 ? "" : "s"}, counted from 0`);
  // A header takes a slot.
  return { offset: page * pageBytes, lengthBytes: SLOT_BYTES, words: `the header of page ${page}` };
}
