// Wishes that a supervisor has to approve (rules A7, P5, P7). A wish is shown, and lapses when nobody approves it in time. supervisor.ts approves it.

import { Setting } from "../config/config.js";
import { RecordType } from "../ledger/records.js";
import { append, setResult, sound } from "./effects.js";
import { showNotice } from "./notice.js";
import type { State } from "./state.js";

/** Asks for approval. Another wish replaces the first, which is recorded as not approved; the host may repeat the same one. @param reason of the pause that is asked for, or "" */
export function ask(state: State, what: "pause" | "signOut", reason: string, atMs: number): void {
  if (state.asked !== what || state.askedReason !== reason) dropWish(state);
  state.asked = what;
  state.askedReason = reason;
  state.askedUntilMs = atMs + state.config[Setting.ApprovalMs];
  setResult(state, "approvalNeeded");
  sound(state, "refused");
}

/** Drops the wish, as another clerk comes or its clerk goes, and records that it was not approved. */
export function dropWish(state: State): void {
  if (state.asked) append(state, RecordType.NotApproved, [state.clerk ? state.clerk.number : "", state.asked, state.askedReason]);
  endWish(state);
}

/** Ends the wish, approved or not. */
export function endWish(state: State): void {
  state.asked = "";
  state.askedUntilMs = Infinity;
}

/** Drops the wish when its time is over. */
export function passApproval(state: State, atMs: number): void {
  if (atMs < state.askedUntilMs) return;
  dropWish(state);
  showNotice(state, "notApproved", "", atMs);
}
