// The citizen's matter (rules E2, E5): the host opens and ends it, and it is rated once. Only the host knows what its id means.

import { RecordType } from "../ledger/records.js";
import { placeOf } from "../text.js";
import { append, sound } from "./effects.js";
import { isServing, Session, type State } from "./state.js";

/** Most characters of the remembered ids: room for 23 of the longest. */
const MOST_CHARACTERS = 400;

/** Whether the id has had its outcome. */
export function isFinished(state: State, transaction: string): boolean {
  return !!transaction && placeOf(state.finished, "\n" + transaction + "\n") >= 0;
}

/** Remembers that the id has had its outcome. */
export function remember(state: State, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.finished += transaction + "\n";
  // The oldest id is forgotten.
  if (state.finished.length > MOST_CHARACTERS) state.finished = state.finished.substr(state.finished.indexOf("\n", 1));
}

/** Remembers an id from a record, newest record first. */
export function recallFinished(state: State, transaction: string): void {
  if (transaction && state.finished.length < MOST_CHARACTERS && !isFinished(state, transaction)) state.finished = "\n" + transaction + state.finished;
}

/** Opens a citizen's matter. */
export function openMatter(state: State, transaction: string): void {
  endMatter(state);
  state.matter = transaction;
  state.matterBy = state.clerk ? state.clerk.number : "";
  append(state, RecordType.Opened, [state.matterBy, transaction]);
  if (isServing(state)) sound(state, "welcome");
}

/** Opens again the matter that was open when the power went, unless it has had its outcome. @param by staff number of the clerk who began it, or "" */
export function restoreMatter(state: State, by: string, transaction: string): void {
  if (!transaction || isFinished(state, transaction)) return;
  state.matter = transaction;
  state.matterBy = by;
}

/** Drops a matter that was open when the power went, and has had its outcome. */
export function dropFinishedMatter(state: State): void {
  if (isFinished(state, state.matter)) state.matter = "";
}

/** Takes the host's count of citizens who wait. */
export function setWaiting(state: State, count: number): void {
  state.waiting = count;
}

/** Ends the citizen's matter. A record tells if nobody was invited to rate it (rule E5). */
export function endMatter(state: State): void {
  const matter = state.matter;
  const isAsked = state.transaction === matter && state.session !== Session.Idle;
  state.matter = "";
  if (!matter || isAsked || isFinished(state, matter)) return;
  append(state, RecordType.NotInvited, [state.clerk ? state.clerk.number : state.matterBy, matter]);
  remember(state, matter);
}
