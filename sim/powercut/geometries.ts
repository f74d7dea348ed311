// Small rings of flash, so that a day fills them several times: one page as on a Pico, several as on other boards, and every alignment.

import type { FlashGeometry } from "../chips/nor-flash.js";

/** A ring with its name for the command line, and with pages for slots in some cases. */
export interface Ring extends FlashGeometry {
  /** Pages, bytes of a page, alignment and pages of slots, such as `3x1024/4` or `2x512/4+4`. */
  readonly name: string;
}

export function ringOf(pageCount: number, pageBytes: number, alignBytes: 1 | 4 | 8, slotPages = 0): Ring {
  return { name: `${pageCount}x${pageBytes}/${alignBytes}${slotPages ? `+${slotPages}` : ""}`, pageCount, pageBytes, alignBytes, slotPages };
}

/** The rings of the exhaustive proof. */
export const RINGS: readonly Ring[] = [ringOf(1, 1024, 4), ringOf(2, 512, 1), ringOf(3, 512, 4), ringOf(2, 1024, 8), ringOf(4, 512, 4)];
