// What a technician does with a terminal that is open: look, change what it is told, bring its firmware up to date, take it out of service. No step loses a record:
// the ledger is copied before anything is written, and held against that copy afterwards.

import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { type Firmware, outputFolder } from "../build/build.js";
import { FIRMWARE_FILE, HEADER_BYTES } from "../build/install-script.js";
import type { LedgerImage } from "../ledger/ledger-reader.js";
import { keyFile, type StoreFiles } from "../provision/site.js";
import type { Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type BoardConsole, requireConsole } from "./board-console.js";
import {
  crcOf,
  type DeviceFacts,
  eraseFile,
  factsOf,
  keepCopy,
  keepLedger,
  LOCK_FILES,
  lastStart,
  NEW_FIRMWARE_FILE,
  OLD_FIRMWARE_FILE,
  readConfigOf,
  readFile,
  readLedger,
  restart,
  startFailed,
  stopFirmware,
  writeFile,
} from "./device.js";
import { close, eraseRegion, install, requireBoard, waitForStart, withState } from "./flash.js";
import { linkBaudHz, openLink } from "./link-host.js";

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
    return await withState(
      () => UNCHANGED,
      async () => {
        const facts = await requireBoard(device, board);
        const config = await readConfigOf(device);
        if (config) return { device, board, config, facts };
        throw new ToolError("notTerminal", `There is no terminal at ${port}: it has no valid configuration.`, UNCHANGED, "Make it one: flash.");
      },
    );
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
  /** The newest start that the ledger tells of. */
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
async function takeOver({ device, facts }: OpenTerminal): Promise<void> {
  for (const name of LOCK_FILES) if (facts.files.includes(name)) await eraseFile(device, name);
  await stopFirmware(device);
}

export interface ChangeOptions {
  /** The device's own key, 32 bytes: the ledger is verified with it before and after. */
  readonly key: Uint8Array;
  /** Leaves the console open. Otherwise the lock is installed at the end, whether or not it was there. */
  readonly isLeftOpen?: boolean | undefined;
  readonly also?: readonly string[] | undefined;
}

/** The ledger before a change: verified, and copied. @throws ToolError `ledgerInvalid` */
async function ledgerBefore({ device, board, config }: OpenTerminal, key: Uint8Array, report: Report): Promise<LedgerImage> {
  const ledger = await readLedger(device, board, key);
  const problem = ledger.problems[0]?.words;
  if (problem) {
    const todo = `Use the key of ${config.device}; if it is the right one, find out with counter-terminal ledger check what was done to the ledger.`;
    throw new ToolError("ledgerInvalid", `Its ledger does not hold: ${problem}`, UNCHANGED, todo);
  }
  report.step(`its ledger (${ledger.records.length} records) was verified and copied to ${keepLedger(config.device, ledger)}`);
  return ledger;
}

/** @throws ToolError `recordsLost` when a record of before is not there any more: the oldest may be overwritten once the hall has them, others never */
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

/** Gives a terminal other files of its store, from its site file, and starts it with them. */
export async function setFiles(
  terminal: OpenTerminal,
  files: Partial<StoreFiles>,
  config: Config,
  options: ChangeOptions,
  report: Report,
): Promise<void> {
  let state = UNCHANGED;
  await withState(
    () => state,
    async () => {
      const before = await ledgerBefore(terminal, options.key, report);
      state = "The terminal is open, with a part of the new files: it may not serve.";
      await takeOver(terminal);
      const list = Object.entries(files);
      report.step(`writing ${list.map(([name]) => name).join(", ")}`);
      await install(terminal.device, terminal.board, list, report);
      await startAgain({ ...terminal, config }, before, options, report, (text) => {
        state = text;
      });
    },
  );
}

/** Starts it, holds the ledger against what it was, and closes it. @returns the record of its start */
async function startAgain(
  terminal: OpenTerminal,
  before: LedgerImage,
  options: ChangeOptions,
  report: Report,
  setState: (state: string) => void,
): ReturnType<typeof waitForStart> {
  const { board, config } = terminal;
  report.step("starting it");
  const device = await restart(terminal.device, board);
  try {
    const started = await waitForStart(device, { board, config, key: options.key }, before.records.at(-1)?.sequence ?? 0);
    setState("The terminal is open and serves.");
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

/** How long a new firmware has to run before its guard lets it be, when the tool does not say so first, in ms: longer than the tool waits for anybody. */
const GUARD_MS = 180_000;

/** How long somebody may take to cut a device's power and give it again, in ms. */
const POWER_MS = 90_000;

/**
 * What stands in the lock's place while a new firmware is tried: it lets it start once. One that hangs, so that nobody gets in, is not there any more after the next
 * start, whether a watchdog does that or a hand. `.boot1` is there until the first start.
 */
const GUARD: readonly (readonly [string, Buffer])[] = [
  [".boot1", "//\n"],
  [
    ".boot0",
    `(function(s,g){if(s.read(".boot1")){s.erase(".boot1");setTimeout(function(){s.read(".boot0")===g&&s.erase(".boot0")},${GUARD_MS})}else s.erase("${FIRMWARE_FILE}")})(require("Storage"),require("Storage").read(".boot0"));\n`,
  ],
].map(([name, code]) => [name as string, Buffer.from(code as string, "latin1")]);

export interface UpdateOptions extends ChangeOptions {
  /** The hall's end of its link: the new firmware has to say hello there, as the old one does. */
  readonly link?: string | undefined;
}

/**
 * Brings the firmware up to date. Where Storage has room for two more, the new one is uploaded and verified beside the old one while the counter goes on serving, and
 * both are on the board until the new one has come up. Elsewhere (a Pico) the tool keeps the old one and sends it again.
 * @throws ToolError `updateFailed` when the new one does not come up: the old one is back then
 */
export async function update(terminal: OpenTerminal, firmware: Firmware, options: UpdateOptions, report: Report): Promise<void> {
  const { device, board, config, facts } = terminal;
  let state = UNCHANGED;
  await withState(
    () => state,
    async () => {
      const before = await ledgerBefore(terminal, options.key, report);
      if (options.link) {
        report.step("hearing it on its link");
        await hearHello(options.link, board);
      }
      const code = Buffer.from(firmware.code, "latin1");
      const old = await oldFirmware(terminal);
      const isThere = old !== undefined && crc32(old) === crc32(code);
      if (old && !isThere) report.step(`the old firmware was copied to ${keepCopy(config.device, OLD_FIRMWARE_FILE, old)}`);
      // An update that broke off may have left its upload here, whole or not.
      const isUploaded = (await crcOf(device, NEW_FIRMWARE_FILE)) === crc32(code);
      if (!isUploaded && facts.files.includes(NEW_FIRMWARE_FILE)) await eraseFile(device, NEW_FIRMWARE_FILE);
      const neededBytes = (isUploaded ? 0 : code.length) + (old?.length ?? 0) + 4 * HEADER_BYTES;
      const hasRoom = facts.freeBytes >= neededBytes;
      if (hasRoom && !isThere) {
        report.step("uploading the new firmware; the counter goes on serving");
        state = "The terminal serves with the firmware that it had; a part of the new one may be beside it.";
        await writeFile(device, NEW_FIRMWARE_FILE, code, (sent) => report.progress(sent, code.length));
      }
      state = "The terminal is open, between two firmwares: it does not serve.";
      await takeOver(terminal);
      if (hasRoom && !isThere) {
        if (old) await copyFile(device, FIRMWARE_FILE, OLD_FIRMWARE_FILE, old);
        await copyFile(device, NEW_FIRMWARE_FILE, FIRMWARE_FILE, code);
        await eraseFile(device, NEW_FIRMWARE_FILE);
      } else {
        if (isUploaded) await eraseFile(device, NEW_FIRMWARE_FILE);
        if (!isThere) report.step("uploading the new firmware; Storage has no room for two now: the old one is kept on this computer");
        await install(device, board, [[FIRMWARE_FILE, code]], report);
      }
      for (const [name, bytes] of GUARD) await writeFile(device, name, bytes, () => undefined);
      try {
        const started = await startAgain(terminal, before, { ...options, isLeftOpen: true }, report, (text) => {
          state = text;
        });
        const fault = started.selfTest;
        if (fault !== "ok" && lastStart(before)?.selfTest === "ok") throw startFailed(`It finds a fault that was not there before: ${fault}.`, "");
        if (options.link) {
          report.step("hearing it on its link");
          await hearHello(options.link, board);
        }
      } catch (error) {
        if (!(error instanceof ToolError) || !old || isThere) throw error;
        state = "The terminal is open, with the old firmware on its way back: it does not serve.";
        report.note(`the new firmware is no good, and the old one is put back: ${error.message}`);
        await putBack(terminal, old, before, options, report, error.message);
      }
      const again = await requireConsole(device.port);
      try {
        for (const [name] of GUARD) await eraseFile(again, name);
        await eraseFile(again, OLD_FIRMWARE_FILE);
        if (options.isLeftOpen) return;
        report.step("closing it, and trying to get in");
        await close(again, board, options.also ?? [], report);
      } finally {
        await again.close();
      }
    },
  );
}

async function putBack(
  terminal: OpenTerminal,
  old: Buffer,
  before: LedgerImage,
  options: ChangeOptions,
  report: Report,
  why: string,
): Promise<never> {
  const device = await consoleBack(terminal.device.port, report).catch(() => {
    throw new ToolError(
      "updateFailed",
      `The new firmware did not come up, and does not let anybody in: ${why}`,
      "The terminal is open and does not serve. No record is missing; the old firmware is on this computer.",
      "Cut its power and give it again: it then starts without its firmware. Then run update again with the old one, or flash.",
    );
  });
  const again = { ...terminal, device, facts: await factsOf(device) };
  await takeOver(again);
  if ((await crcOf(device, OLD_FIRMWARE_FILE)) === crc32(old)) {
    await copyFile(device, OLD_FIRMWARE_FILE, FIRMWARE_FILE, old);
    await eraseFile(device, OLD_FIRMWARE_FILE);
  } else await install(device, terminal.board, [[FIRMWARE_FILE, old]], report);
  const { selfTest } = await startAgain(again, before, options, report, () => undefined);
  const closed = options.isLeftOpen ? "open" : "closed";
  throw new ToolError(
    "updateFailed",
    `The new firmware is no good: ${why}`,
    `The terminal is ${closed} and serves with the firmware that it had before. No record is missing.`,
    selfTest === "ok" || selfTest === lastStart(before)?.selfTest
      ? "Keep the old firmware, and send this message to the makers of the new one."
      : `Mend the part first: the old firmware finds it too (${selfTest}).`,
  );
}

/** The console of a terminal whose new firmware may hang: whoever stands there is asked to cut its power. @throws ToolError when nobody does */
async function consoleBack(port: string, report: Report): Promise<BoardConsole> {
  const until = Date.now() + POWER_MS;
  for (let isTold = false; ; await sleep(500)) {
    try {
      return await requireConsole(port);
    } catch (error) {
      if (Date.now() > until) throw error;
      if (!isTold) report.note("it lets nobody in: cut its power now and give it again. It then starts without the new firmware");
      isTold = true;
    }
  }
}

/** Waits until a terminal says who it is, on its link. @throws ToolError when it does not */
async function hearHello(where: string, board: Board): Promise<void> {
  const link = await openLink(where, linkBaudHz(board), () => undefined);
  await link.hello().finally(() => link.close());
}

/** The firmware that the terminal has; after an update that was interrupted, the one that it had, from the board or from this computer. */
async function oldFirmware({ device, config }: OpenTerminal): Promise<Buffer | undefined> {
  const onBoard = (await readFile(device, OLD_FIRMWARE_FILE)) ?? (await readFile(device, FIRMWARE_FILE));
  if (onBoard) return onBoard;
  try {
    return readFileSync(path.join(outputFolder("devices"), config.device, OLD_FIRMWARE_FILE));
  } catch {
    return undefined;
  }
}

/** Bytes that a board copies at once. */
const COPY_BYTES = 512;

/** Copies a file within Storage, and verifies the copy. */
async function copyFile(device: BoardConsole, from: string, to: string, bytes: Buffer): Promise<void> {
  const wanted = crc32(bytes);
  if ((await crcOf(device, to)) === wanted) return;
  if ((await crcOf(device, from)) === wanted) {
    await eraseFile(device, to);
    await device.evaluate(
      `(function(s,n){for(var i=0;i<n;i+=${COPY_BYTES})s.write("${to}",s.read("${from}",i,Math.min(${COPY_BYTES},n-i)),i,n)})(require("Storage"),${bytes.length})`,
      4900,
    );
  }
  if ((await crcOf(device, to)) !== wanted) await writeFile(device, to, bytes, () => undefined);
}

/**
 * Makes a bare board of a terminal. Whoever has its key may do so, after its ledger was copied.
 * @throws ToolError when the key is another one
 */
export async function reset(terminal: OpenTerminal, key: Uint8Array, report: Report): Promise<void> {
  const { device, board, config, facts } = terminal;
  let state = UNCHANGED;
  await withState(
    () => state,
    async () => {
      if ((await crcOf(device, "key")) !== crc32(keyFile(key)))
        throw new ToolError("keyWrong", `That is not the key of ${config.device}.`, UNCHANGED, "Use the key file that was made when it was flashed.");
      await ledgerBefore(terminal, key, report);
      state = "The device is open and partly erased: it does not serve.";
      await takeOver(terminal);
      const region = board.flash.storageFile?.name;
      report.step("erasing it");
      for (const name of facts.files) if (name !== region) await eraseFile(device, name);
      await eraseRegion(device, board);
      await sleep(100);
    },
  );
}
