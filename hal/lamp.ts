// A lamp: lit or dark. How it is wired (high or low, one LED or a sign) is the binding's.

export interface Lamp {
  /** Takes effect before the call returns. A lamp is dark from power-up until the first call. */
  set(isLit: boolean): void;
}
