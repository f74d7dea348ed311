// Totals by clerk, day and month (rule R2). They are kept in the log, not in memory: checkpoints write each row as a record, and this file counts on from the
// newest rows. FORMAT.md describes the rows.

import { BEGUN, textOf, wallSecondsOf } from "./layout.js";
import type { Ledger } from "./ledger.js";
import { Outcome, RecordType } from "./records.js";

/**
 * Rows by their names: a month and a staff number (none where nobody was on duty) such as `2026-03 1024`, or a day such as `2026-03-02 `. `unknown` stands for
 * the month of records without a wall time. Each row has the numbers of ratings 1 to 5, time-outs, cancelled, clerk left, not invited, ratings from paper
 * cards, voided.
 */
export type TotalsRows = { [name: string]: number[] };

export interface Totals {
  readonly rows: TotalsRows;
  /** Number of the first record that was counted. */
  readonly since: number;
  /** For a record that is to be voided: its staff number, its wall time, and its place in the rows; empty where the totals do not count it. */
  readonly counted: readonly (string | number)[];
  /** The reason why it cannot be voided: it is `gone` from the log, or `voided` already; or "". */
  readonly problem: string;
}

/** Places in a row. A rating has the place grade - 1, any other outcome the place `OUTCOMES` + `Outcome`. */
const OUTCOMES = 4;
const NOT_INVITED = 8;
const CARDS = 9;
const VOIDED = 10;
/** Added to the place of a rating from a paper card. */
const FROM_CARD = 16;
/** How long the row of a day is kept, and at least how long the row of a month is, in days. */
const KEPT_DAYS = 7;
const KEPT_MONTH_DAYS = 32;

/**
 * Counts on from the newest rows to the end of the log. It reads every record behind them, so call it only while nobody waits.
 * @param from number of the first record of the newest rows, or of the first record that `carried` does not count; less than `Ledger.oldest` without any rows
 * @param since number of the first record that those rows count
 * @param carried rows that were counted before a page was erased, and that no record holds yet, as JSON; or ""
 * @param utcOffsetMinutes local time minus UTC, which decides where a day ends
 * @param voiding number of the record that is to be voided, or 0 to count
 */
export function totalsOf(ledger: Ledger, from: number, since: number, carried: string, utcOffsetMinutes: number, voiding: number): Totals {
  const rows = JSON.parse(carried || "{}") as TotalsRows;
  const oldest = ledger.oldest();
  const last = ledger.last();
  let isInRows = !voiding && from >= oldest;
  let newestWall = 0;
  let counted: (string | number)[] = [];
  let problem = voiding && voiding < oldest ? "gone" : "";

  function dateAt(wallSeconds: number): string {
    return new Date((wallSeconds + utcOffsetMinutes * 60) * 1000).toISOString();
  }
  function addTo(name: string, place: number, by: number): void {
    if (!rows[name]) rows[name] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const row = rows[name] as number[];
    row[place & 15] = (row[place & 15] as number) + by;
    if (place & FROM_CARD) row[CARDS] = (row[CARDS] as number) + by;
    if (by < 0) row[VOIDED] = (row[VOIDED] as number) + 1;
  }
  /** @param what staff number, wall time and place, as in `counted` */
  function add(what: readonly (string | number)[], by: number): void {
    const date = what[1] ? dateAt(what[1] as number) : "unknown";
    addTo(date.substr(0, 7) + " " + what[0], what[2] as number, by);
    if (what[1]) addTo(date.substr(0, 10) + " ", what[2] as number, by);
  }

  if (!isInRows && !carried) since = oldest;
  for (let sequence = voiding || (isInRows ? from : oldest); sequence <= last && !problem; sequence++) {
    const record = ledger.read(sequence);
    if (!record) continue;
    const bytes = record.bytes;
    const type = (bytes[1] as number) & ~BEGUN;
    const wallSeconds = wallSecondsOf(bytes);
    if (wallSeconds) newestWall = wallSeconds;
    isInRows = isInRows && type === RecordType.Totals;
    const isSession = type === RecordType.Session;
    if (!isInRows && !isSession && type !== RecordType.Card && type !== RecordType.NotInvited && type !== RecordType.Voided) continue;
    const values = JSON.parse("[" + textOf(bytes) + "]") as (string | number)[];
    const first = values[0] as string;
    if (isInRows) {
      // Zeros at the end are not written.
      while (values.length <= VOIDED + 1) values.push(0);
      rows[first] = values.slice(1) as number[];
    } else if (type === RecordType.Voided) {
      if (voiding) problem = values[0] === voiding ? "voided" : "";
      else if (values.length > 3 && (values[0] as number) >= since) add(values.slice(3), -1);
    } else if (!isSession || values[2] !== Outcome.Pending) {
      let place = NOT_INVITED;
      if (type === RecordType.Card) place = (values[2] as number) - 1 + FROM_CARD;
      else if (isSession) place = values[2] === Outcome.Rated ? (values[3] as number) - 1 : (values[2] as number) + OUTCOMES;
      if (sequence === voiding) counted = [first, wallSeconds, place];
      else if (!voiding) add([first, wallSeconds, place], 1);
    }
  }
  const kept: TotalsRows = {};
  for (const name in rows) {
    const isDay = name.substr(7, 1) === "-";
    const isOld = newestWall && name < dateAt(newestWall - (isDay ? KEPT_DAYS : KEPT_MONTH_DAYS) * 86400).substr(0, isDay ? 10 : 7);
    if (!isOld) kept[name] = rows[name] as number[];
  }
  return { rows: kept, since, counted, problem };
}
