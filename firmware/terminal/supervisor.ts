// The supervisor's word (rules A7, P5): what was asked for is done, and recorded with who approved it.

import { RecordType } from "../ledger/records.js";
import { endWish } from "./approval.js";
import { signOut } from "./duty.js";
import { append } from "./effects.js";
import { beginPause } from "./pause.js";
import type { State } from "./state.js";

/** @param by staff number of the supervisor @returns whether anything was asked for */
export function approve(state: State, by: string, atMs: number): boolean {
  const what = state.asked;
  if (!what) return false;
  endWish(state);
  append(state, RecordType.Approved, [by, what, state.askedReason]);
  if (what === "pause") beginPause(state, state.askedReason, by, atMs);
  else signOut(state, atMs);
  return true;
}
