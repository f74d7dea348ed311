// A badge reader with the Wiegand interface: two lines, high at rest, a short low pulse on D0 for a 0 and on D1 for a 1.
// Frames of 26 and 34 bits: even parity over the first half in front, odd parity over the second half at the end (SIA AC-01, Wiegand 26-bit).

import type { BadgeReader } from "../../badge.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** A frame is over when no bit came for so long. Readers leave 1 to 2 ms between bits; 20 ms still keeps the whole read under 80 ms. */
export const FRAME_GAP_MS = 20;

export function createBadgeReader(clock: EspruinoClock, wiring: { readonly data0: string; readonly data1: string }): BadgeReader {
  let bits = "";
  let lastMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStarted = false;

  return {
    start(listener) {
      isStarted = startOnce(isStarted);

      function finish(): void {
        const frame = bits;
        bits = "";
        timer = undefined;
        const length = frame.length;
        if (length !== 26 && length !== 34) {
          listener.onFault("length", lastMs);
          return;
        }
        const half = length / 2;
        const isRight = countOnes(frame.substr(0, half)) % 2 === 0 && countOnes(frame.substr(half)) % 2 === 1;
        if (!isRight) {
          listener.onFault("parity", lastMs);
          return;
        }
        let digits = "";
        for (let i = 1; i < length - 1; i += 4) digits += parseInt(frame.substr(i, 4), 2).toString(16);
        listener.onBadge("W" + length + ":" + digits.toUpperCase(), lastMs);
      }

      function watch(name: string, bit: string): void {
        const pin = part<Pin>(name);
        pinMode(pin, "input_pullup");
        setWatch(
          (event) => {
            // More than the longest frame is noise, and is not kept.
            if (bits.length < 40) bits += bit;
            lastMs = clock.fromSeconds(event.time);
            if (timer) clearTimeout(timer);
            timer = setTimeout(finish, FRAME_GAP_MS);
          },
          pin,
          { repeat: true, edge: "falling" },
        );
      }
      watch(wiring.data0, "0");
      watch(wiring.data1, "1");
    },
  };
}

function countOnes(bits: string): number {
  return bits.split("1").length - 1;
}
