// Records as rows of a table, as people and scripts want them.

import type { LedgerRecord } from "./ledger-reader.js";

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
