// From the edges of a contact to presses and releases: the first edge answers at once, then the key counts again only after it has been quiet.
// A contact that does not become quiet chatters: it is told once, and means nothing until it has rested for long.
// One timer serves all keys, and only for releases: the times of the edges say everything else.

import type { KeyEdgeListener, KeyName } from "../../hal/keys.js";
import { EventKind, type KeyEventKind } from "../terminal/events.js";

/** A contact that has not been quiet for so long chatters: a bad one bounces for 50 ms, and no finger goes on so fast. */
export const CHATTER_MS = 3000;

/** A contact that chattered counts again when it has been quiet for so long: as long as a citizen is asked, so that nothing of it reaches a second session. */
export const REST_MS = 30000;

/** The fourth letter of each key's name, in the order of their numbers: see events.ts. */
const FOURTH_LETTERS = "12345is";

/** Keys by number. */
export function numberOf(key: KeyName): number {
  return FOURTH_LETTERS.indexOf(key.charAt(3));
}

/** Hears what a contact means: what was let go, pressed, and does not come to rest. */
export type KeyListener = (kind: KeyEventKind, key: number, atMs: number) => void;

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
 * long. Bounces, of the press and of the release, come sooner than that and only prolong the wait; when they do not end, `keyChattered` comes, and a
 * release when it is over.
 * @param quietMs longer than any gap between two bounces of the contact
 * @param answer hears of a press before anything else is done, also before `onKey`: somebody waits
 * @param askToWait is called when `deadlineMs` may have come nearer
 */
export function createDebounce(quietMs: number, answer: (key: number, atMs: number) => void, onKey: KeyListener, askToWait: () => void): Debounce {
  /** The last edge of each contact, and behind them the first one since it was quiet. Long ago, before any edge. */
  const lastEdgeMs = new Float64Array(14);
  lastEdgeMs.fill(-1e6);
  /** Level of each contact by its last edge, what was told of it, and which ones chatter: a bit a key. */
  let levels = 0;
  let told = 0;
  let chattering = 0;

  /** When a contact has been quiet for long enough. */
  function quietAtMs(key: number): number {
    return (lastEdgeMs[key] as number) + (chattering & (1 << key) ? REST_MS : quietMs);
  }

  function deadlineMs(): number {
    let deadline = Infinity;
    for (let key = 0, owed = (told ^ levels) | chattering; owed; key++, owed >>= 1) {
      if (owed & 1) deadline = Math.min(deadline, quietAtMs(key));
    }
    return deadline;
  }

  /** An edge before the contact was quiet. */
  function bounce(key: number, atMs: number): void {
    const bit = 1 << key;
    if (chattering & bit || atMs - (lastEdgeMs[key + 7] as number) < CHATTER_MS) return;
    chattering |= bit;
    onKey(EventKind.KeyChattered, key, atMs);
  }

  return {
    onEdge(name, isDown, atMs) {
      // As `numberOf` does it: somebody waits, and a call takes its time.
      const key = FOURTH_LETTERS.indexOf(name.charAt(3));
      const bit = 1 << key;
      const isFirst = atMs - (lastEdgeMs[key] as number) >= (chattering & bit ? REST_MS : quietMs);
      const isPress = isDown && isFirst && !(chattering & bit);
      if (isPress) answer(key, atMs);
      lastEdgeMs[key] = atMs;
      levels = isDown ? levels | bit : levels & ~bit;
      if (isFirst) lastEdgeMs[key + 7] = atMs;
      else bounce(key, atMs);
      if (isPress) {
        // A release that nobody had time to tell of comes first.
        if (told & bit) onKey(EventKind.KeyReleased, key, atMs);
        told |= bit;
        onKey(EventKind.KeyPressed, key, atMs);
      }
      // A contact that has moved is looked at again when it has been quiet.
      if (deadlineMs() < Infinity) askToWait();
    },
    findDown(key, atMs) {
      lastEdgeMs[key] = atMs;
      lastEdgeMs[key + 7] = atMs;
      levels |= 1 << key;
      told |= 1 << key;
    },
    deadlineMs,
    settle(atMs) {
      if (atMs < deadlineMs()) return;
      for (let key = 0; key < 7; key++) {
        const bit = 1 << key;
        const hasChattered = chattering & bit;
        if (!(((told ^ levels) | chattering) & bit) || atMs < quietAtMs(key)) continue;
        chattering &= ~bit;
        told = (told & ~bit) | (levels & bit);
        // Down and quiet, though no press was told: the edge came too soon after another one to be trusted. Of a contact that chattered it is no press.
        if (!(levels & bit)) onKey(EventKind.KeyReleased, key, hasChattered ? atMs : (lastEdgeMs[key] as number));
        else if (!hasChattered) {
          answer(key, lastEdgeMs[key] as number);
          onKey(EventKind.KeyPressed, key, lastEdgeMs[key] as number);
        }
      }
    },
  };
}
