// Lamps on pins.

import type { Lamps } from "../../lamps.js";

export interface LampWiring {
  /** As in `part`. */
  readonly pin: string;
  readonly litLevel: 0 | 1;
}

/** @param wirings in the order of the bits of `Lamp`; undefined for a lamp that is not fitted */
export function createLamps(wirings: readonly (LampWiring | undefined)[]): Lamps {
  let shown = 15;
  function show(lit: number): void {
    let changed = shown ^ lit;
    shown = lit;
    for (let i = 0; changed; i++) {
      if (changed & 1) {
        const wiring = wirings[i];
        if (wiring) digitalWrite(wiring.pin as unknown as Pin, (((lit >> i) & 1) ^ 1 ^ wiring.litLevel) as 0 | 1);
      }
      changed >>= 1;
    }
  }
  // Writes all four pins, as all of them change.
  show(0);
  return { show };
}
