// Turns the edges of contacts into presses and releases. The first edge counts at once; after it, the key counts again only once its contact has been quiet.
// A contact that does not become quiet chatters: that is reported once, and the key counts for nothing until its contact has rested for long.
// One timer serves all keys, and only for releases: the times of the edges are enough for presses.

import type { KeyEdgeListener, KeyName } from "../../hal/keys.js";
import { EventKind, type KeyEventKind } from "../terminal/events.js";

/** Time without quiet after which a contact chatters. A bad contact bounces for 50 ms, and no finger keeps that up for so long. */
export const CHATTER_MS = 3000;

/** Time of quiet after which a contact that chattered counts again. It is as long as a session, so that the chatter cannot reach a second one. */
export const REST_MS = 30000;

/** The fourth letter of each key's name, in the order of the keys' numbers: see events.ts. */
const FOURTH_LETTERS = "12345is";

/** The number of a key. */
export function numberOf(key: KeyName): number {
  return FOURTH_LETTERS.indexOf(key.charAt(3));
}

/** Hears of presses, releases and chatter. */
export type KeyListener = (kind: KeyEventKind, key: number, atMs: number) => void;

export interface Debounce {
  readonly onEdge: KeyEdgeListener;
  /** A key was down before the first edge. Its release will be reported. */
  findDown(key: number, atMs: number): void;
  /** When the next contact that has moved has been quiet long enough, or Infinity. */
  deadlineMs(): number;
  /** Reports the changes of contacts that have been quiet long enough by then. */
  settle(atMs: number): void;
}

/**
 * `onKey` hears a press at the first closing edge after the contact was quiet for `quietMs`, and a release when the contact has been open and quiet for that
 * time. Bounces of a press or release come sooner, and only prolong the wait. When they do not end, `onKey` hears that the contact chatters, and a release when
 * that is over.
 * @param quietMs longer than any gap between two bounces of a contact
 * @param answer hears of a press before anybody else, also before `onKey`, because somebody waits
 * @param pass is called before a change of a quiet contact is told, with the time at which the contact had been quiet for long enough: what was due until then comes first
 * @param askToWait is called when `deadlineMs` may have come nearer
 */
export function createDebounce(
  quietMs: number,
  answer: (key: number, atMs: number) => void,
  pass: (atMs: number) => void,
  onKey: KeyListener,
  askToWait: () => void,
): Debounce {
  /** The time of the last edge of each contact, and behind these the time of its first edge after quiet. Before any edge it is long ago. */
  const lastEdgeMs = new Float64Array(14);
  lastEdgeMs.fill(-1e6);
  /** A bit for each key: the level of its contact by the last edge, the reported level, and whether it chatters. */
  let levels = 0;
  let told = 0;
  let chattering = 0;

  /** When a contact has been quiet long enough. */
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

  function settle(atMs: number): void {
    if (atMs < deadlineMs()) return;
    for (let key = 0; key < 7; key++) {
      const bit = 1 << key;
      const hasChattered = chattering & bit;
      if (!(((told ^ levels) | chattering) & bit) || atMs < quietAtMs(key)) continue;
      pass(quietAtMs(key));
      chattering &= ~bit;
      told = (told & ~bit) | (levels & bit);
      // Down and quiet without a reported press: the edge came too soon after another one to count. A chattering contact never counts as a press.
      if (!(levels & bit)) onKey(EventKind.KeyReleased, key, hasChattered ? atMs : (lastEdgeMs[key] as number));
      else if (!hasChattered) {
        answer(key, lastEdgeMs[key] as number);
        onKey(EventKind.KeyPressed, key, lastEdgeMs[key] as number);
      }
    }
  }

  return {
    onEdge(name, isDown, atMs) {
      // This is `numberOf`, without the time of a call, because somebody waits.
      const key = FOURTH_LETTERS.indexOf(name.charAt(3));
      const bit = 1 << key;
      // What this or another contact did before comes first, also where the terminal had no time to look at it.
      if (told !== levels) settle(atMs);
      const isFirst = !(chattering & bit) && atMs - (lastEdgeMs[key] as number) >= quietMs;
      const isPress = isDown && isFirst;
      if (isPress) answer(key, atMs);
      lastEdgeMs[key] = atMs;
      levels = isDown ? levels | bit : levels & ~bit;
      if (isFirst) lastEdgeMs[key + 7] = atMs;
      else bounce(key, atMs);
      if (isPress) {
        // An edge may have been lost: a release that nobody has seen comes first.
        if (told & bit) onKey(EventKind.KeyReleased, key, atMs);
        told |= bit;
        onKey(EventKind.KeyPressed, key, atMs);
      }
      // `settle` looks at the contact again when it has been quiet.
      if (deadlineMs() < Infinity) askToWait();
    },
    findDown(key, atMs) {
      lastEdgeMs[key] = atMs;
      lastEdgeMs[key + 7] = atMs;
      levels |= 1 << key;
      told |= 1 << key;
    },
    deadlineMs,
    settle,
  };
}
