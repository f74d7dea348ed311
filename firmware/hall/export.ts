// What stands in the database, for spreadsheets and scripts, and in short.

import { END_BYTES, RECORD_FIELDS, RecordError, readRecord, verifyRecords } from "../tools/ledger/ledger-reader.js";
import { cellOf, rowOf } from "../tools/ledger/ledger-rows.js";
import type { DeviceKeys } from "./receiver/device-keys.js";
import { statusOf, statusWords } from "./receiver/presence.js";
import type { DeviceRow, LogSummary, RecordRow, Store } from "./store/store.js";

type Row = Readonly<Record<string, unknown>>;

const FIRST_COLUMNS = ["device", "log", "sequence", "type", "time", "uptimeMs", "backlog"];
const LAST_COLUMNS = ["typeNumber", "values", "mac", "proof", "receivedAt"];

function exportRow({ device, log, sequence, type, proof, receivedAt, bytes }: RecordRow): Row {
  const frame = { device, log, sequence, type };
  const end = { proof, receivedAt: new Date(receivedAt).toISOString() };
  if (bytes.length === 0) return { ...frame, ...end };
  try {
    return { ...frame, ...rowOf(readRecord(bytes)), ...end };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { ...frame, values: [bytes.toString("base64")], ...end };
  }
}

/** Every record in order, a line of JSON each, or a table by RFC 4180. */
export function* exportLines(store: Store, format: "jsonl" | "csv", device?: string): Generator<string> {
  if (format === "jsonl") {
    for (const row of store.records(device)) yield `${JSON.stringify(exportRow(row))}\n`;
    return;
  }
  const fields = [...new Set(Object.values(RECORD_FIELDS).flatMap((each) => Object.keys(each)))];
  const columns = [...FIRST_COLUMNS, ...fields, ...LAST_COLUMNS];
  yield `${columns.join(",")}\r\n`;
  for (const row of store.records(device)) {
    const cells = exportRow(row);
    yield `${columns.map((column) => cellOf(cells[column])).join(",")}\r\n`;
  }
}

/** Whether a log is as its terminal wrote it, by everything that is stored of it. */
function verdictOf(store: Store, summary: LogSummary, keys: DeviceKeys): readonly string[] {
  const key = keys(summary.device);
  if (!key) return [`no key file ${summary.device}.key: nothing is proven`];
  const rows = [...store.records(summary.device)].filter(({ log, bytes }) => log === summary.log && bytes.length > 0);
  const [first, ...others] = rows;
  if (!first) return [];
  // A log that begins here with a later record is proven from that one on.
  const isWhole = first.sequence === 1;
  const previous = { sequence: first.sequence, mac: first.bytes.subarray(-END_BYTES, -8).toString("hex") };
  const records = (isWhole ? rows : others).map(({ bytes }) => bytes);
  return verifyRecords(records, { logId: summary.log, key, previous: isWhole ? undefined : previous }).problems.map(({ words }) => words);
}

/** How a terminal stood when it was heard of last. */
function standingOf(row: DeviceRow): string[] {
  const status = statusOf(row);
  if (!status) return [];
  // What is taken from its records has no figures.
  const figures = status.online && status.free > 0 ? `; up ${Math.round(status.uptime / 360) / 10} h, ${status.free} variables free` : "";
  return [`${row.device} (counter ${row.counter}): ${statusWords(status)}${figures}`];
}

/**
 * How devices stand, logs with their heads, and alarms.
 * @param keys proves every log again, from what is stored
 * @returns lines, and whether anything is wrong
 */
export function reportOf(store: Store, keys?: DeviceKeys): { readonly text: string; readonly isGood: boolean } {
  const lines: string[] = [];
  let isGood = true;
  const devices = new Map(store.devices().map((device) => [device.device, device]));
  for (const summary of store.logs()) {
    const { device, log, records, first, last, verified, badMac, lost, sequence, mac } = summary;
    const counter = devices.get(device)?.counter;
    const missing = records > 0 ? last - first + 1 - records : 0;
    const parts = [`${records} records`, `${verified} verified`];
    if (badMac > 0) parts.push(`${badMac} WITH A WRONG MAC`);
    if (lost > 0) parts.push(`${lost} lost by its flash`);
    if (missing > 0) parts.push(`${missing} MISSING`);
    if (first > 1) parts.push(`the first is ${first}`);
    lines.push(`${device}${counter ? ` (counter ${counter})` : ""}, log ${log}: ${parts.join(", ")}${mac ? `; head ${sequence}:${mac}` : ""}`);
    const problems = keys ? verdictOf(store, summary, keys) : [];
    lines.push(...problems.map((words) => `  ${words}`));
    if (badMac > 0 || missing > 0 || problems.length > 0) isGood = false;
  }
  if (lines.length === 0) lines.push("nothing has been received yet");
  const standings = [...devices.values()].flatMap(standingOf);
  if (standings.length > 0) lines.push("", ...standings);
  const alarms = store.alarms();
  if (alarms.length > 0) lines.push("", `${alarms.length} alarm${alarms.length === 1 ? "" : "s"}:`);
  for (const { at, words } of alarms) lines.push(`${new Date(at).toISOString()}  ${words}`);
  return { text: lines.join("\n"), isGood };
}
