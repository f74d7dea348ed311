// Rings of flash as boards have them, in small, so that a day goes round them: one page as a Pico, several as the others, every alignment.

import type { FlashGeometry } from "../chips/nor-flash.js";

/** A ring with a name for the command line; and the pages behind it, where there are slots. */
export interface Ring extends FlashGeometry {
  /** Pages, bytes in a page, alignment, pages of slots: `3x1024/4`, `2x512/4+4`. */
  readonly name: string;
}

export function ringOf(pageCount: number, pageBytes: number, alignBytes: 1 | 4 | 8, slotPages = 0): Ring {
  return { name: `${pageCount}x${pageBytes}/${alignBytes}${slotPages ? `+${slotPages}` : ""}`, pageCount, pageBytes, alignBytes, slotPages };
}

/** The rings of the exhaustive proof. */
export const RINGS: readonly Ring[] = [ringOf(1, 1024, 4), ringOf(2, 512, 1), ringOf(3, 512, 4), ringOf(2, 1024, 8), ringOf(4, 512, 4)];
