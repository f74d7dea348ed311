// A badge reader: a badge goes in, its identity comes out as text.

/**
 * Why a badge was not read: `parity` a frame with a wrong parity bit, `length` one of an unknown number of bits, or a UID of 10 bytes, `checksum` bytes that do not fit their
 * check, `collision` several cards at once.
 */
export type BadgeFault = "parity" | "length" | "checksum" | "collision";

/** The reader itself does not answer, or does again. It is taken to answer at the start; one that only talks never tells. */
export type ReaderState = "silent" | "answers";

export interface BadgeListener {
  /**
   * A badge was presented and its frame was right.
   * @param badge which kind of number, a colon and upper-case hexadecimal digits. `W26:` and 6, or `W34:` and 8: the data bits of a Wiegand frame
   *   without parity. `EM:` and 10: the number of a 125 kHz badge. `UID:` and 8 or 14: the UID of a 13.56 MHz card, in the order in which it sends it
   * @param atMs time of the frame's last bit, in `Clock.nowMs`
   */
  onBadge(badge: string, atMs: number): void;
  /** Something was presented but could not be read: the holder has to present it again. Or the reader itself is out of order, or in order again. */
  onFault(fault: BadgeFault | ReaderState, atMs: number): void;
}

export interface BadgeReader {
  /**
   * Reports every frame from now on, also the same badge again and again while it is held on the reader: the firmware's filter decides.
   * @throws when called a second time
   */
  start(listener: BadgeListener): void;
}
