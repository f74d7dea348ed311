// The clerk on duty (rules E1, A1 to A4, A6): signing in, signing out, and taking over from another clerk.

import type { Staff } from "../config/roster.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { ask, dropWish } from "./approval.js";
import { append, sound } from "./effects.js";
import { attend, lateMinutes, punctuality } from "./hours.js";
import { endPause } from "./pause.js";
import { closeSession, isAsking, isNeeded, keepSession } from "./session.js";
import type { State } from "./state.js";
import { beginDay } from "./transaction.js";
import { wallSeconds } from "./wall-clock.js";

/** Puts the clerk back who was on duty when the power went. @param staff undefined for nobody, or somebody who is not in the roster any more */
export function restoreClerk(state: State, staff: Staff | undefined): void {
  state.clerk = staff;
}

/** Signs out a clerk who was on duty when the power went, and has left the roster or was revoked in it. */
export function signOutFormer(state: State, number: string, atMs: number): void {
  if (!state.clerk) state.clerk = { number } as Staff;
  signOut(state, atMs);
}

/** Signs in a clerk, who takes over if another one is on duty. */
export function signIn(state: State, staff: Staff, badge: string, atMs: number): void {
  const before = state.clerk;
  beginDay(state, wallSeconds(state, atMs));
  dropWish(state);
  if (before) {
    // The pause belonged to the other clerk. An open rating goes on, and its record names both clerks (rules A4, R9).
    endPause(state, atMs);
    append(state, RecordType.SignOut, [before.number, staff.number, lateMinutes(state, atMs)]);
  }
  state.clerk = staff;
  state.signedInMs = atMs;
  append(state, RecordType.SignIn, [staff.number, badge, before ? "" : punctuality(state, atMs)]);
  // From now on an open rating belongs to the new clerk.
  if (isAsking(state)) keepSession(state);
  sound(state, "signIn");
  attend(state, atMs);
}

/** The clerk wants to sign out. While a citizen's matter or rating is open or citizens wait, a supervisor has to approve it (rule P7). */
export function askToSignOut(state: State, atMs: number): void {
  if (!state.clerk) return;
  if (isNeeded(state)) ask(state, "signOut", "", atMs);
  else signOut(state, atMs);
}

/** Signs out the clerk: nobody is on duty from now on. */
export function signOut(state: State, atMs: number): void {
  const clerk = state.clerk;
  if (!clerk) return;
  dropWish(state);
  endPause(state, atMs);
  closeSession(state, Outcome.StaffLeft, atMs);
  append(state, RecordType.SignOut, [clerk.number, "", lateMinutes(state, atMs)]);
  state.clerk = undefined;
  sound(state, "signOut");
  attend(state, atMs);
}
