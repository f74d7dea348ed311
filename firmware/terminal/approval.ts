// What needs a supervisor (rules A7, P5, P7): it is asked for, shown, and lapses when nobody approves it in time. supervisor.ts approves.

import { RecordType } from "../ledger/records.js";
import { append, setResult, sound } from "./effects.js";
import { showNotice } from "./notice.js";
import type { State } from "./state.js";

/** Asks for approval; a second wish replaces the first. @param reason of the pause that is asked for, else "" @rare */
export function ask(state: State, what: "pause" | "signOut", reason: string, atMs: number): void {
  state.asked = what;
  state.askedReason = reason;
  state.askedUntilMs = atMs + state.config.approvalMs;
  setResult(state, "approvalNeeded");
  sound(state, "refused");
}

/** A wish is its clerk's own: it lapses when another one comes, or the clerk goes. @rare */
export function dropWish(state: State): void {
  if (state.asked) append(state, RecordType.NotApproved, [state.clerk ? state.clerk.number : "", state.asked, state.askedReason]);
  endWish(state);
}

/** Nothing is asked for any more. */
export function endWish(state: State): void {
  state.asked = "";
  state.askedUntilMs = Infinity;
}

/** The wish lapses when its time is over. */
export function passApproval(state: State, atMs: number): void {
  if (atMs < state.askedUntilMs) return;
  dropWish(state);
  showNotice(state, "notApproved", "", atMs);
}
