// A badge reader with the Wiegand interface: two lines that are high at rest. A short low pulse on D0 is a 0, one on D1 a 1.
// A frame has 26 or 34 bits: its first bit is the even parity of the first half, its last bit the odd parity of the second half (SIA AC-01, Wiegand 26-bit).

import { type BadgeReader, isNoise } from "../../badge.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** Time without a bit after which a frame is over. Readers leave 1 to 2 ms between bits; with 20 ms a badge is still read within 90 ms. */
export const FRAME_GAP_MS = 20;

export function createBadgeReader(clock: EspruinoClock, wiring: { readonly data0: string; readonly data1: string }): BadgeReader {
  let bits = "";
  let lastMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStarted = false;

  return {
    start(listener) {
      isStarted = startOnce(isStarted);

      /** @cold The bits of a badge are complete. */
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
        digits = digits.toUpperCase();
        if (!isNoise(digits)) listener.onBadge("W" + length + ":" + digits, lastMs);
      }

      function watch(name: string, bit: string): void {
        const pin = part<Pin>(name);
        pinMode(pin, "input_pullup");
        setWatch(
          (event) => {
            // More bits than the longest frame are noise, and are dropped.
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
