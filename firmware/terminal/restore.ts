// Where the terminal was when the power went (rules A2, R4): the newest records tell who was on duty, what was open, and a running pause with its approval.

import { Outcome, RecordType } from "../ledger/records.js";
import { resumePause } from "./pause.js";
import { openSession } from "./session.js";
import type { State } from "./state.js";
import { Suspect } from "./suspicion.js";
import { isFinished, remember } from "./transaction.js";

/**
 * Takes one record, newest first.
 * @param values its fields
 * @returns the staff number of who is on duty, "" for nobody, or undefined while older records must tell
 */
export function restoreFrom(state: State, type: RecordType, values: readonly (string | number)[], atMs: number): string | undefined {
  if (type === RecordType.SignOut) return values[1] as string;
  if (type === RecordType.PauseBegan) resumePause(state, values[1] as string, atMs);
  if (type === RecordType.Session) {
    if (values[2] === Outcome.Pending) openSession(state, values[1] as string, (values[6] || values[0]) as string, Suspect.PowerCut, atMs);
    if (values[2] === Outcome.StaffLeft) return "";
  }
  const isTelling = type === RecordType.SignIn || type === RecordType.Session || type === RecordType.PauseBegan || type === RecordType.PauseEnded;
  return isTelling ? (values[0] as string) : undefined;
}

/** Takes one record, newest first, for what it says of citizens' matters: which have had their outcome, and which one is open. */
export function restoreMatter(state: State, type: RecordType, values: readonly (string | number)[]): void {
  const transaction = values[1] as string;
  const isOutcome = type === RecordType.Session && values[2] !== Outcome.Pending;
  if (isOutcome || type === RecordType.NotInvited || type === RecordType.Card) remember(state, transaction);
  if (type !== RecordType.Opened || state.matterBy) return;
  // Only the newest one can still be open.
  state.matterBy = (values[0] as string) || "-";
  if (!isFinished(state, transaction)) state.matter = transaction;
}
