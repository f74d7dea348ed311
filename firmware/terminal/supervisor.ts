// The supervisor at the counter: approves a wish, which is carried out with a record of who approved it (rules A7, P5), and attends to bad ratings (rule E14).

import { Setting } from "../config/config.js";
import { RecordType } from "../ledger/records.js";
import { endWish } from "./approval.js";
import { signOut } from "./duty.js";
import { append } from "./effects.js";
import { beginPause } from "./pause.js";
import type { State } from "./state.js";

/** Approves the wish. @param by staff number of the supervisor @returns whether there was one */
export function approve(state: State, by: string, atMs: number): boolean {
  const what = state.asked;
  if (!what) return false;
  endWish(state);
  append(state, RecordType.Approved, [by, what, state.askedReason]);
  if (what === "pause") beginPause(state, state.askedReason, by, atMs);
  else signOut(state, "", atMs);
  return true;
}

/** Most bad ratings that wait for a supervisor. */
const MOST_BAD = 8;

/** A bad rating is in flash: from now on a supervisor may attend to it. @param sequence number of its record */
export function noteBadRating(state: State, sequence: number, atMs: number): void {
  if (state.badRatings.length >= MOST_BAD * 2) state.badRatings.splice(0, 2);
  state.badRatings.push(sequence, atMs + state.config[Setting.AttendMinutes] * 60000);
}

/** A supervisor is at the counter: records that for each bad rating whose time is not over. Nothing shows it (rule E7). @param by staff number */
export function attendRatings(state: State, by: string, atMs: number): void {
  const bad = state.badRatings;
  while (bad.length) {
    const sequence = bad.shift() as number;
    if (atMs < (bad.shift() as number)) append(state, RecordType.Attended, [by, sequence]);
  }
}
