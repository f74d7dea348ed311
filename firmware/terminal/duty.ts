// Who is at the counter (rules E1, A1 to A4, A6): signing in, signing out, and one clerk taking over from another.

import type { Staff } from "../config/roster.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { ask, dropWish } from "./approval.js";
import { append, sound } from "./effects.js";
import { attend, lateMinutes, punctuality } from "./hours.js";
import { endPause } from "./pause.js";
import { closeSession, isAsking, keepSession } from "./session.js";
import type { State } from "./state.js";

/** The clerk who was on duty when the power went, or undefined where the roster does not know such a clerk any more. */
export function restoreClerk(state: State, staff: Staff | undefined): void {
  state.clerk = staff;
}

/** Signs out a clerk who was on duty when the power went, and whom the roster does not know any more or has revoked. */
export function signOutFormer(state: State, number: string, atMs: number): void {
  if (!state.clerk) state.clerk = { number } as Staff;
  signOut(state, atMs);
}

/** A clerk takes the counter, from nobody or from another clerk. @rare */
export function signIn(state: State, staff: Staff, badge: string, atMs: number): void {
  const before = state.clerk;
  dropWish(state);
  if (before) {
    // The pause was the other clerk's. An open rating goes on, and its record names both (rules A4, R9).
    endPause(state, atMs);
    append(state, RecordType.SignOut, [before.number, staff.number, lateMinutes(state, atMs)]);
  }
  state.clerk = staff;
  append(state, RecordType.SignIn, [staff.number, badge, before ? "" : punctuality(state, atMs)]);
  // An open rating is the new clerk's from now on.
  if (isAsking(state)) keepSession(state);
  sound(state, "signIn");
  attend(state, atMs);
}

/** The clerk wants to go. While citizens wait that needs a supervisor (rule P7). @rare */
export function askToSignOut(state: State, atMs: number): void {
  if (!state.clerk) return;
  if (state.waiting > 0) ask(state, "signOut", "", atMs);
  else signOut(state, atMs);
}

/** Nobody is on duty from now on. @rare */
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
