// Restores the state from the newest records after a power cut (rules A2, R4): the clerk on duty, the open matter and session, a running pause, and keys out
// of order. Records are read from the newest back, and the first one that tells about a part settles it.

import { Outcome, RecordType } from "../ledger/records.js";
import { reviewRoster } from "./admission.js";
import { beginAttendance, recallAttendance, recallService } from "./attendance.js";
import { signOut, signOutFormer } from "./duty.js";
import { append } from "./effects.js";
import { attend } from "./hours.js";
import { recallDeadKeys, recallKey } from "./key-health.js";
import { beginPause, resumePause } from "./pause.js";
import { recallSession } from "./session.js";
import type { State } from "./state.js";
import { Suspect } from "./suspicion.js";
import { Mark, recallMark, restoreMatter } from "./transaction.js";

/** The parts of the state that the records have told so far. A field is missing until a record tells it, as each field makes a start longer. */
export interface Recollection {
  /** Staff number of the clerk on duty, "" for nobody, or none while no record has told. */
  staff?: string;
  /** Fields of the newest record about duty where the next one is missing: a `SignIn` after a take-over, or a `SignOut` after the outcome `StaffLeft`. */
  unfinished?: readonly (string | number)[];
  isPauseKnown?: boolean;
  /** A record has told since when somebody is on duty, or until when somebody was. */
  isAttendanceKnown?: boolean;
  /** Fields of an approval that was not carried out before the power went. */
  approved?: readonly (string | number)[];
  /** Wall time of the newest record that has one, in seconds since 1970 UTC, or 0. */
  wallSeconds: number;
  isSessionKnown?: boolean;
  isMatterKnown?: boolean;
  /** Keys about which a record has told, a bit each. */
  keysKnown: number;
  /** Number of the first record of the newest totals, or 0, and of the first record that they count. */
  totals: number;
  totalsSince: number;
  /** A `State` record was found, which tells all the rest. */
  isWhole?: boolean;
}

export function createRecollection(): Recollection {
  return { wallSeconds: 0, keysKnown: 0, totals: 0, totalsSince: 0 };
}

/** Types of records that tell what became of the id of a transaction, a bit each. */
export const TYPES_WITH_ID =
  (1 << RecordType.Session) | (1 << RecordType.NotInvited) | (1 << RecordType.Card) | (1 << RecordType.Voided) | (1 << RecordType.Opened);

/**
 * Takes what became of the id in a record of one of `TYPES_WITH_ID`, but `Opened`, newest record first.
 * @param matter that is open, or "" where the record is older than its beginning
 * @param voided numbers of the records that newer ones have voided, and ids whose card is void
 * @param wall @param place as in `recallMark`
 * @returns whether older records may tell more: those of the same day, and those of the matter that is open since an earlier one
 */
export function recallId(
  state: State,
  voided: (number | string)[],
  matter: string,
  type: RecordType,
  values: readonly (string | number)[],
  wall: number,
  sequence: number,
  place: number,
): boolean {
  let mark = type === RecordType.NotInvited || (values[5] as number) & Suspect.Again ? Mark.Closed : Mark.Again;
  const transaction = values[1] as string;
  const isVoid = voided.indexOf(sequence) >= 0;
  // What was voided may be the outcome of a matter that is open since an earlier day.
  if (type === RecordType.Voided) {
    voided.push(values[0] as number);
    return true;
  }
  // A grade that is void is none.
  if (type === RecordType.Session && values[2] === Outcome.Rated) mark = isVoid ? Mark.Again : Mark.Rated;
  // Whatever was before a card that is void, the matter may be invited once more.
  if (voided.indexOf(transaction) >= 0) mark = Mark.Again;
  if (type === RecordType.Card) mark = isVoid ? Mark.None : Mark.Card;
  if (!mark) voided.push(transaction);
  if (type === RecordType.Session && values[2] === Outcome.Pending) mark = Mark.None;
  return recallMark(state, transaction, mark, place, wall, matter);
}

/** Takes one record, newest record first. @param values its fields @param wall its wall time in seconds since 1970 UTC, or 0 */
export function recall(state: State, told: Recollection, type: RecordType, values: readonly (string | number)[], wall: number, atMs: number): void {
  const first = values[0] as string;
  if (!told.wallSeconds) told.wallSeconds = wall;
  // Most records are sessions.
  if (type === RecordType.Session) {
    const outcome = values[2];
    if (told.staff === undefined && outcome === Outcome.StaffLeft) told.unfinished = values;
    settleStaff(told, outcome === Outcome.StaffLeft ? "" : first);
    if (!told.isSessionKnown) recallSession(state, values, atMs);
    told.isSessionKnown = true;
  } else recallOther(state, told, type, values, wall, atMs);
}

function recallOther(state: State, told: Recollection, type: RecordType, values: readonly (string | number)[], wall: number, atMs: number): void {
  const first = values[0] as string;
  if (type === RecordType.Started) recallKeys(state, told, values[4] as number);
  else if (type === RecordType.Opened) recallMatter(state, told, first, values[1] as string, !!values[2]);
  else if (type === RecordType.State) {
    recallKeys(state, told, values[4] as number);
    settleStaff(told, first);
    const since = (values[7] as number) || 0;
    settleAttendance(state, told, (first && (told.wallSeconds || (values[10] as number))) || since);
    if (!told.isPauseKnown) {
      recallService(state, since, (values[8] as number) || 0);
      if (values[1]) resumePause(state, values[1] as string, atMs);
    }
    if (!told.isWhole) {
      told.totals = (values[5] as number) || 0;
      told.totalsSince = values[6] as number;
    }
    // No session is open while a `State` record is written.
    told.isSessionKnown = true;
    told.isPauseKnown = true;
    told.isWhole = true;
    recallMatter(state, told, values[3] as string, values[2] as string, !!values[9]);
  } else if (type === RecordType.NotInvited || type === RecordType.Ended || type === RecordType.Referred) told.isMatterKnown = true;
  else if (type === RecordType.FaultBegan || type === RecordType.FaultEnded) {
    if (first === "key") told.keysKnown |= recallKey(state, values[1] as string, told.keysKnown);
  } else if (type === RecordType.SignOut) {
    if (told.staff === undefined && values[1]) told.unfinished = values;
    settleStaff(told, values[1] as string);
    // Who forgot to sign out had left long before.
    settleAttendance(state, told, values[4] === "forgotten" ? 1 : wall);
    told.isPauseKnown = true;
    // A clerk who takes over also takes over the open session.
    if (!values[1]) told.isSessionKnown = true;
  } else if (type === RecordType.SignIn || type === RecordType.PauseBegan || type === RecordType.PauseEnded) {
    settleStaff(told, first);
    // A pause may have no time where the sign-in behind it has one.
    if (type === RecordType.SignIn) settleAttendance(state, told, told.wallSeconds);
    if (!told.isPauseKnown) {
      recallService(state, wall, type === RecordType.SignIn ? 0 : (values[3] as number) || 0);
      if (type === RecordType.PauseBegan) resumePause(state, values[1] as string, atMs);
    }
    told.isPauseKnown = true;
  } else if (type === RecordType.Approved && !told.isPauseKnown && !told.approved) told.approved = values;
}

function recallKeys(state: State, told: Recollection, dead: number): void {
  recallDeadKeys(state, dead, told.keysKnown);
  told.keysKnown = -1;
}

/** Takes the newest matter: only that one can still be open. */
function recallMatter(state: State, told: Recollection, by: string, transaction: string, isLong: boolean): void {
  if (!told.isMatterKnown) restoreMatter(state, by, transaction, isLong, 0);
  told.isMatterKnown = true;
}

/** Takes since when somebody is on duty, or until when somebody was, by the newest record that tells. @param seconds since 1970 UTC, or 0 */
function settleAttendance(state: State, told: Recollection, seconds: number): void {
  if (!told.isAttendanceKnown) recallAttendance(state, seconds);
  told.isAttendanceKnown = true;
}

function settleStaff(told: Recollection, staff: string): void {
  if (told.staff === undefined) told.staff = staff;
}

/**
 * Writes the record about duty that the power cut kept from being written, signs out a clerk whom the roster does not allow here any more, and carries out what
 * was approved.
 */
export function resume(state: State, told: Recollection, atMs: number): void {
  const clerk = state.clerk;
  if (told.unfinished) {
    if (told.staff) {
      append(state, RecordType.SignIn, [told.staff, clerk ? clerk.badge : "", ""]);
      beginAttendance(state, false, atMs);
    } else append(state, RecordType.SignOut, [told.unfinished[0] as string, "", 0]);
  }
  if (told.staff && !clerk) signOutFormer(state, told.staff, atMs);
  reviewRoster(state, atMs);
  const approved = told.approved;
  if (approved && state.clerk) {
    if (approved[1] === "pause") beginPause(state, approved[2] as string, approved[0] as string, atMs);
    else signOut(state, "", atMs);
  }
  attend(state, atMs);
}
