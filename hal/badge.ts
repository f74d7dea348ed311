// A badge reader reports the identity of each badge as a string.

/**
 * The reason why a badge was not read. `parity`: a frame had a wrong parity bit. `length`: a frame had an unknown number of bits, or a UID had 10 bytes. `checksum`: the
 * bytes had a wrong checksum. `collision`: there were several cards at once.
 */
export type BadgeFault = "parity" | "length" | "checksum" | "collision";

/** The reader itself stopped answering, or answers again. At the start it counts as answering. A reader that only sends reports neither. */
export type ReaderState = "silent" | "answers";

export interface BadgeListener {
  /**
   * A badge was read.
   * @param badge the kind of number, a colon and upper-case hexadecimal digits. `W26:` and 6, or `W34:` and 8 digits: the data bits of a Wiegand frame without parity.
   *   `EM:` and 10 digits: the number of a 125 kHz badge. `UID:` and 8 or 14 digits: the UID of a 13.56 MHz card, in the order in which the card sends it.
   * @param atMs time of the last bit of the frame, in `Clock.nowMs`
   */
  onBadge(badge: string, atMs: number): void;
  /** A badge was presented and could not be read, so its holder has to present it again. Or the reader itself stopped answering, or answers again. */
  onFault(fault: BadgeFault | ReaderState, atMs: number): void;
}

export interface BadgeReader {
  /**
   * Reports every frame from now on, also the same badge again and again while it is held on the reader. The firmware filters the repetitions.
   * @throws when called a second time
   */
  start(listener: BadgeListener): void;
}

/**
 * Whether the bits of a number are all 0 or all 1: then it is noise and no badge. A cheap reader at the edge of its field, or a line that nothing drives, gives such
 * bits.
 * @param digits upper-case hexadecimal digits
 */
export function isNoise(digits: string): boolean {
  const first = digits.charAt(0);
  return (first === "0" || first === "F") && digits.split(first).length > digits.length;
}
