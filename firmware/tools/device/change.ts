// The frame of every change of a terminal. No change loses a record: the ledger is verified and copied before anything is written, and compared with that copy afterwards.

import type { LedgerImage } from "../ledger/ledger-reader.js";
import type { Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { close } from "./closing.js";
import { keepLedger, readLedger, type Started } from "./device-ledger.js";
import type { DeviceState } from "./device-state.js";
import type { OpenTerminal } from "./open-terminal.js";
import { restart, waitForStart } from "./restart.js";

export interface ChangeOptions {
  /** The device's own key, 32 bytes: the ledger is verified with it before and after. */
  readonly key: Uint8Array;
  /** Leaves the console open. Otherwise the lock is installed at the end, whether or not it was there. */
  readonly isLeftOpen?: boolean | undefined;
  readonly also?: readonly string[] | undefined;
}

/** The ledger before a change: verified, and copied. @throws ToolError `ledgerInvalid` */
export async function ledgerBefore({ device, board, config }: OpenTerminal, key: Uint8Array, report: Report): Promise<LedgerImage> {
  const ledger = await readLedger(device, board, key);
  const problem = ledger.problems[0]?.words;
  if (problem) {
    const todo = `Use the key of ${config.device}; if it is the right one, find out with counter-terminal ledger check what was done to the ledger.`;
    throw new ToolError("ledgerInvalid", `Its ledger does not hold: ${problem}`, UNCHANGED, todo);
  }
  report.step(`its ledger (${ledger.records.length} records) was verified and copied to ${keepLedger(config.device, board, ledger)}`);
  return ledger;
}

/** Starts a terminal, compares its ledger with the one before, and closes it. @returns the record of its start */
export async function startAgain(
  terminal: OpenTerminal,
  before: LedgerImage,
  options: ChangeOptions,
  report: Report,
  state: DeviceState,
): Promise<Started> {
  const { board, config } = terminal;
  report.step("starting it");
  const device = await restart(terminal.device, board);
  try {
    const started = await waitForStart(device, { board, config, key: options.key }, before.records.at(-1)?.sequence ?? 0);
    state.now = "The terminal is open and serves.";
    await requireNothingLost({ ...terminal, device }, before, options.key);
    report.step(
      `it serves: firmware ${started.firmware}, configuration ${started.configuration}, self-test ${started.selfTest}; no record is missing`,
    );
    if (options.isLeftOpen) return started;
    report.step("closing it, and trying to get in");
    await close(device, board, options.also ?? [], report);
    return started;
  } finally {
    await device.close();
  }
}

/** @throws ToolError `recordsLost` when a record is missing that was there before. Only records that the hall has may be overwritten */
async function requireNothingLost({ device, board }: OpenTerminal, before: LedgerImage, key: Uint8Array): Promise<void> {
  const after = await readLedger(device, board, key);
  const macs = new Map(after.records.map(({ sequence, mac }) => [sequence, mac]));
  const oldest = Math.min(before.acknowledged + 1, after.records[0]?.sequence ?? Infinity);
  const lost = before.records.filter(({ sequence, mac }) => sequence >= oldest && macs.get(sequence) !== mac).length;
  if (lost === 0 && after.problems.length === 0) return;
  const what = `${lost} records are not in its ledger any more. ${after.problems[0]?.words ?? ""}`;
  throw new ToolError(
    "recordsLost",
    what.trim(),
    "The terminal serves.",
    "Keep the copy of its ledger that was made before, and give it to whoever runs the host.",
  );
}
