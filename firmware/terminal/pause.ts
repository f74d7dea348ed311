// The pause (rules P1, P2): the clerk's pause key says that citizens cannot be served now, and says it again when they can.

import { RecordType } from "../ledger/records.js";
import type { State } from "./state.js";

/** The pause key was pressed. Nothing while nobody is on duty, or while a citizen is asked for a rating. */
export function togglePause(state: State, atMs: number): void {
  if (!state.clerk || state.session === "open" || state.session === "pressed") return;
  if (state.isPaused) endPause(state, atMs);
  else {
    state.isPaused = true;
    state.pausedAtMs = atMs;
    state.effects.push({ kind: "append", type: RecordType.PauseBegan, fields: [state.clerk.number] });
  }
  state.effects.push({ kind: "sound", pattern: "press" });
}

/** Ends a running pause and records its length in seconds. */
export function endPause(state: State, atMs: number): void {
  if (!state.isPaused || !state.clerk) return;
  state.isPaused = false;
  state.effects.push({
    kind: "append",
    type: RecordType.PauseEnded,
    fields: [state.clerk.number, Math.round((atMs - state.pausedAtMs) / 1000)],
  });
}
