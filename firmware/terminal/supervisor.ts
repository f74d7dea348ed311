// The supervisor's approval (rules A7, P5): the wish is carried out, and a record names who approved it.

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
