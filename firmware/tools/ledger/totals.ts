// Totals for the month's report (rule R2). They are counted from the records alone, so that everybody who counts them gets the same.

import type { LedgerRecord } from "./record-types.js";
import { utcOffsetOf } from "./utc-offset-of.js";

const GRADES = [1, 2, 3, 4, 5] as const;
export type Grade = (typeof GRADES)[number];

/** The counts of one clerk, day or month, or of all. */
export interface Tally {
  /** Ratings by their grade, paper cards included. */
  readonly grades: Readonly<Record<Grade, number>>;
  /** Ratings from paper cards. */
  readonly cards: number;
  /** Sessions that ended without a grade. */
  readonly timeouts: number;
  readonly cancelled: number;
  readonly staffLeft: number;
  /** Transactions that ended without an invite (漏邀). */
  readonly notInvited: number;
  /** Everything that a supervisor has voided. It is counted here and nowhere else. */
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

/** The types of record that are counted. */
type Counted = Extract<LedgerRecord, { type: "session" | "card" | "notInvited" }>;

const MINUTE_S = 60;

function emptyTally(): Counting {
  return { grades: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }, cards: 0, timeouts: 0, cancelled: 0, staffLeft: 0, notInvited: 0, voided: 0 };
}

/**
 * Counts the records of one log, in any order. A pending session counts with the record that has its outcome. A rating that was handed over counts for the clerk who
 * finished it.
 * @param utcOffsetMinutes local time minus UTC, which decides where a day ends, for records that no start in the log stands in front of
 */
export function totalsOf(records: readonly LedgerRecord[], utcOffsetMinutes?: number): Totals {
  const offsetAt = utcOffsetOf(records, utcOffsetMinutes);
  const voided = new Set(records.flatMap((record) => (record.type === "voided" ? [record.record] : [])));
  const all = emptyTally();
  const byClerk = new Map<string, Counting>();
  const byDay = new Map<string, Counting>();
  const byMonth = new Map<string, Counting>();
  for (const record of records) {
    if (!isCounted(record)) continue;
    const day = dayOf(record, offsetAt(record.sequence));
    const month = day === "unknown" ? day : day.slice(0, 7);
    for (const tally of [all, at(byClerk, record.staff), at(byDay, day), at(byMonth, month)]) {
      if (voided.has(record.sequence)) tally.voided++;
      else count(tally, record);
    }
  }
  return { all, byClerk: Object.fromEntries(byClerk), byDay: Object.fromEntries(byDay), byMonth: Object.fromEntries(byMonth) };
}

/** Days for which the terminal keeps the row of a day; and the fewest days for which it keeps the row of a month. */
const KEPT_DAYS = 7;
const KEPT_MONTH_DAYS = 32;
const DAY_S = 86_400;

/** Columns of a row in the terminal's own totals, in their order. */
const COLUMNS = ["rated1", "rated2", "rated3", "rated4", "rated5", "timeouts", "cancelled", "staffLeft", "notInvited", "cards", "voided"] as const;
type Row = Record<(typeof COLUMNS)[number], number>;
/** Rows by their name, as FORMAT.md has them. */
type Rows = Map<string, Row>;

/** The terminal's own totals at one place of its log. */
interface Snapshot {
  /** Number of its first row. */
  readonly sequence: number;
  readonly since: number;
  readonly rows: Rows;
}

/** The result of counting the terminal's own totals again. */
export interface TotalsCheck {
  /** How many of the terminal's own totals could be recounted. */
  readonly recounted: number;
  /** Each difference, a sentence. */
  readonly problems: readonly string[];
}

/**
 * Counts the terminal's own totals again. Each is counted from the records since the totals before it, or since the terminal began to count.
 * @param records of one log, oldest first
 * @param utcOffsetMinutes the terminal's own, where no start in the log tells it
 */
export function checkTotals(records: readonly LedgerRecord[], utcOffsetMinutes?: number): TotalsCheck {
  const offsetAt = utcOffsetOf(records, utcOffsetMinutes);
  const problems: string[] = [];
  const first = records[0]?.sequence ?? 0;
  let recounted = 0;
  let last: Snapshot | undefined;
  for (const snapshot of snapshotsIn(records)) {
    // When the ring has overwritten the totals before, the terminal counts from its oldest record on.
    const before = last?.since === snapshot.since ? last : undefined;
    if (first <= snapshot.since || before) {
      recounted++;
      const begin = before?.sequence ?? snapshot.since;
      const between = records.filter(({ sequence }) => sequence >= begin && sequence < snapshot.sequence);
      const expected = recount(before, between, snapshot.since, offsetAt(snapshot.sequence));
      const difference = differenceOf(snapshot.rows, expected);
      if (difference) problems.push(`The totals at record ${snapshot.sequence} are not what the records give: ${difference}.`);
    }
    last = snapshot;
  }
  return { recounted, problems };
}

/** The totals that a state record names, and of which every row is still there. */
function snapshotsIn(records: readonly LedgerRecord[]): readonly Snapshot[] {
  const places = new Map(records.map((record, i) => [record.sequence, i]));
  const snapshots = new Map<number, Snapshot>();
  for (const record of records) {
    if (record.type !== "state" || !record.totals || snapshots.has(record.totals)) continue;
    const place = places.get(record.totals);
    if (place === undefined) continue;
    const rows: Rows = new Map();
    for (let i = place; records[i]?.type === "totals"; i++) {
      const row = records[i] as Extract<LedgerRecord, { type: "totals" }>;
      rows.set(row.row, Object.fromEntries(COLUMNS.map((column) => [column, row[column]])) as Row);
    }
    snapshots.set(record.totals, { sequence: record.totals, since: record.totalsSince, rows });
  }
  return [...snapshots.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The rows that these records give. */
function recount(before: Snapshot | undefined, records: readonly LedgerRecord[], since: number, utcOffsetMinutes: number): Rows {
  const rows: Rows = new Map([...(before?.rows ?? [])].map(([name, row]) => [name, { ...row }]));
  const add = (staff: string, wallSeconds: number | undefined, column: keyof Row, by: number): void => {
    const day = wallSeconds === undefined ? undefined : dayAt(wallSeconds, utcOffsetMinutes);
    for (const name of [`${day?.slice(0, 7) ?? "unknown"} ${staff}`, ...(day === undefined ? [] : [`${day} `])]) {
      const row = rows.get(name) ?? (Object.fromEntries(COLUMNS.map((each) => [each, 0])) as Row);
      row[column] += by;
      rows.set(name, row);
    }
  };
  for (const record of records) {
    if (record.type === "voided") {
      if (record.place === undefined || record.record < since) continue;
      const wallSeconds = record.countedSeconds || undefined;
      add(record.staff, wallSeconds, COLUMNS[record.place & 15] as keyof Row, -1);
      if (record.place & 16) add(record.staff, wallSeconds, "cards", -1);
      add(record.staff, wallSeconds, "voided", 1);
    } else if (isCounted(record)) {
      const { staff, wallSeconds } = record;
      if (record.type === "notInvited") add(staff, wallSeconds, "notInvited", 1);
      else if (record.type === "session" && record.outcome !== "rated") {
        add(staff, wallSeconds, record.outcome === "timeout" ? "timeouts" : record.outcome === "cancelled" ? "cancelled" : "staffLeft", 1);
      } else add(staff, wallSeconds, COLUMNS[record.grade - 1] as keyof Row, 1);
      if (record.type === "card") add(staff, wallSeconds, "cards", 1);
    }
  }
  const newest = records.reduce<number | undefined>((wall, record) => record.wallSeconds ?? wall, undefined);
  for (const name of rows.keys()) {
    if (newest === undefined || name.startsWith("unknown")) continue;
    const isDay = name[7] === "-";
    const oldest = dayAt(newest - (isDay ? KEPT_DAYS : KEPT_MONTH_DAYS) * DAY_S, utcOffsetMinutes);
    if (name < (isDay ? oldest : oldest.slice(0, 7))) rows.delete(name);
  }
  return rows;
}

function differenceOf(rows: Rows, expected: Rows): string | undefined {
  for (const name of new Set([...rows.keys(), ...expected.keys()])) {
    for (const column of COLUMNS) {
      const [found, wanted] = [rows.get(name)?.[column] ?? 0, expected.get(name)?.[column] ?? 0];
      if (found !== wanted) return `${column} of "${name}" is ${found}, and should be ${wanted}`;
    }
  }
  return undefined;
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
  return wallSeconds === undefined ? "unknown" : dayAt(wallSeconds, utcOffsetMinutes);
}

function dayAt(wallSeconds: number, utcOffsetMinutes: number): string {
  return new Date((wallSeconds + utcOffsetMinutes * MINUTE_S) * 1000).toISOString().slice(0, 10);
}
