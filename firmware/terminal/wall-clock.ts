// The wall clock (rule R8): the host sets it, the monotonic clock keeps it going, and a record tells of every change. No duration depends on it.

import { RecordType } from "../ledger/records.js";
import { append } from "./effects.js";
import { lookAtHours } from "./hours.js";
import type { State } from "./state.js";
import { beginDay } from "./transaction.js";

/** Wall time in seconds since 1970 UTC, or 0 while it is unknown. */
export function wallSeconds(state: State, atMs: number): number {
  return state.wallOffsetMs ? Math.floor((atMs + state.wallOffsetMs) / 1000) : 0;
}

/** Takes the wall time of a record from before this start, newest record first. */
export function recallWallTime(state: State, seconds: number): void {
  if (!state.lastWallSeconds) state.lastWallSeconds = seconds;
}

/** The host sets the wall clock: see clock-change.ts. @param unix seconds since 1970 UTC */
export function setWallClock(state: State, unix: number, atMs: number): void {
  const before = wallSeconds(state, atMs);
  state.wallOffsetMs = unix * 1000 - atMs;
  const last = state.lastWallSeconds;
  // The first time after a start tells for how long the terminal had no power (rule R4).
  const awaySeconds = !before && last ? Math.max(unix - Math.floor(atMs / 1000) - last, 0) : 0;
  if (before !== unix) append(state, RecordType.TimeSet, [before, unix, awaySeconds]);
  // A terminal that has known the time all along begins the next day with a sign-in.
  if (!before) beginDay(state, unix, state.nextOutcome);
  lookAtHours(state, atMs);
}
