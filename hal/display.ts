// Displays: of pixels, or of seven-segment digits. Layouts and words belong to the firmware, bytes on the bus to the driver.

/**
 * `failed`: the display did not answer, and what it shows is unknown. Service goes on without it. A display that cannot answer (on SPI, without a line
 * back) is always `ok`.
 */
export type DisplayStatus = "ok" | "failed";

/** A display on SPI is started and sent everything afresh when nothing has changed for so long: it cannot say that it lost its supply, or bytes. */
export const REFRESH_MS = 60_000;

/** Dark in memory until something is drawn. */
export interface PixelDisplay {
  readonly widthPixels: number;
  readonly heightPixels: number;

  /** Makes every pixel dark, in memory: nothing is seen before `flush`. */
  clear(): void;

  /** Lights a rectangle in memory. Parts outside the display are cut off. */
  fill(x: number, y: number, widthPixels: number, heightPixels: number): void;

  /**
   * Draws a 1-bit picture in memory, lit where the bit is 1 and dark where it is 0. Parts outside the display are cut off.
   * @param bits rows from the top, pixels from the left, most significant bit first, packed without gaps between rows; a byte string,
   *   which may lie in flash
   * @param scale whole factor, 1 or more, by which each pixel is enlarged both ways
   */
  blit(bits: string, widthPixels: number, heightPixels: number, x: number, y: number, scale: number): void;

  /** Shows what is in memory; from the third time on only what changed since the last `flush` travels. */
  flush(): DisplayStatus;
}

/** Seven-segment digits in a row, each with a point at its lower right. */
export interface SegmentDisplay {
  /** How many, 1 to 8. */
  readonly digits: number;

  /**
   * Shows a text from the left; only digits that changed travel. What is beyond the last digit is cut off, and digits behind the text are dark.
   * @param text digits, letters of either case (each has one shape), `-`, `_` and blanks; any other character is dark. A `.` lights the point of the
   *   digit before it and takes none itself.
   */
  show(text: string): DisplayStatus;
}
