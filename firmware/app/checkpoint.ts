// Checkpoints: now and again a `State` record, and the totals, tell how the terminal stands, so that a start need not look far back.

import type { Hal } from "../../hal/hal.js";
import { Setting } from "../config/config.js";
import type { Ledger } from "../ledger/ledger.js";
import { RecordType } from "../ledger/records.js";
import { type Totals, totalsOf } from "../ledger/totals.js";
import { lateSeconds, sinceSeconds } from "../terminal/attendance.js";
import type { Recollection } from "../terminal/restore.js";
import { isAsking } from "../terminal/session.js";
import { isServing, Session, type State } from "../terminal/state.js";
import type { Append } from "./recorder.js";

/** A `State` record comes at the latest after this many other records, once nobody is asked. */
export const STATE_EVERY = 16;

/** The totals are written after this many records while nobody is served. At a counter that is always served they wait for twice as many. */
export const TOTALS_EVERY = 128;

export interface Checkpoint {
  /** Writes a checkpoint if one is due. */
  keep(atMs: number): void;
  /** Counts the totals, which may take seconds. @param voiding as in `totalsOf` */
  countTotals(voiding: number): Totals;
  /** The checkpoint that a start has found. @param sequence number of its `State` record, or 0 where none was found */
  restore(sequence: number, told: Recollection): void;
}

export function createCheckpoint(hal: Hal, state: State, ledger: Ledger, append: Append): Checkpoint {
  /** Number of the newest `State` record, or 0. */
  let stateSequence = 0;
  /** As in `totalsOf`: number of the first record of the newest totals, or 0; of the first record that they count; and those that an erased page held. */
  let totalsSequence = 0;
  let totalsSince = 0;
  let carried = "";

  /** @cold The totals up to now. */
  function countTotals(voiding: number): Totals {
    hal.watchdog.kick();
    return totalsOf(ledger, totalsSequence, totalsSince, carried, state.config[Setting.UtcOffsetMinutes], voiding);
  }

  ledger.onForget = (end) => {
    if (totalsSequence >= end) return;
    const totals = countTotals(0);
    carried = JSON.stringify(totals.rows);
    totalsSince = totals.since;
    totalsSequence = ledger.last() + 1;
  };

  return {
    countTotals,

    keep(atMs) {
      const last = ledger.last();
      const isLong = state.session === Session.Idle && last - totalsSequence >= TOTALS_EVERY * (isServing(state) ? 2 : 1);
      // Out of order, the terminal does not know who is on duty.
      if (state.configProblem || isAsking(state) || state.isLedgerDown || (last - stateSequence < STATE_EVERY && !carried && !isLong)) return;
      let first = totalsSequence;
      let since = totalsSince;
      if (carried || isLong) {
        const totals = countTotals(0);
        const rows = totals.rows;
        first = last + 1;
        since = totals.since;
        for (const name in rows) {
          const row = ([name] as (string | number)[]).concat(rows[name] as number[]);
          // Without the zeros at its end, most rows fit into one slot.
          while (!row[row.length - 1]) row.pop();
          if (!append(RecordType.Totals, row, atMs)) return;
        }
      }
      stateSequence = ledger.last() + 1;
      const clerk = state.clerk;
      const fields = [clerk ? clerk.number : "", state.pause, state.matter, state.matterBy, state.keysDead, first, since];
      fields.push(sinceSeconds(state), lateSeconds(state), state.isMatterLong ? 1 : 0);
      // Of a sign-in since the start it tells nothing.
      if (state.toldAttended && state.signedInMs === Infinity) fields.push(state.toldAttended);
      if (!append(RecordType.State, fields, atMs)) return;
      totalsSequence = first;
      totalsSince = since;
      carried = "";
    },

    restore(sequence, told) {
      stateSequence = sequence;
      totalsSequence = told.totals;
      totalsSince = told.totalsSince;
    },
  };
}
