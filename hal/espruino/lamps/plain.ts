// Lamps on pins.

import type { Lamps } from "../../lamps.js";
import { part } from "../part.js";

export interface LampWiring {
  readonly pin: string;
  readonly litLevel: 0 | 1;
}

/** @param wirings in the order of the bits of `Lamp`; undefined: not fitted */
export function createLamps(wirings: readonly (LampWiring | undefined)[]): Lamps {
  let shown = -1;
  function show(lit: number): void {
    wirings.forEach((wiring, i) => {
      const isLit = (lit >> i) & 1;
      if (wiring && isLit !== ((shown >> i) & 1)) digitalWrite(part(wiring.pin), (1 ^ isLit ^ wiring.litLevel) as 0 | 1);
    });
    shown = lit;
  }
  // All of them unlike what -1 says.
  show(0);
  return { show };
}
