// One step of the terminal: an event goes in, the state moves, effects come out. All rules are behind it; no I/O and no clock is.

import { Lamp } from "../../hal/lamps.js";
import { passApproval } from "./approval.js";
import { presentBadge } from "./badge.js";
import { obey } from "./commands.js";
import { askToSignOut } from "./duty.js";
import { type Effect, setResult, takeEffects } from "./effects.js";
import { type Event, EventKind, KEY_INVITE, KEY_PAUSE } from "./events.js";
import { beginFault, endFault } from "./faults.js";
import { hoursDeadline, passHours } from "./hours.js";
import { findKeyDown, keyDeadline, noteChatter, noteKey, passKeys } from "./key-health.js";
import { acknowledgeNotice, shownNotice } from "./neighbours.js";
import { passNotice, showNotice } from "./notice.js";
import { dropHold, passPause, pauseDeadline, pressPause, releasePause } from "./pause.js";
import { resume } from "./restore.js";
import { passSelfTest, seeKey } from "./self-test.js";
import { invite, passSession, sessionDeadline } from "./session.js";
import { Hours, isOnPaper, Session, type State } from "./state.js";
import { suspectAtPress } from "./suspicion.js";

/**
 * Carries the state past one event. That of a citizen's key that went down comes behind `pressGrade`, which has answered it.
 * Deadlines that lie before the event are dealt with first, so that an event that was late in the queue meets the state of its own time.
 * @returns the effects, in order
 */
export function step(state: State, event: Event): readonly Effect[] {
  const atMs = event.atMs;
  // Nothing is due before the deadline that was asked for after the last step, unless a chord has opened again a session whose time is over.
  if (atMs >= state.dueMs || atMs === state.chordAtMs) passDeadlines(state, atMs);
  // Nor is anything due at once that this event begins.
  state.dueMs = atMs + 1;

  if (event.kind === EventKind.KeyPressed || event.kind === EventKind.KeyReleased) {
    noteKey(state, event.key, event.kind === EventKind.KeyPressed, atMs);
    if (!state.configProblem) useKey(state, event.key, event.kind === EventKind.KeyPressed, atMs);
  } else if (event.kind === EventKind.KeyFoundDown) findKeyDown(state, event.key, atMs);
  else if (event.kind === EventKind.KeyChattered) noteChatter(state, event.key);
  else if (event.kind === EventKind.FaultBegan) beginFault(state, event.fault, event.detail);
  else if (event.kind === EventKind.FaultEnded) endFault(state, event.fault);
  else if (event.kind === EventKind.Commanded) {
    if (state.configProblem && event.command["do"] !== "emergency") setResult(state, "outOfOrder");
    else obey(state, event.command, atMs);
  } else if (!state.configProblem) {
    if (event.kind === EventKind.Restarted) resume(state, event.told, atMs);
    else if (event.kind === EventKind.BadgePresented) presentBadge(state, event.badge, event.staff, atMs);
    else if (event.kind === EventKind.BadgeGarbled) showNotice(state, "badgeAgain", "", atMs);
  }
  return takeEffects(state);
}

function passDeadlines(state: State, atMs: number): void {
  passSession(state, atMs);
  passPause(state, atMs);
  passApproval(state, atMs);
  passHours(state, atMs);
  passKeys(state, atMs);
  passSelfTest(state, atMs);
  passNotice(state, atMs);
}

/** What a key means depends on what else is held and shown. A citizen's has had its answer. */
function useKey(state: State, key: number, isDown: boolean, atMs: number): void {
  if (!isDown) {
    if (key === KEY_PAUSE) releasePause(state, atMs);
  } else if (state.unseenKeys > 0) seeKey(state, key, atMs);
  else if (key < KEY_INVITE) suspectAtPress(state, key, atMs);
  else if (key === KEY_PAUSE) {
    // A neighbour's notice is acknowledged first.
    if (shownNotice(state)) acknowledgeNotice(state);
    else pressPause(state, atMs);
  } else if (state.holdSinceMs >= 0) {
    // Pause held and invite pressed: both keys sign out.
    dropHold(state);
    askToSignOut(state, atMs);
  } else invite(state, "", atMs);
}

/** When the terminal next wants to be woken, in `Clock.nowMs`, or Infinity. Until then steps need not look what is due. */
export function nextDeadline(state: State, nowMs: number): number {
  state.dueMs = Math.min(
    sessionDeadline(state),
    pauseDeadline(state, nowMs),
    state.askedUntilMs,
    hoursDeadline(state),
    keyDeadline(state),
    state.selfTestUntilMs,
    state.noticeUntilMs,
    state.answerUntilMs > nowMs ? state.answerUntilMs : Infinity,
  );
  return state.dueMs;
}

/**
 * Rule P2: lit whenever citizens cannot be served: paused, nobody on duty at an hour of service, out of order. A ledger that is out of order stops
 * ratings, not service: the paper card stands in.
 */
export function isPauseLampLit(state: State): boolean {
  if (state.configProblem) return true;
  return state.clerk ? !!state.pause : state.hours === Hours.Always || state.hours === Hours.Open;
}

/** The lamps that are lit, bits of `Lamp`. All of it follows from the state and the time. */
export function litLamps(state: State, nowMs: number): number {
  let lit = nowMs < state.answerUntilMs ? Lamp.Answer : 0;
  // Dark as soon as a key was heard, whichever it was: the answer light takes over.
  if (state.session === Session.Open || state.session === Session.Reasons) lit |= Lamp.Rings;
  return isPauseLampLit(state) ? lit | Lamp.Pause | pauseCause(state) : lit;
}

/** Why the pause light is lit: it is told only while that is lit. */
function pauseCause(state: State): number {
  const isBroken = state.configProblem || state.isDisplayDown || state.isReaderDown || isOnPaper(state);
  return isBroken ? Lamp.Fault : state.isLinkLost ? Lamp.Link : 0;
}
