// How the contact of a key closes and opens: cleanly, or with bounces in a pattern that is the same in every run.

import type { KeyName } from "../../hal/keys.js";

export interface KeyEdge {
  readonly atMs: number;
  readonly key: KeyName;
  readonly isDown: boolean;
}

/**
 * Edges of one press or one release, in whole milliseconds. A bouncing contact falls back for 1 ms again and again, and stays longer
 * between one fall and the next, 1 ms, 2 ms and so on, as it settles.
 * @param isDown whether the key is pressed
 * @param bounceMs time from the first edge to the last; 0: a single edge
 */
export function contactEdges(key: KeyName, isDown: boolean, atMs: number, bounceMs: number): KeyEdge[] {
  const edges: KeyEdge[] = [{ atMs, key, isDown }];
  let at = 0;
  for (let stayMs = 1; at + stayMs + 1 <= bounceMs; stayMs++) {
    edges.push({ atMs: atMs + at + stayMs, key, isDown: !isDown });
    at += stayMs + 1;
    // The last fall reaches to the end of the bouncing.
    const isLast = at + stayMs + 2 > bounceMs;
    edges.push({ atMs: atMs + (isLast ? bounceMs : at), key, isDown });
  }
  return edges;
}
