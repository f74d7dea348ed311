// A badge reader: a badge goes in, its identity comes out as text.

/** Why a badge was not read: `parity` a frame with a wrong parity bit, `length` a frame of an unknown number of bits. */
export type BadgeFault = "parity" | "length";

export interface BadgeListener {
  /**
   * A badge was presented and its frame was right.
   * @param badge `W26:` and 6, or `W34:` and 8, upper-case hexadecimal digits: the data bits of the Wiegand frame without parity
   * @param atMs time of the frame's last bit, in `Clock.nowMs`
   */
  onBadge(badge: string, atMs: number): void;
  /** Something was presented but could not be read. The holder has to present it again. */
  onFault(fault: BadgeFault, atMs: number): void;
}

export interface BadgeReader {
  /**
   * Reports every frame from now on, also the same badge again and again while it is held on the reader: the firmware's filter decides.
   * @throws when called a second time
   */
  start(listener: BadgeListener): void;
}
