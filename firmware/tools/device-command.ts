// The commands that go to a device: through its console while it is open, or through its link.

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { stringify } from "yaml";
import type { Board } from "../boards/board.js";
import type { Config } from "../config/config.js";
import { boardProblems } from "./board-limits.js";
import { BuildError, boardNames, currentFirmware, outputFolder, readBoard } from "./build.js";
import { requireConsole } from "./device/board-console.js";
import { crcOf, factsOf, KNOWN_VERSION, lastStart, readLedger, restart, stopFirmware } from "./device/device.js";
import { type FlashResult, flash, waitForStart } from "./device/flash.js";
import { handsProgram, testByHand } from "./device/hands-on.js";
import { type LinkHost, type Message, openLink } from "./device/link-host.js";
import { type ChangeOptions, type OpenTerminal, openTerminal, reset, setFiles, statusOf, update } from "./device/maintenance.js";
import { listPorts } from "./device/transport.js";
import { deviceKey, existingKey, keyFileOf } from "./device-key.js";
import { makeLabel } from "./label.js";
import { csvOf, jsonLinesOf } from "./ledger-command.js";
import { type LedgerProblem, type LedgerRecord, readRecord, verifyRecords } from "./ledger-reader.js";
import { createReport, type Report } from "./report.js";
import { SiteError } from "./site.js";
import { type CheckedSite, counterOf, filesFor, readSite } from "./site-command.js";
import { EXIT, ToolError } from "./tool-error.js";

const BOARD_OPTION = (): Option => new Option("--board <name>", "which board it is").choices(boardNames()).makeOptionMandatory();

interface CommonOptions {
  readonly board: string;
  readonly port: string;
  readonly json?: boolean;
  readonly keys?: string;
  readonly leaveOpen?: boolean;
  readonly also?: readonly string[];
}

/** A command to one device through its console. */
function consoleCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(BOARD_OPTION())
    .requiredOption("--port <port>", "its console: a serial port, or tcp://host:port")
    .option("--keys <folder>", "where the device keys are kept (default: dist/keys)")
    .option("--json", "for scripts: a JSON object a line");
}

function changeCommand(name: string, description: string): Command {
  return consoleCommand(name, description)
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in");
}

function linkCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(BOARD_OPTION())
    .requiredOption("--link <end>", "the host's end of its link: a serial port, or listen:PORT where the terminal connects over TCP")
    .option("--json", "for scripts: a JSON object a line");
}

/** All commands that go to a device. */
export function deviceCommands(): Command[] {
  return [
    doctorCommand(),
    flashCommand(),
    statusCommand(),
    updateCommand(),
    configCommand(),
    rosterCommand(),
    selfTestCommand(),
    exportCommand(),
    restartCommand(),
    resetCommand(),
    monitorCommand(),
    timeCommand(),
  ];
}

async function withTerminal(options: CommonOptions, action: (terminal: OpenTerminal, report: Report) => Promise<void>): Promise<void> {
  const terminal = await openTerminal(options.port, boardOf(options.board));
  try {
    await action(terminal, createReport(options.json === true));
  } finally {
    await terminal.device.close();
  }
}

function boardOf(name: string): Board {
  const board = readBoard(name);
  const problems = boardProblems(board);
  if (problems.length > 0) throw new BuildError(problems.join("\n"));
  return board;
}

function changeOptions({ config }: OpenTerminal, options: CommonOptions): ChangeOptions {
  return { key: existingKey(keyFileOf(config.device, options.keys)), isLeftOpen: options.leaveOpen, also: options.also };
}

// --- doctor ---

function doctorCommand(): Command {
  return new Command("doctor")
    .description("say what is connected, which board it is, whether its Espruino is one that is known, and what to do")
    .option("--port <port>", "only this one")
    .option("--json", "for scripts: a JSON object a line")
    .action(async (options: { readonly port?: string; readonly json?: boolean }) => {
      const report = createReport(options.json === true);
      const boards = boardNames().map(readBoard);
      const found = options.port ? [{ path: options.port, maker: "", vendorId: "", productId: "" }] : await listPorts();
      if (found.length === 0)
        report.result("Nothing is plugged in: connect the board by USB. A cable that only charges has no data wires.", { ports: [] });
      for (const { path: port, maker } of found) {
        report.step(`${port}${maker ? ` (${maker})` : ""}`);
        try {
          const device = await requireConsole(port);
          const facts = await factsOf(device).finally(() => device.close());
          const board = boards.find(({ espruinoName }) => espruinoName === facts.espruinoName);
          const isKnown = facts.version.startsWith(KNOWN_VERSION);
          const advice = [
            board ? `flash it with --board ${board.name} --port ${port}` : `there is no board file for a ${facts.espruinoName}`,
            ...(isKnown ? [] : [`the firmware is tested with Espruino ${KNOWN_VERSION}: use that`]),
          ];
          report.result(
            `  ${facts.espruinoName}, Espruino ${facts.version}, ${facts.variables} variables, chip ${facts.serial}\n  ${advice.join("\n  ")}`,
            {
              port,
              ...facts,
              board: board?.name ?? null,
              isKnown,
              advice,
            },
          );
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
          report.result(`  ${error.message}`, { port, error: error.what, state: error.state, todo: error.todo });
          process.exitCode = error.exitCode;
        }
      }
    });
}

// --- flash ---

interface FlashCommandOptions extends Omit<CommonOptions, "port" | "board"> {
  readonly board?: string;
  readonly port?: readonly string[];
  readonly config: string;
  readonly counter?: string;
  readonly list?: string;
  readonly clear?: boolean;
  readonly discardLedger?: boolean;
  readonly hands?: boolean;
}

/** One device to be flashed. */
interface Job {
  readonly config: Config;
  readonly port: string;
  readonly board: string;
}

function flashCommand(): Command {
  return new Command("flash")
    .description("make a terminal of a bare board: check, upload, verify, start, test, close, label. Interrupted, it can be run again")
    .addOption(new Option("--board <name>", "which board it is").choices(boardNames()))
    .option("--port <ports...>", "its console: a serial port, or tcp://host:port; several for several boards, counter by counter")
    .requiredOption("--config <file>", "the site file")
    .option("--counter <number>", "the counter of that site, or the first of several (default: the site's first)")
    .option("--list <file>", "a CSV file to work through instead: counter,port,board in each line")
    .option("--keys <folder>", "where the device keys are kept, for the host (default: dist/keys)")
    .option("--clear", "erase files on the board that are not the terminal's")
    .option("--discard-ledger", "discard a ledger of another key, after it was copied")
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in")
    .option("--hands", "press every key, look at every light, hold a badge, before it is closed")
    .option("--json", "for scripts: a JSON object a line")
    .action(async (options: FlashCommandOptions) => {
      const site = readSite(options.config);
      const report = createReport(options.json === true);
      const jobs = jobsOf(site, options);
      const failures: unknown[] = [];
      for (const job of jobs) {
        if (jobs.length > 1) {
          report.step(`counter ${job.config.counter} at ${job.port}`);
          if (sharesPort(job, jobs) && process.stdin.isTTY) await confirm(`Plug in the board of counter ${job.config.counter}. Ready?`);
        }
        try {
          await flashOne(job, site, options, report);
        } catch (error) {
          if (jobs.length === 1 || !(error instanceof ToolError || error instanceof SiteError)) throw error;
          failures.push(error);
          report.result(error.message, { counter: job.config.counter, error: error.message });
        }
      }
      if (failures.length === 0) return;
      throw new ToolError(
        EXIT.partly,
        `${failures.length} of ${jobs.length} devices were not done.`,
        "each as it says above.",
        "run the same command again: what is done is not sent again.",
      );
    });
}

function sharesPort(job: Job, jobs: readonly Job[]): boolean {
  return jobs.indexOf(job) > 0 && jobs.some((each) => each !== job && each.port === job.port);
}

function jobsOf(site: CheckedSite, options: FlashCommandOptions): Job[] {
  if (options.list !== undefined) {
    const lines = readFileSync(options.list, "utf8").split(/\r?\n/);
    return lines.flatMap((line, i): Job[] => {
      const [counter, port, board = options.board] = line.split(",").map((cell) => cell.trim());
      if (!counter || counter.startsWith("#") || counter === "counter") return [];
      if (!port || !board || !boardNames().includes(board)) throw new SiteError(`${options.list}:${i + 1}: must be counter,port,board`);
      return [{ config: counterOf(site, counter), port, board }];
    });
  }
  const { board, port: ports = [] } = options;
  if (!board || ports.length === 0)
    throw new SiteError("say which board it is with --board, and where with --port; counter-terminal doctor shows both");
  const first = site.counters.indexOf(counterOf(site, options.counter));
  return ports.map((port, i) => {
    const config = site.counters[first + i];
    if (!config) throw new SiteError(`${site.file}: has ${site.counters.length - first} counters for ${ports.length} ports`);
    return { config, port, board };
  });
}

async function flashOne({ config, port, board: boardName }: Job, site: CheckedSite, options: FlashCommandOptions, report: Report): Promise<void> {
  const board = boardOf(boardName);
  const key = deviceKey(keyFileOf(config.device, options.keys));
  const files = filesFor(site, board, config, key);
  report.step(`building the firmware of ${boardName}`);
  const firmware = await currentFirmware(boardName);
  const result = await flash(
    { board, config, files, key, firmware },
    {
      port,
      isLeftOpen: options.leaveOpen,
      also: options.also,
      isCleared: options.clear,
      isLedgerDiscarded: options.discardLedger,
      ...(options.hands && { byHand: async (device) => void (await handsOn(device, board, report)) }),
    },
    report,
  );
  register(result);
  const label = await makeLabel(result);
  const closed = result.isClosed ? "closed: nobody got in" : "OPEN";
  report.result(
    `${label.words}\n\nCounter ${result.counter} (${result.device}) serves after ${result.seconds.toFixed(0)} s. Console ${closed}. Key: ${keyFileOf(config.device, options.keys)}`,
    { ...result, label: label.file ?? null },
  );
}

/** Adds a device to the list of those that were flashed here, for whoever runs the host. */
function register({ attempts: _, ...result }: FlashResult): void {
  const file = outputFolder("devices.jsonl");
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...result })}\n`);
}

async function confirm(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question(`  ? ${question} [Y/n] `);
  reader.close();
  return !/^n/i.test(answer.trim());
}

async function handsOn(device: Parameters<typeof testByHand>[0], board: Board, report: Report): Promise<boolean> {
  const results = await testByHand(device, board, await handsProgram(board), confirm, report);
  const failed = results.filter(({ isOk }) => !isOk);
  report.result(failed.length === 0 ? "Every part works." : `${failed.length} of ${results.length} parts do not work.`, { parts: results });
  return failed.length === 0;
}

// --- looking ---

function statusCommand(): Command {
  return consoleCommand("status", "say who a terminal is, what it runs, and how it is").action((options: CommonOptions) =>
    withTerminal(options, async (terminal, report) => {
      const status = await statusOf(terminal, keyOf(terminal.config.device, options));
      const { started } = status;
      const lines = [
        `device          ${status.device}, counter ${status.counter}, configuration ${status.configuration}`,
        `firmware        ${started ? `${started.firmware}, self-test ${started.selfTest}` : "never started"}`,
        `Espruino        ${status.espruino}, chip ${status.serial}, ${status.freeVariables} variables and ${status.freeStorageBytes} bytes of Storage free`,
        `errors          ${status.errorFlags.join(", ") || "none"}`,
        `ledger          ${status.records} records, acknowledged up to ${status.acknowledged}${status.problems.map((words) => `\n                ${words}`).join("")}`,
        `lock            ${status.isLockInstalled ? "installed" : "not installed: it is open to everybody"}`,
      ];
      report.result(lines.join("\n"), { ...status });
    }),
  );
}

/** The key of a device, where it is on this computer. */
function keyOf(device: string, options: Pick<CommonOptions, "keys">): Buffer | undefined {
  try {
    return existingKey(keyFileOf(device, options.keys));
  } catch (error) {
    if (error instanceof SiteError) return undefined;
    throw error;
  }
}

interface ExportOptions extends Omit<CommonOptions, "port"> {
  readonly port?: string;
  readonly format: "jsonl" | "csv";
  readonly out: string;
  readonly link?: string;
}

function exportCommand(): Command {
  return new Command("export")
    .description(
      "write every record of a terminal into a file: verified with its key: from its flash over the console, or over its link, without taking any from the hall",
    )
    .addOption(BOARD_OPTION())
    .option("--port <port>", "its console")
    .option("--link <end>", "the host's end of its link instead: a serial port, or listen:PORT")
    .option("--keys <folder>", "where the device keys are kept (default: dist/keys)")
    .addOption(new Option("--format <format>", "a line of JSON for each record, or a table").choices(["jsonl", "csv"]).default("jsonl"))
    .requiredOption("--out <file>", "the file")
    .option("--json", "for scripts: a JSON object a line")
    .action(async (options: ExportOptions) => {
      if (options.link) return exportOverLink(options, options.link);
      const { port } = options;
      if (!port) throw new SiteError("say where the terminal is: --port for its console, or --link for its link");
      return withTerminal({ ...options, port }, async (terminal, report) => {
        const key = keyOf(terminal.config.device, options);
        const { records, problems } = await readLedger(terminal.device, terminal.board, key);
        writeRecords(options, records, key !== undefined, problems, report);
      });
    });
}

/** @throws ToolError `ledger` when they are not as the terminal wrote them; the file is there all the same */
function writeRecords(
  { out, format }: ExportOptions,
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
  throw new ToolError(EXIT.ledger, words, "serving; its ledger is not as it wrote it.", "find out who had it.");
}

// --- changing ---

function updateCommand(): Command {
  return changeCommand("update", "bring the firmware up to date; if the new one does not come up, the old one is put back. No record is lost")
    .option("--firmware <file>", "a bundle (default: the one of these sources)")
    .action((options: CommonOptions & { readonly firmware?: string }) =>
      withTerminal(options, async (terminal, report) => {
        const code = options.firmware ? readFileSync(options.firmware, "latin1") : (await currentFirmware(options.board)).code;
        await update(terminal, { code, bytes: code.length }, changeOptions(terminal, options), report);
        report.result("The terminal is up to date.", { device: terminal.config.device, bytes: code.length });
      }),
    );
}

interface SiteOptions extends CommonOptions {
  readonly config: string;
  readonly counter?: string;
}

function configCommand(): Command {
  const command = new Command("config").description("look at a terminal's configuration, or give it another");
  command.addCommand(
    consoleCommand("get", "print the configuration that is on the terminal").action((options: CommonOptions) =>
      withTerminal(options, async ({ config }, report) => report.result(stringify(config).trimEnd(), { ...config })),
    ),
  );
  command.addCommand(
    changeCommand("set", "give it configuration, roster, texts and glyphs of its site file")
      .requiredOption("--config <file>", "the site file")
      .option("--counter <number>", "the counter of that site (default: the one that the terminal stands at)")
      .action((options: SiteOptions) =>
        withTerminal(options, async (terminal, report) => {
          const site = readSite(options.config);
          const config = counterOf(site, options.counter ?? terminal.config.counter);
          if (config.device !== terminal.config.device)
            throw new SiteError(
              `${site.file}: counter ${config.counter} is ${config.device}, and this terminal is ${terminal.config.device}: flash it to make it another`,
            );
          const change = changeOptions(terminal, options);
          await setFiles(terminal, filesFor(site, terminal.board, config, change.key), config, change, report);
          report.result(`Configuration ${config.version} is on the terminal.`, { device: config.device, configuration: config.version });
        }),
      ),
  );
  return command;
}

function rosterCommand(): Command {
  const set = changeCommand("set", "give it the roster of its site file, with the glyphs for the names; its configuration stays")
    .requiredOption("--config <file>", "the site file")
    .action((options: SiteOptions) =>
      withTerminal(options, async (terminal, report) => {
        const site = readSite(options.config);
        const change = changeOptions(terminal, options);
        const { config: _, key: _key, ...files } = filesFor(site, terminal.board, terminal.config, change.key);
        await setFiles(terminal, files, terminal.config, change, report);
        report.result(`${site.site.people.length} people are in its roster.`, { device: terminal.config.device, people: site.site.people.length });
      }),
    );
  return new Command("roster").description("who may stand at a counter").addCommand(set);
}

function restartCommand(): Command {
  return consoleCommand("restart", "restart a terminal, and wait until it serves").action((options: CommonOptions) =>
    withTerminal(options, async (terminal, report) => {
      const { device, board, config, facts } = terminal;
      if (facts.files.includes(".boot0")) report.note("its lock closes the console with this start");
      const key = keyOf(config.device, options);
      const before = lastStart(await readLedger(device, board, key))?.sequence ?? 0;
      if (facts.files.includes(".boot0")) {
        await device.type(board.espruinoName === "LINUX" ? "\x10load()\n" : "\x10E.reboot()\n", 200);
        report.result("It restarts, and is closed.", { device: config.device });
        return;
      }
      const again = await restart(device, board);
      const started = key && (await waitForStart(again, { board, config, key }, before).finally(() => again.close()));
      report.result(`It serves: self-test ${started?.selfTest ?? "not seen, its key is not here"}.`, {
        device: config.device,
        selfTest: started?.selfTest ?? null,
      });
    }),
  );
}

function resetCommand(): Command {
  return consoleCommand("reset", "make a bare board of a terminal; only with its key, and after its ledger was copied")
    .requiredOption("--yes <device>", "the terminal's name, to say that it is this one")
    .action((options: CommonOptions & { readonly yes: string }) =>
      withTerminal(options, async (terminal, report) => {
        const { device } = terminal.config;
        if (options.yes !== device) throw new SiteError(`this terminal is ${device}, and not ${options.yes}: nothing was erased`);
        await reset(terminal, existingKey(keyFileOf(device, options.keys)), report);
        report.result(`${device} is a bare board now.`, { device });
      }),
    );
}

interface SelfTestOptions {
  readonly board: string;
  readonly port?: string;
  readonly link?: string;
  readonly json?: boolean;
}

function selfTestCommand(): Command {
  return new Command("self-test")
    .description("guide through every key, light, sound and badge over the console; or have the terminal test its keys, over its link")
    .addOption(BOARD_OPTION())
    .option("--port <port>", "its console, of a terminal or of a bare board")
    .option("--link <end>", "the host's end of its link instead")
    .option("--json", "for scripts: a JSON object a line")
    .action(async (options: SelfTestOptions) => {
      const report = createReport(options.json === true);
      const board = boardOf(options.board);
      if (options.link) return selfTestOverLink(options.link, board, report);
      if (!options.port) throw new SiteError("say where the terminal is: --port for its console, or --link for its link");
      const device = await requireConsole(options.port);
      try {
        // A lock would close the console when the firmware is stopped.
        if ((await crcOf(device, ".boot0")) !== undefined)
          throw new ToolError(
            EXIT.given,
            "Its lock is installed.",
            "as it was, and serving.",
            "test its keys over its link with --link; or flash it with --hands.",
          );
        await stopFirmware(device);
        if (!(await handsOn(device, board, report))) process.exitCode = EXIT.unhealthy;
        const again = await restart(device, board);
        await again.close();
      } finally {
        await device.close();
      }
    });
}

// --- over the link ---

async function withLink(
  where: string,
  board: Board,
  onMessage: (message: Message) => void,
  action: (link: LinkHost) => Promise<void>,
): Promise<void> {
  const link = await openLink(where, board.link.driver === "serial" ? board.link.baudHz : 0, onMessage);
  try {
    await action(link);
  } finally {
    await link.close();
  }
}

/** The key test ends after a minute at the latest. */
const SELF_TEST_MS = 65000;

async function selfTestOverLink(where: string, board: Board, report: Report): Promise<void> {
  const unseen: string[] = [];
  let outcome: LedgerRecord | undefined;
  const onMessage = (message: Message): void => {
    if (message.alert === "key") unseen.push(String(message.detail));
    const record = recordOf(message);
    if (record?.type === "selfTest") outcome = record;
  };
  await withLink(where, board, onMessage, async (link) => {
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

function monitorCommand(): Command {
  return linkCommand("monitor", "show everything that a terminal says on its link, as it happens; acknowledges nothing").action(
    async (options: { readonly board: string; readonly link: string; readonly json?: boolean }) => {
      const seen = new Set<string>();
      const show = (message: Message): void => {
        const place = `${String(message.log)} ${String(message.seq)}`;
        if (message.seq !== undefined && seen.has(place)) return;
        if (message.seq !== undefined) seen.add(place);
        console.log(options.json ? JSON.stringify(message) : sentenceOf(message));
      };
      await withLink(options.link, boardOf(options.board), show, () => new Promise<void>((resolve) => process.once("SIGINT", resolve)));
    },
  );
}

function recordOf(message: Message): LedgerRecord | undefined {
  return typeof message.record === "string" ? readRecord(Buffer.from(message.record, "base64")) : undefined;
}

/** A message of the terminal in words. */
export function sentenceOf(message: Message): string {
  const now = new Date().toTimeString().slice(0, 8);
  const words = (fields: object): string =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(", ");
  const record = recordOf(message);
  if (record) {
    const { sequence, type, uptimeMs: _, wallSeconds, backlog: _backlog, mac: _mac, ...fields } = record;
    const time = wallSeconds === undefined ? "time unknown" : new Date(wallSeconds * 1000).toISOString();
    return `${now}  record ${sequence}  ${type}: ${words(fields)} (${time})`;
  }
  if (message.hello)
    return `${now}  hello     ${words(message.hello)}; records up to ${String(message.last)}, acknowledged ${String(message.acknowledged)}`;
  if (message.lost) return `${now}  record ${String(message.seq)} is lost in its flash`;
  if (message.alert !== undefined) return `${now}  ALERT     ${String(message.alert)}: ${String(message.detail)}`;
  return `${now}  ${words(message)}`;
}

function timeCommand(): Command {
  const set = linkCommand("set", "give a terminal this computer's time").action(
    async (options: { readonly board: string; readonly link: string; readonly json?: boolean }) => {
      const report = createReport(options.json === true);
      await withLink(
        options.link,
        boardOf(options.board),
        () => undefined,
        async (link) => {
          const unix = Math.round(Date.now() / 1000);
          await link.command({ do: "time", unix });
          report.result(`Its time is ${new Date(unix * 1000).toISOString()}.`, { unix });
        },
      );
    },
  );
  return new Command("time").description("a terminal's clock").addCommand(set);
}

/** Takes every record that the terminal still has. They stay as they are, and are still to come to the hall. */
async function exportOverLink(options: ExportOptions, where: string): Promise<void> {
  const report = createReport(options.json === true);
  const board = boardOf(options.board);
  const heard = new Map<number, Buffer>();
  let log: number | undefined;
  const take = (message: Message): void => {
    if (typeof message.record !== "string" || typeof message.seq !== "number") return;
    if (message.log !== log) heard.clear();
    log = message.log as number;
    heard.set(message.seq, Buffer.from(message.record, "base64"));
  };
  await withLink(where, board, take, async (link) => {
    const { hello, log: name, last } = await link.hello();
    const ask = async (seq: number): Promise<boolean> => {
      try {
        await link.command({ do: "resend", seq });
        return true;
      } catch (error) {
        if (error instanceof ToolError && error.exitCode === EXIT.unhealthy) return false;
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
    const key = keyOf(hello.device, options);
    const [oldest] = bytes;
    // Where older records were overwritten, the oldest that is there vouches for those behind it.
    const isWhole = first === 1 || oldest === undefined;
    const evidence = { logId: name, key, ...(isWhole ? {} : { previous: readRecord(oldest) }) };
    const { problems } = verifyRecords(isWhole ? bytes : bytes.slice(1), evidence);
    writeRecords(options, bytes.map(readRecord), key !== undefined, problems, report);
  });
}
