// The pause (rules P1, P2, P5, P6): why the clerk is away, for how long, and who approved it.

import { Outcome, RecordType } from "../ledger/records.js";
import { raiseAlert } from "./alerts.js";
import { ask, dropWish } from "./approval.js";
import { append, setResult, sound } from "./effects.js";
import { closeSession, isAsking } from "./session.js";
import type { State } from "./state.js";

/** The reasons, in the order in which the held pause key offers them. The first three are brief. */
const REASONS = "brief restroom phone meeting cashUp fault lunch";

/** How long the pause key is held for the next reason, in ms. */
const HOLD_STEP_MS = 1000;

/** After the first `overrun` alert, another one comes after so long. */
const OVERRUN_AGAIN_MS = 600000;

export function isPauseReason(reason: string): boolean {
  return REASONS.split(" ").indexOf(reason) >= 0;
}

/** Brief pauses say 暂时离开, the others 暂停服务. */
export function isBrief(reason: string): boolean {
  return REASONS.split(" ").indexOf(reason) < 3;
}

/** The reason that the held pause key offers now, or "" while it is not held for long. */
export function offeredReason(state: State, atMs: number): string {
  const steps = state.holdSinceMs < 0 ? 0 : Math.floor((atMs - state.holdSinceMs) / HOLD_STEP_MS);
  return steps ? (REASONS.split(" ")[steps % 7] as string) : "";
}

/** When the held key offers the next reason, or a running pause needs attention, or Infinity. */
export function pauseDeadline(state: State, nowMs: number): number {
  if (state.holdSinceMs < 0) return state.overrunAtMs;
  const held = Math.max(nowMs - state.holdSinceMs, 0);
  return Math.min(state.overrunAtMs, state.holdSinceMs + (Math.floor(held / HOLD_STEP_MS) + 1) * HOLD_STEP_MS);
}

/** The pause key went down: a running pause ends, otherwise the key begins to offer reasons. */
export function pressPause(state: State, atMs: number): void {
  if (!state.clerk) return;
  if (state.pause) {
    endPause(state, atMs);
    sound(state, "press");
  } else state.holdSinceMs = atMs;
}

/** The pause key was let go: what it offered is asked for, a short press is a brief pause. @rare */
export function releasePause(state: State, atMs: number): void {
  if (state.holdSinceMs < 0) return;
  const reason = offeredReason(state, atMs) || "brief";
  state.holdSinceMs = -1;
  askToPause(state, reason, atMs);
}

/** The held key offers nothing any more. */
export function dropHold(state: State): void {
  state.holdSinceMs = -1;
}

/** A pause is wanted. While a citizen's matter is open or citizens wait, that needs a supervisor (rule P5). @rare */
export function askToPause(state: State, reason: string, atMs: number): void {
  if (!state.clerk || state.pause) {
    setResult(state, state.clerk ? "paused" : "notServing");
    return;
  }
  if (state.matter || state.waiting > 0 || isAsking(state)) ask(state, "pause", reason, atMs);
  else {
    dropWish(state);
    beginPause(state, reason, "", atMs);
  }
}

/** @param by staff number of the supervisor who approved, or "" @rare */
export function beginPause(state: State, reason: string, by: string, atMs: number): void {
  if (!state.clerk || state.pause) return;
  closeSession(state, Outcome.Cancelled, atMs);
  resumePause(state, reason, atMs);
  append(state, RecordType.PauseBegan, [state.clerk.number, reason, by]);
  sound(state, "apology");
}

/** The pause runs from now on, and is counted from now on, also after a power cut. */
export function resumePause(state: State, reason: string, atMs: number): void {
  const config = state.config;
  state.pause = reason;
  state.pausedAtMs = atMs;
  state.overrunAtMs = atMs + (reason === "phone" ? config.phoneLimitMinutes : config.pauseLimitMinutes) * 60000;
}

/** Ends a running pause and records its length in seconds. */
export function endPause(state: State, atMs: number): void {
  if (!state.pause || !state.clerk) return;
  append(state, RecordType.PauseEnded, [state.clerk.number, Math.round((atMs - state.pausedAtMs) / 1000), state.pause]);
  state.pause = "";
  state.overrunAtMs = Infinity;
}

/** The supervisor learns of a pause that lasts too long, once at its limit and then now and again (rule P6). */
export function passPause(state: State, atMs: number): void {
  if (atMs < state.overrunAtMs) return;
  if (!state.clerk) {
    state.pause = "";
    state.overrunAtMs = Infinity;
    return;
  }
  state.overrunAtMs += OVERRUN_AGAIN_MS;
  raiseAlert(state, "overrun", state.clerk.number + " " + state.pause + " " + Math.floor((atMs - state.pausedAtMs) / 60000));
}
