// The citizen's matter (rules E2, E5, E16, E17, R10): the host opens and ends it, and it is rated once. Only the host knows what its id means.
// What became of each id of the day of service is kept as one number, so that hundreds of them fit into the memory of a small board.

import { Setting } from "../config/config.js";
import { RecordType } from "../ledger/records.js";
import { raiseAlert } from "./alerts.js";
import { append, setResult, sound } from "./effects.js";
import { serviceDay } from "./hours.js";
import { show } from "./notice.js";
import { cannotInvite, isFree, isOnPaper, MOST_OUTCOMES, Session, type State } from "./state.js";

/** What became of an id. */
export const enum Mark {
  /** Nothing yet, or it is of an earlier day of service. */
  None,
  /** It was invited and has no grade. It may be invited once more. */
  Again,
  /** It ended without a grade, and may not be invited any more. Its paper card is taken. */
  Closed,
  /** Its paper card is entered, and nobody was invited to rate it. */
  Card,
  /** The citizen has rated it, or its paper card is entered after an invite. */
  Rated,
}

/** Most characters of the number of a counter: the display has room for them. */
const MOST_COUNTER = 4;

/** The largest prime below 2 ** 28: a word and a mark fit into 31 bits. */
const WORDS = 268435399;

/** The number under which an id is kept, without its mark. Of 256 ids two have the same one in one case of eight thousand. */
function wordOf(transaction: string): number {
  let word = 0;
  for (let i = 0; i < transaction.length; i++) word = (word * 257 + transaction.charCodeAt(i)) % WORDS;
  return word * 8;
}

/** What became of an id. */
export function markOf(state: State, transaction: string): Mark {
  const word = transaction ? wordOf(transaction) : 0;
  let mark = word && Mark.Rated;
  while (mark && state.outcomes.indexOf(word + mark) < 0) mark--;
  return mark;
}

/** Keeps what became of an id. The oldest of `MOST_OUTCOMES` ids is forgotten. */
export function setMark(state: State, transaction: string, mark: Mark): void {
  if (!transaction) return;
  const word = wordOf(transaction);
  let at = state.outcomes.indexOf(word + markOf(state, transaction));
  // Without a clock this may be another day than that of an id that was recalled.
  if (at >= state.nextOutcome && !state.wallOffsetMs) {
    state.outcomes[at] = 0;
    at = -1;
  }
  if (at < 0) {
    at = state.nextOutcome;
    state.nextOutcome = (at + 1) % MOST_OUTCOMES;
  }
  state.outcomes[at] = word + mark;
  if (transaction === state.matter) state.isMarkOld = false;
}

/**
 * Takes what became of an id from a record, newest record first. A record without a time that no newer record dates may be of the day on which the clock comes: it counts.
 * A record of an earlier day than the newest one counts only for the matter that is open. One of a later day, from before the clock was set back, counts.
 * @param mark `None`: the record does not say @param place of the record, from 1 for the newest
 * @param wall its wall time in seconds, or that of the next record that has one, or 0 @param matter as in `recallId`
 * @returns as `recallId`
 */
export function recallMark(state: State, transaction: string, mark: Mark, place: number, wall: number, matter: string): boolean {
  if (!state.outcomesDay) state.outcomesDay = serviceDay(state, state.lastWallSeconds || wall);
  const isOld = wall > 0 && serviceDay(state, wall) < state.outcomesDay;
  if (isOld && transaction !== matter) return matter !== "";
  if (!transaction || !mark) return true;
  const known = markOf(state, transaction);
  const word = wordOf(transaction);
  if (!known) {
    if (wall) state.outcomes[MOST_OUTCOMES - place] = word + mark;
    else setMark(state, transaction, mark);
    if (isOld) state.isMarkOld = true;
  }
  // Before its card was entered, it was invited, or had ended.
  else if (known === Mark.Card && mark < known) state.outcomes[state.outcomes.indexOf(word + known)] = word + Mark.Rated;
  return true;
}

/**
 * Forgets what became of the ids of an earlier day of service: their numbers may come again. It stays known of the matter that is open, until that ends, and where the
 * clock was set back over midnight. @param wall time in seconds, or 0 @param from the first place of an id that may be of an earlier day
 */
export function beginDay(state: State, wall: number, from: number): void {
  const day = serviceDay(state, wall);
  if (state.outcomesDay && day > state.outcomesDay) {
    const mark = markOf(state, state.matter);
    state.outcomes.fill(0, from);
    if (mark > markOf(state, state.matter)) {
      setMark(state, state.matter, mark);
      state.isMarkOld = true;
    }
  }
  if (day) state.outcomesDay = day;
}

/**
 * Opens a citizen's matter, and greets the citizen (rule E16). What is open already stays as it is: the host may repeat the command.
 * @param greeting `welcome`, or after a long wait `waited`
 * @param isLong the citizen is given the long time
 */
export function openMatter(state: State, transaction: string, greeting: "welcome" | "waited", isLong: boolean, atMs: number): void {
  if (state.matter === transaction) return;
  endMatter(state, "");
  restoreMatter(state, state.clerk ? state.clerk.number : "", transaction, isLong, atMs);
  const fields: (string | number)[] = [state.matterBy, transaction];
  if (isLong) fields.push(1);
  append(state, RecordType.Opened, fields);
  if (!isFree(state)) return;
  // The request for the paper card stays (rule E9).
  if (!isOnPaper(state)) show(state, greeting, "", state.config[Setting.NoticeMs], atMs);
  sound(state, greeting);
}

/**
 * Puts the matter at the counter, as it was when the power went.
 * @param by staff number of the clerk who began it, or ""
 * @param fromMs from when on its length counts for the alert
 */
export function restoreMatter(state: State, by: string, transaction: string, isLong: boolean, fromMs: number): void {
  // The number of a matter of an earlier day may come again from now on.
  if (state.isMarkOld) setMark(state, state.matter, Mark.None);
  const limit = transaction ? state.config[Setting.MatterLimitMinutes] : 0;
  state.matterDueMs = limit ? fromMs + limit * 60000 : Infinity;
  state.matter = transaction;
  state.matterBy = by;
  state.isMatterLong = isLong;
}

/** Alerts the supervisor of a matter that is open for longer than the hall's limit, once (rule R10). */
export function passMatter(state: State, atMs: number): void {
  if (atMs < state.matterDueMs) return;
  state.matterDueMs = Infinity;
  raiseAlert(state, "overlong", state.matterBy + " " + state.matter);
}

/** Takes the host's count of citizens who wait. */
export function setWaiting(state: State, count: number, atMs: number): void {
  state.waiting = count;
  state.waitingMs = atMs;
}

/** Who waited on an earlier day of service waits no more. @param dayBeganMs when the day began */
export function forgetWaiting(state: State, dayBeganMs: number): void {
  if (state.waitingMs < dayBeganMs) state.waiting = 0;
}

/** Sends this citizen to another counter (rule E17), unless that is known to be closed. The matter ends here. */
export function refer(state: State, counter: string, atMs: number): void {
  const isElsewhere = counter !== state.config[Setting.Counter] && counter.length <= MOST_COUNTER;
  const refusal = !isFree(state) ? "busy" : !isElsewhere ? "bad counter" : (state.neighbours[counter] || "open") !== "open" ? "closed" : "";
  if (refusal) setResult(state, refusal);
  else {
    show(state, "goTo#" + counter, "", state.config[Setting.NoticeMs] * 2, atMs);
    endMatter(state, counter);
  }
}

/**
 * @cold Ends the citizen's matter, and records it (rule R10). The record tells if nobody was invited to rate it (rule E5). It is about the clerk who began the matter,
 * and names who was on duty at the end where that is another. What the terminal itself has hindered is nobody's missed invite.
 * @param to the counter to which the citizen is sent, also without a matter; or ""
 */
export function endMatter(state: State, to: string): void {
  const matter = state.matter;
  if (!matter && !to) return;
  const here = state.clerk ? state.clerk.number : "";
  const fields = [state.matterBy || here, matter];
  if (to) fields.push(state.config[Setting.Counter], to);
  if (fields[0] !== here) fields.push(here);
  const isAsked = state.transaction === matter && state.session !== Session.Idle;
  const isMissed = !to && !isAsked && !markOf(state, matter) && !cannotInvite(state);
  restoreMatter(state, "", "", false, 0);
  append(state, to ? RecordType.Referred : isMissed ? RecordType.NotInvited : RecordType.Ended, fields);
  if (isMissed) setMark(state, matter, Mark.Closed);
}
