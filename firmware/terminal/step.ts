// One step of the terminal: an event goes in, the state moves, effects come out. All rules are behind it; no I/O and no clock is.

import { presentBadge } from "./duty.js";
import type { Effect } from "./effects.js";
import type { Event } from "./events.js";
import { beginFault, endFault } from "./faults.js";
import { showNotice } from "./notice.js";
import { togglePause } from "./pause.js";
import { invite, passSession, pressGrade, sessionDeadline } from "./session.js";
import { isServing, type State } from "./state.js";

/**
 * Carries the state past one event.
 * Deadlines that lie before the event are dealt with first, so that an event that was late in the queue meets the state of its own time.
 * @returns the effects, in order
 */
export function step(state: State, event: Event): readonly Effect[] {
  const atMs = event.atMs;
  state.effects = [];
  passSession(state, atMs);
  if (state.notice && atMs >= state.noticeUntilMs) state.notice = "";

  if (event.kind === "keyPressed") {
    const key = event.key;
    if (key === "invite") invite(state, "", atMs);
    else if (key === "pause") togglePause(state, atMs);
    else pressGrade(state, key.charCodeAt(3) - 49, atMs);
  } else if (event.kind === "faultBegan") beginFault(state, event.fault, event.detail);
  else if (event.kind === "faultEnded") endFault(state, event.fault);
  else if (state.configProblem) return state.effects;
  else if (event.kind === "badgePresented") presentBadge(state, event.badge, event.staff, atMs);
  else if (event.kind === "badgeGarbled") showNotice(state, "badgeAgain", "", atMs);
  else if (event.kind === "inviteAsked") invite(state, event.transaction, atMs);
  return state.effects;
}

/** When the terminal next wants to be woken, in `Clock.nowMs`, or Infinity. */
export function nextDeadline(state: State, nowMs: number): number {
  let deadlineMs = sessionDeadline(state);
  if (state.notice && state.noticeUntilMs < deadlineMs) deadlineMs = state.noticeUntilMs;
  if (state.answerUntilMs > nowMs && state.answerUntilMs < deadlineMs) deadlineMs = state.answerUntilMs;
  return deadlineMs;
}

/** Rule P2: lit whenever citizens cannot be served. A ledger that is out of order stops ratings, not service: the paper card stands in. */
export function isPauseLampLit(state: State): boolean {
  return !isServing(state);
}

export function isAnswerLampLit(state: State, nowMs: number): boolean {
  return nowMs < state.answerUntilMs;
}
