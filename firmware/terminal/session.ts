// One transaction, one rating: from the invite to the outcome (rules E1 to E4, E6, E13).
// An outcome is only ever `rated` by a press, or `timeout`, or `staffLeft`: no grade that nobody pressed.

import { Outcome, RecordType } from "../ledger/records.js";
import { isServing, type State } from "./state.js";

/** Citizen keys within so many milliseconds of each other count as none, however many they are. */
export const CHORD_MS = 60;

/** How long the answer light stays lit after a press, in ms. */
export const ANSWER_MS = 500;

/** The clerk or the host asks the citizen for a rating. */
export function invite(state: State, transaction: string, atMs: number): void {
  if (!isServing(state) || state.isLedgerDown || state.session === "open" || state.session === "pressed") return;
  // The host may ask again for what it missed the answer of: one transaction has one outcome.
  if (transaction && transaction === state.finished) return;
  state.session = "open";
  state.transaction = transaction;
  state.invitedAtMs = atMs;
  state.effects.push({ kind: "sound", pattern: "invite" });
}

/** A citizen pressed the key at `index`, 0 the leftmost. Outside an open session it means nothing. */
export function pressGrade(state: State, index: number, atMs: number): void {
  const grade = state.config.grades[index];
  if (grade === undefined) return;
  if (state.session !== "open" && state.session !== "pressed") return;
  const isChord = state.session === "pressed" ? grade !== state.grade : atMs - state.chordAtMs < CHORD_MS;
  if (isChord) {
    state.session = "open";
    state.chordAtMs = atMs;
  } else if (state.session === "open") {
    state.session = "pressed";
    state.grade = grade;
    state.pressedAtMs = atMs;
  } else return;
  state.answerUntilMs = atMs + ANSWER_MS;
  // Keys that count as none are answered by the prompt again.
  state.effects.push({ kind: "sound", pattern: isChord ? "invite" : "press" });
}

/** The clerk leaves: an unfinished session ends without a grade; a press that is already made counts. */
export function closeSession(state: State, atMs: number): void {
  if (state.session === "pressed") finish(state, Outcome.Rated, state.pressedAtMs);
  else if (state.session === "open") finish(state, Outcome.StaffLeft, atMs);
  state.session = "idle";
}

/** When the session next moves by itself, or Infinity. */
export function sessionDeadline(state: State): number {
  switch (state.session) {
    case "idle":
      return Infinity;
    case "open":
      return state.invitedAtMs + state.config.timeoutMs;
    case "pressed":
      return state.pressedAtMs + CHORD_MS;
    case "thanks":
      return state.pressedAtMs + state.config.thanksMs;
  }
}

/** Moves the session on when its deadline has come. */
export function passSession(state: State, atMs: number): void {
  const deadlineMs = sessionDeadline(state);
  if (atMs < deadlineMs) return;
  if (state.session === "pressed") {
    finish(state, Outcome.Rated, state.pressedAtMs);
    state.session = "thanks";
    state.effects.push({ kind: "sound", pattern: "thanks" });
  } else {
    if (state.session === "open") finish(state, Outcome.Timeout, deadlineMs);
    state.session = "idle";
  }
}

function finish(state: State, outcome: Outcome, atMs: number): void {
  const clerk = state.clerk;
  const grade = outcome === Outcome.Rated ? state.grade : 0;
  if (!clerk) return;
  state.finished = state.transaction;
  state.effects.push({
    kind: "append",
    type: RecordType.Session,
    fields: [clerk.number, state.transaction, outcome, grade, atMs - state.invitedAtMs],
  });
}
