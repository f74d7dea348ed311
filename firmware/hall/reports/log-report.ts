// The state of a hall in short: terminals, logs with their heads, and alarms.

import { verifyRecords } from "../../tools/ledger/ledger-reader.js";
import { visible } from "../../tools/output.js";
import { timeWords } from "../receiver/alarms.js";
import type { DeviceKeys } from "../receiver/hall-state.js";
import { statusOf, statusWords } from "../receiver/presence.js";
import { checkedRecord } from "../receiver/record-columns.js";
import { macIn } from "../receiver/record-proof.js";
import type { AlarmRow, DeviceRow, LogSummary, RecordRow } from "../store/rows.js";
import type { Archive } from "../store/store.js";

/** A log, and everything that is wrong with it. */
export interface LogReport extends LogSummary {
  /** Counter of its terminal; undefined where the terminal has not told it. */
  readonly counter: string | undefined;
  /** Records that are not here between the first and the newest that the hall has heard of. */
  readonly missing: number;
  /** Everything that the proof found, a sentence each. Empty without keys. */
  readonly problems: readonly string[];
}

export interface HallReport {
  readonly logs: readonly LogReport[];
  /** The newest status of each terminal, a line each. */
  readonly statuses: readonly string[];
  /** Terminals that have been silent for too long, and when each was heard last, in ms since 1970 UTC. */
  readonly gone: readonly Pick<DeviceRow, "device" | "counter" | "heardAt">[];
  readonly alarms: readonly AlarmRow[];
  /** Whether every log is whole and proven, as far as that was looked at. */
  readonly isGood: boolean;
}

/** @param keys proves every log again, from its stored bytes */
export function reportOf(archive: Archive, keys?: DeviceKeys): HallReport {
  const devices = new Map(archive.devices().map((device) => [device.device, device]));
  const logs = archive.logs().map((log) => logReport(archive, log, devices.get(log.device), keys));
  return {
    logs,
    statuses: [...devices.values()].flatMap(statusLine),
    gone: [...devices.values()].filter(({ isGone }) => isGone).map(({ device, counter, heardAt }) => ({ device, counter, heardAt })),
    alarms: archive.alarms(),
    isGood: logs.every(({ badMac, missing, problems }) => badMac === 0 && missing === 0 && problems.length === 0),
  };
}

function logReport(archive: Archive, summary: LogSummary, device: DeviceRow | undefined, keys: DeviceKeys | undefined): LogReport {
  const { records, first, last, sequence } = summary;
  // The newest may be gone too: then the head is beyond the last one.
  const missing = records > 0 ? Math.max(last, sequence) - first + 1 - records : 0;
  return { ...summary, counter: device?.counter || undefined, missing, problems: keys ? proveAgain(archive, summary, keys) : [] };
}

/** @returns everything that contradicts the chain, from all that is stored of a log */
function proveAgain(archive: Archive, { device, log }: LogSummary, keys: DeviceKeys): readonly string[] {
  const key = keys(device);
  if (!key) return [`no key file ${device}.key: nothing is proven`];
  const rows = [...archive.records(device)].filter((row) => row.log === log && row.bytes.length > 0);
  const [first, ...others] = rows;
  if (!first) return [];
  // A log whose first record here is a later one is proven from that one on.
  const isWhole = first.sequence === 1;
  const previous = { sequence: first.sequence, mac: macIn(first.bytes).toString("hex") };
  const records = (isWhole ? rows : others).map(({ bytes }) => bytes);
  const { problems } = verifyRecords(records, { logId: log, key, previous: isWhole ? undefined : previous });
  return [...problems.map(({ words }) => words), ...rows.flatMap(changedColumns)];
}

/** What the columns of a row say that its bytes do not: somebody has changed them in the database. An earlier version may not have known the record's type. */
function changedColumns({ sequence, bytes, ...row }: RecordRow): string[] {
  const { record, columns } = checkedRecord(bytes);
  if (!record || row.type === "unreadable" || row.type === "unknown") return [];
  const { staff, transaction, outcome, grade } = columns;
  const read = { type: record.type, staff, transaction, outcome, grade };
  return (Object.keys(read) as (keyof typeof read)[])
    .filter((column) => row[column] !== (read[column] ?? null))
    .map((column) => {
      const [here, there] = [row[column], read[column]].map((value) => value ?? "none");
      return `Record ${sequence} says ${column} ${there}, and its row in the database ${here}: somebody has changed the database. An export has what the record says.`;
    });
}

/** The newest status of a terminal as a line; none before its first status. */
function statusLine(row: DeviceRow): string[] {
  if (row.isGone) return [`${row.device} (counter ${row.counter}): GONE, last heard at ${timeWords(row.heardAt)}`];
  const status = statusOf(row);
  if (!status) return [];
  // A status that was derived from records has no figures.
  const figures = status.online && status.free > 0 ? `; up ${Math.round(status.uptime / 360) / 10} h, ${status.free} variables free` : "";
  return [`${row.device} (counter ${row.counter}): ${statusWords(status)}${figures}`];
}

/** The report for people. */
export function reportText({ logs, statuses, alarms }: HallReport): string {
  const lines = logs.flatMap((log) => [logLine(log), ...log.problems.map((words) => `  ${words}`)]);
  if (lines.length === 0) lines.push("nothing has been received yet");
  if (statuses.length > 0) lines.push("", ...statuses);
  if (alarms.length > 0) lines.push("", `${alarms.length} alarm${alarms.length === 1 ? "" : "s"}:`);
  for (const { first, last, count, words, ended } of alarms) {
    const times = count > 1 ? ` (${count} times since ${timeOf(first)})` : "";
    lines.push(`${timeOf(last)}  ${words}${times}${ended > 0 ? ` (over since ${timeOf(ended)})` : ""}`);
  }
  return lines.map(visible).join("\n");
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function logLine({ device, counter, log, records, first, verified, badMac, lost, missing, sequence, mac }: LogReport): string {
  const parts = [`${records} records`, `${verified} verified`];
  if (badMac > 0) parts.push(`${badMac} WITH A WRONG MAC`);
  if (lost > 0) parts.push(`${lost} lost by its flash`);
  if (missing > 0) parts.push(`${missing} MISSING`);
  if (first > 1) parts.push(`the first is ${first}`);
  return `${device}${counter ? ` (counter ${counter})` : ""}, log ${log}: ${parts.join(", ")}${mac ? `; head ${sequence}:${mac}` : ""}`;
}
