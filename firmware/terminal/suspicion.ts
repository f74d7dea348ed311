// Suspicious presses (rule E11): a press that hardly comes from a citizen is kept and marked. None is refused, and none deleted.

import { Setting } from "../config/config.js";
import { citizenKeys, Session, type State } from "./state.js";

/** Reasons why a session is suspect, a bit each. The record holds them: see FORMAT.md. */
export const enum Suspect {
  /** Several keys were pressed at once before. */
  Chord = 1,
  /** The press came sooner after the invite than anybody can read it. */
  Fast = 2,
  /** There were more sessions in the minute before than citizens can come. */
  Frequent = 4,
  /** A citizen's key was held down when the invite came. */
  Held = 8,
  /** The power went during the session. */
  PowerCut = 16,
  /** The transaction had been asked for before, and got no grade. It was invited once more. */
  Again = 32,
  /** The contact of the pressed key has chattered since the start, and may have closed by itself. */
  Worn = 64,
  /** The citizen was given the long time (rule E15). That alone is no suspicion. */
  Long = 128,
}

/** Sets the marks of a session that begins. */
export function setSuspect(state: State, marks: number): void {
  state.suspect = marks;
}

/** The citizen is given the long time. */
export function markLong(state: State): void {
  state.suspect |= Suspect.Long;
}

/** Several keys were pressed at once. */
export function suspectChord(state: State): void {
  state.suspect |= Suspect.Chord;
}

/** Counts a session that begins. @returns its marks */
export function suspectAtInvite(state: State, atMs: number): number {
  // In any minute, not in those that begin with a session.
  const isFrequent =
    state.newestSessionsMs.push(atMs) > state.config[Setting.MostPerMinute] && atMs - (state.newestSessionsMs.shift() as number) < 60000;
  return (state.keysDown & citizenKeys(state) ? Suspect.Held : 0) | (isFrequent ? Suspect.Frequent : 0);
}

/** Marks the session, if the citizen's key at `index` is the one that rates. */
export function suspectAtPress(state: State, index: number, atMs: number): void {
  if (state.session !== Session.Pressed || state.pressedAtMs !== atMs) return;
  if (state.keysWorn & (1 << index)) state.suspect |= Suspect.Worn;
  if (atMs - state.invitedAtMs < state.config[Setting.FastPressMs]) state.suspect |= Suspect.Fast;
}
