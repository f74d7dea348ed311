// Every record of a hall, for spreadsheets and scripts.

import { RECORD_FIELDS, RecordError, readRecord } from "../../tools/ledger/ledger-reader.js";
import { cellOf, rowOf } from "../../tools/ledger/ledger-rows.js";
import { visible } from "../../tools/output.js";
import type { RecordRow } from "../store/rows.js";
import type { Archive } from "../store/store.js";

/** A line of JSON for each record, or a table by RFC 4180. */
export type ExportFormat = "jsonl" | "csv";

type Row = Readonly<Record<string, unknown>>;

const FIRST_COLUMNS = ["device", "log", "sequence", "type", "time", "uptimeMs", "backlog"];
const LAST_COLUMNS = ["typeNumber", "values", "mac", "proof", "receivedAt"];

/** What an export needs of a record. Its type is read from its bytes, unless it is `unreadable` or lost. */
type Exported = Pick<RecordRow, "device" | "log" | "sequence" | "type" | "receivedAt" | "bytes"> & {
  readonly proof: RecordRow["proof"] | "replaced";
};

function exportRow({ device, log, sequence, type, proof, receivedAt, bytes }: Exported): Row {
  const frame = { device, log, sequence, type };
  const end = { proof, receivedAt: new Date(receivedAt).toISOString() };
  if (bytes.length === 0) return { ...frame, ...end };
  const unread = { ...frame, type: "unreadable", values: [bytes.toString("base64")], ...end };
  if (type === "unreadable") return unread;
  try {
    const record = readRecord(bytes);
    // The bytes of another record have been put here: it would count twice.
    if (record.sequence !== sequence) return { ...unread, proof: "badMac" };
    return { ...frame, ...rowOf(record), ...end };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return unread;
  }
}

/** The records whose place another has taken, of one device or of all. Nobody knows who wrote them. */
export function* replacedRows(archive: Archive, device?: string): Generator<Exported> {
  for (const row of archive.replacedRecords(device)) yield { ...row, type: "", proof: "replaced" };
}

/** The records as lines, with a first one that names the columns of a table. */
export function* exportLines(rows: Iterable<Exported>, format: ExportFormat): Generator<string> {
  if (format === "jsonl") {
    for (const row of rows) yield `${JSON.stringify(exportRow(row))}\n`;
    return;
  }
  const fields = [...new Set(Object.values(RECORD_FIELDS).flatMap((each) => Object.keys(each)))];
  const columns = [...FIRST_COLUMNS, ...fields, ...LAST_COLUMNS];
  yield `${columns.join(",")}\r\n`;
  for (const row of rows) {
    const cells = exportRow(row);
    yield `${columns.map((column) => visible(cellOf(cells[column]))).join(",")}\r\n`;
  }
}
