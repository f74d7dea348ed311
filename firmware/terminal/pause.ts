// Pauses (rules P1, P2, P5, P6): each has a reason, a length, and somebody who approved it where that is needed.

import { Setting } from "../config/config.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { raiseAlert } from "./alerts.js";
import { ask, dropWish } from "./approval.js";
import { countService, lateSeconds } from "./attendance.js";
import { append, setResult, sound } from "./effects.js";
import { isExpected } from "./hours.js";
import { closeSession, isNeeded } from "./session.js";
import { Session, type State } from "./state.js";

/** The reasons, in the order in which the held pause key offers them. The first three are brief. */
const REASONS = "brief restroom phone meeting cashUp fault lunch";

/** How long the pause key is held until it offers the next reason, in ms. */
const HOLD_STEP_MS = 1000;

/** Time between two `overrun` alerts of one pause, in ms. */
const OVERRUN_AGAIN_MS = 600000;

export function isPauseReason(reason: string): boolean {
  return REASONS.split(" ").indexOf(reason) >= 0;
}

/** Whether a pause is brief. A brief one shows 暂时离开, any other 暂停服务. */
export function isBrief(reason: string): boolean {
  return REASONS.split(" ").indexOf(reason) < 3;
}

/** The reason that the held pause key offers now, or "" while it is not held long enough. */
export function offeredReason(state: State): string {
  return state.offered > 0 ? (REASONS.split(" ")[state.offered % 7] as string) : "";
}

/** The pause key went down. It acts when it is let go, because both clerk keys together mean something else. Before a pause it begins to offer reasons. */
export function pressPause(state: State, atMs: number): void {
  if (!state.clerk) return sound(state, "refused");
  state.offered = 0;
  state.offerAtMs = state.asked || state.pause ? Infinity : atMs + HOLD_STEP_MS;
}

/** The pause key was let go: an open wish is taken back, a pause ends that ran when it went down, or the offered reason is taken, after a short press `brief`. */
export function releasePause(state: State, atMs: number): void {
  if (state.offered < 0) return;
  const reason = state.offerAtMs < Infinity && (offeredReason(state) || "brief");
  dropHold(state);
  if (reason) return askToPause(state, reason, atMs);
  if (state.asked) dropWish(state);
  else endPause(state, atMs);
  sound(state, "press");
}

/** Cancels the hold of the pause key: it offers no reason any more. */
export function dropHold(state: State): void {
  state.offered = -1;
  state.offerAtMs = Infinity;
}

/** The clerk wants a pause. While a citizen's matter is open or citizens wait, a supervisor has to approve it (rule P5). */
export function askToPause(state: State, reason: string, atMs: number): void {
  if (!state.clerk || state.pause) {
    setResult(state, state.clerk ? "paused" : "notServing");
    return;
  }
  if (isNeeded(state)) ask(state, "pause", reason, atMs);
  else {
    dropWish(state);
    beginPause(state, reason, "", atMs);
  }
}

/** Begins a pause. @param by staff number of the supervisor who approved it, or "" */
export function beginPause(state: State, reason: string, by: string, atMs: number): void {
  if (!state.clerk || state.pause) return;
  closeSession(state, Outcome.Cancelled, atMs);
  countService(state, atMs);
  resumePause(state, reason, atMs);
  append(state, RecordType.PauseBegan, withLate(state, [state.clerk.number, reason, by]));
  sound(state, "apology");
}

/** Adds the late service, if there is any, so that a power cut does not lose it. */
function withLate(state: State, fields: (string | number)[]): (string | number)[] {
  if (state.lateMs) fields.push(lateSeconds(state));
  return fields;
}

/** Begins a pause without a record, now or as it ran before a power cut, or service is expected again. @param atMs from when on its limit counts, unless it is due sooner */
export function resumePause(state: State, reason: string, atMs: number): void {
  const config = state.config;
  state.pause = reason;
  state.overrunAtMs = Math.min(
    state.overrunAtMs,
    atMs + (reason === "phone" ? config[Setting.PhoneLimitMinutes] : config[Setting.PauseLimitMinutes]) * 60000,
  );
}

/** The next alert is the first one that is due behind a moment. */
function skipOverruns(state: State, untilMs: number): void {
  while (state.overrunAtMs <= untilMs) state.overrunAtMs += OVERRUN_AGAIN_MS;
}

/** The wall clock has come after a start: the limit counts from the true beginning of a pause before it. What was due before the power went was told then. */
export function placePause(state: State): void {
  if (!state.pause || state.sinceMs >= 0) return;
  resumePause(state, state.pause, state.sinceMs);
  skipOverruns(state, (state.lastWallSeconds + 1) * 1000 - state.wallOffsetMs);
}

/** Ends a running pause and records its length in seconds. */
export function endPause(state: State, atMs: number): void {
  if (!state.pause || !state.clerk) return;
  append(state, RecordType.PauseEnded, withLate(state, [state.clerk.number, Math.round(Math.max(atMs - state.sinceMs, 0) / 1000), state.pause]));
  countService(state, atMs);
  dropPause(state);
}

/** Ends a pause without a record. */
export function dropPause(state: State): void {
  state.pause = "";
  state.overrunAtMs = Infinity;
}

/**
 * The held pause key offers the next reason, with a click. The supervisor is alerted when a pause reaches its limit, and every ten minutes after that (rule P6). While no
 * service is expected nobody is missed: the limit counts anew from when service is expected again, which `step` sees.
 */
export function passPause(state: State, atMs: number): void {
  for (; atMs >= state.offerAtMs; state.offerAtMs += HOLD_STEP_MS) {
    state.offered++;
    // A citizen who is asked or thanked hears nothing of it.
    if (state.session === Session.Idle) sound(state, "press");
  }
  if (atMs < state.overrunAtMs) return;
  if (!state.clerk) dropPause(state);
  else if (!isExpected(state)) state.overrunAtMs = Infinity;
  else {
    // What was due without power is told once.
    skipOverruns(state, atMs);
    raiseAlert(state, "overrun", state.clerk.number + " " + state.pause + " " + Math.floor((atMs - state.sinceMs) / 60000));
  }
}
