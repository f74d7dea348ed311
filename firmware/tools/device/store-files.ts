// Gives a terminal other files of its store: configuration, roster, texts and glyphs.

import type { Config } from "../../config/config.js";
import type { StoreFiles } from "../provision/site.js";
import type { Report } from "../report.js";
import { UNCHANGED } from "../tool-error.js";
import { type ChangeOptions, ledgerBefore, startAgain } from "./change.js";
import { type DeviceState, withState } from "./device-state.js";
import { install } from "./installation.js";
import { type OpenTerminal, takeOver } from "./open-terminal.js";

/** Writes files of a terminal's store, and starts it with them. @param config the one with which it has to come up */
export async function setFiles(
  terminal: OpenTerminal,
  files: Partial<StoreFiles>,
  config: Config,
  options: ChangeOptions,
  report: Report,
): Promise<void> {
  const state: DeviceState = { now: UNCHANGED };
  await withState(state, async () => {
    const before = await ledgerBefore(terminal, options.key, report);
    state.now = "The terminal is open, with a part of the new files: it may not serve.";
    await takeOver(terminal);
    const list = Object.entries(files);
    report.step(`writing ${list.map(([name]) => name).join(", ")}`);
    await install(terminal.device, terminal.board, list, report);
    await startAgain({ ...terminal, config }, before, options, report, state);
  });
}
