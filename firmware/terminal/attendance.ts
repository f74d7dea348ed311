// How long people are there (rules A2, A3, A10, P6, P7): since when the clerk serves or pauses, how long after closing, and who was there before. Times are of the
// monotonic clock. What the records tell of the time before a start is placed in it when the wall clock comes.

import { lateBetween } from "./hours.js";
import type { State } from "./state.js";
import { wallSeconds } from "./wall-clock.js";

/** Service or a pause ends now, and something else begins: what was served after closing is added up. */
export function countService(state: State, atMs: number): void {
  if (state.clerk && !state.pause) state.lateMs += lateBetween(state, state.sinceMs, atMs);
  state.sinceMs = atMs;
  state.toldSince = 0;
}

/** Somebody signs in. @param isOwed the wall clock is unknown, and punctuality is still to be told when it comes */
export function beginAttendance(state: State, isOwed: boolean, atMs: number): void {
  state.isPunctualityOwed = isOwed;
  state.signedInMs = atMs;
  state.sinceMs = atMs;
  state.toldSince = 0;
  state.lateMs = 0;
}

/** Somebody signs out, or is signed out without having been there. */
export function endAttendance(state: State, untilMs: number): void {
  state.attendedMs = untilMs;
  state.toldAttended = 0;
}

/**
 * Takes what the records tell of the time before this start.
 * @param since when service or the pause began, in seconds since 1970 UTC, or 0
 * @param late seconds of service after closing until then
 */
export function recallService(state: State, since: number, late: number): void {
  state.toldSince = since;
  state.lateMs = late * 1000;
}

/** Takes until when somebody was on duty, as the records tell. @param seconds since 1970 UTC, or 0: nobody knows */
export function recallAttendance(state: State, seconds: number): void {
  state.toldAttended = seconds;
  if (!seconds) state.attendedMs = Infinity;
}

/** The wall clock has come: what the records told finds its place. */
export function placeInTime(state: State): void {
  const told = state.toldAttended;
  const toldMs = told * 1000 - state.wallOffsetMs;
  // Of a sign-in without a clock this is known: it was before this start.
  if (state.clerk && state.signedInMs === Infinity) state.signedInMs = told && toldMs;
  else if (told) state.attendedMs = toldMs;
  if (state.toldSince) state.sinceMs = state.toldSince * 1000 - state.wallOffsetMs;
  state.toldAttended = 0;
  state.toldSince = 0;
}

/** For a checkpoint: since when the clerk serves or pauses, or until when somebody was on duty; in seconds since 1970 UTC, 0: unknown. */
export function sinceSeconds(state: State): number {
  const told = state.clerk ? state.toldSince : state.toldAttended;
  const seconds = told || wallSeconds(state, state.clerk ? state.sinceMs : state.attendedMs);
  return seconds > 0 && seconds < Infinity ? seconds : 0;
}

/** Whole seconds that the clerk has served after closing, until the newest count. */
export function lateSeconds(state: State): number {
  return Math.floor(state.lateMs / 1000);
}
