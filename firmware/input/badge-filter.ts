// Counts a badge that is held on the reader once, though the reader reads it many times a second, loses it now and then, and reads others meanwhile.

import { isNoise } from "../../hal/badge.js";

/** How long a badge has to be away from the reader before it counts again. Readers repeat a held badge within 1 s, and one at the edge of their reach within 2 s. */
export const BADGE_AWAY_MS = 2200;

/** Makes a function that tells whether a badge is presented anew. It says no to one that is still held, and to what readers invent: all zeros, or all ones. */
export function createBadgeFilter(): (badge: string, atMs: number) => boolean {
  /** When each badge that may still be there was read last. */
  let readMs: { [badge: string]: number } = {};
  return (badge, atMs) => {
    // The interpreter loses its place in an object when a field is deleted meanwhile.
    const still: { [badge: string]: number } = {};
    for (const other in readMs) if (atMs - (readMs[other] as number) < BADGE_AWAY_MS) still[other] = readMs[other] as number;
    const isNew = still[badge] === undefined && !isNoise(badge.substr(badge.indexOf(":") + 1));
    still[badge] = atMs;
    readMs = still;
    return isNew;
  };
}
