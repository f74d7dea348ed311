// From the edges of a contact to presses and releases: the first edge answers at once, then the key counts again only after it has been quiet.
// One timer serves all keys, and only for releases: the times of the edges say everything else.

import type { KeyEdgeListener, KeyName } from "../../hal/keys.js";

/** Keys by number: see events.ts. */
export function numberOf(key: KeyName): number {
  return key === "invite" ? 5 : key === "pause" ? 6 : key.charCodeAt(3) - 49;
}

export interface Debounce {
  readonly onEdge: KeyEdgeListener;
  /** A key was down before anybody listened: its release will be told. */
  findDown(key: number, atMs: number): void;
  /** When a key that was let go, or bounced, has been quiet for long enough, or Infinity. */
  deadlineMs(): number;
  /** Reports what has become quiet by then. */
  settle(atMs: number): void;
}

/**
 * `onKey` hears a press at the first edge down after the contact was quiet for `quietMs`, and a release when the contact has been open and quiet for so
 * long. Bounces, of the press and of the release, come sooner than that and only prolong the wait.
 * @param quietMs longer than any gap between two bounces of the contact
 */
export function createDebounce(quietMs: number, onKey: (key: number, isDown: boolean, atMs: number) => void): Debounce {
  /** Long ago, before any edge. */
  const lastEdgeMs = new Float64Array(7);
  lastEdgeMs.fill(-1e6);
  /** Level of each contact by its last edge, and what was told of it: a bit a key. */
  let levels = 0;
  let told = 0;

  function deadlineMs(): number {
    let deadline = Infinity;
    for (let key = 0; told !== levels && key < 7; key++) {
      if ((told ^ levels) & (1 << key)) deadline = Math.min(deadline, (lastEdgeMs[key] as number) + quietMs);
    }
    return deadline;
  }

  return {
    onEdge(name, isDown, atMs) {
      const key = numberOf(name);
      const bit = 1 << key;
      const last = lastEdgeMs[key] as number;
      lastEdgeMs[key] = atMs;
      levels = isDown ? levels | bit : levels & ~bit;
      if (!isDown || atMs - last < quietMs) return;
      // A release that nobody had time to tell of comes first.
      if (told & bit) onKey(key, false, atMs);
      told |= bit;
      onKey(key, true, atMs);
    },
    findDown(key, atMs) {
      lastEdgeMs[key] = atMs;
      levels |= 1 << key;
      told |= 1 << key;
    },
    deadlineMs,
    settle(atMs) {
      if (atMs < deadlineMs()) return;
      for (let key = 0; key < 7; key++) {
        const bit = 1 << key;
        if (!((told ^ levels) & bit) || atMs < (lastEdgeMs[key] as number) + quietMs) continue;
        // Down and quiet, though no press was told: the edge came too soon after another one to be trusted.
        told = levels & bit ? told | bit : told & ~bit;
        onKey(key, (levels & bit) > 0, lastEdgeMs[key] as number);
      }
    },
  };
}
