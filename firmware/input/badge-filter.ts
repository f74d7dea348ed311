// A badge that is held on the reader is read many times a second and means one thing.

/** How long a badge must have been away from the reader before it counts again. Readers repeat a held badge within 1 s. */
export const BADGE_AWAY_MS = 1500;

/** Makes a function that says whether a badge read now is a new presentation, and not the last one still held there. */
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
