// Who is at the counter (rules E1, A1, A2, A5): a clerk's badge signs in, the same badge signs out, another clerk's takes over.

import type { Staff } from "../config/roster.js";
import { RecordType } from "../ledger/records.js";
import { showNotice } from "./notice.js";
import { endPause } from "./pause.js";
import { closeSession } from "./session.js";
import type { State } from "./state.js";

/** A badge was presented; `staff` is whom the roster knows it as. */
export function presentBadge(state: State, badge: string, staff: Staff | undefined, atMs: number): void {
  const before = state.clerk;
  if (!staff || staff.role !== "clerk") {
    const reason = staff ? "role" : "unknown";
    state.effects.push({ kind: "append", type: RecordType.BadgeRefused, fields: [badge, reason] });
    showNotice(state, staff ? "badgeRole" : "badgeUnknown", badge, atMs);
    return;
  }
  // A pause belongs to the clerk who began it: it ends before the clerk changes, and so does a session that nobody answered.
  endPause(state, atMs);
  closeSession(state, atMs);
  if (before) {
    const isRelief = before.number !== staff.number;
    state.effects.push({ kind: "append", type: RecordType.SignOut, fields: [before.number, isRelief ? staff.number : ""] });
    state.clerk = undefined;
    if (!isRelief) {
      state.effects.push({ kind: "sound", pattern: "signOut" });
      return;
    }
  }
  state.clerk = staff;
  state.effects.push({ kind: "append", type: RecordType.SignIn, fields: [staff.number, badge] });
  state.effects.push({ kind: "sound", pattern: "signIn" });
}
