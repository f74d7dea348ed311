// A terminal whose console is open: who it is, and how it is taken over for a change.

import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type BoardConsole, requireConsole } from "./board-console.js";
import { type DeviceFacts, requireBoard } from "./device-facts.js";
import { lastStart, readLedger } from "./device-ledger.js";
import { withState } from "./device-state.js";
import { stopFirmware } from "./restart.js";
import { eraseFile, LOCK_FILES, readConfigOf } from "./storage.js";

/** A terminal whose console is open. */
export interface OpenTerminal {
  readonly device: BoardConsole;
  readonly board: Board;
  readonly config: Config;
  readonly facts: DeviceFacts;
}

/** Opens the console of a terminal. @throws ToolError when there is none, or no terminal behind it */
export async function openTerminal(port: string, board: Board): Promise<OpenTerminal> {
  const device = await requireConsole(port);
  try {
    return await withState({ now: UNCHANGED }, async () => {
      const facts = await requireBoard(device, board);
      const config = await readConfigOf(device);
      if (config) return { device, board, config, facts };
      throw new ToolError("notTerminal", `There is no terminal at ${port}: it has no valid configuration.`, UNCHANGED, "Make it one: flash.");
    });
  } catch (error) {
    await device.close();
    throw error;
  }
}

export interface Status {
  readonly device: string;
  readonly counter: string;
  readonly configuration: number;
  readonly espruino: string;
  readonly serial: string;
  readonly freeVariables: number;
  readonly freeStorageBytes: number;
  readonly isLockInstalled: boolean;
  readonly errorFlags: readonly string[];
  /** The newest start in the ledger. */
  readonly started: { readonly firmware: string; readonly configuration: number; readonly selfTest: string } | undefined;
  readonly records: number;
  readonly acknowledged: number;
  readonly problems: readonly string[];
}

export async function statusOf({ device, board, config, facts }: OpenTerminal, key: Uint8Array | undefined): Promise<Status> {
  const ledger = await readLedger(device, board, key);
  const started = lastStart(ledger);
  return {
    device: config.device,
    counter: config.counter,
    configuration: config.version,
    espruino: facts.version,
    serial: facts.serial,
    freeVariables: facts.freeVariables,
    freeStorageBytes: facts.freeBytes,
    isLockInstalled: LOCK_FILES.every((name) => facts.files.includes(name)),
    errorFlags: await device.evaluate("E.getErrorFlags()"),
    started: started && { firmware: started.firmware, configuration: started.configuration, selfTest: started.selfTest },
    records: ledger.records.length,
    acknowledged: ledger.acknowledged,
    problems: ledger.problems.map(({ words }) => words),
  };
}

/** Stops the firmware for work on Storage: the lock first, or it would close the console at once. */
export async function takeOver({ device, facts }: OpenTerminal): Promise<void> {
  for (const name of LOCK_FILES) if (facts.files.includes(name)) await eraseFile(device, name);
  await stopFirmware(device);
}
