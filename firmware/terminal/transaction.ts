// The citizen's matter (rules E2, E5): opened and ended by the host, rated once. Ids are opaque; what they mean the host alone knows.

import { RecordType } from "../ledger/records.js";
import { append } from "./effects.js";
import { REMEMBERED, type State } from "./state.js";

export function isFinished(state: State, transaction: string): boolean {
  return state.finished.indexOf(idOf(transaction)) >= 0;
}

/** The id has had its outcome. */
export function remember(state: State, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.finished[state.finishedCount++ % REMEMBERED] = idOf(transaction);
}

/** The same from the records, newest first: what comes later takes the places of the oldest. */
export function recallFinished(state: State, transaction: string): void {
  let place = REMEMBERED - 1;
  while (place >= 0 && state.finished[place]) place--;
  if (place >= 0 && transaction && !isFinished(state, transaction)) state.finished[place] = idOf(transaction);
}

/** A number for an id that fits a variable: FNV-1a, 32 bits (Fowler, Noll, Vo). Two of 32 ids collide once in eight million. */
function idOf(transaction: string): number {
  let hash = 2166136261;
  for (let i = 0; i < transaction.length; i++) {
    hash ^= transaction.charCodeAt(i);
    // The product with 0x01000193, in parts that stay exact.
    hash = (hash * 403 + (hash << 24)) | 0;
  }
  // 0 stands for none.
  return hash || 1;
}

/** A citizen's matter begins. */
export function openMatter(state: State, transaction: string): void {
  endMatter(state);
  state.matter = transaction;
  state.matterBy = state.clerk ? state.clerk.number : "";
  append(state, RecordType.Opened, [state.matterBy, transaction]);
}

/** A matter that was open when the power went, unless it has had its outcome. @param by staff number of who began it, or "" */
export function restoreMatter(state: State, by: string, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.matter = transaction;
  state.matterBy = by;
}

/** The citizen's matter ends. Without an invite that is a fact for the record (rule E5). */
export function endMatter(state: State): void {
  const matter = state.matter;
  const isAsked = state.transaction === matter && state.session !== "idle";
  state.matter = "";
  if (!matter || isAsked || isFinished(state, matter)) return;
  append(state, RecordType.NotInvited, [state.clerk ? state.clerk.number : state.matterBy, matter]);
  remember(state, matter);
}
