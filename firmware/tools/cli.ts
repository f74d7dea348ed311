// The technician's command line: one program, one subcommand a task.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { Board } from "../boards/board.js";
import { DisplayError, sizeOf } from "../display/layouts.js";
import { bundleBudgetBytes } from "./budgets.js";
import { BuildError, boardNames, outputFolder, readBoard, writeFirmware, writeWhole } from "./build.js";
import { MissingGlyphError } from "./glyph-file.js";
import { InstallError, installScript } from "./install-script.js";
import { LedgerCommandError, ledgerCommand } from "./ledger-command.js";
import { parseSite, SiteError, type StoreFiles, storeFiles } from "./site.js";

const SAMPLE_SITE = fileURLToPath(new URL("../../sim/site.yaml", import.meta.url));

interface BuildOptions {
  readonly board?: readonly string[];
  readonly config: string;
  readonly counter?: string;
  readonly key?: string;
}

/** A list with commas, given once or again and again. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(",")];
}

/**
 * The store's files of one counter of a site.
 * @param counter its number as citizens see it; the site's first when not given
 * @throws SiteError naming the site file, when it or the configuration of that counter is wrong
 */
function filesOf(board: Board, siteFile: string, counter: string | undefined, keyFile: string | undefined): StoreFiles {
  const site = parseSite(readSite(siteFile), siteFile);
  const config = counter === undefined ? site.counters[0] : site.counters.find((each) => each.counter === counter);
  if (!config) throw new SiteError(`${siteFile}: there is no counter "${counter}": use ${site.counters.map((each) => each.counter).join(", ")}`);
  const size = sizeOf(board.display.driver);
  try {
    return storeFiles(config, site, deviceKey(keyFile ?? path.join(outputFolder("keys"), `${String(config.device)}.key`)), size);
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    throw new SiteError(error.message.replace(/^/gm, `${siteFile}: `));
  }
}

/**
 * The device's own key: 64 hexadecimal digits in a file, which is made when it is not there. Whoever checks the device's records needs it too.
 * @throws SiteError when the file holds something else
 */
function deviceKey(keyFile: string): Buffer {
  if (!existsSync(keyFile)) {
    mkdirSync(path.dirname(keyFile), { recursive: true });
    writeFileSync(keyFile, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  }
  const digits = readFileSync(keyFile, "utf8").trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new SiteError(`${keyFile}: must hold 64 hexadecimal digits: use the key that was made for this device`);
  return Buffer.from(digits, "hex");
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
  const boards = names.map(readBoard);
  const width = Math.max(...names.map((name) => name.length));
  let isWithin = true;
  for (const board of boards) {
    const files = filesOf(board, options.config, options.counter, options.key);
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
  .option(
    "--board <names>",
    `${boardNames().join(", ")} or all, or the path of a board file; a list with commas, or again and again (default: all)`,
    collect,
  )
  .option("--config <file>", "site file whose configuration, roster and texts are installed", SAMPLE_SITE)
  .option("--counter <number>", "the counter of that site (default: its first)")
  .option("--key <file>", "the device's own key, made when it is not there (default: dist/keys/<device>.key)")
  .action(async (options: BuildOptions) => {
    if (!(await build(options))) process.exitCode = 1;
  });

program.addCommand(ledgerCommand());

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = [BuildError, DisplayError, InstallError, LedgerCommandError, MissingGlyphError, SiteError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
