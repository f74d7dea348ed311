// The commands that go to a device: through its console while it is open, or through its link.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { parse } from "acorn";
import { Command, Option } from "commander";
import { stringify } from "yaml";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { boardOf } from "../boards/checked-board.js";
import { boardNames, currentFirmware, type Firmware, outputFolder, readBoard, sourcesDigest } from "../build/build.js";
import { type BoardConsole, openConsole, requireConsole } from "../device/board-console.js";
import {
  beginRestart,
  crcOf,
  type DeviceFacts,
  factsOf,
  KNOWN_VERSION,
  lastStart,
  mismatch,
  readConfigOf,
  readLedger,
  restart,
  stopFirmware,
} from "../device/device.js";
import { flash, type Terminal, waitForStart, withState } from "../device/flash.js";
import { handsProgram, testByHand } from "../device/hardware-test.js";
import { makeLabel } from "../device/label.js";
import { type ChangeOptions, type OpenTerminal, openTerminal, reset, setFiles, statusOf, update } from "../device/maintenance.js";
import { listPorts } from "../device/transport.js";
import { deviceKey, existingKey, keyFileOf, keyOf } from "../provision/device-key.js";
import { SiteError } from "../provision/site.js";
import { type CheckedSite, counterOf, filesFor, readSite, readText } from "../provision/site-file.js";
import { createReport, type Report } from "../report.js";
import { EXIT, ToolError, UNCHANGED, usageError } from "../tool-error.js";
import { boardOption, deviceCommand } from "./board-option.js";
import {
  type ExportFile,
  exportOverLink,
  type LinkOptions,
  linkCommands,
  restartOverLink,
  selfTestOverLink,
  statusOverLink,
  writeRecords,
} from "./link-command.js";

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
  return deviceCommand(name, description).requiredOption("--port <port>", "its console: a serial port, or tcp://host:port");
}

/** A command to one device through its console or its link. */
function eitherCommand(name: string, description: string): Command {
  return deviceCommand(name, description)
    .option("--port <port>", "its console: a serial port, or tcp://host:port")
    .option("--link <end>", "the hall's end of its link instead, which a closed terminal has too: a serial port, or listen:PORT");
}

type EitherOptions = Omit<LinkOptions, "link"> & { readonly port?: string; readonly link?: string };
type ExportOptions = EitherOptions & ExportFile;

function portOf({ port }: EitherOptions): string {
  if (port !== undefined) return port;
  throw usageError("The command does not say where the terminal is.", "Give --port for its console, or --link for its link.");
}

async function overEither<Options extends EitherOptions>(
  options: Options,
  overLink: (options: Options & LinkOptions, board: Board, report: Report) => Promise<void>,
  overConsole: (terminal: OpenTerminal, report: Report) => Promise<void>,
): Promise<void> {
  const { link } = options;
  if (link !== undefined) return overLink({ ...options, link }, boardOf(options.board), createReport(options.json === true));
  return withTerminal({ ...options, port: portOf(options) }, overConsole);
}

function changeCommand(name: string, description: string): Command {
  return consoleCommand(name, description)
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in");
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
    ...linkCommands(),
  ];
}

async function withTerminal(options: CommonOptions, action: (terminal: OpenTerminal, report: Report) => Promise<void>): Promise<void> {
  const terminal = await openTerminal(options.port, boardOf(options.board));
  try {
    await withState(
      () => UNCHANGED,
      () => action(terminal, createReport(options.json === true)),
    );
  } finally {
    await terminal.device.close();
  }
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
      const found = options.port ? [{ path: options.port, maker: "" }] : await listPorts();
      if (found.length === 0)
        report.result("Nothing is plugged in: connect the board by USB. A cable that only charges has no data wires.", { ports: [] });
      for (const { path: port, maker } of found) {
        report.step(`${port}${maker ? ` (${maker})` : ""}`);
        try {
          const device = await requireConsole(port);
          const { facts, config } = await withState(
            () => UNCHANGED,
            () => lookAt(device),
          ).finally(() => device.close());
          const board = boards.find(({ espruinoName }) => espruinoName === facts.espruinoName);
          const isKnown = facts.version.startsWith(KNOWN_VERSION);
          const advice = adviceFor(port, facts, board, config);
          const what = config ? `the terminal ${config.device} of counter ${config.counter}, open` : "no terminal yet";
          report.result(
            `  ${facts.espruinoName}, Espruino ${facts.version}, ${facts.variables} variables, chip ${facts.serial}: ${what}\n  ${advice.join("\n  ")}`,
            { port, ...facts, board: board?.name ?? null, device: config?.device ?? null, isKnown, advice },
          );
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
          report.result(`  ${error.words}`, { port, ...error.toJSON() });
          process.exitCode = error.exitCode;
        }
      }
    });
}

async function lookAt(device: BoardConsole): Promise<{ facts: DeviceFacts; config: Config | undefined }> {
  return { facts: await factsOf(device), config: await readConfigOf(device) };
}

/** What to do with a board, a sentence each. */
function adviceFor(port: string, facts: DeviceFacts, board: Board | undefined, config: Config | undefined): string[] {
  if (!board) return [`there is no board file for a ${facts.espruinoName}: write one, see firmware/boards/board.ts, or use another board`];
  const why = mismatch(facts, board);
  if (why) return [`it cannot be used as it is: ${why}. Put Espruino ${KNOWN_VERSION} on it: GUIDE.md says how`];
  const advice = config
    ? [`see how it is: counter-terminal status --board ${board.name} --port ${port}`, "close it before it goes back: run flash again"]
    : [`make it a terminal: counter-terminal flash --board ${board.name} --port ${port} --config FILE`];
  if (!facts.version.startsWith(KNOWN_VERSION))
    advice.push(`the firmware is tested with Espruino ${KNOWN_VERSION}, and this is another: put that on it, GUIDE.md says how`);
  return advice;
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
  readonly despiteFaults?: boolean;
  readonly hands?: boolean;
}

/** One device to be flashed. */
interface Job {
  readonly config: Config;
  readonly port: string;
  readonly board: Board;
}

function flashCommand(): Command {
  return new Command("flash")
    .description("make a terminal of a bare board: check, upload, verify, start, test, close, label. Interrupted, it can be run again")
    .addOption(boardOption().makeOptionMandatory(false))
    .option("--port <ports...>", "its console: a serial port, or tcp://host:port; several for several boards, counter by counter")
    .requiredOption("--config <file>", "the site file")
    .option("--counter <number>", "the counter of that site, or the first of several (default: the site's first)")
    .option("--list <file>", "a CSV file to work through instead: counter,port,board in each line")
    .option("--keys <folder>", "where the device keys are kept, for the host (default: dist/keys)")
    .option("--clear", "erase files on the board that are not the terminal's")
    .option("--discard-ledger", "discard a ledger of another key, after it was copied")
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--despite-faults", "close it even if its own test found that a part does not work")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in")
    .option("--hands", "press every key, look at every light, hold a badge, before it is closed")
    .option("--json", "for scripts: a JSON object a line")
    .action(async (options: FlashCommandOptions) => {
      const site = readSite(options.config);
      const report = createReport(options.json === true);
      const jobs = jobsOf(site, options);
      const failures: unknown[] = [];
      for (const job of jobs) {
        try {
          const made = terminalFor(job, site, options);
          if (jobs.length > 1) {
            report.step(`counter ${job.config.counter} at ${job.port}`);
            const doneAt = closedAt(job, made);
            if (doneAt) {
              const words = `  was done and closed on ${doneAt}, and stays as it is. To do it again: --counter ${job.config.counter} --port ${job.port}`;
              report.result(words, { counter: job.config.counter, device: job.config.device, doneAt });
              continue;
            }
            if (sharesPort(job, jobs) && process.stdin.isTTY) await confirm(`Plug in the board of counter ${job.config.counter}. Ready?`, UNCHANGED);
          }
          await flashOne(job, made, options, report);
        } catch (error) {
          if (jobs.length === 1 || !(error instanceof ToolError)) throw error;
          failures.push(error);
          report.result(error.words, { counter: job.config.counter, ...error.toJSON() });
        }
      }
      if (failures.length === 0) return;
      throw new ToolError(
        "partlyDone",
        `${failures.length} of ${jobs.length} devices were not done.`,
        "The lines above say the state of each device.",
        "Run the same command again: it leaves alone what is done.",
      );
    });
}

function sharesPort(job: Job, jobs: readonly Job[]): boolean {
  return jobs.indexOf(job) > 0 && jobs.some((each) => each !== job && each.port === job.port);
}

function jobsOf(site: CheckedSite, options: FlashCommandOptions): Job[] {
  if (options.list !== undefined) return jobsIn(options.list, site, options.board);
  const { board, port: ports = [] } = options;
  if (!board || ports.length === 0)
    throw usageError("The command does not say which board it is, and where.", "Give --board and --port; counter-terminal doctor shows both.");
  const first = site.counters.indexOf(counterOf(site, options.counter));
  return ports.map((port, i) => {
    const config = site.counters[first + i];
    if (!config) throw new SiteError(`${site.file}: has ${site.counters.length - first} counters for ${ports.length} ports`);
    return { config, port, board: boardOf(board) };
  });
}

/** The lines of a CSV file, as people and spreadsheets write it. @throws SiteError with everything that is wrong, a line each */
function jobsIn(file: string, site: CheckedSite, boardForAll: string | undefined): Job[] {
  const jobs: Job[] = [];
  const problems: string[] = [];
  const lines = readText(file)
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const [counter, port, ownBoard] = line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    if (!counter || counter.startsWith("#") || counter === "counter") continue;
    const board = ownBoard || boardForAll;
    try {
      if (!port || !board) throw new SiteError(`must be counter,port,board: the ${port ? "board" : "port"} is missing`);
      const config = counterOf(site, counter);
      if (jobs.some((job) => job.config === config)) throw new SiteError(`counter ${counter} stands above already: no two terminals may be one`);
      jobs.push({ config, port, board: boardOf(board) });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      problems.push(`${file}:${i + 1}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new SiteError(problems.join("\n"));
  if (jobs.length === 0) throw new SiteError(`${file}: has no line of counter,port,board`);
  return jobs;
}

/** What a job installs, and a digest of it. */
interface Made extends Pick<Terminal, "files" | "key"> {
  readonly digest: string;
}

function terminalFor({ config, board }: Job, site: CheckedSite, { keys }: FlashCommandOptions): Made {
  const key = deviceKey(keyFileOf(config.device, keys));
  const files = filesFor(site, board, config, key);
  const hash = createHash("sha256").update(sourcesDigest(board.name));
  for (const [name, bytes] of Object.entries(files)) hash.update(name).update(bytes);
  return { key, files, digest: hash.digest("hex").slice(0, 16) };
}

async function flashOne({ config, port, board }: Job, { files, key, digest }: Made, options: FlashCommandOptions, report: Report): Promise<void> {
  const began = performance.now();
  // Nobody waits for a firmware that goes nowhere.
  await (await openConsole(port)).close();
  report.step(`preparing the firmware of ${board.name}`);
  const firmware = await currentFirmware(board.name);
  const result = await flash(
    { board, config, files, key, firmware },
    {
      port,
      isLeftOpen: options.leaveOpen,
      also: options.also,
      isCleared: options.clear,
      isLedgerDiscarded: options.discardLedger,
      isFaultAccepted: options.despiteFaults,
      ...(options.hands && { byHand: (device) => handsOn(device, board, report) }),
    },
    report,
  );
  const closed = result.isClosed ? "closed: nobody got in" : "OPEN";
  const { attempts: _, untried: _untried, ...done } = result;
  const label = await withState(
    () => `it serves, with its console ${closed}. Its label is missing, or its place in ${REGISTER_FILE}.`,
    async () => {
      register({ ...done, digest });
      return makeLabel(result);
    },
  );
  const seconds = Math.round((performance.now() - began) / 1000);
  report.result(
    `${label.words}\n\nCounter ${result.counter} (${result.device}) serves. Console ${closed}. Done in ${seconds} s. Key: ${keyFileOf(config.device, options.keys)}`,
    { ...result, label: label.file },
  );
}

/** The list of what was flashed here, for whoever runs the host. */
const REGISTER_FILE = "devices.jsonl";

function register(entry: object): void {
  const file = outputFolder(REGISTER_FILE);
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
}

/** When the terminal of a job was done at this port and closed, with the very same on it; undefined: it was not. */
function closedAt({ config, port }: Job, { digest }: Made): string | undefined {
  const file = outputFolder(REGISTER_FILE);
  if (!existsSync(file)) return undefined;
  const last = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .filter((line) => line.includes(`"device":${JSON.stringify(config.device)},`) && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .at(-1);
  return last?.isClosed === true && last.port === port && last.digest === digest ? String(last.at) : undefined;
}

/** @param state of the device meanwhile @throws ToolError when there is nobody to answer */
async function confirm(question: string, state: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C is for whoever knows how the device is.
  reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const nobody = new Promise<undefined>((resolve) => reader.once("close", () => resolve(undefined)));
  const answer = await Promise.race([reader.question(`  ? ${question} [Y/n] `), nobody]);
  reader.close();
  if (answer !== undefined) return !/^n/i.test(answer.trim());
  throw new ToolError("nobodyAnswers", `The tool asked "${question}", and nobody can answer here.`, state, "Run it where there is a keyboard.");
}

const STOPPED = "The device is open, with its firmware stopped: it does not serve before its next start.";

/** @returns whether every part works */
async function handsOn(device: BoardConsole, board: Board, report: Report): Promise<boolean> {
  const results = await testByHand(device, board, await handsProgram(board), (question) => confirm(question, STOPPED), report);
  const failed = results.filter(({ isOk }) => !isOk);
  report.result(failed.length === 0 ? "Every part works." : `${failed.length} of ${results.length} parts do not work.`, { parts: results });
  return failed.length === 0;
}

// --- looking ---

function statusCommand(): Command {
  return eitherCommand("status", "say who a terminal is, what it runs, and how it is").action((options: EitherOptions) =>
    overEither(options, statusOverLink, async (terminal, report) => {
      const status = await statusOf(terminal, keyOf(terminal.config.device, options.keys));
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

function exportCommand(): Command {
  return eitherCommand(
    "export",
    "write every record of a terminal into a file, verified with its key: from its flash over the console, or over its link, without taking any from the hall",
  )
    .addOption(new Option("--format <format>", "a line of JSON for each record, or a table").choices(["jsonl", "csv"]).default("jsonl"))
    .requiredOption("--out <file>", "the file")
    .action((options: ExportOptions) =>
      overEither(options, exportOverLink, async (terminal, report) => {
        const key = keyOf(terminal.config.device, options.keys);
        const { records, problems } = await readLedger(terminal.device, terminal.board, key);
        writeRecords(options, records, key !== undefined, problems, report);
      }),
    );
}

// --- changing ---

function updateCommand(): Command {
  return changeCommand("update", "bring the firmware up to date; if the new one does not come up, the old one is put back. No record is lost")
    .option("--firmware <file>", "a bundle (default: the one of these sources)")
    .option("--link <end>", "the hall's end of its link, where the new firmware must say hello: a serial port, or listen:PORT")
    .action((options: CommonOptions & { readonly firmware?: string; readonly link?: string }) =>
      withTerminal(options, async (terminal, report) => {
        const firmware = options.firmware ? firmwareIn(options.firmware) : await currentFirmware(terminal.board.name);
        await update(terminal, firmware, { ...changeOptions(terminal, options), link: options.link }, report);
        report.result("The terminal is up to date.", { device: terminal.config.device, bytes: firmware.bytes });
      }),
    );
}

/** A bundle that was built before. @throws ToolError `fileInvalid` when the file is none */
function firmwareIn(file: string): Firmware {
  const code = readText(file);
  try {
    parse(code, { ecmaVersion: 2015 });
  } catch (error) {
    const todo = "Give a firmware.js that counter-terminal build made for this board.";
    throw new ToolError("fileInvalid", `${file}: is no firmware (${(error as Error).message}).`, UNCHANGED, todo);
  }
  return { code, bytes: Buffer.byteLength(code) };
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
            throw new ToolError(
              "otherTerminal",
              `${site.file}: counter ${config.counter} is ${config.device}, and this terminal is ${terminal.config.device}.`,
              UNCHANGED,
              "Name the counter of this terminal, or flash it to make it another.",
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
  return eitherCommand("restart", "restart a terminal: over its console at once, over its link when no citizen is asked")
    .option("--by <number>", "over its link: staff number of whoever orders it; the terminal records it")
    .action((options: EitherOptions & { readonly by?: string }) =>
      overEither(options, restartOverLink, async (terminal, report) => {
        const { device, board, config, facts } = terminal;
        if (facts.files.includes(".boot0")) {
          await beginRestart(device, board);
          report.result("It restarts, and its lock closes it.", { device: config.device });
          return;
        }
        const key = keyOf(config.device, options.keys);
        const before = lastStart(await readLedger(device, board, key))?.sequence ?? 0;
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
        if (options.yes !== device) {
          throw new ToolError(
            "otherTerminal",
            `This terminal is ${device}, and not ${options.yes}.`,
            "Nothing was erased.",
            "Name the terminal that is to be erased.",
          );
        }
        await reset(terminal, existingKey(keyFileOf(device, options.keys)), report);
        register({ device, isClosed: false });
        report.result(`${device} is a bare board now.`, { device });
      }),
    );
}

function selfTestCommand(): Command {
  return eitherCommand(
    "self-test",
    "guide through every key, light, sound, display and badge over the console of a terminal or of a bare board; or have the terminal test its keys, over its link",
  ).action(async (options: EitherOptions) => {
    const report = createReport(options.json === true);
    const board = boardOf(options.board);
    if (options.link) return selfTestOverLink({ ...options, link: options.link }, board, report);
    const device = await requireConsole(portOf(options));
    let state = UNCHANGED;
    const byHand = async (): Promise<void> => {
      // A lock would close the console when the firmware is stopped.
      if ((await crcOf(device, ".boot0")) !== undefined)
        throw new ToolError(
          "locked",
          "Its lock is installed.",
          "The terminal is as it was, and serves.",
          "Test its keys over its link with --link; or flash it with --hands.",
        );
      state = STOPPED;
      await stopFirmware(device);
      if (!(await handsOn(device, board, report))) process.exitCode = EXIT.unhealthy;
    };
    try {
      await withState(() => state, byHand, "Cut its power and give it again, or run the same command again.").catch(async (error: unknown) => {
        if (state !== UNCHANGED && !device.isClosed()) await beginRestart(device, board);
        throw error;
      });
      await (await restart(device, board)).close();
    } finally {
      await device.close();
    }
  });
}
