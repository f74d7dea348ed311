// Totals for the month's report (rule R2): counted from the records and from nothing else, so that whoever counts again gets the same.

import type { LedgerRecord } from "./ledger-reader.js";

const GRADES = [1, 2, 3, 4, 5] as const;
export type Grade = (typeof GRADES)[number];

/** What was counted, of one clerk, day or month, or of all. */
export interface Tally {
  /** Ratings by their grade. Those from paper cards are among them. */
  readonly grades: Readonly<Record<Grade, number>>;
  /** Ratings from paper cards. */
  readonly cards: number;
  /** Sessions that ended without a grade. */
  readonly timeouts: number;
  readonly cancelled: number;
  readonly staffLeft: number;
  /** Transactions that ended without an invite (漏邀). */
  readonly notInvited: number;
  /** Of all of these, what a supervisor has voided: it is counted here and nowhere else. */
  readonly voided: number;
}

export interface Totals {
  readonly all: Tally;
  /** By staff number; "": nobody was on duty. */
  readonly byClerk: Readonly<Record<string, Tally>>;
  /** By local day, `YYYY-MM-DD`, or `unknown` where the terminal did not know the time. */
  readonly byDay: Readonly<Record<string, Tally>>;
  /** By local month, `YYYY-MM`, or `unknown`. */
  readonly byMonth: Readonly<Record<string, Tally>>;
}

/** A tally that is being counted. */
type Counting = { -readonly [Name in keyof Tally]: Name extends "grades" ? Record<Grade, number> : number };

/** Records that are counted. */
type Counted = Extract<LedgerRecord, { type: "session" | "card" | "notInvited" }>;

const MINUTE_S = 60;

function emptyTally(): Counting {
  return { grades: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }, cards: 0, timeouts: 0, cancelled: 0, staffLeft: 0, notInvited: 0, voided: 0 };
}

/**
 * Counts the records of one log, in whatever order. A session that is pending counts with the record that has its outcome.
 * A handed-over rating is that of the clerk who finished it.
 * @param utcOffsetMinutes local time minus UTC, which decides where a day ends
 */
export function totalsOf(records: readonly LedgerRecord[], utcOffsetMinutes = 480): Totals {
  const voided = new Set(records.flatMap((record) => (record.type === "voided" ? [record.record] : [])));
  const all = emptyTally();
  const byClerk = new Map<string, Counting>();
  const byDay = new Map<string, Counting>();
  const byMonth = new Map<string, Counting>();
  for (const record of records) {
    if (!isCounted(record)) continue;
    const day = dayOf(record, utcOffsetMinutes);
    const month = day === "unknown" ? day : day.slice(0, 7);
    for (const tally of [all, at(byClerk, record.staff), at(byDay, day), at(byMonth, month)]) {
      if (voided.has(record.sequence)) tally.voided++;
      else count(tally, record);
    }
  }
  return { all, byClerk: Object.fromEntries(byClerk), byDay: Object.fromEntries(byDay), byMonth: Object.fromEntries(byMonth) };
}

function isCounted(record: LedgerRecord): record is Counted {
  return record.type === "card" || record.type === "notInvited" || (record.type === "session" && record.outcome !== "pending");
}

function count(tally: Counting, record: Counted): void {
  if (record.type === "notInvited") tally.notInvited++;
  else if (record.type === "card") {
    tally.cards++;
    addGrade(tally, record.grade);
  } else if (record.outcome === "rated") addGrade(tally, record.grade);
  else if (record.outcome === "timeout") tally.timeouts++;
  else if (record.outcome === "cancelled") tally.cancelled++;
  else tally.staffLeft++;
}

function addGrade(tally: Counting, grade: number): void {
  const known = GRADES.find((each) => each === grade);
  if (!known) throw new RangeError(`a rating has the grade ${grade}, and there are 1 to 5`);
  tally.grades[known]++;
}

function at(tallies: Map<string, Counting>, key: string): Counting {
  const tally = tallies.get(key) ?? emptyTally();
  tallies.set(key, tally);
  return tally;
}

function dayOf({ wallSeconds }: LedgerRecord, utcOffsetMinutes: number): string {
  if (wallSeconds === undefined) return "unknown";
  return new Date((wallSeconds + utcOffsetMinutes * MINUTE_S) * 1000).toISOString().slice(0, 10);
}
