// Presses that do not look like a citizen's (rule E11): kept, and marked. Nothing is refused for it, and nothing deleted.

import { CITIZEN_KEYS, Session, type State } from "./state.js";

/** What made a session suspect; marks add up. They stand in the record: see FORMAT.md. */
export const enum Suspect {
  /** Several keys at once came before. */
  Chord = 1,
  /** The press came sooner after the invite than anybody reads it. */
  Fast = 2,
  /** More sessions in a minute than there are citizens. */
  Frequent = 4,
  /** A citizen's key was held down when the invite came. */
  Held = 8,
  /** The power went during the session. */
  PowerCut = 16,
  /** The transaction had timed out before, and was invited once more. */
  Again = 32,
  /** The pressed key's contact has chattered since the start: it may have closed by itself. */
  Worn = 64,
}

/** A session begins with these marks. */
export function setSuspect(state: State, marks: number): void {
  state.suspect = marks;
}

/** Several keys were pressed at once. */
export function suspectChord(state: State): void {
  state.suspect |= Suspect.Chord;
}

/** A session begins. @returns its marks so far */
export function suspectAtInvite(state: State, atMs: number): number {
  if (atMs - state.minuteSinceMs >= 60000) {
    state.minuteSinceMs = atMs;
    state.sessionsInMinute = 0;
  }
  state.sessionsInMinute++;
  return (state.keysDown & CITIZEN_KEYS ? Suspect.Held : 0) | (state.sessionsInMinute > state.config.mostPerMinute ? Suspect.Frequent : 0);
}

/** A citizen's key went down, at `index`: was it the one that rates? */
export function suspectAtPress(state: State, index: number, atMs: number): void {
  if (state.session !== Session.Pressed || state.pressedAtMs !== atMs) return;
  if (state.keysWorn & (1 << index)) state.suspect |= Suspect.Worn;
  if (atMs - state.invitedAtMs < state.config.fastPressMs) state.suspect |= Suspect.Fast;
}
