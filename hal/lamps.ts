// The lamps: each lit or dark. How they are wired (high or low, one LED or a sign) is the binding's. They are shown together, because what they say
// follows from one state.

/** The lamps, a bit each. */
export const enum Lamp {
  /** Lights when a citizen's press was heard: the same for every grade. It is the first bit, as somebody waits for it. */
  Answer = 1,
  /** The red "pause service" light (暂停服务). */
  Pause = 2,
  /** The rings around the citizens' keys: all of them together, so that none is a hint. */
  Rings = 4,
  /** With `Pause`, where the sign has a second light: it blinks for a fault, 1 s lit and 1 s dark. Without this bit and the next it is as the first one. */
  Fault = 8,
  /** Likewise for a host that is not heard, 1 s lit and 3 s dark. */
  Link = 16,
}

/** How long the sign's second light is lit when it blinks, and how long until it is lit again. */
export const BLINK_LIT_MS = 1000;
export const FAULT_BLINK_MS = 2000;
export const LINK_BLINK_MS = 4000;

export interface Lamps {
  /** Takes effect before the call returns. Every lamp is dark from power-up until the first call; one that is not fitted is ignored. @param lit bits */
  show(lit: number): void;
}
