// Lamps on pins, with a pause sign that has a second light. The second light tells why the first one is lit, so it is dark while the first one is dark.

import { BLINK_LIT_MS, FAULT_BLINK_MS, Lamp, type Lamps, LINK_BLINK_MS } from "../../lamps.js";
import { createLamps as createPlainLamps, type LampWiring } from "./plain.js";

/** The second light's bit for the plain lamps. */
const SIGN = 8;

/** @param wirings in the order of the bits of `Lamp`, with the second light of the sign behind the rings */
export function createLamps(wirings: readonly (LampWiring | undefined)[]): Lamps {
  const plain = createPlainLamps(wirings);
  let shown = 0;
  /** The second light, as a bit for the plain lamps. */
  let sign = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function showAll(): void {
    plain.show((shown & (Lamp.Pause | Lamp.Answer | Lamp.Rings)) | sign);
  }

  function blink(): void {
    sign ^= SIGN;
    const period = shown & Lamp.Fault ? FAULT_BLINK_MS : LINK_BLINK_MS;
    timer = setTimeout(blink, sign ? BLINK_LIT_MS : period - BLINK_LIT_MS);
    showAll();
  }

  return {
    show(lit) {
      const hasChanged = (shown ^ lit) & (Lamp.Pause | Lamp.Fault | Lamp.Link);
      shown = lit;
      // The blinking goes on undisturbed while its cause stays the same.
      if (hasChanged) {
        if (timer) clearTimeout(timer);
        sign = lit & Lamp.Pause ? SIGN : 0;
        timer = sign && lit & (Lamp.Fault | Lamp.Link) ? setTimeout(blink, BLINK_LIT_MS) : undefined;
      }
      showAll();
    },
  };
}
