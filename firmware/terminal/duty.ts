// The clerk on duty (rules E1, A1 to A4, A6, A9, A10): signing in, signing out, and taking over from another clerk.

import type { Staff } from "../config/roster.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { ask, dropWish } from "./approval.js";
import { beginAttendance, countService, endAttendance, lateSeconds } from "./attendance.js";
import { alert, append, sound } from "./effects.js";
import { attend, minutesToClosing, punctuality } from "./hours.js";
import { showAgain } from "./neighbours.js";
import { dropHold, dropPause, endPause } from "./pause.js";
import { closeSession, isAsking, isNeeded, keepSession } from "./session.js";
import type { State } from "./state.js";
import { beginDay } from "./transaction.js";
import { wallSeconds } from "./wall-clock.js";

/** Puts the clerk back who was on duty when the power went. @param staff undefined for nobody, or somebody who is not in the roster any more */
export function restoreClerk(state: State, staff: Staff | undefined): void {
  state.clerk = staff;
}

/** Signs out a clerk who was on duty when the power went, and has left the roster. */
export function signOutFormer(state: State, number: string, atMs: number): void {
  state.clerk = { number } as Staff;
  signOut(state, "roster", atMs);
}

/** Signs in a clerk, who takes over if another one is on duty. */
export function signIn(state: State, staff: Staff, badge: string, atMs: number): void {
  const before = state.clerk;
  beginDay(state, wallSeconds(state, atMs), 0);
  // The pause belonged to the other clerk. An open rating goes on, and its record names both clerks (rules A4, R9).
  if (before) leave(state, before, staff.number, "", atMs);
  const fact = before ? [""] : punctuality(state, atMs, state.attendedMs);
  beginAttendance(state, !before && !state.wallOffsetMs, atMs);
  state.clerk = staff;
  showAgain(state);
  append(state, RecordType.SignIn, [staff.number, badge].concat(fact as string[]));
  // From now on an open rating belongs to the new clerk.
  if (isAsking(state)) keepSession(state);
  sound(state, "signIn");
  attend(state, atMs);
}

/** The wall clock has come after a sign-in: adds how punctual it was. */
export function addPunctuality(state: State): void {
  const clerk = state.clerk;
  if (!clerk || !state.isPunctualityOwed) return;
  const fact = punctuality(state, state.signedInMs, state.attendedMs);
  if (fact[0]) append(state, RecordType.Arrival, [clerk.number].concat(fact as string[]));
}

/** The clerk wants to sign out. While a citizen's matter or rating is open or citizens wait, a supervisor has to approve it (rule P7). */
export function askToSignOut(state: State, atMs: number): void {
  if (!state.clerk) return;
  if (isNeeded(state)) ask(state, "signOut", "", atMs);
  else signOut(state, "", atMs);
}

/**
 * Signs out the clerk: nobody is on duty from now on.
 * @param why "", or why the terminal does it: `roster`, as the clerk may not be here any more, or `forgotten`, as the day of service is over
 */
export function signOut(state: State, why: "" | "roster" | "forgotten", atMs: number): void {
  const clerk = state.clerk;
  if (!clerk) return;
  closeSession(state, why === "forgotten" ? Outcome.Timeout : Outcome.StaffLeft, atMs);
  leave(state, clerk, "", why, atMs);
  state.clerk = undefined;
  if (!why) sound(state, "signOut");
  attend(state, atMs);
}

/** @cold Records that the clerk leaves. Of one who forgot to sign out nobody knows when that was: no minutes, and no length of a pause. */
function leave(state: State, clerk: Staff, relievedBy: string, why: string, atMs: number): void {
  dropWish(state);
  dropHold(state);
  const isForgotten = why === "forgotten";
  if (isForgotten) dropPause(state);
  else {
    endPause(state, atMs);
    countService(state, atMs);
  }
  const early = relievedBy || why ? 0 : minutesToClosing(state, atMs);
  const fields: (string | number)[] = [clerk.number, relievedBy, isForgotten ? 0 : Math.floor(lateSeconds(state) / 60)];
  if (early || why) fields.push(early);
  if (why) fields.push(why);
  append(state, RecordType.SignOut, fields);
  if (early) alert(state, "leftEarly", clerk.number + " " + early);
  if (isForgotten) alert(state, "forgotten", clerk.number);
  endAttendance(state, isForgotten ? state.signedInMs : atMs);
}
