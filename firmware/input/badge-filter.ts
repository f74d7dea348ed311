// Counts a badge that is held on the reader once, though the reader reads it many times a second.

/** How long a badge has to be away from the reader before it counts again. Readers repeat a held badge within 1 s. */
export const BADGE_AWAY_MS = 1500;

/** Makes a function that tells whether a badge is presented anew, or is still held on the reader. */
export function createBadgeFilter(): (badge: string, atMs: number) => boolean {
  let lastBadge = "";
  let lastMs = 0;
  return (badge, atMs) => {
    const isNew = badge !== lastBadge || atMs - lastMs >= BADGE_AWAY_MS;
    lastBadge = badge;
    lastMs = atMs;
    return isNew;
  };
}
