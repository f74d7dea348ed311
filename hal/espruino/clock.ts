// The monotonic clock, by getTime(). The firmware never calls setTime(), so on a microcontroller getTime() counts steadily from the start.
// On Linux it is the wall clock of the system, which may be set back: then this clock stands still for a moment, and never goes back.

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

  // One timer and one pair of functions serve all wake-ups. A closure for each call, which refers to itself, would be a ring that only the garbage collector frees.
  function fire(): void {
    timer = undefined;
    // A timer may fire a rounding error too early. Then it is set again.
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
