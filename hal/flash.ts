// NOR flash that belongs to the firmware: a region of whole pages outside the interpreter's own Storage. An FRAM behaves in the same way.
// The physics are part of the contract: writing only clears bits (1 to 0), and only erasing a whole page sets them again.

/**
 * `ok`: the bytes were read back as they should be. `failed`: the chip did not do it, or a native call threw, and the content of the place is unknown.
 * A power cut inside a call leaves any mixture of old and new, and the call does not return.
 */
export type FlashStatus = "ok" | "failed";

export interface Flash {
  /** Length of a page, the unit of erasing. */
  readonly pageBytes: number;
  /** Number of pages of the ledger, 1 or more. They are the first pages of the region. Offsets run from 0 to `pageBytes * (pageCount + slotPages)`. */
  readonly pageCount: number;
  /** Number of pages behind the ledger, in two slots of equal length for files that replace the store's (firmware/config/slots.ts); 0: none. */
  readonly slotPages: number;
  /** Writes start and end at multiples of this: 1, 4 or 8 bytes. */
  readonly alignBytes: number;

  /** Offset and length must lie inside the region. A board does not check that; the simulator throws. */
  read(offset: number, lengthBytes: number): Uint8Array;

  /**
   * Clears the bits that are 0 in `data`.
   * @throws Error when any byte lies outside the region, or offset or length is not a multiple of `alignBytes`
   */
  write(offset: number, data: Uint8Array): FlashStatus;

  /**
   * Sets every bit of a page. It blocks everything else for as long as the chip needs: over a second for the 128 kB of a Pico.
   * @param page 0 to `pageCount + slotPages - 1`
   * @throws Error when there is no such page
   */
  erase(page: number): FlashStatus;
}
