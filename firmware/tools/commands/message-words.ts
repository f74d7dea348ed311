// A message of a terminal as a line for people.

import type { Message } from "../device/link-host.js";
import { type LedgerRecord, readRecord } from "../ledger/ledger-reader.js";

/** The record in a message; undefined where there is none. */
export function recordOf(message: Message): LedgerRecord | undefined {
  return typeof message.record === "string" ? readRecord(Buffer.from(message.record, "base64")) : undefined;
}

/** Names and values, apart by commas. */
export function fieldWords(fields: object): string {
  return Object.entries(fields)
    .filter(([name, value]) => value !== undefined && value !== "" && name !== "mac")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

/** A message with the time at which it came. */
export function messageWords(message: Message): string {
  const now = new Date().toTimeString().slice(0, 8);
  const record = recordOf(message);
  if (record) {
    const { sequence, type, uptimeMs: _, wallSeconds, backlog: _backlog, mac: _mac, ...fields } = record;
    const time = wallSeconds === undefined ? "time unknown" : new Date(wallSeconds * 1000).toISOString();
    return `${now}  record ${sequence}  ${type}: ${fieldWords(fields)} (${time})`;
  }
  if (message.hello)
    return `${now}  hello     ${fieldWords(message.hello)}; records up to ${String(message.last)}, acknowledged ${String(message.acknowledged)}`;
  if (message.status) return `${now}  status    ${fieldWords(message.status)}`;
  if (message.lost) return `${now}  record ${String(message.seq)} is lost in its flash`;
  if (message.alert !== undefined) return `${now}  ALERT     ${String(message.alert)}: ${String(message.detail)}`;
  return `${now}  ${fieldWords(message)}`;
}
