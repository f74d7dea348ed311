// From a bare board to a working counter: checks, uploads, verifies, starts, closes, and tries to get in. Whatever it was that interrupted it, it can be
// run again: what is on the board already, byte for byte, is not sent again.

import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { FIRMWARE_VERSION } from "../../app.js";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { currentFirmware, type Firmware } from "../build/build.js";
import { checkFit, FIRMWARE_FILE } from "../build/install-script.js";
import { tellFailure } from "../program.js";
import type { StoreFiles } from "../provision/site.js";
import type { Report } from "../report.js";
import { computerTrouble, ToolError, UNCHANGED } from "../tool-error.js";
import { type BoardConsole, ConsoleError, requireConsole, TRY_AGAIN } from "./board-console.js";
import {
  beginRestart,
  crcOf,
  eraseFile,
  factsOf,
  foreignFiles,
  isRegionInPlace,
  keepLedger,
  LOCK_FILES,
  lastStart,
  mismatch,
  readLedger,
  restart,
  startFailed,
  stopFirmware,
  writeFile,
} from "./device.js";
import { type Attempt, type LockCheck, tryToGetIn, tryWhileStarting, untriedWays } from "./lock-check.js";

/** What is to be on a terminal. */
export interface Terminal {
  readonly board: Board;
  readonly config: Config;
  readonly files: StoreFiles;
  /** The device's own key, 32 bytes. */
  readonly key: Uint8Array;
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
  /** What the terminal's own test at the start said: `ok`, or what failed. */
  readonly selfTest: string;
  readonly isClosed: boolean;
  readonly attempts: readonly Attempt[];
  /** Ways that could not be tried from here. */
  readonly untried: readonly string[];
  readonly seconds: number;
}

/**
 * Carries out steps on a device and gives every failure its state, and Ctrl-C too.
 * @param stateNow what state the device is in, asked when something fails
 * @param todo what to do then
 */
export async function withState<Value>(stateNow: () => string, action: () => Promise<Value>, todo = TRY_AGAIN): Promise<Value> {
  const broken = (why: string): ToolError => new ToolError("transferBroken", `The transfer broke off: ${why}.`, stateNow(), todo);
  const onInterrupt = (): void => {
    process.exit(tellFailure(broken("it was interrupted here")));
  };
  // Within another one, this one knows better.
  process.prependOnceListener("SIGINT", onInterrupt);
  try {
    return await action();
  } catch (error) {
    if (error instanceof ConsoleError) throw broken(error.message);
    const trouble = computerTrouble(error);
    throw trouble ? new ToolError("transferBroken", trouble.message, stateNow(), trouble.todo) : error;
  } finally {
    process.removeListener("SIGINT", onInterrupt);
  }
}

/** Makes a terminal of a board. @throws ToolError with what happened, the device's state, and what to do */
export async function flash(terminal: Terminal, options: FlashOptions, report: Report): Promise<FlashResult> {
  const { board, config, key } = terminal;
  const began = performance.now();
  let state = UNCHANGED;
  const lock = await lockFiles(board);
  // Before anything is written: the lock comes last, and must have room.
  checkFit(board, [...filesOf(terminal), ...lock]);
  report.step(`looking at ${options.port}`);
  let device = await requireConsole(options.port);
  try {
    return await withState(
      () => state,
      async () => {
        const facts = await requireBoard(device, board);
        const foreign = foreignFiles(facts, board);
        if (foreign.length > 0 && !options.isCleared) {
          const what = `There are other files on it: ${foreign.join(", ")}.`;
          throw new ToolError("foreignFiles", what, state, "If nobody needs them, say --clear, and they are erased.");
        }
        const before = await readLedger(device, board, key);
        if (before.records.length > 0) report.note(`its ledger was copied to ${keepLedger(config.device, before)}`);
        const isOthers = before.problems.length > 0;
        if (isOthers && !options.isLedgerDiscarded) {
          const what = `The ledger on it was not written with the key of ${config.device}: ${before.problems[0]?.words}`;
          throw new ToolError("ledgerForeign", what, state, "Use the terminal's own name and key; or export its ledger and say --discard-ledger.");
        }

        state = "The device is open and not a terminal yet: it does not serve.";
        // The lock would close the console at the next start.
        for (const name of LOCK_FILES) if (facts.files.includes(name)) await eraseFile(device, name);
        await stopFirmware(device);
        for (const name of foreign) await eraseFile(device, name);
        if (isOthers) await eraseRegion(device, board);
        report.step(`uploading firmware ${FIRMWARE_VERSION}, configuration ${config.version}, roster, texts and glyphs`);
        await install(device, board, filesOf(terminal), report);
        await testRegion(device, board, report);
        state = "The device is open. Everything is on it, but nobody has seen it serve.";
        const isWhole = !options.byHand || (await options.byHand(device));

        report.step("starting it");
        const last = lastStart(await readLedger(device, board, key));
        device = await restart(device, board);
        const started = await waitForStart(device, terminal, last?.sequence ?? 0);
        state = "The terminal is open and serves.";
        const seen = isWhole ? undefined : "the test by hand says which";
        const fault = started.selfTest === "ok" ? seen : (FAULTS[started.selfTest] ?? started.selfTest);
        if (fault && (options.isFaultAccepted || options.isLeftOpen)) report.note(`a part does not work: ${fault}`);
        const done = {
          device: config.device,
          counter: config.counter,
          board: board.name,
          port: options.port,
          firmware: FIRMWARE_VERSION,
          configuration: config.version,
          serial: facts.serial,
          selfTest: started.selfTest,
        };
        if (options.isLeftOpen) {
          report.note("it was left open: whoever reaches its console can change it. Run flash once more before it leaves the bench.");
          return { ...done, isClosed: false, attempts: [], untried: [], seconds: (performance.now() - began) / 1000 };
        }
        if (fault && !options.isFaultAccepted) {
          const todo =
            "Mend it while it is open (counter-terminal self-test goes through every part), and run flash again: only changed files are sent. To close it as it is, say --despite-faults.";
          throw new ToolError("partFailed", `A part does not work: ${fault}.`, state, todo);
        }
        report.step("closing it, and trying to get in");
        const check = await close(device, board, options.also ?? [], report);
        return { ...done, isClosed: true, ...check, seconds: (performance.now() - began) / 1000 };
      },
    );
  } finally {
    await device.close();
  }
}

/** What the terminal's test at its start can find, and where to look. */
const FAULTS: Readonly<Record<string, string>> = {
  display: "the display does not answer: check its wires and its address",
  keys: "a key is down: its contact sticks, or its wires touch",
};

/** @throws ToolError `boardMismatch` */
export async function requireBoard(device: BoardConsole, board: Board): ReturnType<typeof factsOf> {
  const facts = await factsOf(device);
  const why = mismatch(facts, board);
  if (!why) return facts;
  throw new ToolError(
    "boardMismatch",
    `This board cannot be a ${board.name}: ${why}.`,
    UNCHANGED,
    "See with counter-terminal doctor which board it is, and name that with --board. Replace an old Espruino by the newest one first.",
  );
}

/** Every file of a terminal but the lock. The firmware is the last, so that half an upload never starts. */
export function filesOf({ files, firmware }: Pick<Terminal, "files" | "firmware">): [string, Buffer][] {
  return [...Object.entries(files), [FIRMWARE_FILE, Buffer.from(firmware.code, "latin1")]];
}

/** Writes files that are not there yet, byte for byte, and verifies each. Nothing may run from Storage meanwhile. */
export async function install(device: BoardConsole, board: Board, files: readonly (readonly [string, Buffer])[], report: Report): Promise<void> {
  checkFit(board, files);
  const region = board.flash.storageFile;
  if (region && !(await isRegionInPlace(device, board))) {
    // Whatever is in Storage lies where the ledger has to be, so there is no ledger yet.
    await device.evaluate('require("Storage").eraseAll()');
    await device.evaluate(`require("Storage").write('${region.name}','\\xFF',0,${region.lengthBytes})`);
  }
  const changed: (readonly [string, Buffer])[] = [];
  for (const [name, bytes] of files) if ((await crcOf(device, name)) !== crc32(bytes)) changed.push([name, bytes]);
  // From the last to the first: without the firmware nothing starts that lacks a file.
  for (const [name] of [...changed].reverse()) await eraseFile(device, name);
  const total = changed.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  if (total + 64 * changed.length > (await device.evaluate<number>('require("Storage").getFree()'))) await compact(device);
  let done = 0;
  for (const [name, bytes] of changed) {
    await writeFile(device, name, bytes, (sent) => report.progress(done + sent, total));
    done += bytes.length;
  }
}

/** Makes room of what was erased. It may take longer than an answer may. */
async function compact(device: BoardConsole): Promise<void> {
  try {
    await device.evaluate('require("Storage").compact()', 5000);
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    await sleep(5000);
    await device.evaluate("1");
  }
}

/** Erases the ledger. */
export async function eraseRegion(device: BoardConsole, { flash }: Board): Promise<void> {
  for (let page = 0; page < flash.pageCount; page++) await device.evaluate(`require("Flash").erasePage(${flash.address + page * flash.pageBytes})`);
}

/** Bytes that are written to a page to see that it works. */
const TEST_BYTES = 16;

/**
 * Tests blank flash where the ledger will be: not every chip is specified to have it, and some erase the wrong place. Flash with records is not touched: it
 * has shown that it works.
 */
async function testRegion(device: BoardConsole, board: Board, report: Report): Promise<void> {
  const { address, pageBytes, pageCount } = board.flash;
  const { region } = await readLedger(device, board);
  if (region.some((byte) => byte !== 255)) return;
  report.step("testing the ledger's flash");
  for (let page = 0; page < pageCount; page++) {
    const first = address + page * pageBytes;
    const seen = await device.evaluate<number[]>(
      `(function(f,a,b){var z=new Uint8Array(${TEST_BYTES});f.write(z,a);f.write(z,b);var r=[f.read(1,a)[0],f.read(1,b)[0]];f.erasePage(a);return r.concat(f.read(1,a)[0],f.read(1,b)[0])})(require("Flash"),${first},${first + pageBytes - TEST_BYTES})`,
    );
    if (seen.join() !== "0,0,255,255") {
      const what = `The ledger's flash does not hold what is written to it (page ${page + 1} of ${pageCount}, read ${seen.join(" ")}).`;
      throw new ToolError(
        "flashBroken",
        what,
        "The device is open and no terminal: it would lose ratings.",
        "Use another board: this chip lacks that flash, or it is worn out.",
      );
    }
    report.progress(page + 1, pageCount);
  }
}

/** How long a terminal may take to come up, in ms: a Pico may erase its 128 kB page first, which takes a second or two and is slow to be read. */
function startMsOf({ flash }: Board): number {
  return 6000 + flash.pageBytes / 16;
}

/**
 * Waits for the record of a start that is newer than the last one, and holds it against what was installed.
 * @throws ToolError `startFailed`
 */
export async function waitForStart(
  device: BoardConsole,
  { board, config, key }: Pick<Terminal, "board" | "config" | "key">,
  lastSequence: number,
): Promise<NonNullable<ReturnType<typeof lastStart>>> {
  const startMs = startMsOf(board);
  const until = Date.now() + startMs;
  for (;;) {
    const image = await readLedger(device, board, key).catch((error: unknown) => {
      if (error instanceof ConsoleError && Date.now() < until) return undefined;
      throw error;
    });
    const started = image && lastStart(image);
    if (image && started && started.sequence > lastSequence) {
      const words = image.problems[0]?.words;
      if (words) throw startFailed(`Its ledger does not hold: ${words}`, "Run flash again; if it stays so, use another board.");
      if (started.selfTest === "config") throw startFailed("It takes configuration, roster or key for damaged.", "Run flash again.");
      if (started.configuration !== config.version)
        throw startFailed(`It came up with configuration ${started.configuration} instead of ${config.version}.`, "Run flash again.");
      return started;
    }
    if (Date.now() > until) {
      const flags = await device.evaluate<string[]>("E.getErrorFlags()").catch(() => []);
      throw startFailed(
        `Its firmware did not come up within ${Math.round(startMs / 1000)} s${flags.length > 0 ? ` (${flags.join(", ")})` : ""}.`,
        "Run flash again; if it stays so, send the makers the output of counter-terminal status.",
      );
    }
    await sleep(300);
  }
}

/** The lock's files. */
export async function lockFiles(board: Board): Promise<[string, Buffer][]> {
  const { code } = await currentFirmware(board.name, "lock");
  const closed = Buffer.from("E.setConsole(null,{force:true});\n", "latin1");
  // In a function: the firmware, which runs in the same place, has short names of its own.
  const lock = Buffer.from(`(function lock(){${code.trim()}})();\n`, "latin1");
  return LOCK_FILES.map((name, i) => [name, i === 0 ? lock : closed]);
}

/**
 * Installs the lock, restarts the terminal, and tries to get in.
 * @throws ToolError `notClosed` when a way led in, or when the port through which it was flashed could not be tried
 */
export async function close(device: BoardConsole, board: Board, also: readonly string[], report: Report): Promise<LockCheck> {
  const through = await device.evaluate<string>("E.getConsole()");
  // `.boot0` first: alone it closes, and can be opened again.
  for (const [name, bytes] of await lockFiles(board)) await writeFile(device, name, bytes, () => undefined);
  await beginRestart(device, board);
  const attempts: Attempt[] = [await tryWhileStarting(device)];
  const untried = untriedWays(board, through, also);
  for (const port of [device.port, ...also]) {
    try {
      attempts.push(...(await tryToGetIn(port)));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (port === device.port) throw notClosed(`Nobody could see whether it is closed: ${error.message}`, "The terminal serves, and may be open.");
      untried.push(error.message);
    }
    const here = attempts.filter((attempt) => attempt.port === port);
    const outcomes = [...new Set(here.map(({ outcome }) => outcome))].join(", ");
    if (here.length > 0) report.step(`${port}: ${here.length} ${here.length === 1 ? "way" : "ways"} of getting in tried: ${outcomes}`);
  }
  for (const way of untried) report.note(`not tried from here: ${way}`);
  const open = attempts.filter(({ isIn }) => isIn);
  if (open.length === 0) return { attempts, untried };
  throw notClosed(`Somebody could get in: ${open.map(({ port, way }) => `${port}: ${way}`).join("; ")}.`, "The terminal serves, and is open.");
}

function notClosed(message: string, state: string): ToolError {
  const todo =
    "Do not let it leave the bench. Run flash again; if it stays so, tell the makers of the firmware which board and Espruino version it is.";
  return new ToolError("notClosed", message, state, todo);
}
