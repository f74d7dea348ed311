// flash: makes terminals of bare boards.

import { createHash } from "node:crypto";
import { Command } from "commander";
import { currentFirmware, sourcesDigest } from "../build/build.js";
import { openConsole } from "../device/board-console.js";
import { closedAt, REGISTER_FILE, register } from "../device/device-register.js";
import { withState } from "../device/device-state.js";
import { flash, type Terminal } from "../device/flash.js";
import { makeLabel } from "../device/label.js";
import { jsonOption } from "../program.js";
import { deviceKey, keyFileOf } from "../provision/device-key.js";
import { type CheckedSite, filesFor, readSite } from "../provision/site-file.js";
import { createReport, type Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { boardOption } from "./device-options.js";
import { type Job, type JobOptions, jobsOf, sharesPort } from "./flash-jobs.js";
import { confirm } from "./question.js";
import { testParts } from "./self-test-command.js";

interface FlashOptions extends JobOptions {
  readonly config: string;
  readonly keys?: string;
  readonly clear?: boolean;
  readonly discardLedger?: boolean;
  readonly leaveOpen?: boolean;
  readonly despiteFaults?: boolean;
  readonly also?: readonly string[];
  readonly hands?: boolean;
  readonly json?: boolean;
}

/** The files that a job installs, and a digest of everything that goes onto the board. */
interface Made extends Pick<Terminal, "files" | "key"> {
  readonly digest: string;
}

export function flashCommand(): Command {
  return new Command("flash")
    .description("make a terminal of a bare board: check, upload, verify, start, test, close, label. Interrupted, it can be run again")
    .addOption(boardOption().makeOptionMandatory(false))
    .option("--port <ports...>", "its console: a serial port, or tcp://host:port; several for several boards, counter by counter")
    .requiredOption("--config <file>", "the site file")
    .option("--counter <number>", "the counter of that site, or the first of several (default: the site's first)")
    .option("--list <file>", "a CSV file to work through instead: counter,port,board in each line")
    .option("--keys <folder>", "where the device keys are kept, for the host (default: secrets/keys)")
    .option("--clear", "erase files on the board that are not the terminal's")
    .option("--discard-ledger", "discard a ledger of another key, after it was copied")
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--despite-faults", "close it even if its own test found that a part does not work")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in")
    .option("--hands", "press every key, look at every light, hold a badge, before it is closed")
    .addOption(jsonOption())
    .action(async (options: FlashOptions) => {
      const site = readSite(options.config);
      const jobs = jobsOf(site, options);
      const report = createReport(options.json === true);
      const [only, ...others] = jobs;
      if (only && others.length === 0) await flashOne(only, filesOf(only, site, options), options, report);
      else await flashAll(jobs, site, options, report);
    });
}

/** Works through several devices. One that fails does not stop the others. @throws ToolError `partlyDone` when any failed */
async function flashAll(jobs: readonly Job[], site: CheckedSite, options: FlashOptions, report: Report): Promise<void> {
  let failures = 0;
  for (const job of jobs) {
    const { config, port } = job;
    try {
      const made = filesOf(job, site, options);
      report.step(`counter ${config.counter} at ${port}`);
      const doneAt = closedAt(config.device, port, made.digest);
      if (doneAt) {
        const words = `  was done and closed on ${doneAt}, and stays as it is. To do it again: --counter ${config.counter} --port ${port}`;
        report.result(words, { counter: config.counter, device: config.device, doneAt });
        continue;
      }
      if (sharesPort(job, jobs) && process.stdin.isTTY) await confirm(`Plug in the board of counter ${config.counter}. Ready?`, UNCHANGED);
      await flashOne(job, made, options, report);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      failures++;
      report.result(error.words, { counter: config.counter, ...error.toJSON() });
    }
  }
  if (failures === 0) return;
  throw new ToolError(
    "partlyDone",
    `${failures} of ${jobs.length} devices were not done.`,
    "The lines above say the state of each device.",
    "Run the same command again: it leaves alone what is done.",
  );
}

function filesOf({ config, board }: Job, site: CheckedSite, { keys }: FlashOptions): Made {
  const key = deviceKey(keyFileOf(config.device, keys));
  const files = filesFor(site, board, config, key);
  const hash = createHash("sha256").update(sourcesDigest(board.name));
  for (const [name, bytes] of Object.entries(files)) hash.update(name).update(bytes);
  return { key, files, digest: hash.digest("hex").slice(0, 16) };
}

async function flashOne({ config, port, board }: Job, { files, key, digest }: Made, options: FlashOptions, report: Report): Promise<void> {
  const began = performance.now();
  // Fails at once when the port does not open: preparing the firmware may take long.
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
      ...(options.hands && { byHand: (device) => testParts(device, board, report) }),
    },
    report,
  );
  const closed = result.isClosed ? "closed: nobody got in" : "OPEN";
  const { attempts: _, untried: _untried, ...done } = result;
  const state = { now: `The terminal serves, with its console ${closed}. Its label is missing, or its entry in ${REGISTER_FILE}.` };
  const label = await withState(state, async () => {
    register({ ...done, digest });
    return makeLabel(result);
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  report.result(
    `${label.words}\n\nCounter ${result.counter} (${result.device}) serves. Console ${closed}. Done in ${seconds} s. Key: ${keyFileOf(config.device, options.keys)}`,
    { ...result, label: label.file },
  );
}
