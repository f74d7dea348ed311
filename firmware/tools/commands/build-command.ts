// build: builds firmware for boards, and the script that installs it.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { boardProblems } from "../boards/board-limits.js";
import { bundleBudgetBytes } from "../build/budgets.js";
import { BuildError, boardNames, currentFirmware, readBoard, writeReadableFirmware } from "../build/build.js";
import { installScript } from "../build/install-script.js";
import { jsonOption } from "../program.js";
import { deviceKey, keyFileOf } from "../provision/device-key.js";
import { secretPath, writeSecret } from "../provision/secrets.js";
import { counterOf, filesFor, readSite } from "../provision/site-file.js";
import { createReport } from "../report.js";

const SAMPLE_SITE = fileURLToPath(new URL("../../../sim/site.yaml", import.meta.url));

interface BuildOptions {
  readonly board?: readonly string[];
  readonly config: string;
  readonly counter?: string;
  readonly key?: string;
  readonly readable?: boolean;
  readonly json?: boolean;
}

/** A list with commas, given once or again and again. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(",")];
}

export function buildCommand(): Command {
  return new Command("build")
    .description("build the firmware into dist/<board>/, and the script that installs a terminal, with its key, into secrets/devices/<device>/")
    .option(
      "--board <names>",
      `${boardNames().join(", ")} or all, or the path of a board file; a list with commas, or again and again (default: all)`,
      collect,
    )
    .option("--config <file>", "site file whose configuration, roster and texts are installed", SAMPLE_SITE)
    .option("--counter <number>", "the counter of that site (default: its first)")
    .option("--key <file>", "the device's own key, made when it is not there (default: secrets/keys/<device>.key)")
    .option("--readable", "write firmware.readable.js too: the same program with names and line breaks, for people")
    .addOption(jsonOption())
    .action(async (options: BuildOptions) => {
      if (!(await build(options))) process.exitCode = 1;
    });
}

/** Builds the boards whose sources have changed since their last build, one after another. @returns whether every one is within its budget */
async function build(options: BuildOptions): Promise<boolean> {
  const asked = options.board ?? ["all"];
  const names = asked.includes("all") ? boardNames() : [...new Set(asked)];
  const boards = names.map(readBoard);
  const wiring = boards.flatMap(boardProblems);
  if (wiring.length > 0) throw new BuildError(wiring.join("\n"), "boardInvalid");
  const site = readSite(options.config);
  const config = counterOf(site, options.counter);
  const key = deviceKey(options.key ?? keyFileOf(config.device));
  const width = Math.max(...names.map((name) => name.length));
  const report = createReport(options.json === true);
  let isWithin = true;
  for (const board of boards) {
    const files = filesFor(site, board, config, key);
    const firmware = await currentFirmware(board.name);
    if (options.readable) await writeReadableFirmware(board.name);
    const script = secretPath("devices", config.device, `install-${board.name}.js`);
    writeSecret(script, installScript(board, files, firmware.code));
    const budget = bundleBudgetBytes(board);
    const isOver = firmware.bytes > budget;
    if (isOver) isWithin = false;
    const words = `${board.name.padEnd(width)}  ${String(firmware.bytes).padStart(6)} of ${budget} bytes  ${isOver ? "over" : "ok"}  ${path.relative(".", script)}`;
    report.result(words, { board: board.name, bytes: firmware.bytes, budgetBytes: budget, isOver, script });
  }
  return isWithin;
}
