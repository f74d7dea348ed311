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

  function nowMs(): number {
    let ms = Math.round((getTime() - originSeconds) * 1000);
    if (ms < lastMs) {
      originSeconds -= (lastMs - ms) / 1000;
      ms = lastMs;
    }
    lastMs = ms;
    return ms;
  }

  return {
    nowMs,
    wakeAt(atMs, callback) {
      if (timer) clearTimeout(timer);
      // A timer may come a rounding error early: it is set again until the time has really come.
      const arm = (): void => {
        const leftMs = atMs - nowMs();
        timer = setTimeout(
          () => {
            timer = undefined;
            if (nowMs() < atMs) arm();
            else callback();
          },
          leftMs > 0 ? leftMs : 0,
        );
      };
      arm();
    },
    fromSeconds: (seconds) => Math.round((seconds - originSeconds) * 1000),
  };
}
