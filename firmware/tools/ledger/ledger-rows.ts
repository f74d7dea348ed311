// Records as rows of a table, for people and scripts: lines of JSON, or CSV.

import { type LedgerRecord, RECORD_FIELDS } from "./record-types.js";

/** Fields by name, times as ISO 8601. */
export function rowOf(record: LedgerRecord): Readonly<Record<string, unknown>> {
  const { sequence, type, uptimeMs, wallSeconds, backlog, mac, ...fields } = record;
  const time = wallSeconds === undefined ? null : new Date(wallSeconds * 1000).toISOString();
  return { sequence, type, time, uptimeMs, backlog: backlog ?? null, ...fields, mac };
}

/** A spreadsheet would calculate with what begins like this. */
const FORMULA = /^[=+@\t]|^-(?!\d*\.?\d*$)/;

/** A cell of CSV, by RFC 4180, behind an apostrophe where a spreadsheet would take it for a formula. */
export function cellOf(value: unknown): string {
  const told = value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const text = FORMULA.test(told) ? `'${told}` : told;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of JSON for each record. */
export function jsonLinesOf(records: readonly LedgerRecord[]): string {
  return records.map((record) => `${JSON.stringify(rowOf(record))}\n`).join("");
}

/** RFC 4180, with a column for each field of any type. */
export function csvOf(records: readonly LedgerRecord[]): string {
  const fields = [...new Set(Object.values(RECORD_FIELDS).flatMap((each) => Object.keys(each)))];
  const columns = ["sequence", "type", "time", "uptimeMs", "backlog", ...fields, "typeNumber", "values", "mac"];
  const rows = records.map(rowOf).map((row) => columns.map((column) => cellOf(row[column])));
  return [columns, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}
