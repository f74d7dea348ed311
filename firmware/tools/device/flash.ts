// From a bare board to a working counter: checks, uploads, verifies, starts, closes, and tries to get in. It can be run again whatever interrupted it: files that
// are on the board already, byte for byte, are not sent again.

import type { Board } from "../../boards/board.js";
import { FIRMWARE_VERSION } from "../../version.js";
import { ledgerPlace } from "../boards/board-limits.js";
import type { Firmware } from "../build/build.js";
import { checkFit } from "../build/install-script.js";
import { programBytes } from "../build/tokens.js";
import type { StoreFiles } from "../provision/site.js";
import type { Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type BoardConsole, requireConsole } from "./board-console.js";
import { close, lockFiles } from "./closing.js";
import { type DeviceFacts, foreignFiles, requireBoard } from "./device-facts.js";
import { requireMemory } from "./device-flash.js";
import { eraseRegion, keepLedger, lastStart, readLedger } from "./device-ledger.js";
import { type DeviceState, withState } from "./device-state.js";
import { filesOf, install, testRegion } from "./installation.js";
import type { Attempt } from "./lock-check.js";
import { type Expected, restart, stopFirmware, waitForStart } from "./restart.js";
import { eraseFile, LOCK_FILES } from "./storage.js";

/** A terminal as it has to be on its board. */
export interface Terminal extends Expected {
  readonly files: StoreFiles;
  readonly firmware: Firmware;
}

export interface FlashOptions {
  readonly port: string;
  /** Leaves the console open, for work on the bench. */
  readonly isLeftOpen?: boolean | undefined;
  /** Further ports of the same board that are tried when it should be closed. */
  readonly also?: readonly string[] | undefined;
  /** Erases files that are not the terminal's. */
  readonly isCleared?: boolean | undefined;
  /** Closes it even if its own test found that a part does not work. */
  readonly isFaultAccepted?: boolean | undefined;
  /** Discards a ledger that was written with another key, after it was copied. */
  readonly isLedgerDiscarded?: boolean | undefined;
  /** A test with hands between the upload and the start, such as pressing every key. @returns whether every part works */
  readonly byHand?: ((device: BoardConsole) => Promise<boolean>) | undefined;
}

export interface FlashResult {
  readonly device: string;
  readonly counter: string;
  readonly board: string;
  readonly port: string;
  readonly firmware: string;
  readonly configuration: number;
  /** Of the chip. */
  readonly serial: string;
  /** The result of the terminal's own test at its start: `ok`, or the part that failed. */
  readonly selfTest: string;
  readonly isClosed: boolean;
  readonly attempts: readonly Attempt[];
  /** Ways that could not be tried from here. */
  readonly untried: readonly string[];
  readonly seconds: number;
}

/** Makes a terminal of a board. @throws ToolError */
export async function flash(terminal: Terminal, options: FlashOptions, report: Report): Promise<FlashResult> {
  const { board, config, files, firmware } = terminal;
  const began = performance.now();
  const state: DeviceState = { now: UNCHANGED };
  const lock = await lockFiles(board);
  // Before anything is written: the lock comes last, and must have room.
  const all = filesOf(files, programBytes(firmware.code));
  checkFit(board, [...all, ...lock]);
  report.step(`looking at ${options.port}`);
  let device = await requireConsole(options.port);
  try {
    return await withState(state, async () => {
      const facts = await requireBoard(device, board);
      const foreign = requireNoForeignFiles(facts, terminal, options);
      await requireMemory(device, board, UNCHANGED);
      const { unspecified } = ledgerPlace(board);
      if (unspecified) report.note(`its ledger lies outside the specification: ${unspecified}. A memory on SPI is within: firmware/boards/README.md`);
      const isLedgerOthers = await keepOldLedger(device, terminal, options, report);

      state.now = "The device is open and not a terminal yet: it does not serve.";
      // The lock would close the console at the next start.
      for (const name of LOCK_FILES) if (facts.files.includes(name)) await eraseFile(device, name);
      await stopFirmware(device);
      for (const name of foreign) await eraseFile(device, name);
      if (isLedgerOthers) await eraseRegion(device, board);
      report.step(`uploading firmware ${FIRMWARE_VERSION}, configuration ${config.version}, roster, texts and glyphs`);
      await install(device, board, all, report);
      await testRegion(device, board, report);
      state.now = "The device is open. Everything is on it, but nobody has seen it serve.";
      const isWhole = !options.byHand || (await options.byHand(device));

      report.step("starting it");
      const last = lastStart(await readLedger(device, board, terminal.key));
      device = await restart(device, board);
      const { selfTest } = await waitForStart(device, terminal, last?.sequence ?? 0);
      state.now = "The terminal is open and serves.";
      requireEveryPart(faultOf(selfTest, isWhole), options, state, report);
      const check = await closeUnlessLeftOpen(device, board, options, report);
      return {
        device: config.device,
        counter: config.counter,
        board: board.name,
        port: options.port,
        firmware: FIRMWARE_VERSION,
        configuration: config.version,
        serial: facts.serial,
        selfTest,
        ...check,
        seconds: (performance.now() - began) / 1000,
      };
    });
  } finally {
    await device.close();
  }
}

/** @returns files on the board that are not the terminal's, and may be erased @throws ToolError `foreignFiles` */
function requireNoForeignFiles(facts: DeviceFacts, { board }: Terminal, { isCleared }: FlashOptions): readonly string[] {
  const foreign = foreignFiles(facts, board);
  if (foreign.length === 0 || isCleared) return foreign;
  const message = `There are other files on it: ${foreign.join(", ")}.`;
  throw new ToolError("foreignFiles", message, UNCHANGED, "If nobody needs them, say --clear, and they are erased.");
}

/** Copies the ledger that is on the board. @returns whether another key wrote it, and it may be discarded @throws ToolError `ledgerForeign` */
async function keepOldLedger(
  device: BoardConsole,
  { board, config, key }: Terminal,
  { isLedgerDiscarded }: FlashOptions,
  report: Report,
): Promise<boolean> {
  const ledger = await readLedger(device, board, key);
  if (ledger.records.length > 0) report.note(`its ledger was copied to ${keepLedger(config.device, board, ledger)}`);
  const problem = ledger.problems[0]?.words;
  if (problem === undefined) return false;
  if (isLedgerDiscarded) return true;
  const message = `The ledger on it was not written with the key of ${config.device}: ${problem}`;
  throw new ToolError("ledgerForeign", message, UNCHANGED, "Use the terminal's own name and key; or export its ledger and say --discard-ledger.");
}

/** The faults that the terminal's test at its start can find, and where to look. */
const FAULTS: Readonly<Record<string, string>> = {
  display: "the display does not answer: check its wires and its address",
  keys: "a key is down: its contact sticks, or its wires touch",
};

/** @param isWhole whether the test by hand found every part working @returns a part that does not work; undefined: every part works */
function faultOf(selfTest: string, isWhole: boolean): string | undefined {
  if (selfTest !== "ok") return FAULTS[selfTest] ?? selfTest;
  return isWhole ? undefined : "the test by hand says which";
}

/** @throws ToolError `partFailed` when a part does not work, unless the terminal stays open or may be closed all the same */
function requireEveryPart(fault: string | undefined, { isFaultAccepted, isLeftOpen }: FlashOptions, state: DeviceState, report: Report): void {
  if (fault === undefined) return;
  if (isFaultAccepted || isLeftOpen) {
    report.note(`a part does not work: ${fault}`);
    return;
  }
  const todo =
    "Mend it while it is open (counter-terminal self-test goes through every part), and run flash again: only changed files are sent. To close it as it is, say --despite-faults.";
  throw new ToolError("partFailed", `A part does not work: ${fault}.`, state.now, todo);
}

async function closeUnlessLeftOpen(
  device: BoardConsole,
  board: Board,
  { isLeftOpen, also = [] }: FlashOptions,
  report: Report,
): Promise<Pick<FlashResult, "isClosed" | "attempts" | "untried">> {
  if (isLeftOpen) {
    report.note("it was left open: whoever reaches its console can change it. Run flash once more before it leaves the bench.");
    return { isClosed: false, attempts: [], untried: [] };
  }
  report.step("closing it, and trying to get in");
  return { isClosed: true, ...(await close(device, board, also, report)) };
}
