// What each clerk did in a month: matters and their lengths, ratings, and coming and going. Facts from the records, without judgement.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import { utcOffsetOf } from "../../tools/ledger/utc-offset-of.js";
import { tableOf } from "../../tools/table.js";
import { checkedRecord } from "../receiver/record-columns.js";
import type { RecordRow } from "../store/rows.js";

/** The counts of one clerk. */
export interface ClerkRow {
  /** Staff number; "": nobody was on duty. */
  readonly staff: string;
  /** Matters that this clerk began, and that have ended, whoever ended them. */
  readonly matters: number;
  /** Of these: ended without an invite. */
  readonly notInvited: number;
  /** Citizens who were sent to another counter, whether their matter was open or not. */
  readonly referred: number;
  /** Mean and greatest length of those whose beginning and end are known, in minutes; undefined without any. */
  readonly meanMinutes: number | undefined;
  readonly longestMinutes: number | undefined;
  /** Matters of another clerk that this one has ended. */
  readonly finished: number;
  /** Ratings, paper cards included, and those of them that are 1 or 2. What is voided does not count. */
  readonly ratings: number;
  readonly bad: number;
  /** Bad ratings after which a supervisor came in time. */
  readonly attended: number;
  /** First sign-ins for a period. */
  readonly early: number;
  readonly onTime: number;
  readonly late: number;
  /** Sign-outs before the end of the period, and days that ended without a sign-out. */
  readonly leftEarly: number;
  readonly forgotten: number;
}

/** A row that is being counted. */
type Counting = { -readonly [Name in keyof ClerkRow]: ClerkRow[Name] } & { lengths: number[] };

/** The highest grade that is a bad rating. */
const BAD_GRADE = 2;

function emptyRow(staff: string): Counting {
  const counts = {
    matters: 0,
    notInvited: 0,
    referred: 0,
    finished: 0,
    ratings: 0,
    bad: 0,
    attended: 0,
    early: 0,
    onTime: 0,
    late: 0,
    leftEarly: 0,
    forgotten: 0,
  };
  return { staff, ...counts, meanMinutes: undefined, longestMinutes: undefined, lengths: [] };
}

/** The open matter of a log. */
interface Matter {
  readonly transaction: string;
  readonly uptimeMs: number;
  readonly wallSeconds: number | undefined;
  /** How many starts of the terminal there had been. */
  readonly starts: number;
}

/**
 * Counts the records of one log, in order.
 * @param month `YYYY-MM` in local time, or undefined for all. Records without a wall time are of no month
 */
function countLog(records: readonly LedgerRecord[], rows: Map<string, Counting>, month: string | undefined, utcOffsetMinutes: number): void {
  const offsetAt = utcOffsetOf(records, utcOffsetMinutes);
  const voided = new Set(records.flatMap((record) => (record.type === "voided" ? [record.record] : [])));
  const attended = new Set(records.flatMap((record) => (record.type === "attended" ? [record.record] : [])));
  let matter: Matter | undefined;
  let starts = 0;

  function rowOf(staff: string): Counting {
    const row = rows.get(staff) ?? emptyRow(staff);
    rows.set(staff, row);
    return row;
  }
  function isCounted({ sequence, wallSeconds }: LedgerRecord): boolean {
    if (voided.has(sequence)) return false;
    if (month === undefined) return true;
    return wallSeconds !== undefined && new Date((wallSeconds + offsetAt(sequence) * 60) * 1000).toISOString().startsWith(month);
  }
  /** Minutes from the beginning of a matter to this record: by the terminal's own clock, or where it has started anew by the wall clock. */
  function lengthTo({ uptimeMs, wallSeconds }: LedgerRecord, transaction: string): number | undefined {
    if (matter?.transaction !== transaction) return undefined;
    if (matter.starts === starts) return (uptimeMs - matter.uptimeMs) / 60000;
    return wallSeconds === undefined || matter.wallSeconds === undefined ? undefined : (wallSeconds - matter.wallSeconds) / 60;
  }
  function endMatter(record: LedgerRecord & { readonly type: "ended" | "notInvited" | "referred" }): void {
    const minutes = lengthTo(record, record.transaction);
    matter = undefined;
    if (!isCounted(record)) return;
    const row = rowOf(record.staff);
    if (record.type === "referred") row.referred++;
    // Who is sent on without an open matter has no transaction.
    if (!record.transaction) return;
    row.matters++;
    if (record.type === "notInvited") row.notInvited++;
    if (minutes !== undefined) row.lengths.push(minutes);
    if (record.present) rowOf(record.present).finished++;
  }

  for (const record of records) {
    if (record.type === "started") starts++;
    else if (record.type === "opened")
      matter = { transaction: record.transaction, uptimeMs: record.uptimeMs, wallSeconds: record.wallSeconds, starts };
    else if (record.type === "ended" || record.type === "notInvited" || record.type === "referred") endMatter(record);
    else if (!isCounted(record)) continue;
    else if (record.type === "card" || (record.type === "session" && record.outcome === "rated")) {
      const row = rowOf(record.staff);
      row.ratings++;
      if (record.grade <= BAD_GRADE) row.bad++;
      if (attended.has(record.sequence)) row.attended++;
    } else if (record.type === "signIn" || record.type === "arrival") {
      const row = rowOf(record.staff);
      if (record.punctuality === "early" || record.punctuality === "onTime" || record.punctuality === "late") row[record.punctuality]++;
    } else if (record.type === "signOut") {
      const row = rowOf(record.staff);
      if (record.earlyMinutes > 0) row.leftEarly++;
      if (record.why === "forgotten") row.forgotten++;
    }
  }
}

/**
 * The rows of all clerks of a hall, by staff number.
 * @param stored records by terminal, log and number. What is lost, unreadable or not the terminal's does not count
 * @param month as `YYYY-MM`, or undefined for everything
 * @param utcOffsetMinutes local time minus UTC, for records that no start of their log stands in front of
 */
export function clerkRows(stored: Iterable<RecordRow>, month: string | undefined, utcOffsetMinutes: number): readonly ClerkRow[] {
  const rows = new Map<string, Counting>();
  const log: LedgerRecord[] = [];
  let name = "";
  for (const row of stored) {
    if (`${row.device} ${row.log}` !== name) countLog(log.splice(0), rows, month, utcOffsetMinutes);
    name = `${row.device} ${row.log}`;
    const { record } = row.proof === "badMac" || row.type === "unreadable" ? { record: undefined } : checkedRecord(row.bytes);
    if (record?.sequence === row.sequence) log.push(record);
  }
  countLog(log, rows, month, utcOffsetMinutes);
  return [...rows.values()].map(finishedRow).sort((a, b) => (a.staff < b.staff ? -1 : 1));
}

function finishedRow({ lengths, ...row }: Counting): ClerkRow {
  if (lengths.length === 0) return row;
  const sum = lengths.reduce((a, b) => a + b, 0);
  return { ...row, meanMinutes: roundTo(sum / lengths.length), longestMinutes: roundTo(Math.max(...lengths)) };
}

/** Tenths of a minute. */
function roundTo(minutes: number): number {
  return Math.round(minutes * 10) / 10;
}

const HEADS: Readonly<Record<keyof ClerkRow, string>> = {
  staff: "clerk",
  matters: "matters",
  notInvited: "not invited",
  referred: "sent on",
  meanMinutes: "mean min",
  longestMinutes: "longest min",
  finished: "finished for others",
  ratings: "ratings",
  bad: "bad",
  attended: "attended",
  early: "early",
  onTime: "on time",
  late: "late",
  leftEarly: "left early",
  forgotten: "forgotten",
};

/** The report for people. */
export function clerkTable(rows: readonly ClerkRow[]): string {
  if (rows.length === 0) return "nothing has been recorded then";
  const names = Object.keys(HEADS) as (keyof ClerkRow)[];
  return tableOf([names.map((name) => HEADS[name]), ...rows.map((row) => names.map((name) => String(row[name] ?? "-") || "nobody"))]);
}
