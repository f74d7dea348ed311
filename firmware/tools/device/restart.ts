// Stopping and starting a board, and the record by which a terminal shows that it came up.

import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { FIRMWARE_FILE } from "../build/install-script.js";
import { ToolError } from "../tool-error.js";
import { type BoardConsole, ConsoleError, requireConsole } from "./board-console.js";
import { lastStart, readLedger, type Started } from "./device-ledger.js";
import { readConfigOf } from "./storage.js";

/** Stops the firmware, and keeps its watchdog from restarting the board. The lock must be off: it would close the console. */
export async function stopFirmware(device: BoardConsole): Promise<void> {
  await device.evaluate("reset()");
  await sleep(300);
  await device.evaluate("E.enableWatchdog(20,true)");
}

/** Longest time until the console of a board answers again, in ms. */
const RESTART_MS = 20000;

/**
 * Restarts the board, as a power cut does, and waits for its console. A firmware that would take the console for its link is started so that it cannot: the tool has
 * to look at it.
 * @returns the console: a new one, because USB goes and comes with the board
 */
export async function restart(device: BoardConsole, board: Board): Promise<BoardConsole> {
  if (await takesConsole(device, board)) {
    await stopFirmware(device);
    await device.type(`\x10E.setConsole=function(){};eval(require("Storage").read("${FIRMWARE_FILE}"))\n`, 500);
    return device;
  }
  await beginRestart(device, board);
  await device.close();
  const until = Date.now() + RESTART_MS;
  for (;;) {
    await sleep(500);
    try {
      return await requireConsole(device.port);
    } catch (error) {
      if (!(error instanceof ToolError) || Date.now() > until) throw error;
    }
  }
}

/** Whether the firmware takes the console for its link: the cable is the console, and no host on the network is configured. */
async function takesConsole(device: BoardConsole, { link }: Board): Promise<boolean> {
  if (link.driver === "serial") return link.isConsole;
  return link.cable?.isConsole === true && !(await readConfigOf(device))?.host;
}

/** Tells the board to restart, and does not wait. An interpreter on Linux cannot start its process again: it loads everything anew. */
export async function beginRestart(device: BoardConsole, board: Board): Promise<void> {
  await device.type(board.espruinoName === "LINUX" ? "\x10load()\n" : "\x10E.reboot()\n", 200);
}

/** Longest time in which a terminal comes up, in ms. A Pico may erase its 128 kB page first, which takes a second or two, and is slow to be read. */
function startMsOf({ flash }: Board): number {
  return 6000 + flash.pageBytes / 16;
}

/** A terminal as it has to come up. */
export interface Expected {
  readonly board: Board;
  readonly config: Config;
  /** The device's own key, 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Waits for the record of a start that is newer than the last one, and compares it with the files that were installed.
 * @throws ToolError `startFailed`
 */
export async function waitForStart(device: BoardConsole, { board, config, key }: Expected, lastSequence: number): Promise<Started> {
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

/** The firmware stopped answering, or never began. */
export function startFailed(message: string, todo: string): ToolError {
  return new ToolError("startFailed", message, "The device is open, and does not serve as it should.", todo);
}
