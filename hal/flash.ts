// NOR flash that the firmware owns: a region of whole pages outside the interpreter's own Storage.
// The physics are part of the contract: writing only clears bits (1 to 0), only erasing a whole page sets them again.

/**
 * `ok`: done and read back as asked. `failed`: the chip did not do it, and what the place holds is unknown.
 * A power cut inside a call leaves any mixture of old and new; the call does not return then.
 */
export type FlashStatus = "ok" | "failed";

export interface Flash {
  /** Bytes in a page, the unit of erasing. */
  readonly pageBytes: number;
  /** Pages of the ledger, 1 or more: the first ones of the region. Offsets run from 0 to `pageBytes * (pageCount + slotPages)`. */
  readonly pageCount: number;
  /** Pages behind them, in two slots of equal length for files that replace the store's (firmware/config/slots.ts); 0: none. */
  readonly slotPages: number;
  /** Writes start and end at multiples of this: 1, 4 or 8 bytes. */
  readonly alignBytes: number;

  /** Offset and length lie inside the region: a board does not check it, the simulator throws. */
  read(offset: number, lengthBytes: number): Uint8Array;

  /**
   * Clears the bits that are 0 in `data`.
   * @throws Error when any byte lies outside the region, or offset or length is not a multiple of `alignBytes`
   */
  write(offset: number, data: Uint8Array): FlashStatus;

  /**
   * Sets every bit of a page. Blocks everything for as long as the chip needs: over a second for a Pico's 128 kB.
   * @param page 0 to `pageCount + slotPages - 1`
   * @throws Error when there is no such page
   */
  erase(page: number): FlashStatus;
}
