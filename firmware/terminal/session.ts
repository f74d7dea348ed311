// The session: one rating for one transaction, from the invite to the outcome, and the reason that follows (rules E1 to E4, E6 to E8, E13, E15).
// A grade comes from a press alone. Without a press the outcome is `timeout`, `cancelled` or `staffLeft`.
// Everything seen and heard is the same for every grade. A reason is asked for after every rating, and kept only after a bad one.

import type { Cue } from "../../hal/sound.js";
import { Setting } from "../config/config.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { raiseAlert } from "./alerts.js";
import { append, begin, setResult, sound } from "./effects.js";
import { showHint, showNotice } from "./notice.js";
import { isFree, isOnPaper, isServing, Session, type State } from "./state.js";
import { markLong, Suspect, setSuspect, suspectAtInvite, suspectChord } from "./suspicion.js";
import { endMatter, Mark, markOf, setMark } from "./transaction.js";

/** Several citizen keys pressed within this time count as no press, in ms. */
export const CHORD_MS = 60;

/** How long the answer light is lit after a press, in ms. */
const ANSWER_MS = 500;

/** Most characters of staff number and transaction together that fit into the head of a begun record. */
const MOST_BEGUN = 18;

/** The highest grade that is a bad rating (差评). */
export const BAD_GRADE = 2;

/** Most reasons on a page: the display has a line for each, and two more. */
const MOST_ON_PAGE = 3;

/** Reasons on a page: as many as there are keys for. The last key says none, and where not all reasons have room the one before it turns the page. */
export function reasonsOnPage(state: State): number {
  const keys = state.config[Setting.Grades].length;
  const count = state.config[Setting.Reasons].length;
  return count > MOST_ON_PAGE || count >= keys ? Math.min(keys - 2, MOST_ON_PAGE) : count;
}

/** Whether the citizen may press or has just pressed. */
export function isAsking(state: State): boolean {
  return state.session === Session.Open || state.session === Session.Pressed;
}

/** Whether a citizen needs this clerk: one waits, has a matter open, or is asked for a rating. Then a supervisor approves whatever would keep the clerk away. */
export function isNeeded(state: State): boolean {
  return !!state.matter || state.waiting > 0 || isAsking(state);
}

/**
 * The clerk or the host asks the citizen for a rating.
 * @param transaction its id, or "" for the open matter or none
 * @param isLong the host gives the long time
 */
export function invite(state: State, transaction: string, isLong: boolean, atMs: number): void {
  const clerk = state.clerk;
  const id = transaction || state.matter;
  const mark = markOf(state, id);
  let refusal = "";
  // The host may repeat its command.
  if (transaction && isAsking(state) && transaction === state.transaction) {
    if (isLong) giveLongTime(state);
    return;
  }
  if (!clerk || !isServing(state) || state.emergency) refusal = "notServing";
  else if (isOnPaper(state)) refusal = "paperCard";
  // The thanks are equally long for every grade, so an invite must not cut them short (rule E4).
  else if (isAsking(state) || state.session === Session.Thanks || state.unseenKeys > 0) refusal = "busy";
  else if (mark > Mark.Again) refusal = "finished";
  if (refusal || !clerk) {
    setResult(state, refusal);
    // A second press of the clerk's key is the one reminder.
    if (!transaction && state.session === Session.Open) remind(state);
    if (refusal === "finished") showNotice(state, mark > Mark.Closed ? "rated" : "paperCard", mark > Mark.Closed ? id : "", atMs);
    else if (!transaction && (refusal !== "busy" || state.session === Session.Thanks)) refuseKey(state, refusal);
    return;
  }
  const isMatter = id && id === state.matter;
  const marks = (mark ? Suspect.Again : 0) | (isLong || (isMatter && state.isMatterLong) ? Suspect.Long : 0);
  openSession(state, id, (isMatter && state.matterBy) || clerk.number, marks | suspectAtInvite(state, atMs), atMs);
  keepSession(state);
  sound(state, "invite");
}

/** The clerk's key cannot invite now. The clerk hears it, and the display says why. */
function refuseKey(state: State, refusal: string): void {
  sound(state, "refused");
  // The citizen gets the paper card: for the terminal the matter has come to its end.
  if (refusal === "paperCard") endMatter(state, "");
}

/** Opens the session: the citizen may press from now on. @param suspect marks of the session so far */
export function openSession(state: State, transaction: string, by: string, suspect: number, atMs: number): void {
  state.session = Session.Open;
  state.transaction = transaction;
  state.begunBy = by;
  setSuspect(state, suspect);
  state.invitedAtMs = atMs;
  // A press from before the invite may be handled after it, and rates nothing.
  state.chordAtMs = atMs - CHORD_MS;
  state.isReminded = false;
  state.patienceMs = state.config[Setting.LongMode] || suspect & Suspect.Long ? state.config[Setting.LongTimeoutMs] : state.config[Setting.TimeoutMs];
}

/** @cold Gives the citizen who is asked the long time, counted from the invite (rule E15). */
export function giveLongTime(state: State): void {
  if (state.session !== Session.Open || state.suspect & Suspect.Long) return;
  markLong(state);
  state.patienceMs = state.config[Setting.LongTimeoutMs];
  keepSession(state);
  sound(state, "press");
}

/** Records the open session, so that it survives a power cut. */
export function keepSession(state: State): void {
  const clerk = state.clerk;
  if (!clerk) return;
  // The head has no room for `Suspect` marks. A second invite is written whole, as a third one must be refused even after a power cut, and so is the long time.
  if (
    !(state.suspect & (Suspect.Again | Suspect.Long)) &&
    clerk.number === state.begunBy &&
    clerk.number.length + state.transaction.length <= MOST_BEGUN
  ) {
    begin(state, RecordType.Session, [clerk.number, state.transaction]);
  } else append(state, RecordType.Session, [clerk.number, state.transaction, Outcome.Pending, 0, 0, state.suspect, state.begunBy]);
}

/** Lights the answer light. */
export function lightAnswer(state: State, atMs: number): void {
  state.answerUntilMs = atMs + ANSWER_MS;
}

/** Takes the newest record of a session: an open session is opened again. @param values its fields */
export function recallSession(state: State, values: readonly (string | number)[], atMs: number): void {
  const suspect = (values[5] as number) || 0;
  const transaction = values[1] as string;
  if (values[2] === Outcome.Pending) openSession(state, transaction, (values[6] || values[0]) as string, suspect | Suspect.PowerCut, atMs);
}

function remind(state: State): void {
  if (state.isReminded) return;
  state.isReminded = true;
  sound(state, "invite");
}

/**
 * A citizen pressed the key at `index`, 0 being the leftmost. Somebody waits for the answer, so this part of the step comes first; `step` does the rest
 * with the event. The caller has dealt with deadlines before the press.
 * @returns the sound that answers the press, or "" where it means nothing
 */
export function pressGrade(state: State, index: number, atMs: number): Cue | "" {
  const grade = state.config[Setting.Grades][index];
  // Everything else is in another function, because the interpreter also reads the code that it skips, and somebody waits.
  if (state.session !== Session.Open || !grade || atMs - state.chordAtMs < CHORD_MS) return pressOther(state, index, grade, atMs);
  state.session = Session.Pressed;
  state.grade = grade;
  state.pressedAtMs = atMs;
  state.answerUntilMs = atMs + ANSWER_MS;
  return "press";
}

/** Any other press than the first one of an open session. */
function pressOther(state: State, index: number, grade: number | undefined, atMs: number): Cue | "" {
  if (state.session === Session.Reasons) return pressReason(state, index, atMs);
  // A press before the invite rates nothing.
  const isMeant = grade && isAsking(state) && atMs >= state.invitedAtMs;
  if (!isMeant || (state.session === Session.Pressed && grade === state.grade)) return "";
  state.session = Session.Open;
  state.chordAtMs = atMs;
  suspectChord(state);
  lightAnswer(state, atMs);
  // Several keys at once count as no press, and the prompt is repeated.
  return "invite";
}

/** A press while reasons are offered. It counts when no second key can cancel it any more. A key that means nothing there gets no answer. */
function pressReason(state: State, index: number, atMs: number): Cue | "" {
  const isChord = atMs - state.chordAtMs < CHORD_MS || (state.reasonKey >= 0 && state.reasonKey !== index);
  if (isChord) {
    state.chordAtMs = atMs;
    state.reasonKey = -1;
  } else if (state.reasonKey < 0 && reasonAt(state, index) >= -1) {
    state.reasonKey = index;
    state.reasonAtMs = atMs;
    lightAnswer(state, atMs);
    return "press";
  }
  return "";
}

/** What the key at `index` means while reasons are offered: a reason's code, 0 for none, -1 for the next page, or -2 for nothing. */
function reasonAt(state: State, index: number): number {
  const reasons = state.config[Setting.Reasons];
  const keys = state.config[Setting.Grades].length;
  const count = reasonsOnPage(state);
  if (index === keys - 1) return 0;
  if (index === keys - 2 && count < reasons.length) return -1;
  return (index < count && reasons[state.reasonPage + index]) || -2;
}

/** The official code of a reason for a grade, whose first digit is the grade, or 0. Only bad grades have one. */
function codeFor(reason: number, grade: number): number {
  for (let codes = reason; codes; codes = Math.floor(codes / 1000)) if (Math.floor((codes % 1000) / 100) === grade) return codes % 1000;
  return 0;
}

/** @cold The press of a reason counts. */
function takeReason(state: State): void {
  const code = reasonAt(state, state.reasonKey);
  state.reasonKey = -1;
  if (code < 0) {
    state.reasonPage += reasonsOnPage(state);
    if (state.reasonPage >= state.config[Setting.Reasons].length) state.reasonPage = 0;
    return;
  }
  // A record is written after every grade, because the traffic on the link must not tell the grade. After a good one the code is 0.
  const fields = [state.begunBy, state.transaction, codeFor(code, state.grade)];
  // The reason is about the clerk who was rated, also when another one has taken over.
  if (state.clerk && state.clerk.number !== state.begunBy) fields.push(state.clerk.number);
  append(state, RecordType.Reason, fields);
  state.session = Session.Idle;
}

/** A citizen pressed a key. Where that means nothing on the staff card, the display says why, without the light and sound of a press that was heard. */
export function explainPress(state: State, atMs: number): void {
  if (isFree(state) && !isOnPaper(state)) showHint(state, atMs);
}

/** Ends a session before its time. A press that was made counts. */
export function closeSession(state: State, outcome: Outcome, atMs: number): void {
  if (state.session === Session.Pressed) finish(state, Outcome.Rated, state.pressedAtMs);
  else if (state.session === Session.Reasons && state.reasonKey >= 0) takeReason(state);
  else if (state.session === Session.Open) finish(state, outcome, atMs);
  // The thanks are equally long for every grade (rule E4).
  if (state.session !== Session.Thanks) state.session = Session.Idle;
}

/** When the session moves on by itself, or Infinity. */
export function sessionDeadline(state: State): number {
  const config = state.config;
  switch (state.session) {
    case Session.Idle:
      return Infinity;
    case Session.Open:
      return (
        state.invitedAtMs +
        (state.isReminded || !config[Setting.ReminderMs] ? state.patienceMs : Math.min(config[Setting.ReminderMs], state.patienceMs))
      );
    case Session.Pressed:
      return state.pressedAtMs + CHORD_MS;
    case Session.Thanks:
      return state.pressedAtMs + config[Setting.ThanksMs];
    case Session.Reasons:
      return state.reasonKey < 0 ? state.pressedAtMs + config[Setting.ThanksMs] + config[Setting.ReasonMs] : state.reasonAtMs + CHORD_MS;
  }
}

/** Moves the session on as often as its deadline has come, and puts out the answer light. */
export function passSession(state: State, atMs: number): void {
  if (atMs >= state.answerUntilMs) state.answerUntilMs = 0;
  for (let dueMs = sessionDeadline(state); atMs >= dueMs; dueMs = sessionDeadline(state)) moveOn(state, dueMs);
}

function moveOn(state: State, deadlineMs: number): void {
  if (state.session === Session.Pressed) {
    finish(state, Outcome.Rated, state.pressedAtMs);
    state.session = Session.Thanks;
    sound(state, "thanks");
  } else if (state.session === Session.Thanks && state.config[Setting.Reasons].length && state.clerk && !state.pause) {
    state.session = Session.Reasons;
    state.reasonPage = 0;
    state.reasonKey = -1;
  } else if (state.session === Session.Reasons && state.reasonKey >= 0) takeReason(state);
  else if (state.session === Session.Open && deadlineMs < state.invitedAtMs + state.patienceMs) {
    remind(state);
  } else {
    if (state.session === Session.Open) finish(state, Outcome.Timeout, deadlineMs);
    state.session = Session.Idle;
  }
}

function finish(state: State, outcome: Outcome, atMs: number): void {
  const clerk = state.clerk;
  if (!clerk) return;
  const grade = outcome === Outcome.Rated ? state.grade : 0;
  const fields: (string | number)[] = [clerk.number, state.transaction, outcome, grade, Math.max(atMs - state.invitedAtMs, 0)];
  const isHandedOver = state.begunBy !== clerk.number;
  if (state.suspect || isHandedOver) fields.push(state.suspect);
  if (isHandedOver) fields.push(state.begunBy);
  append(state, RecordType.Session, fields);
  // Without a grade one more invite is allowed, and no third one.
  setMark(state, state.transaction, grade ? Mark.Rated : state.suspect & Suspect.Again ? Mark.Closed : Mark.Again);
  state.begunBy = clerk.number;
  if (grade && grade <= BAD_GRADE) raiseAlert(state, "badRating", clerk.number);
}
