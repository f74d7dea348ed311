// Badges (rules A4, A5, A7, A8): a clerk's badge signs in, signs out or takes over, a supervisor's approves, and any other is refused with a reason.

import type { Staff } from "../config/roster.js";
import { RecordType } from "../ledger/records.js";
import { askToSignOut, signIn } from "./duty.js";
import { append } from "./effects.js";
import { dateText } from "./hours.js";
import { showNotice } from "./notice.js";
import type { State } from "./state.js";
import { approve } from "./supervisor.js";

/** A badge was presented. @param staff its holder, or undefined where the roster does not know it */
export function presentBadge(state: State, badge: string, staff: Staff | undefined, atMs: number): void {
  const isLeaving = !!state.clerk && !!staff && state.clerk.number === staff.number;
  // The clerk on duty can always sign out.
  const reason = isLeaving ? "" : refusalOf(state, staff, atMs);
  if (!staff || reason) {
    append(state, RecordType.BadgeRefused, [badge, reason]);
    showNotice(state, "badge" + reason, badge, atMs);
  } else if (staff.role === "supervisor") {
    // A supervisor's badge approves, and never signs in.
    if (!approve(state, staff.number, atMs)) showNotice(state, "nothingAsked", staff.name, atMs);
  } else if (isLeaving) askToSignOut(state, atMs);
  else signIn(state, staff, badge, atMs);
}

/** The reason for which a badge is refused, or "" (rule A5). Dates count only while the wall clock is known. */
function refusalOf(state: State, staff: Staff | undefined, atMs: number): string {
  if (!staff) return "Unknown";
  const date = dateText(state, atMs);
  if (staff.isRevoked) return "Revoked";
  if (date && staff.from && date < staff.from) return "NotYet";
  if (date && staff.until && date > staff.until) return "Expired";
  if (staff.counters && (" " + staff.counters + " ").split(" " + state.config.counter + " ").length < 2) return "Counter";
  return staff.role === "maintainer" ? "Role" : "";
}
