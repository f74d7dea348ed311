// The most that a bundle may measure, a number a board, so that a build can say at once when the firmware has grown too large.

/**
 * For every board: 32 kB. It is the design's figure for a Pico with display, reader and serial link (shared/design.md, "Budgets"), whose Storage of
 * 48 kB also holds the glyphs, the roster and room to compact. The other boards hold more, but run the same firmware, so they have the same limit.
 */
const BUNDLE_BYTES = 32768;

/** Boards with a limit of their own, in bytes. */
const OWN_BYTES: Readonly<Record<string, number>> = {};

/** The most that the bundle of a board may measure, in bytes. */
export function bundleBudgetBytes(boardName: string): number {
  return OWN_BYTES[boardName] ?? BUNDLE_BYTES;
}
