// From the edges of a contact to presses: the first edge answers at once, then the key counts again only after it has been quiet.
// A timer would cost memory and time; the times of the edges say everything.

import type { KeyEdgeListener, KeyName } from "../../hal/keys.js";

/**
 * Makes a listener for raw edges that calls `onPress` for each press: an edge down after the contact was quiet for `quietMs`.
 * Bounces, of the press and of the release, come sooner than that and only prolong the wait.
 * @param quietMs longer than any gap between two bounces of the contact
 */
export function createDebounce(quietMs: number, onPress: (key: KeyName, atMs: number) => void): KeyEdgeListener {
  const lastEdgeMs: { [key: string]: number } = {};
  return (key, isDown, atMs) => {
    const last = lastEdgeMs[key];
    lastEdgeMs[key] = atMs;
    if (isDown && (last === undefined || atMs - last >= quietMs)) onPress(key, atMs);
  };
}
