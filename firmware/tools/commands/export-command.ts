// export: writes every record of a terminal into a file, and verifies them.

import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { Board } from "../../boards/board.js";
import { copyOf, readLedger } from "../device/device-ledger.js";
import type { LinkHost, Message } from "../device/link-host.js";
import { type LedgerImage, packCopy, readRecords } from "../ledger/ledger-reader.js";
import { csvOf, jsonLinesOf } from "../ledger/ledger-rows.js";
import { keyOf } from "../provision/device-key.js";
import type { Report } from "../report.js";
import { ToolError } from "../tool-error.js";
import { type EitherOptions, eitherCommand, type LinkOptions, overEither, withLink } from "./device-options.js";

/** Where the records go, and in which form. */
interface ExportFile {
  readonly format: "jsonl" | "csv" | "copy";
  readonly out: string;
}

type ExportOptions = EitherOptions & ExportFile;

export function exportCommand(): Command {
  return eitherCommand(
    "export",
    "write every record of a terminal into a file, verified with its key: from its flash over the console, or over its link, without taking any from the hall",
  )
    .addOption(
      new Option("--format <format>", "a line of JSON for each record, a table, or the very bytes, which counter-terminal ledger checks")
        .choices(["jsonl", "csv", "copy"])
        .default("jsonl"),
    )
    .requiredOption("--out <file>", "the file")
    .action((options: ExportOptions) =>
      overEither(options, overLink, async ({ device, board, config }, report) => {
        const key = keyOf(config.device, options.keys);
        const ledger = await readLedger(device, board, key);
        writeRecords(options, ledger, () => copyOf(config.device, board, ledger), report);
      }),
    );
}

/** Takes every record that the terminal still has. The terminal keeps them: the hall gets them too. */
async function overLink(options: LinkOptions & ExportFile, board: Board, report: Report): Promise<void> {
  const heard = new Map<number, Buffer>();
  let log: number | undefined;
  const take = (message: Message): void => {
    if (typeof message.record !== "string" || typeof message.seq !== "number") return;
    if (message.log !== log) heard.clear();
    log = message.log as number;
    heard.set(message.seq, Buffer.from(message.record, "base64"));
  };
  await withLink(options, board, take, async (link) => {
    const { hello, log: logId, last, acknowledged } = await link.hello();
    const first = await oldestOf(link, last);
    for (let seq = first; seq <= last; seq++) {
      if (!heard.has(seq)) await ask(link, seq);
      report.progress(seq - first + 1, last - first + 1);
    }
    const sequences = [...heard.keys()].filter((seq) => seq >= first && seq <= last).sort((a, b) => a - b);
    const bytes = sequences.map((seq) => heard.get(seq) as Buffer);
    const ledger = readRecords(bytes, logId, acknowledged, { key: keyOf(hello.device, options.keys) });
    const copy = (): Buffer => {
      const head = { device: hello.device, board: board.name, copiedAt: new Date().toISOString(), log: logId, acknowledged, count: bytes.length };
      return packCopy({ ...head, part: "records" }, Buffer.concat(bytes));
    };
    writeRecords(options, ledger, copy, report);
  });
}

/** Asks for a record. @returns whether the terminal still has it */
async function ask(link: LinkHost, seq: number): Promise<boolean> {
  try {
    await link.command({ do: "resend", seq });
    return true;
  } catch (error) {
    if (error instanceof ToolError && error.code === "commandRefused") return false;
    throw error;
  }
}

/** Number of the oldest record that the terminal still has. From some number on it has all of them. */
async function oldestOf(link: LinkHost, last: number): Promise<number> {
  let first = 1;
  for (let beyond = last; first < beyond; ) {
    const middle = Math.floor((first + beyond) / 2);
    if (await ask(link, middle)) beyond = middle;
    else first = middle + 1;
  }
  return first;
}

/** @throws ToolError `ledgerInvalid` when they are not as the terminal wrote them; the file is written all the same */
function writeRecords({ out, format }: ExportFile, { records, verified: count, problems }: LedgerImage, copy: () => Buffer, report: Report): void {
  const isVerified = count !== undefined;
  const content = { copy, csv: () => csvOf(records), jsonl: () => jsonLinesOf(records) }[format]();
  writeFileSync(out, content, { mode: 0o600 });
  const verified = isVerified ? "verified with its key" : "not verified: its key is not here";
  report.result(`${out}: ${records.length} records, ${verified}`, { file: out, records: records.length, isVerified });
  if (problems.length === 0) return;
  const words = problems.map((problem) => problem.words).join("\n");
  throw new ToolError("ledgerInvalid", words, "The terminal serves; its ledger is not as the terminal wrote it.", "Find out who had the terminal.");
}
