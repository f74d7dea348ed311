// receive replace: gives a terminal files of its site file, through the receiver that is at work.

import { Command, InvalidArgumentError } from "commander";
import { sizeOf } from "../../display/layouts.js";
import { boardOf } from "../../tools/boards/checked-board.js";
import { boardNames } from "../../tools/build/build.js";
import { jsonOption } from "../../tools/program.js";
import { readSite } from "../../tools/provision/site-file.js";
import { createReport } from "../../tools/report.js";
import { askReceiver } from "../control-socket.js";
import { REPLACEABLE, type Replaceable, replaceFile, replacementFor } from "../replace.js";
import { databaseOption } from "./database-option.js";

interface ReplaceCommandOptions {
  readonly database: string;
  readonly config: string;
  readonly by: string;
  readonly board: string;
  readonly json?: boolean;
}

export function replaceCommand(): Command {
  return new Command("replace")
    .description("give a terminal files of its site file, through the receiver that is at work; it checks each, switches to it whole, and restarts")
    .argument("<device>", "its name, as in the site file")
    .argument(
      "<what...>",
      `${REPLACEABLE.join(", ")}, one or more: pictures are the phrases and names that the terminal was not provisioned with`,
      collectReplaceable,
    )
    .requiredOption("--config <file>", "the site file")
    .requiredOption("--by <number>", "staff number of whoever orders it: the terminal records it")
    .option("--board <name>", `which board it is, for the size of its display: ${boardNames().join(", ")}, or the path of a board file`, "esp32")
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action(replace);
}

function collectReplaceable(value: string, before: readonly Replaceable[] = []): readonly Replaceable[] {
  const what = REPLACEABLE.find((each) => each === value);
  if (!what) throw new InvalidArgumentError(`It must be one of ${REPLACEABLE.join(", ")}.`);
  return [...before, what];
}

async function replace(device: string, given: readonly Replaceable[], options: ReplaceCommandOptions): Promise<void> {
  const { database, config, by, board } = options;
  const { site } = readSite(config);
  const size = sizeOf(boardOf(board).display.driver);
  // In the order of the list: names have to be there before somebody signs in with them.
  const files = REPLACEABLE.filter((what) => given.includes(what)).map((what) => ({ what, bytes: replacementFor(device, what, site, size) }));
  const report = createReport(options.json === true);
  for (const { what, bytes } of files) {
    await replaceFile(
      (command) => askReceiver(database, { device, command }),
      { what, bytes, by },
      { onProgress: (done) => report.progress(done, bytes.length) },
    );
    const words = `${what}: ${device} has taken ${bytes.length} bytes, and restarts as soon as nobody is asked.`;
    report.result(words, { device, what, bytes: bytes.length });
  }
}
