// The technician's command line: one program, one subcommand a task.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { checkConfig } from "../config/config.js";
import { bundleBudgetBytes } from "./budgets.js";
import { BuildError, boardNames, loadBoard, outputFolder, writeFirmware, writeWhole } from "./build.js";
import { MissingGlyphError } from "./glyph-file.js";
import { InstallError, installScript } from "./install-script.js";
import { LedgerCommandError, ledgerCommand } from "./ledger-command.js";
import { parseSite, SiteError, type StoreFiles, storeFiles } from "./site.js";

const SAMPLE_SITE = fileURLToPath(new URL("../../sim/site.yaml", import.meta.url));

interface BuildOptions {
  readonly board?: readonly string[];
  readonly config: string;
  readonly counter?: string;
}

/** A list with commas, given once or again and again. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(",")];
}

/**
 * The store's files of one counter of a site.
 * @param counter its number as citizens see it; the site's first when not given
 * @throws SiteError when the site file, or the configuration of that counter, is wrong
 */
function filesOf(siteFile: string, counter: string | undefined): StoreFiles {
  const site = parseSite(readSite(siteFile), siteFile);
  const config = counter === undefined ? site.counters[0] : site.counters.find((each) => each.counter === counter);
  if (!config) throw new SiteError(`${siteFile}: there is no counter "${counter}": use ${site.counters.map((each) => each.counter).join(", ")}`);
  const files = storeFiles(config, site);
  const { problem } = checkConfig(files.config.toString("latin1"));
  if (problem) throw new SiteError(`${siteFile}: counter "${config.counter}": ${problem}`);
  return files;
}

function readSite(siteFile: string): string {
  try {
    return readFileSync(siteFile, "utf8");
  } catch (error) {
    throw new SiteError(`${siteFile}: ${(error as Error).message}`);
  }
}

/** Builds the boards one after another. @returns whether every one is within its budget */
async function build(options: BuildOptions): Promise<boolean> {
  const asked = options.board ?? ["all"];
  const names = asked.includes("all") ? boardNames() : [...new Set(asked)];
  const boards = await Promise.all(names.map(loadBoard));
  const files = filesOf(options.config, options.counter);
  const width = Math.max(...names.map((name) => name.length));
  let isWithin = true;
  for (const board of boards) {
    const firmware = await writeFirmware(board.name);
    writeWhole(path.join(outputFolder(board.name), "install.js"), installScript(board, files, firmware.code));
    const budget = bundleBudgetBytes(board.name);
    const isOver = firmware.bytes > budget;
    if (isOver) isWithin = false;
    console.log(`${board.name.padEnd(width)}  ${String(firmware.bytes).padStart(6)} of ${budget} bytes  ${isOver ? "over" : "ok"}`);
  }
  return isWithin;
}

const program = new Command("counter-terminal").description("Tools for the technicians of counter terminals");

program
  .command("build")
  .description("build the firmware, and the script that installs it, into dist/<board>/")
  .option("--board <names>", `${boardNames().join(", ")} or all; a list with commas, or again and again (default: all)`, collect)
  .option("--config <file>", "site file whose configuration, roster and texts are installed", SAMPLE_SITE)
  .option("--counter <number>", "the counter of that site (default: its first)")
  .action(async (options: BuildOptions) => {
    if (!(await build(options))) process.exitCode = 1;
  });

program.addCommand(ledgerCommand());

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = [BuildError, InstallError, LedgerCommandError, MissingGlyphError, SiteError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
