// Writes the terminal's records. The record that tells of a start comes before every other one.

import type { Ledger } from "../ledger/ledger.js";
import { RecordType } from "../ledger/records.js";
import { type Event, EventKind } from "../terminal/events.js";
import { BAD_GRADE } from "../terminal/session.js";
import type { State } from "../terminal/state.js";
import { step } from "../terminal/step.js";
import { noteBadRating } from "../terminal/supervisor.js";
import { wallSeconds } from "../terminal/wall-clock.js";

export type Fields = readonly (string | number)[];

/**
 * Writes a record.
 * @param isBegin the record only begins: see `Ledger.begin`
 * @returns whether it is in flash; otherwise the ledger is out of order from now on
 */
export type Append = (type: RecordType, fields: Fields, atMs: number, isBegin?: boolean) => boolean;

export interface Recorder {
  readonly append: Append;
  /** The record of this start is written with the next call of `writeStart` or `append`. */
  planStart(fields: Fields): void;
  /** Writes the record of this start, if it is not written yet. It is also the ledger's own test (rule R5). */
  writeStart(): void;
}

/** The fields in the text of a record. */
export function fieldsOf(text: string): (string | number)[] {
  return JSON.parse("[" + text + "]") as (string | number)[];
}

/** @param act hears that the ledger works again */
export function createRecorder(state: State, ledger: Ledger, act: (event: Event) => void): Recorder {
  let startFields: Fields | undefined;
  /** Time of the newest record. */
  let newestMs = 0;

  function writeStart(): void {
    const fields = startFields;
    startFields = undefined;
    if (fields) append(RecordType.Started, fields, 0);
  }

  function append(type: RecordType, fields: Fields, atMs: number, isBegin?: boolean): boolean {
    if (startFields) writeStart();
    // An event that has waited in the queue may be older than the newest record.
    if (atMs < newestMs) atMs = newestMs;
    newestMs = atMs;
    const json = JSON.stringify(fields);
    const text = json.substr(1, json.length - 2);
    const wall = wallSeconds(state, atMs);
    const status = isBegin ? ledger.begin(type, atMs, wall, text + ",") : ledger.append(type, atMs, wall, text);
    if (status === "ok") {
      if (type === RecordType.Session && (fields[3] as number) > 0 && (fields[3] as number) <= BAD_GRADE) noteBadRating(state, ledger.last(), atMs);
      if (state.isLedgerDown) act({ kind: EventKind.FaultEnded, fault: "ledger", atMs });
      return true;
    }
    step(state, { kind: EventKind.FaultBegan, fault: "ledger", detail: "", atMs });
    return false;
  }

  return {
    append,
    planStart(fields) {
      startFields = fields;
    },
    writeStart,
  };
}
