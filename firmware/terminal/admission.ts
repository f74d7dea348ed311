// Who may be on duty here (rules A5, A8, A10): by the roster, and for one day of service.

import { Setting } from "../config/config.js";
import type { Staff } from "../config/roster.js";
import { signOut } from "./duty.js";
import { dateText, dayBeganMs } from "./hours.js";
import { forgetNeighbours } from "./neighbours.js";
import type { State } from "./state.js";
import { forgetWaiting } from "./transaction.js";

/** The reason for which a badge is refused, or "" (rule A5). Dates count only while the wall clock is known. */
export function refusalOf(state: State, staff: Staff | undefined, atMs: number): string {
  if (!staff) return "Unknown";
  const date = dateText(state, atMs);
  if (staff.isRevoked) return "Revoked";
  if (date && staff.from && date < staff.from) return "NotYet";
  if (date && staff.until && date > staff.until) return "Expired";
  if (staff.counters && (" " + staff.counters + " ").split(" " + state.config[Setting.Counter] + " ").length < 2) return "Counter";
  return staff.role === "maintainer" ? "Role" : "";
}

/** Signs out a clerk who may not be on duty by the roster that is in force since the start. */
export function reviewRoster(state: State, atMs: number): void {
  const clerk = state.clerk;
  if (clerk && (clerk.role === "supervisor" || refusalOf(state, clerk, atMs))) signOut(state, "roster", atMs);
}

/** @cold Signs out a clerk whose day of service is over, and forgets what neighbours did in it, and who waited. */
export function reviewDay(state: State, atMs: number): void {
  const beganMs = dayBeganMs(state, atMs);
  if (state.clerk && state.signedInMs < beganMs) signOut(state, "forgotten", atMs);
  forgetNeighbours(state, beganMs);
  forgetWaiting(state, beganMs);
}
