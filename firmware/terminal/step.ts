// One step of the terminal: an event goes in, the state changes, effects come out. All rules are called from here, without I/O and without a clock.

import { Lamp } from "../../hal/lamps.js";
import { Setting } from "../config/config.js";
import { Outcome } from "../ledger/records.js";
import { reviewDay } from "./admission.js";
import { passApproval } from "./approval.js";
import { presentBadge } from "./badge.js";
import { obey } from "./commands.js";
import { askToSignOut } from "./duty.js";
import { type Effect, setResult, takeEffects } from "./effects.js";
import { type Event, EventKind, KEY_INVITE, KEY_PAUSE } from "./events.js";
import { beginFault, endFault } from "./faults.js";
import { hoursDeadline, isExpected, passHours } from "./hours.js";
import { findKeyDown, keyDeadline, noteChatter, noteKey, passKeys } from "./key-health.js";
import { acknowledgeNotice, passNeighbours } from "./neighbours.js";
import { passNotice, showNotice } from "./notice.js";
import { dropHold, passPause, pressPause, releasePause, resumePause } from "./pause.js";
import { resume } from "./restore.js";
import { passSelfTest, seeKey } from "./self-test.js";
import { closeSession, explainPress, giveLongTime, invite, isAsking, passSession, sessionDeadline } from "./session.js";
import { isOnPaper, Session, type State } from "./state.js";
import { suspectAtPress } from "./suspicion.js";
import { beginDay, passMatter } from "./transaction.js";
import { wallSeconds } from "./wall-clock.js";

/** Both clerk keys together are one gesture, which signs out: the second goes down within this time of the first, in ms, and the first is still down. */
const BOTH_MS = 300;

/** How long the invite key is held to give the long time, in ms. */
const LONG_MS = 1000;

/**
 * Handles one event. For the press of a citizen's key `pressGrade` has been called before.
 * Deadlines before the event are handled first, so that an event that was late in the queue meets the state of its own time.
 * @returns the effects, in order
 */
export function step(state: State, event: Event): readonly Effect[] {
  const atMs = event.atMs;
  const wasExpected = isExpected(state);
  // Nothing is due before `dueMs`.
  // A command has no time of its own. When it is handled, an earlier press may still wait in the queue, which rates in time or cancels the first one.
  const isDue = atMs >= state.dueMs && !(isAsking(state) && event.kind >= EventKind.Commanded);
  if (isDue) passDeadlines(state, atMs);
  // A key that is out of order takes part in nothing.
  if (state.keysStuck & (1 << KEY_PAUSE)) dropHold(state);
  // Whatever this event begins is due later than the event.
  state.dueMs = atMs + 1;
  // A citizen's key that the scale does not use does not exist.
  const key = (event as { readonly key?: number }).key as number;
  if (key < KEY_INVITE && key >= state.config[Setting.Grades].length) return takeEffects(state);

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
  // Opening time, citizens who begin to wait after closing, or another clock.
  if (!wasExpected && isExpected(state) && state.pause) resumePause(state, state.pause, atMs);
  passNeighbours(state, atMs);
  return takeEffects(state);
}

function passDeadlines(state: State, atMs: number): void {
  passSession(state, atMs);
  passPause(state, atMs);
  passApproval(state, atMs);
  passMatter(state, atMs);
  if (passHours(state, atMs)) {
    beginDay(state, wallSeconds(state, atMs), 0);
    reviewDay(state, atMs);
  }
  passKeys(state, atMs);
  passSelfTest(state, atMs);
  passNotice(state, atMs);
}

/** Handles a key, whose meaning depends on other keys and on the display. A citizen's press has been answered before. */
function useKey(state: State, key: number, isDown: boolean, atMs: number): void {
  if (!isDown) {
    if (key === KEY_PAUSE) releasePause(state, atMs);
    else if (key === KEY_INVITE) releaseInvite(state, atMs);
  } else if (state.unseenKeys > 0) seeKey(state, key, atMs);
  else if (key < KEY_INVITE) {
    suspectAtPress(state, key, atMs);
    explainPress(state, atMs);
  } else {
    const other = KEY_INVITE + KEY_PAUSE - key;
    if (state.keysDown & (1 << other) && atMs - (state.downSinceMs[other] as number) < BOTH_MS) {
      dropHold(state);
      // The invite that the first of them has begun was not meant. One of the host was.
      const isInvitedByFirst = key === KEY_PAUSE && state.invitedAtMs === state.downSinceMs[KEY_INVITE];
      if (isInvitedByFirst && state.session === Session.Open) closeSession(state, Outcome.Cancelled, atMs);
      askToSignOut(state, atMs);
    } else if (key === KEY_INVITE) invite(state, "", false, atMs);
    else {
      // Whoever presses has seen the notice of a neighbour that is shown.
      acknowledgeNotice(state);
      pressPause(state, atMs);
    }
  }
}

/** The invite key was let go. Held, it gives the citizen who is asked the long time (rule E15); a key that is stuck takes part in nothing. */
function releaseInvite(state: State, atMs: number): void {
  const heldMs = atMs - (state.downSinceMs[KEY_INVITE] as number);
  if (heldMs >= LONG_MS && heldMs < state.config[Setting.StuckKeyMs]) giveLongTime(state);
}

/**
 * When the terminal wants to be woken, in `Clock.nowMs`, or Infinity. No step before that time looks for deadlines. A deadline stands until a step has passed it,
 * however long the work before that step took: then it lies in the past.
 */
export function nextDeadline(state: State): number {
  state.dueMs = Math.min(
    sessionDeadline(state),
    state.overrunAtMs,
    state.offerAtMs,
    state.neighbourSeenMs,
    state.matterDueMs,
    state.askedUntilMs,
    hoursDeadline(state),
    keyDeadline(state),
    state.selfTestUntilMs,
    state.noticeUntilMs,
    state.answerUntilMs || Infinity,
  );
  return state.dueMs;
}

/**
 * Whether the pause light is lit (rule P2): while citizens cannot be served, because of a pause, nobody on duty in hours of service, or a wrong
 * configuration. A ledger that is out of order stops ratings, not service: the paper card replaces them.
 */
export function isPauseLampLit(state: State): boolean {
  if (state.configProblem) return true;
  return state.clerk ? !!state.pause : isExpected(state);
}

/** The lamps that are lit, bits of `Lamp`. */
export function litLamps(state: State, nowMs: number): number {
  let lit = nowMs < state.answerUntilMs ? Lamp.Answer : 0;
  // The rings are dark from the press of any key on: the answer light follows.
  if (state.session === Session.Open || state.session === Session.Reasons) lit |= Lamp.Rings;
  return isPauseLampLit(state) ? lit | Lamp.Pause | pauseCause(state) : lit;
}

/** The bit of `Lamp` that tells why the pause light is lit, or 0. */
function pauseCause(state: State): number {
  const isBroken = state.configProblem || state.isDisplayDown || state.isReaderDown || isOnPaper(state);
  return isBroken ? Lamp.Fault : state.isLinkLost ? Lamp.Link : 0;
}
