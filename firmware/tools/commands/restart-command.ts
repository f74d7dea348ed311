// restart: starts a terminal anew, over its console at once, over its link when no citizen is asked.

import type { Command } from "commander";
import type { Board } from "../../boards/board.js";
import { lastStart, readLedger } from "../device/device-ledger.js";
import type { OpenTerminal } from "../device/open-terminal.js";
import { beginRestart, restart, waitForStart } from "../device/restart.js";
import { existingKey, keyFileOf, keyOf } from "../provision/device-key.js";
import type { Report } from "../report.js";
import { usageError } from "../tool-error.js";
import { type EitherOptions, eitherCommand, ignoreMessages, type LinkOptions, overEither, withLink } from "./device-options.js";

interface Orderer {
  readonly by?: string;
}

export function restartCommand(): Command {
  return eitherCommand("restart", "restart a terminal: over its console at once, over its link when no citizen is asked")
    .option("--by <number>", "over its link: staff number of whoever orders it; the terminal records it")
    .action((options: EitherOptions & Orderer) => overEither(options, overLink, (terminal, report) => overConsole(terminal, options.keys, report)));
}

async function overConsole({ device, board, config, facts }: OpenTerminal, keys: string | undefined, report: Report): Promise<void> {
  if (facts.files.includes(".boot0")) {
    await beginRestart(device, board);
    report.result("It restarts, and its lock closes it.", { device: config.device });
    return;
  }
  const key = keyOf(config.device, keys);
  const before = lastStart(await readLedger(device, board, key))?.sequence ?? 0;
  const again = await restart(device, board);
  const started = key && (await waitForStart(again, { board, config, key }, before).finally(() => again.close()));
  const words = started ? `self-test ${started.selfTest}` : "self-test not seen, its key is not here";
  report.result(`It serves: ${words}.`, { device: config.device, selfTest: started?.selfTest ?? null });
}

/** @throws ToolError `usage` without the staff number of whoever orders it */
async function overLink({ by, ...options }: LinkOptions & Orderer, board: Board, report: Report): Promise<void> {
  if (by === undefined) throw usageError("The terminal records who orders a restart.", "Say who orders it: --by and a staff number.");
  await withLink(options, board, ignoreMessages, async (link) => {
    const { device } = (await link.hello()).hello;
    await link.signedCommand({ do: "restart", by }, existingKey(keyFileOf(device, options.keys)));
    report.result("It restarts within 15 s, as soon as no citizen is asked.", { device });
  });
}
