// A copy of a terminal's ledger in a file. Its first line says whose it is, from which board, and which part of the ledger: so it can be checked and exported anywhere,
// also where nobody has that board's file. FORMAT.md describes it.

import { z } from "zod";
import { DEVICE_NAME, MOST_NAME_CHARACTERS } from "../../config/device-name.js";
import { ToolError } from "../tool-error.js";
import { type LedgerGeometry, type LedgerImage, readFlashImage } from "./flash-image.js";
import { RecordError, readRecord, SLOT_BYTES } from "./record-reader.js";
import { verifyRecords } from "./record-stream.js";
import type { LedgerRecord } from "./record-types.js";
import type { Evidence } from "./verification.js";

/** The first word of the first line. */
const WORD = "counter-terminal-ledger ";

/** The first line is no longer than this, with its line feed. */
const MOST_HEAD_BYTES = 1024;

const whole = z.int().min(0);
const pageLength = z.int().min(SLOT_BYTES).multipleOf(SLOT_BYTES);
const common = {
  device: z.string().regex(DEVICE_NAME).max(MOST_NAME_CHARACTERS),
  board: z.string().regex(/^[\w-]+$/),
  /** When it was copied, in ISO 8601. */
  copiedAt: z.string(),
};
const headSchema = z.discriminatedUnion("part", [
  /** All pages of the ledger, as they stand in flash. */
  z.strictObject({ ...common, part: z.literal("pages"), pageBytes: pageLength, pageCount: z.int().min(1) }),
  /** Records of one log, one behind the other, as the terminal sent them: oldest first, without gaps. */
  z.strictObject({ ...common, part: z.literal("records"), log: whole, acknowledged: whole, count: whole }),
]);

/** What the first line of a copy says. */
export type CopyHead = z.infer<typeof headSchema>;

/** A copy of a ledger, apart from its first line. */
export interface LedgerCopy {
  readonly head: CopyHead;
  readonly bytes: Buffer;
}

/** The bytes of a file with a copy. */
export function packCopy(head: CopyHead, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${WORD}${JSON.stringify(head)}\n`, "latin1"), bytes]);
}

/**
 * The copy in a file.
 * @param file its name, for messages
 * @returns undefined where the file is none: it may be the bytes of a flash region
 * @throws ToolError `fileInvalid` when its first line cannot be read, or bytes are missing behind it
 */
export function copyIn(file: string, content: Buffer): LedgerCopy | undefined {
  if (content.toString("latin1", 0, WORD.length) !== WORD) return undefined;
  const end = content.subarray(0, MOST_HEAD_BYTES).indexOf("\n");
  const head = headSchema.safeParse(jsonOf(content.toString("latin1", WORD.length, end)));
  if (end < 0 || !head.success) throw broken(`${file}: the first line of this copy cannot be read.`);
  const bytes = content.subarray(end + 1);
  const { data } = head;
  if (data.part === "pages" && bytes.length !== data.pageBytes * data.pageCount)
    throw broken(`${file} has ${bytes.length} bytes behind its first line, and should have ${data.pageCount} pages of ${data.pageBytes}.`);
  if (data.part === "records" && recordsIn(bytes).length !== data.count)
    throw broken(`${file} has ${recordsIn(bytes).length} records behind its first line, and should have ${data.count}.`);
  return { head: data, bytes };
}

function broken(message: string): ToolError {
  return new ToolError(
    "fileInvalid",
    message,
    "The copy is as it was: nothing writes to it.",
    "Use another copy of this ledger, or export it again.",
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Cuts a sequence of records. The first byte of a record is its number of slots. */
function recordsIn(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const record = bytes.subarray(at, at + Math.max(1, bytes[at] as number) * SLOT_BYTES);
    records.push(record);
    at += record.length;
  }
  return records;
}

/** Reads a copy, and checks it against the evidence that there is. */
export function readCopy({ head, bytes }: LedgerCopy, evidence: Evidence): LedgerImage {
  if (head.part === "pages") return readFlashImage(bytes, head satisfies LedgerGeometry, evidence);
  return readRecords(recordsIn(bytes), head.log, head.acknowledged, evidence);
}

/**
 * Reads records of one log as a terminal sent them, oldest first.
 * @param acknowledged the host has every record up to here
 */
export function readRecords(bytes: readonly Buffer[], logId: number, acknowledged: number, evidence: Evidence): LedgerImage {
  const records = bytes.map(readOrNot);
  const [oldest] = records;
  // Where older records were overwritten, the oldest that is there vouches for those behind it.
  const previous = oldest && oldest.sequence > 1 ? oldest : undefined;
  const checked = verifyRecords(previous ? bytes.slice(1) : bytes, { ...evidence, logId, previous });
  return { logId, records: records.filter((record) => record !== undefined), acknowledged, tornSlots: 0, flaws: [], ...checked };
}

/** A record; undefined where the bytes are none. */
function readOrNot(bytes: Buffer): LedgerRecord | undefined {
  try {
    return readRecord(bytes);
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}
