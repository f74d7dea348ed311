// The health of the keys (rules E9, E12): stuck keys, keys whose contact chatters, and keys that a self-test has not seen. Citizens could not press a dead
// key, so its grade would be missing from the ratings.

import { Setting } from "../config/config.js";
import { RecordType } from "../ledger/records.js";
import { raiseAlert } from "./alerts.js";
import { append } from "./effects.js";
import type { State } from "./state.js";

/** Number of keys, with the clerk's two. */
export const KEYS = 7;

/** A key was down when the terminal started. That does not count as a press. */
export function findKeyDown(state: State, key: number, atMs: number): void {
  state.keysDown |= 1 << key;
  state.downSinceMs[key] = atMs;
}

/**
 * Takes the fault of a key from a record, newest record first.
 * @param detail of the fault
 * @param known keys about which newer records have told, a bit each
 * @returns the bit of the key
 */
export function recallKey(state: State, detail: string, known: number): number {
  const words = detail.split(" ");
  for (let key = 0; key < KEYS; key++) {
    if (nameOf(key) !== words[0]) continue;
    if (words[1] === "not" && !(known & (1 << key))) state.keysDead |= 1 << key;
    return 1 << key;
  }
  return 0;
}

/** Takes the keys that were out of order at a checkpoint, a bit each. @param known keys about which newer records have told, a bit each */
export function recallDeadKeys(state: State, keys: number, known: number): void {
  state.keysDead |= keys & ~known;
}

/** A key went down or up. */
export function noteKey(state: State, key: number, isDown: boolean, atMs: number): void {
  const bit = 1 << key;
  if (isDown) {
    findKeyDown(state, key, atMs);
    state.presses[key] = (state.presses[key] as number) + 1;
  } else state.keysDown &= ~bit;
  if (!((isDown ? state.keysDead : state.keysStuck) & bit)) return;
  if (isDown) state.keysDead &= ~bit;
  else state.keysStuck &= ~bit;
  append(state, RecordType.FaultEnded, ["key", nameOf(key)]);
}

/** A key is out of order until it is let go: it is stuck, or its contact chatters. */
function failKey(state: State, key: number, what: string): void {
  state.keysStuck |= 1 << key;
  tellKeyFault(state, key, what);
}

/** The contact of a key does not come to rest. */
export function noteChatter(state: State, key: number): void {
  state.keysWorn |= 1 << key;
  failKey(state, key, "chatters");
}

/** A self-test has ended. @param unseen keys that nobody pressed in it, a bit each. They are out of order. */
export function failUnseen(state: State, unseen: number): void {
  state.keysDead = unseen;
  for (let key = 0; key < KEYS; key++) if (unseen & (1 << key)) tellKeyFault(state, key, "not seen");
}

/** When the next key that is held down counts as stuck, or Infinity. */
export function keyDeadline(state: State): number {
  let deadlineMs = Infinity;
  for (let key = 0, watched = state.keysDown & ~state.keysStuck; watched; key++, watched >>= 1) {
    if (watched & 1) deadlineMs = Math.min(deadlineMs, (state.downSinceMs[key] as number) + state.config[Setting.StuckKeyMs]);
  }
  return deadlineMs;
}

export function passKeys(state: State, atMs: number): void {
  if (atMs < keyDeadline(state)) return;
  for (let key = 0; key < KEYS; key++) {
    const bit = 1 << key;
    if (state.keysDown & ~state.keysStuck & bit && atMs >= (state.downSinceMs[key] as number) + state.config[Setting.StuckKeyMs]) {
      failKey(state, key, "stuck");
    }
  }
}

/** Records that a key is out of order, and raises an alert. */
function tellKeyFault(state: State, key: number, what: string): void {
  const detail = nameOf(key) + " " + what;
  append(state, RecordType.FaultBegan, ["key", detail]);
  raiseAlert(state, "key", detail);
}

/** The name of a key: `key1` to `key5`, `invite` or `pause`. */
export function nameOf(key: number): string {
  return key < 5 ? "key" + (key + 1) : key === 5 ? "invite" : "pause";
}
