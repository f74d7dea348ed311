// The citizen's matter (rules E2, E5): opened and ended by the host, rated once. Ids are opaque; what they mean the host alone knows.

import { RecordType } from "../ledger/records.js";
import { placeOf } from "../text.js";
import { append, sound } from "./effects.js";
import { isServing, Session, type State } from "./state.js";

/** Ids that have had their outcome are remembered up to so many characters: 23 ids of the longest kind. */
const MOST_CHARACTERS = 400;

export function isFinished(state: State, transaction: string): boolean {
  return !!transaction && placeOf(state.finished, "\n" + transaction + "\n") >= 0;
}

/** The id has had its outcome. */
export function remember(state: State, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.finished += transaction + "\n";
  // The oldest stands first.
  if (state.finished.length > MOST_CHARACTERS) state.finished = state.finished.substr(state.finished.indexOf("\n", 1));
}

/** The same from the records, newest first. */
export function recallFinished(state: State, transaction: string): void {
  if (transaction && state.finished.length < MOST_CHARACTERS && !isFinished(state, transaction)) state.finished = "\n" + transaction + state.finished;
}

/** A citizen's matter begins. */
export function openMatter(state: State, transaction: string): void {
  endMatter(state);
  state.matter = transaction;
  state.matterBy = state.clerk ? state.clerk.number : "";
  append(state, RecordType.Opened, [state.matterBy, transaction]);
  if (isServing(state)) sound(state, "welcome");
}

/** A matter that was open when the power went, unless it has had its outcome. @param by staff number of who began it, or "" */
export function restoreMatter(state: State, by: string, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.matter = transaction;
  state.matterBy = by;
}

/** The matter that was open when the power went is open no more if it has had its outcome. */
export function dropFinishedMatter(state: State): void {
  if (isFinished(state, state.matter)) state.matter = "";
}

/** The host says how many citizens wait. */
export function setWaiting(state: State, count: number): void {
  state.waiting = count;
}

/** The citizen's matter ends. Without an invite that is a fact for the record (rule E5). */
export function endMatter(state: State): void {
  const matter = state.matter;
  const isAsked = state.transaction === matter && state.session !== Session.Idle;
  state.matter = "";
  if (!matter || isAsked || isFinished(state, matter)) return;
  append(state, RecordType.NotInvited, [state.clerk ? state.clerk.number : state.matterBy, matter]);
  remember(state, matter);
}
