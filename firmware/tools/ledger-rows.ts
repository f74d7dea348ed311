// Records as rows of a table, as people and scripts want them.

import type { LedgerRecord } from "./ledger-reader.js";

/** Fields by name, times as ISO 8601. */
export function rowOf(record: LedgerRecord): Readonly<Record<string, unknown>> {
  const { sequence, type, uptimeMs, wallSeconds, backlog, mac, ...fields } = record;
  const time = wallSeconds === undefined ? null : new Date(wallSeconds * 1000).toISOString();
  return { sequence, type, time, uptimeMs, backlog: backlog ?? null, ...fields, mac };
}

/** A cell of CSV, by RFC 4180. */
export function cellOf(value: unknown): string {
  const text = value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
