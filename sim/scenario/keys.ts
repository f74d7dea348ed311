// The edges of a key's contact: clean ones, or with bounces in a pattern that is the same in every run.

import type { KeyName } from "../../hal/keys.js";

export interface KeyEdge {
  readonly atMs: number;
  readonly key: KeyName;
  readonly isDown: boolean;
}

/**
 * The edges of one press or one release, in whole milliseconds. A bouncing contact falls back for 1 ms again and again. Between two falls it stays for
 * 1 ms, then for 2 ms and so on, as it settles.
 * @param isDown true for a press
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
