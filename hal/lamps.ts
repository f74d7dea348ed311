// The lamps, each lit or dark. The binding knows their wiring (high or low, one LED or a sign). All lamps are set together, because they follow from one state.

/** The lamps, a bit each. */
export const enum Lamp {
  /** The answer light, lit when a citizen's press was heard, the same for every grade. It is the first bit, because somebody waits for it. */
  Answer = 1,
  /** The red "pause service" light (暂停服务). */
  Pause = 2,
  /** The rings around the citizens' keys, all of them together, so that none is a hint. */
  Rings = 4,
  /** With `Pause`: the second light of the sign blinks for a fault, 1 s lit and 1 s dark. Without this bit and the next one it is lit like the first light. */
  Fault = 8,
  /** With `Pause`: the second light blinks for a host that is not heard, 1 s lit and 3 s dark. */
  Link = 16,
}

/** How long the second light of the sign is lit when it blinks, and the period of each kind of blinking. */
export const BLINK_LIT_MS = 1000;
export const FAULT_BLINK_MS = 2000;
export const LINK_BLINK_MS = 4000;

export interface Lamps {
  /** Sets all lamps before it returns. Before the first call every lamp is dark. A lamp that is not fitted is ignored. @param lit bits of `Lamp` */
  show(lit: number): void;
}
