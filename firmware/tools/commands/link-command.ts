// The commands that go to a terminal over its link, which a closed one has too: the tool stands where the host is otherwise.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { Board } from "../../boards/board.js";
import { boardOf } from "../boards/checked-board.js";
import { type LinkHost, linkBaudHz, type Message, openLink } from "../device/link-host.js";
import { type LedgerProblem, type LedgerRecord, readRecord, verifyRecords } from "../ledger/ledger-reader.js";
import { existingKey, keyFileOf, keyOf } from "../provision/device-key.js";
import { createReport, type Report } from "../report.js";
import { EXIT, ToolError, usageError } from "../tool-error.js";
import { deviceCommand } from "./board-option.js";
import { csvOf, jsonLinesOf } from "./ledger-command.js";

export interface LinkOptions {
  readonly board: string;
  readonly link: string;
  readonly keys?: string;
  readonly json?: boolean;
}

/** Where the records go. */
export interface ExportFile {
  readonly format: "jsonl" | "csv";
  readonly out: string;
}

function linkCommand(name: string, description: string): Command {
  return deviceCommand(name, description).requiredOption(
    "--link <end>",
    "the hall's end of its link: a serial port, or listen:PORT where the terminal connects over TCP",
  );
}

/** The commands that only the link has. */
export function linkCommands(): Command[] {
  return [monitorCommand(), timeCommand(), unlockCommand()];
}

async function withLink(
  { link: where }: LinkOptions,
  board: Board,
  onMessage: (message: Message) => void,
  action: (link: LinkHost) => Promise<void>,
): Promise<void> {
  const link = await openLink(where, linkBaudHz(board), onMessage);
  try {
    await action(link);
  } finally {
    await link.close();
  }
}

function nothing(): void {}

function recordOf(message: Message): LedgerRecord | undefined {
  return typeof message.record === "string" ? readRecord(Buffer.from(message.record, "base64")) : undefined;
}

function wordsOf(fields: object): string {
  return Object.entries(fields)
    .filter(([name, value]) => value !== undefined && value !== "" && name !== "mac")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

/** A message of the terminal in words. */
export function sentenceOf(message: Message): string {
  const now = new Date().toTimeString().slice(0, 8);
  const record = recordOf(message);
  if (record) {
    const { sequence, type, uptimeMs: _, wallSeconds, backlog: _backlog, mac: _mac, ...fields } = record;
    const time = wallSeconds === undefined ? "time unknown" : new Date(wallSeconds * 1000).toISOString();
    return `${now}  record ${sequence}  ${type}: ${wordsOf(fields)} (${time})`;
  }
  if (message.hello)
    return `${now}  hello     ${wordsOf(message.hello)}; records up to ${String(message.last)}, acknowledged ${String(message.acknowledged)}`;
  if (message.status) return `${now}  status    ${wordsOf(message.status)}`;
  if (message.lost) return `${now}  record ${String(message.seq)} is lost in its flash`;
  if (message.alert !== undefined) return `${now}  ALERT     ${String(message.alert)}: ${String(message.detail)}`;
  return `${now}  ${wordsOf(message)}`;
}

function monitorCommand(): Command {
  return linkCommand("monitor", "show everything that a terminal says on its link, as it happens; acknowledges nothing").action(
    async (options: LinkOptions) => {
      const seen = new Set<string>();
      const show = (message: Message): void => {
        const place = `${String(message.log)} ${String(message.seq)}`;
        if (message.seq !== undefined && seen.has(place)) return;
        if (message.seq !== undefined) seen.add(place);
        console.log(options.json ? JSON.stringify(message) : sentenceOf(message));
      };
      await withLink(options, boardOf(options.board), show, () => new Promise<void>((resolve) => process.once("SIGINT", resolve)));
    },
  );
}

function timeCommand(): Command {
  const set = linkCommand("set", "give a terminal this computer's time, signed with its key").action((options: LinkOptions) =>
    withLink(options, boardOf(options.board), nothing, async (link) => {
      const { device } = (await link.hello()).hello;
      const unix = Math.round(Date.now() / 1000);
      await link.signedCommand({ do: "time", unix }, existingKey(keyFileOf(device, options.keys)));
      createReport(options.json === true).result(`Its time is ${new Date(unix * 1000).toISOString()}.`, { unix });
    }),
  );
  return new Command("time").description("a terminal's clock").addCommand(set);
}

function unlockCommand(): Command {
  return linkCommand("unlock", "open the console of a closed terminal for ten minutes, for service; a record says who did, and the hall hears of it")
    .requiredOption("--by <number>", "staff number of a maintainer in the terminal's roster")
    .action((options: LinkOptions & { readonly by: string }) =>
      withLink(options, boardOf(options.board), nothing, async (link) => {
        const { device } = (await link.hello()).hello;
        try {
          await link.signedCommand({ do: "unlock", by: options.by }, existingKey(keyFileOf(device, options.keys)));
        } catch (error) {
          if (!(error instanceof ToolError) || error.exitCode !== EXIT.unhealthy) throw error;
          const todo = "Give the staff number of somebody who is a maintainer in this terminal's roster, and this terminal's own key.";
          throw new ToolError(error.code, error.message, "The terminal is as it was: closed.", todo);
        }
        createReport(options.json === true).result(`The console of ${device} is open for ten minutes. A restart closes it.`, {
          device,
          by: options.by,
        });
      }),
    );
}

/** How long a terminal may take to say how it stands, behind its hello, in ms. */
const STATUS_MS = 1000;

/** Says what the terminal says of itself. */
export async function statusOverLink(options: LinkOptions, board: Board, report: Report): Promise<void> {
  let status: object | undefined;
  const take = (message: Message): void => {
    if (message.status) status = message.status;
  };
  await withLink(options, board, take, async (link) => {
    const { hello, last, acknowledged } = await link.hello();
    for (const until = Date.now() + STATUS_MS; !status && Date.now() < until; ) await sleep(20);
    const lines = [
      `device          ${hello.device}, counter ${hello.counter}, configuration ${hello.config || "none that holds"}`,
      `firmware        ${hello.firmware}`,
      ...(status ? [`state           ${wordsOf(status)}`] : []),
      `ledger          ${last} records so far, acknowledged up to ${acknowledged}`,
    ];
    report.result(lines.join("\n"), { ...hello, last, acknowledged, status: status ?? null });
  });
}

/** Has the terminal restart as soon as no citizen is asked. @throws ToolError `usage` without the staff number of whoever orders it */
export async function restartOverLink({ by, ...options }: LinkOptions & { readonly by?: string }, board: Board, report: Report): Promise<void> {
  if (by === undefined) throw usageError("The terminal records who orders a restart.", "Say who orders it: --by and a staff number.");
  await withLink(options, board, nothing, async (link) => {
    const { device } = (await link.hello()).hello;
    await link.signedCommand({ do: "restart", by }, existingKey(keyFileOf(device, options.keys)));
    report.result("It restarts within 15 s, as soon as no citizen is asked.", { device });
  });
}

/** The key test ends after a minute at the latest. */
const SELF_TEST_MS = 65000;

/** Has the terminal look for every key. */
export async function selfTestOverLink(options: LinkOptions, board: Board, report: Report): Promise<void> {
  const unseen: string[] = [];
  let outcome: LedgerRecord | undefined;
  const onMessage = (message: Message): void => {
    const [, key] = /^(\w+) not seen$/.exec(String(message.detail)) ?? [];
    if (message.alert === "key" && key) unseen.push(key);
    const record = recordOf(message);
    if (record?.type === "selfTest") outcome = record;
  };
  await withLink(options, board, onMessage, async (link) => {
    await link.command({ do: "selfTest" });
    report.step("press every key once: the citizen's from the left, then invite, then pause; you have a minute");
    for (const until = Date.now() + SELF_TEST_MS; Date.now() < until && !outcome && unseen.length === 0; ) await sleep(200);
    await sleep(500);
    const isOk = outcome?.type === "selfTest" && outcome.result === "ok";
    if (isOk) report.result("Every key was seen.", { result: "ok" });
    else if (unseen.length > 0) report.result(`Not seen: ${unseen.join(", ")}.`, { result: "failed", unseen });
    else report.result("No key was reported. Its record has not come: the host must acknowledge older ones first.", { result: "unknown" });
    if (!isOk) process.exitCode = EXIT.unhealthy;
  });
}

/** Takes every record that the terminal still has. They stay as they are, and are still to come to the hall. */
export async function exportOverLink(options: LinkOptions & ExportFile, board: Board, report: Report): Promise<void> {
  const heard = new Map<number, Buffer>();
  let log: number | undefined;
  const take = (message: Message): void => {
    if (typeof message.record !== "string" || typeof message.seq !== "number") return;
    if (message.log !== log) heard.clear();
    log = message.log as number;
    heard.set(message.seq, Buffer.from(message.record, "base64"));
  };
  await withLink(options, board, take, async (link) => {
    const { hello, log: logId, last } = await link.hello();
    const ask = async (seq: number): Promise<boolean> => {
      try {
        await link.command({ do: "resend", seq });
        return true;
      } catch (error) {
        if (error instanceof ToolError && error.code === "commandRefused") return false;
        throw error;
      }
    };
    // Older ones were overwritten: all from some number on are there.
    let first = 1;
    for (let beyond = last; first < beyond; ) {
      const middle = Math.floor((first + beyond) / 2);
      if (await ask(middle)) beyond = middle;
      else first = middle + 1;
    }
    for (let seq = first; seq <= last; seq++) {
      if (!heard.has(seq)) await ask(seq);
      report.progress(seq - first + 1, last - first + 1);
    }
    const sequences = [...heard.keys()].filter((seq) => seq >= first && seq <= last).sort((a, b) => a - b);
    const bytes = sequences.map((seq) => heard.get(seq) as Buffer);
    const key = keyOf(hello.device, options.keys);
    const [oldest] = bytes;
    // Where older records were overwritten, the oldest that is there vouches for those behind it.
    const isWhole = first === 1 || oldest === undefined;
    const { problems } = verifyRecords(isWhole ? bytes : bytes.slice(1), { logId, key, ...(isWhole ? {} : { previous: readRecord(oldest) }) });
    writeRecords(options, bytes.map(readRecord), key !== undefined, problems, report);
  });
}

/** @throws ToolError `ledgerInvalid` when they are not as the terminal wrote them; the file is there all the same */
export function writeRecords(
  { out, format }: ExportFile,
  records: readonly LedgerRecord[],
  isVerified: boolean,
  problems: readonly LedgerProblem[],
  report: Report,
): void {
  writeFileSync(out, format === "csv" ? csvOf(records) : jsonLinesOf(records));
  const verified = isVerified ? "verified with its key" : "not verified: its key is not here";
  report.result(`${out}: ${records.length} records, ${verified}`, { file: out, records: records.length, isVerified });
  if (problems.length === 0) return;
  const words = problems.map((problem) => problem.words).join("\n");
  throw new ToolError("ledgerInvalid", words, "The terminal serves; its ledger is not as the terminal wrote it.", "Find out who had the terminal.");
}
