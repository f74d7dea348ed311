// ledger: checks a dump of a terminal's ledger, exports its records, and counts them again.

import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { Board } from "../../boards/board.js";
import { boardNames, readBoard } from "../build/build.js";
import {
  type CopyHead,
  copyIn,
  type LedgerImage,
  type LedgerProblem,
  type LedgerRecord,
  type RecordHead,
  readCopy,
  readFlashImage,
} from "../ledger/ledger-reader.js";
import { csvOf, jsonLinesOf } from "../ledger/ledger-rows.js";
import { checkTotals, type Tally, type Totals, totalsOf } from "../ledger/totals.js";
import { complain, print, printSlowly } from "../output.js";
import { keyIn } from "../provision/device-key.js";
import { tableOf } from "../table.js";
import { computerTrouble, ToolError } from "../tool-error.js";
import { readOffset, utcOffsetOption } from "../utc-offset.js";

interface DumpOptions {
  readonly board?: string;
  readonly key?: string;
  readonly head?: string;
}

interface Dump {
  /** The name of its board. */
  readonly board: string;
  readonly image: LedgerImage;
}

/** The command `ledger` with its subcommands. Each sets the exit code to 1 when anything is wrong with the log. */
export function ledgerCommand(): Command {
  const command = new Command("ledger").description("check, export or count the records in a dump of a terminal's ledger");
  withDump(command.command("check"), "say whether anybody or anything has touched the log, and which records it was")
    .addOption(utcOffsetOption())
    .option("--json", "for scripts")
    .action(async (file: string, options: DumpOptions & { readonly utcOffset: string; readonly json?: boolean }) =>
      check(file, await readDump(file, options), readOffset(options.utcOffset, UNREAD), options.json),
    );
  withDump(command.command("export"), "print every record, oldest first")
    .addOption(new Option("--format <format>", "a line of JSON for each record, or a table").choices(["jsonl", "csv"]).default("jsonl"))
    .action(async (file: string, options: DumpOptions & { readonly format: "jsonl" | "csv" }) => {
      const { image } = await readDump(file, options);
      await printSlowly(options.format === "csv" ? csvOf(image.records) : jsonLinesOf(image.records));
      warn(file, image);
    });
  withDump(command.command("totals"), "count the ratings again, by clerk, grade, day and month")
    .addOption(utcOffsetOption())
    .option("--json", "for scripts")
    .action(async (file: string, options: DumpOptions & { readonly utcOffset: string; readonly json?: boolean }) => {
      const { image } = await readDump(file, options);
      const totals = totalsIn(file, image, readOffset(options.utcOffset, UNREAD));
      const [from, to] = [image.records[0]?.sequence ?? 0, newestOf(image)?.sequence ?? 0];
      const isMissing = image.problems.some(({ kind, last }) => kind === "removed" && last === from - 1);
      const older = from === 1 || isMissing ? "" : "; those before them were overwritten, and the host has them";
      print(
        options.json ? JSON.stringify({ from, to, ...totals, problems: image.problems }) : `records ${from} to ${to}${older}\n\n${tablesOf(totals)}`,
      );
      warn(file, image);
    });
  return command;
}

function withDump(command: Command, description: string): Command {
  return command
    .description(description)
    .argument("<dump>", "copy that the tool has made of a ledger, or a file with the bytes of its flash region, all of them")
    .option(
      "--board <name>",
      `board that it comes from: ${boardNames().join(", ")} (a copy names its own; other files are told by their length where only one board has it)`,
    )
    .option("--key <file>", "file with the terminal's device key, 64 hexadecimal digits; without it nothing is verified beyond CRCs")
    .option("--head <number:mac>", "newest record that the host has stored, such as 41:08032a0c, to see whether newer ones were cut off");
}

// --- reading the files ---

/** The state of a dump that was looked at. */
const UNREAD = "The dump is as it was: nothing writes to it.";

async function readDump(file: string, options: DumpOptions): Promise<Dump> {
  const bytes = readBytes(file);
  const key = options.key === undefined ? undefined : readKey(options.key);
  const head = options.head === undefined ? undefined : readHead(options.head);
  const copy = copyIn(file, bytes);
  if (!copy) {
    const { name, flash } = boardOf(file, bytes, options.board);
    return dumpOf(name, readFlashImage(bytes, flash, { key, head }), flash.pageCount);
  }
  requireSameBoard(file, copy.head, options.board);
  return dumpOf(copy.head.board, readCopy(copy, { key, head }), copy.head.part === "pages" ? copy.head.pageCount : 0);
}

function dumpOf(board: string, image: LedgerImage, pageCount: number): Dump {
  return { board, image: image.logId === undefined ? { ...image, problems: [noLogOf(pageCount), ...image.problems] } : image };
}

/** @throws ToolError `usage` when somebody says that a copy is of another board than it says itself */
function requireSameBoard(file: string, { board }: CopyHead, name: string | undefined): void {
  if (name === undefined || readBoard(name).name === board) return;
  throw new ToolError("usage", `${file} is a copy of the ledger of a ${board}.`, UNREAD, "Leave out --board: a copy names its own.");
}

/** The problem of a flash without a log: every terminal writes a record at its first start. */
function noLogOf(pageCount: number): LedgerProblem {
  const why =
    pageCount === 1
      ? "Either the power went while the only page was erased: then the host has every record, and the terminal begins a new log. Or somebody erased it."
      : "The power cannot do that where there are several pages: somebody erased them, or this is not the flash of a terminal that has ever run.";
  return { kind: "missing", sequence: undefined, last: undefined, words: `No log is here. ${why}` };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw computerTrouble(error, UNREAD, file) ?? error;
  }
}

function boardOf(file: string, bytes: Buffer, name: string | undefined): Board {
  const boards = boardNames().map(readBoard);
  const sizes = boards.map((board) => `${board.name} ${lengthOf(board)}`).join(", ");
  if (name !== undefined) {
    const board = readBoard(name);
    // The slots of the configuration behind the ledger may be missing.
    const leastBytes = board.flash.pageBytes * board.flash.pageCount;
    if (bytes.length === leastBytes || bytes.length === lengthOf(board)) return board;
    const message = `${file} has ${bytes.length} bytes, and the ledger of ${name} has ${lengthOf(board)}.`;
    throw new ToolError("fileInvalid", message, UNREAD, `Dump the whole region, or name another board (${sizes}).`);
  }
  const fitting = boards.filter((board) => lengthOf(board) === bytes.length);
  if (fitting.length === 1) return fitting[0] as Board;
  if (fitting.length > 1) {
    const names = fitting.map((board) => board.name).join(" or ");
    throw new ToolError("usage", `${file} may come from ${names}.`, UNREAD, "Say which board it is with --board.");
  }
  const message = `${file} has ${bytes.length} bytes, and no board has a ledger of that length (${sizes}).`;
  throw new ToolError("fileInvalid", message, UNREAD, "Dump the whole region.");
}

function lengthOf({ flash }: Board): number {
  return flash.pageBytes * (flash.pageCount + flash.slotPages);
}

function readKey(file: string): Buffer {
  return keyIn(file, readBytes(file).toString("latin1"));
}

function readHead(text: string): RecordHead {
  const match = /^(\d{1,10}):([0-9a-f]{8})$/i.exec(text);
  if (!match || Number(match[1]) < 1) {
    const todo = "Write the number of the newest record that the host has stored, a colon and its MAC: 41:08032a0c.";
    throw new ToolError("usage", `--head ${text} is no head.`, UNREAD, todo);
  }
  return { sequence: Number(match[1]), mac: (match[2] as string).toLowerCase() };
}

// --- output ---

function check(file: string, { board, image }: Dump, utcOffsetMinutes: number, isJson: boolean | undefined): void {
  const { logId, records, tornSlots, flaws, acknowledged, verified, head, scope } = image;
  const totals = checkTotals(records, utcOffsetMinutes);
  const wrongTotals = totals.problems.map((words): LedgerProblem => ({ kind: "totals", sequence: undefined, last: undefined, words }));
  const problems = [...image.problems, ...wrongTotals];
  const newest = newestOf(image);
  if (problems.length > 0) process.exitCode = 1;
  if (isJson) {
    const about = { file, board, log: logId ?? null, records: records.length, acknowledged, tornSlots, flaws };
    const ends = { newest: newest ? { sequence: newest.sequence, mac: newest.mac } : null };
    print(JSON.stringify({ ...about, ...ends, verified: verified ?? null, totals: totals.recounted, head, scope, problems }));
    return;
  }
  const lines = [`${file}: ledger of ${board}${logId === undefined ? "" : `, log ${logId}, ${countOf(records.length, "record")}`}`];
  if (newest)
    lines.push(`The newest is record ${newest.sequence}: its head is ${newest.sequence}:${newest.mac}. The host has up to ${acknowledged}.`);
  if (tornSlots > 0) lines.push(`${countOf(tornSlots, "slot")} of interrupted or failed writes, which is normal.`);
  lines.push(...flaws);
  if (head === "overwritten") lines.push("The record that the host has is older than the oldest here: its page was used again, which is normal.");
  if (totals.recounted > 0) lines.push(`The terminal's own totals were counted again ${countOf(totals.recounted, "time")}.`);
  if (head === "missing" && newest) lines.push(`A head belongs to one log. Make sure that the one of the host is of log ${logId}.`);
  lines.push(scope, ...problems.map(({ words }) => `WRONG: ${words}`), verdictOf({ problems, verified, head }));
  print(lines.join("\n"));
}

/** The last line. It promises no more than was checked, because many read nothing else. */
function verdictOf({ problems, verified, head }: Pick<LedgerImage, "problems" | "verified" | "head">): string {
  if (problems.length > 0) return `${countOf(problems.length, "thing")} wrong`;
  if (verified === undefined) return "nothing is damaged; whether somebody has changed anything was not checked";
  return head === "notGiven" ? "nothing is wrong with these records" : "nothing is wrong";
}

function newestOf({ records }: LedgerImage): LedgerRecord | undefined {
  return records.reduce<LedgerRecord | undefined>((a, b) => (a && a.sequence > b.sequence ? a : b), undefined);
}

/** Tells problems on the error stream, beside the output. */
function warn(file: string, { problems, flaws }: LedgerImage): void {
  if (flaws.length > 0) complain([`${file}:`, ...flaws].join("\n"));
  if (problems.length === 0) return;
  process.exitCode = 1;
  complain(
    [`${file}: this log is not as the terminal wrote it, and nothing that comes from it holds:`, ...problems.map(({ words }) => words)].join("\n"),
  );
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function totalsIn(file: string, { records }: LedgerImage, utcOffsetMinutes: number): Totals {
  try {
    return totalsOf(records, utcOffsetMinutes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ToolError(
      "recordInvalid",
      `${file}: cannot be counted: ${error.message}.`,
      UNREAD,
      `Check it first: npm run ledger -- check ${file} --key FILE.`,
    );
  }
}

function tablesOf({ all, byClerk, byDay, byMonth }: Totals): string {
  const parts: readonly [string, Readonly<Record<string, Tally>>][] = [
    ["clerk", Object.fromEntries(Object.entries(byClerk).map(([staff, tally]) => [staff || "nobody", tally]))],
    ["day", byDay],
    ["month", byMonth],
    ["all", { all }],
  ];
  return parts.map(([name, tallies]) => tableOf(rowsOf(name, tallies))).join("\n\n");
}

function rowsOf(name: string, tallies: Readonly<Record<string, Tally>>): readonly (readonly string[])[] {
  const head = [name, "5", "4", "3", "2", "1", "of them cards", "time-outs", "cancelled", "clerk left", "not invited", "voided"];
  const rows = Object.entries(tallies)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { grades, cards, timeouts, cancelled, staffLeft, notInvited, voided }]) => {
      const counts = [grades[5], grades[4], grades[3], grades[2], grades[1], cards, timeouts, cancelled, staffLeft, notInvited, voided];
      return [key, ...counts.map(String)];
    });
  return [head, ...rows];
}
