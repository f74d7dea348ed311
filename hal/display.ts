// Displays of pixels or of seven-segment digits. The firmware has the layouts and words, the driver the bytes on the bus.

/**
 * `failed`: the display did not answer, and its content is unknown. Service goes on without it. A display that cannot answer (on SPI, without a line back) is always
 * `ok`.
 */
export type DisplayStatus = "ok" | "failed";

/**
 * How often a display gets its settings and its whole content afresh, whether it changes or not: a chip that lost them, by a dip of its supply, may acknowledge every
 * byte all the same.
 */
export const REFRESH_MS = 30_000;

/** Time from one piece of a refresh to the next where it is sent in pieces, so that no key waits longer than for a piece. */
export const PIECE_MS = 20;

/** A display of pixels, dark until something is drawn. */
export interface PixelDisplay {
  readonly widthPixels: number;
  readonly heightPixels: number;

  /** Makes every pixel dark, in memory. Nothing changes on the display before `flush`. */
  clear(): void;

  /** Lights a rectangle, in memory. Parts outside the display are cut off. */
  fill(x: number, y: number, widthPixels: number, heightPixels: number): void;

  /**
   * Draws a 1-bit picture, in memory: a pixel is lit where its bit is 1, and dark where it is 0. Parts outside the display are cut off.
   * @param bits a byte string, which may lie in flash: rows from the top, pixels from the left, most significant bit first, without gaps between rows
   * @param scale factor by which each pixel is enlarged in both directions, a whole number from 1 on
   */
  blit(bits: string, widthPixels: number, heightPixels: number, x: number, y: number, scale: number): void;

  /** Shows the picture in memory. From the third call on, only the changes since the last `flush` are sent. */
  flush(): DisplayStatus;

  isLost: IsLost;
}

/** Seven-segment digits in a row, each with a point at its lower right. */
export interface SegmentDisplay {
  /** Number of digits, 1 to 8. */
  readonly digits: number;

  /**
   * Shows a text from the left. Only digits that changed are sent. The rest of a text that is too long is cut off, and digits behind a shorter text are dark.
   * @param text digits, letters of either case (which look the same), `-`, `_` and blanks. Any other character is dark. A `.` lights the point of the digit before
   *   it, and takes no digit itself.
   */
  show(text: string): DisplayStatus;

  isLost: IsLost;
}

/** Whether the display did not answer a refresh: then its content is unknown until it is shown again, which tells whether it answers now. */
type IsLost = () => boolean;
