// Badges (rules A4, A5, A7, A8): a clerk's badge signs in, ends a pause, signs out or takes over, a supervisor's approves, and any other is refused with a
// reason.

import type { Staff } from "../config/roster.js";
import { RecordType } from "../ledger/records.js";
import { refusalOf } from "./admission.js";
import { askToSignOut, signIn } from "./duty.js";
import { append, sound } from "./effects.js";
import { showNotice } from "./notice.js";
import { endPause } from "./pause.js";
import { Hours, type State } from "./state.js";
import { approve, attendRatings } from "./supervisor.js";

/** After signing in, the same badge does not sign out for this time, in ms: nobody means that. */
const SETTLE_MS = 3000;

/** A badge that is refused again is recorded again after this time, in ms. */
const REFUSED_AGAIN_MS = 60000;

/** Most characters of the refusals that are remembered. */
const MOST_REFUSED = 200;

/** @cold A badge was presented. @param staff its holder, or undefined where the roster does not know it */
export function presentBadge(state: State, badge: string, staff: Staff | undefined, atMs: number): void {
  const isLeaving = !!state.clerk && !!staff && state.clerk.number === staff.number;
  // The clerk on duty can always sign out.
  const reason = isLeaving ? "" : refusalOf(state, staff, atMs);
  if (!staff || reason) {
    noteRefusal(state, badge, reason, atMs);
    showNotice(state, "badge" + reason, badge, atMs);
  } else if (staff.role === "supervisor") {
    // A supervisor's badge approves, and never signs in.
    if (!approve(state, staff.number, atMs)) showNotice(state, "nothingAsked", staff.name, atMs);
    attendRatings(state, staff.number, atMs);
  } else if (!isLeaving) signIn(state, staff, badge, atMs);
  else if (state.pause) {
    // Whoever presents the badge is back. Who has not served since closing time comes for going home.
    if (state.hours === Hours.After && !state.lateMs) askToSignOut(state, atMs);
    else {
      endPause(state, atMs);
      sound(state, "signIn");
    }
    // Whoever has asked for something since means it.
  } else if (Math.abs(atMs - state.signedInMs) >= SETTLE_MS || state.asked) askToSignOut(state, atMs);
  // The clerk hears that the badge was read.
  else sound(state, "press");
}

/** Records a refusal, unless the same one was recorded within the last minute. */
function noteRefusal(state: State, badge: string, reason: string, atMs: number): void {
  const words = badge + reason + "\n";
  if (atMs >= state.refusedUntilMs || state.refused.length > MOST_REFUSED) {
    state.refused = "";
    state.refusedUntilMs = atMs + REFUSED_AGAIN_MS;
  }
  if (state.refused.indexOf(words) >= 0) return;
  state.refused += words;
  append(state, RecordType.BadgeRefused, [badge, reason]);
}
