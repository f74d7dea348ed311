// A pixel display. Layouts belong to the firmware, bytes on the bus to the driver.

/** `failed`: the display did not answer, and what it shows is unknown. Service goes on without it. */
export type DisplayStatus = "ok" | "failed";

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

  /** Shows what is in memory; only what changed since the last `flush` travels. */
  flush(): DisplayStatus;
}
