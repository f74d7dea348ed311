// Brings the firmware of a terminal up to date, and puts the old one back when the new one does not come up.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import type { Firmware } from "../build/build.js";
import { FIRMWARE_FILE, HEADER_BYTES } from "../build/install-script.js";
import { programBytes } from "../build/tokens.js";
import type { LedgerImage } from "../ledger/ledger-reader.js";
import type { Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type BoardConsole, ConsoleError, requireConsole } from "./board-console.js";
import { type ChangeOptions, ledgerBefore, startAgain } from "./change.js";
import { close } from "./closing.js";
import { copyPath, keepCopy } from "./copies.js";
import { factsOf } from "./device-facts.js";
import { lastStart } from "./device-ledger.js";
import { type DeviceState, withState } from "./device-state.js";
import { install } from "./installation.js";
import { linkBaudHz, openLink } from "./link-host.js";
import { type OpenTerminal, takeOver } from "./open-terminal.js";
import { startFailed } from "./restart.js";
import { copyFile, crcOf, eraseFile, NEW_FIRMWARE_FILE, OLD_FIRMWARE_FILE, readFile, writeFile } from "./storage.js";

/** After so long its guard leaves a new firmware alone, where the tool has not done so before, in ms. It is longer than the tool waits for anybody. */
const GUARD_MS = 180_000;

/** Longest time in which somebody cuts a device's power and gives it again, in ms. */
const POWER_MS = 90_000;

/**
 * The guard stands in the lock's place while a new firmware is tried, and lets it start once. At the next start, by a watchdog or by hand, it erases a firmware that
 * hangs and lets nobody in. `.boot1` is there until the first start.
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

/** An update under way. */
interface Update {
  readonly terminal: OpenTerminal;
  readonly options: UpdateOptions;
  readonly report: Report;
  readonly state: DeviceState;
  /** The ledger as it was. */
  readonly before: LedgerImage;
  /** The new firmware. */
  readonly code: Buffer;
  /** The old firmware; undefined where there is none to put back. */
  readonly old: Buffer | undefined;
  /** The new firmware is on the board already. */
  readonly isThere: boolean;
}

/**
 * Brings the firmware up to date. Where Storage has room for two more, the new one is uploaded and verified beside the old one while the counter goes on serving, and
 * both are on the board until the new one has come up. Elsewhere (a Pico) the tool keeps the old one and sends it again.
 * @throws ToolError `updateFailed` when the new one does not come up: the old one is back then
 */
export async function update(terminal: OpenTerminal, firmware: Firmware, options: UpdateOptions, report: Report): Promise<void> {
  const { device, board, config } = terminal;
  const state: DeviceState = { now: UNCHANGED };
  await withState(state, async () => {
    const before = await ledgerBefore(terminal, options.key, report);
    await hearOnLink(board, options, report);
    const code = programBytes(firmware.code);
    const old = await oldFirmware(terminal);
    const isThere = old !== undefined && crc32(old) === crc32(code);
    if (old && !isThere) report.step(`the old firmware was copied to ${keepCopy(config.device, OLD_FIRMWARE_FILE, old)}`);
    const change: Update = { terminal, options, report, state, before, code, old, isThere };
    await exchangeFirmware(change);
    for (const [name, bytes] of GUARD) await writeFile(device, name, bytes, () => undefined);
    try {
      await tryNewFirmware(change);
    } catch (error) {
      const isItsFault = error instanceof ToolError && !(error instanceof ConsoleError);
      if (!isItsFault || !old || isThere) throw error;
      state.now = "The terminal is open, with the old firmware on its way back: it does not serve.";
      report.note(`the new firmware is no good, and the old one is put back: ${error.message}`);
      await putBack(change, old, error.message);
    }
    await finish(change);
  });
}

/** Puts the new firmware in the place of the old one, in whichever way Storage has room for. The terminal does not serve afterwards. */
async function exchangeFirmware({ terminal, report, state, code, old, isThere }: Update): Promise<void> {
  const { device, board, facts } = terminal;
  // An update that broke off may have left its upload here, whole or not.
  const isUploaded = (await crcOf(device, NEW_FIRMWARE_FILE)) === crc32(code);
  if (!isUploaded && facts.files.includes(NEW_FIRMWARE_FILE)) await eraseFile(device, NEW_FIRMWARE_FILE);
  const neededBytes = (isUploaded ? 0 : code.length) + (old?.length ?? 0) + 4 * HEADER_BYTES;
  const isBeside = facts.freeBytes >= neededBytes && !isThere;
  if (isBeside) {
    report.step("uploading the new firmware; the counter goes on serving");
    state.now = "The terminal serves with the firmware that it had; a part of the new one may be beside it.";
    await writeFile(device, NEW_FIRMWARE_FILE, code, (sent) => report.progress(sent, code.length));
  }
  state.now = "The terminal is open, between two firmwares: it does not serve.";
  await takeOver(terminal);
  if (isBeside) {
    if (old) await copyFile(device, FIRMWARE_FILE, OLD_FIRMWARE_FILE, old);
    await copyFile(device, NEW_FIRMWARE_FILE, FIRMWARE_FILE, code);
    await eraseFile(device, NEW_FIRMWARE_FILE);
    return;
  }
  if (isUploaded) await eraseFile(device, NEW_FIRMWARE_FILE);
  if (!isThere) report.step("uploading the new firmware; Storage has no room for two now: the old one is kept on this computer");
  await install(device, board, [[FIRMWARE_FILE, code]], report);
}

/** Starts the new firmware. @throws ToolError when it does not come up, finds a fault that the old one did not, or is not heard on its link */
async function tryNewFirmware({ terminal, options, report, state, before }: Update): Promise<void> {
  const { selfTest } = await startAgain(terminal, before, { ...options, isLeftOpen: true }, report, state);
  if (selfTest !== "ok" && lastStart(before)?.selfTest === "ok") {
    throw startFailed(`It finds a fault that was not there before: ${selfTest}.`, "Mend that part, or keep the old firmware.");
  }
  await hearOnLink(terminal.board, options, report);
}

/** The new firmware has come up: removes its guard and the old one, and closes the terminal. */
async function finish({ terminal, options, report }: Update): Promise<void> {
  const device = await requireConsole(terminal.device.port);
  try {
    for (const [name] of GUARD) await eraseFile(device, name);
    await eraseFile(device, OLD_FIRMWARE_FILE);
    if (options.isLeftOpen) return;
    report.step("closing it, and trying to get in");
    await close(device, terminal.board, options.also ?? [], report);
  } finally {
    await device.close();
  }
}

/** Puts the old firmware back, and starts the terminal with it. @param why the new one is no good @throws ToolError `updateFailed` always */
async function putBack({ terminal, options, report, before }: Update, old: Buffer, why: string): Promise<never> {
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
  const { selfTest } = await startAgain(again, before, options, report, { now: UNCHANGED });
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

/** Waits until a terminal says hello on its link, where one was given. @throws ToolError when it does not */
async function hearOnLink(board: Board, { link }: UpdateOptions, report: Report): Promise<void> {
  if (!link) return;
  report.step("hearing it on its link");
  const host = await openLink(link, linkBaudHz(board), () => undefined);
  await host.hello().finally(() => host.close());
}

/** The firmware that the terminal has. After an interrupted update it is the one before that, from the board or from this computer. */
async function oldFirmware({ device, config }: OpenTerminal): Promise<Buffer | undefined> {
  const onBoard = (await readFile(device, OLD_FIRMWARE_FILE)) ?? (await readFile(device, FIRMWARE_FILE));
  if (onBoard) return onBoard;
  try {
    return readFileSync(copyPath(config.device, OLD_FIRMWARE_FILE));
  } catch {
    return undefined;
  }
}
