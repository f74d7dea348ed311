// Puts one record or page header together in memory and commits it to flash: data first, CRC and commit mark last.

import type { Hal } from "../../hal/hal.js";
import type { Chain } from "./chain.js";
import { MAX_SLOTS, SLOT_BYTES } from "./layout.js";
import type { Log } from "./log.js";

export interface Frame {
  /** Room for the longest record. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** A part of the frame, without a copy. */
  part(start: number, lengthBytes: number): Uint8Array;
  /**
   * Writes the frame to flash from `start` on, and commits it.
   * @param offset in flash, of the first byte of the frame
   * @param lengthBytes of the whole record or header
   * @returns whether flash took it; otherwise the slots are spoiled
   */
  commit(offset: number, lengthBytes: number, start: number): boolean;
  /** Clears the first bytes of a slot, so that it counts as used and holds no record. The frame is lost. @returns whether flash took it */
  spoil(offset: number): boolean;
}

export function createFrame(parts: Pick<Hal, "flash" | "crc32">, chain: Chain, log: Log): Frame {
  const flash = parts.flash;
  const bytes = part(0, MAX_SLOTS * SLOT_BYTES);
  const view = new DataView(chain.bytes.buffer, chain.recordAt, MAX_SLOTS * SLOT_BYTES);

  function part(start: number, lengthBytes: number): Uint8Array {
    return new Uint8Array(chain.bytes.buffer, chain.recordAt + start, lengthBytes);
  }

  function spoil(offset: number): boolean {
    bytes.fill(0);
    return flash.write(offset, part(0, 8)) === "ok";
  }

  return {
    bytes,
    view,
    part,
    commit(offset, lengthBytes, start) {
      const end = lengthBytes - 8;
      view.setUint32(end, parts.crc32(part(0, end)), true);
      view.setUint32(end + 4, 0, true);
      if (flash.write(offset + start, part(start, end - start)) === "ok") {
        if (flash.write(offset + end, part(end, 8)) === "ok") return true;
        // The first byte goes first: what is committed, has its length and lacks more than a bit would be taken for a record that flash has lost (`mend`).
        bytes[0] = 0;
        flash.write(offset, part(0, 8));
        // Behind the first slot is text.
        lengthBytes = SLOT_BYTES;
      }
      // A failed write may have left anything in these slots. Spoiled, they are taken neither for a record nor for the free end of the log.
      // A page in which even that fails gets no more records.
      for (let at = 0; at < lengthBytes; at += SLOT_BYTES) if (!spoil(offset + at)) log.slot = flash.pageBytes / SLOT_BYTES;
      return false;
    },
    spoil,
  };
}
