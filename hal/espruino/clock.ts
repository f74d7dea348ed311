// The monotonic clock over getTime(). Nothing in the firmware calls setTime(), so on a microcontroller getTime() counts steadily from the start.
// On Linux it is the system's wall clock: a step back is absorbed here, so that time stands still and never returns.

import type { Clock } from "../clock.js";

export interface EspruinoClock extends Clock {
  /** The time of a watch event, in `nowMs`. @param seconds `e.time` */
  fromSeconds(seconds: number): number;
}

export function createClock(): EspruinoClock {
  let originSeconds = getTime();
  let lastMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wakeAtMs = 0;
  let wake: (() => void) | undefined;

  function nowMs(): number {
    let ms = Math.round((getTime() - originSeconds) * 1000);
    if (ms < lastMs) {
      originSeconds -= (lastMs - ms) / 1000;
      ms = lastMs;
    }
    lastMs = ms;
    return ms;
  }

  // One timer and one pair of functions for all wake-ups: a closure a call, that calls itself, would be a ring that only the garbage collector frees.
  function fire(): void {
    timer = undefined;
    // A timer may come a rounding error early: it is set again until the time has really come.
    if (nowMs() < wakeAtMs) arm();
    else if (wake) wake();
  }

  function arm(): void {
    const leftMs = wakeAtMs - nowMs();
    timer = setTimeout(fire, leftMs > 0 ? leftMs : 0);
  }

  return {
    nowMs,
    wakeAt(atMs, callback) {
      if (timer) clearTimeout(timer);
      wakeAtMs = atMs;
      wake = callback;
      arm();
    },
    fromSeconds: (seconds) => Math.round((seconds - originSeconds) * 1000),
  };
}
