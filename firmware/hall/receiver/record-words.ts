// A record as a line for people.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";

/** Fields that every record has. */
const FRAME: ReadonlySet<string> = new Set(["sequence", "type", "uptimeMs", "wallSeconds", "backlog", "mac"]);

export function recordWords(record: LedgerRecord): string {
  const words = Object.entries(record)
    .filter(([name, value]) => !FRAME.has(name) && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const { sequence, type } = record;
  return `#${sequence} ${type}${words.length > 0 ? `: ${words.join(", ")}` : ""}`;
}
