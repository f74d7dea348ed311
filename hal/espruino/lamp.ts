// A lamp on a pin.

import type { Lamp } from "../lamp.js";
import { part } from "./part.js";

export function createLamp(wiring: { readonly pin: string; readonly litLevel: 0 | 1 }): Lamp {
  const pin = part<Pin>(wiring.pin);
  let isLit: boolean | undefined;
  function set(isNowLit: boolean): void {
    if (isNowLit === isLit) return;
    isLit = isNowLit;
    digitalWrite(pin, isNowLit ? wiring.litLevel : wiring.litLevel ? 0 : 1);
  }
  set(false);
  return { set };
}
