// Terminals that are not heard any more. Each is heard at known intervals, whatever its link: it says hello when half of its `linkLostS` has passed without an
// acknowledgement. One that is silent for too long is gone, until it is heard again.

import type { DeviceRow } from "../store/rows.js";
import { goneTerminal, timeWords } from "./alarms.js";
import type { HallState } from "./hall-state.js";

/** A terminal that is not heard for so long is gone, in ms: ten hellos at the usual `linkLostS`. */
export const GONE_MS = 300_000;
/** How often the receiver looks who is silent, in ms. */
export const LOOK_MS = 5000;
/** After a longer pause between two looks the computer has slept, or its clock was set, in ms. */
const MOST_PAUSE_MS = 60_000;
/** When a terminal was heard last is stored so often at most, in ms. */
const STORED_EVERY_MS = 10_000;

export interface Silence {
  /** Something of a terminal has come, and is its own word. */
  noteHeard(device: string): void;
  /** Whether it is time to look who has been silent for too long. Call it every `LOOK_MS`. */
  isDue(): boolean;
  /** Looks who has been silent for too long. */
  look(): void;
  /** Whether what a terminal said last may still be so. */
  isFresh(row: DeviceRow): boolean;
}

/**
 * @param goneMs silence after which a terminal is gone, in ms; 0: none ever is
 * @param onGone a terminal is gone: nobody knows how it stands
 */
export function createSilence(hall: HallState, goneMs: number, onGone: (device: string) => void): Silence {
  const { clock, store } = hall;
  /** Since when silence counts: while the receiver itself was away, or the computer slept, nobody could be heard. */
  let beginMs = clock.nowMs();
  let lookedMs = beginMs;

  function isSilent({ isGone, heardAt }: DeviceRow): boolean {
    return !isGone && heardAt > 0 && Math.max(heardAt, beginMs) < clock.nowMs() - goneMs;
  }

  return {
    noteHeard(device) {
      const row = hall.device(device);
      const nowMs = clock.nowMs();
      if (row.isGone) {
        hall.say({ kind: "status", device, words: `is heard again; before that it was last heard at ${timeWords(row.heardAt)}` });
        store.endAlarm("gone", device, nowMs);
        row.isGone = false;
      } else if (Math.abs(nowMs - row.heardAt) < STORED_EVERY_MS) return;
      row.heardAt = nowMs;
      hall.touch(row);
    },
    isDue() {
      const nowMs = clock.nowMs();
      if (Math.abs(nowMs - lookedMs) > MOST_PAUSE_MS) beginMs = nowMs;
      lookedMs = nowMs;
      return goneMs > 0 && (!hall.isLoaded || [...hall.devices()].some(isSilent));
    },
    look() {
      for (const row of [...hall.devices()].filter(isSilent)) {
        row.isGone = true;
        hall.touch(row);
        hall.raise(goneTerminal(row));
        onGone(row.device);
      }
    },
    isFresh: ({ heardAt }) => goneMs === 0 || heardAt >= clock.nowMs() - goneMs,
  };
}
