// What the tool does with a board over its console: who it is, what is in its Storage and its ledger, writing files, restarting.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import { type Config, unpackConfig } from "../../config/config.js";
import { contentOf } from "../../config/sealed.js";
import { outputFolder, writeWhole } from "../build/build.js";
import { FIRMWARE_FILE, fileLines, HEADER_BYTES, storageHeader } from "../build/install-script.js";
import { type LedgerImage, type LedgerRecord, readFlashImage } from "../ledger/ledger-reader.js";
import { ToolError } from "../tool-error.js";
import { type BoardConsole, ConsoleError, EXPRESSION_CHARACTERS, requireConsole } from "./board-console.js";

/** Files that are a terminal's store, today or in a version before. */
const STORE_FILES: readonly string[] = ["config", "roster", "phrases", "glyphs", "key"];

/** Files of the lock. LOCK.md says why there are four. */
export const LOCK_FILES = [".boot0", ".boot1", ".boot2", ".boot3"] as const;

/** The firmware before an update, where Storage has room for two. */
export const OLD_FIRMWARE_FILE = "firmware.old";
/** The firmware of an update, until it is verified. */
export const NEW_FIRMWARE_FILE = "firmware.new";

/** Oldest Espruino whose console takes packets. */
const LEAST_VERSION = { major: 2, minor: 25 };
/** Variables that the firmware does with. */
const LEAST_VARIABLES = 4096;
/** The version that the firmware is tested with. */
export const KNOWN_VERSION = "2v29";

/** Bytes of flash that are read at once: as Base64 they fit one answer of any board. */
const BLOCK_BYTES = 512;
/** CRC-32 of an erased block. */
const BLANK_CRC = crc32(Buffer.alloc(BLOCK_BYTES, 255));
/** Blocks whose CRC is taken at once: well below the 5 s that an expression may take. */
const BLOCKS_AT_ONCE = 64;

/** What a board says of itself. */
export interface DeviceFacts {
  /** `process.env.BOARD`. */
  readonly espruinoName: string;
  /** Of Espruino, such as `2v29`. */
  readonly version: string;
  /** Of the chip. */
  readonly serial: string;
  readonly variables: number;
  readonly freeVariables: number;
  readonly files: readonly string[];
  readonly freeBytes: number;
}

export async function factsOf(board: BoardConsole): Promise<DeviceFacts> {
  const env = await board.evaluate<{ BOARD: string; VERSION: string; SERIAL: string }>(
    '(function(e){return{BOARD:e.BOARD,VERSION:e.VERSION,SERIAL:e.SERIAL||""}})(process.env)',
  );
  const memory = await board.evaluate<{ free: number; total: number }>("process.memory()");
  const [files, freeBytes] = await board.evaluate<[string[], number]>('[require("Storage").list(),require("Storage").getFree()]');
  return {
    espruinoName: env.BOARD,
    version: env.VERSION,
    serial: env.SERIAL,
    variables: memory.total,
    freeVariables: memory.free,
    files,
    freeBytes,
  };
}

/** Why this interpreter cannot run the firmware of this board; undefined: it can. */
export function mismatch(facts: DeviceFacts, board: Board): string | undefined {
  if (facts.espruinoName !== board.espruinoName) return `it is a ${facts.espruinoName}, and ${board.name} is for a ${board.espruinoName}`;
  const [, major, minor] = /^(\d+)v(\d+)/.exec(facts.version) ?? [];
  if (Number(major) < LEAST_VERSION.major || (Number(major) === LEAST_VERSION.major && Number(minor) < LEAST_VERSION.minor))
    return `its Espruino ${facts.version} is older than ${LEAST_VERSION.major}v${LEAST_VERSION.minor}`;
  if (facts.variables < LEAST_VARIABLES) return `it has ${facts.variables} variables, and the firmware needs ${LEAST_VARIABLES}`;
  return undefined;
}

/** Files that Espruino runs by itself at a start, beside the terminal's own. */
const FOREIGN_STARTERS = [".bootrst", ".bootPowerOn", ".varimg"];

/** Files that are not the terminal's. */
export function foreignFiles(facts: DeviceFacts, board: Board): string[] {
  const own: string[] = [...STORE_FILES, ...LOCK_FILES, FIRMWARE_FILE, OLD_FIRMWARE_FILE, NEW_FIRMWARE_FILE, board.flash.storageFile?.name ?? ""];
  return facts.files.filter((file) => !own.includes(file.replaceAll("\0", "")) || FOREIGN_STARTERS.includes(file));
}

// --- Storage ---

/** CRC-32 of a file; undefined where there is none. */
export async function crcOf(board: BoardConsole, name: string): Promise<number | undefined> {
  return (
    (await board.evaluate<number | null>(`(function(d){return d===undefined?null:E.CRC32(d)})(require("Storage").read(${quote(name)}))`)) ?? undefined
  );
}

/** A file, read whole and verified; undefined where there is none. @throws ConsoleError */
export async function readFile(board: BoardConsole, name: string): Promise<Buffer | undefined> {
  const crc = await crcOf(board, name);
  if (crc === undefined) return undefined;
  const parts: Buffer[] = [];
  for (let at = 0, isEnd = false; !isEnd; at += BLOCK_BYTES) {
    const part = Buffer.from(await board.evaluate<string>(`btoa(require("Storage").read(${quote(name)},${at},${BLOCK_BYTES})||"")`), "base64");
    parts.push(part);
    isEnd = part.length < BLOCK_BYTES;
  }
  const bytes = Buffer.concat(parts);
  if (crc32(bytes) !== crc) throw new ConsoleError(`${name} did not arrive as it stands on the device`);
  return bytes;
}

export async function eraseFile(board: BoardConsole, name: string): Promise<void> {
  await board.evaluate(`require("Storage").erase(${quote(name)})`);
}

/**
 * Writes a file whole, in place of what was there, and verifies it. A file that is there already, byte for byte, is left alone.
 * @param onProgress bytes so far
 * @throws ConsoleError when the device did not take it
 */
export async function writeFile(board: BoardConsole, name: string, bytes: Buffer, onProgress: (bytes: number) => void): Promise<void> {
  const wanted = crc32(bytes);
  if ((await crcOf(board, name)) !== wanted) {
    await eraseFile(board, name);
    const lines = fileLines(name, bytes, EXPRESSION_CHARACTERS);
    for (const [i, line] of lines.entries()) {
      if (!(await board.evaluate<boolean>(line.replace(/;$/, "")))) throw new ConsoleError(`${name}: Storage is full`);
      onProgress(Math.round((bytes.length * (i + 1)) / lines.length));
    }
    if ((await crcOf(board, name)) !== wanted) throw new ConsoleError(`${name}: what was read back is not what was written`);
  }
  onProgress(bytes.length);
}

/** Whether the file under the flash region is where it has to be: the first in Storage. True where the region is outside. */
export async function isRegionInPlace(device: BoardConsole, board: Board): Promise<boolean> {
  const header = storageHeader(board);
  if (!header) return true;
  const crc = await device.evaluate<number>(`E.CRC32(require("Flash").read(${HEADER_BYTES},${board.storage.address}))`);
  return crc === crc32(header);
}

function quote(name: string): string {
  return `'${name.replaceAll(/[^ -~]|['\\]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}'`;
}

// --- ledger ---

/** The bytes of the ledger's flash region. Blank blocks are not carried over the cable. */
export async function readRegion(device: BoardConsole, { flash }: Board): Promise<Buffer> {
  const region = Buffer.alloc(flash.pageBytes * flash.pageCount, 255);
  const count = region.length / BLOCK_BYTES;
  for (let from = 0; from < count; from += BLOCKS_AT_ONCE) {
    const blank = await device.evaluate<string>(
      `(function(f,a,n){var s="";for(var i=0;i<n;i++)s+=E.CRC32(f.read(${BLOCK_BYTES},a+i*${BLOCK_BYTES}))==${BLANK_CRC}?1:0;return s})(require("Flash"),${flash.address + from * BLOCK_BYTES},${Math.min(BLOCKS_AT_ONCE, count - from)})`,
    );
    for (let i = 0; i < blank.length; i++) {
      if (blank[i] === "1") continue;
      const at = (from + i) * BLOCK_BYTES;
      Buffer.from(await device.evaluate<string>(`btoa(require("Flash").read(${BLOCK_BYTES},${flash.address + at}))`), "base64").copy(region, at);
    }
  }
  return region;
}

/** The ledger, verified with the device's key where it is given. */
export async function readLedger(device: BoardConsole, board: Board, key?: Uint8Array): Promise<LedgerImage & { readonly region: Buffer }> {
  const region = await readRegion(device, board);
  return { ...readFlashImage(region, board.flash, { key }), region };
}

type Started = Extract<LedgerRecord, { type: "started" }>;

/** The newest start that the ledger tells of. */
export function lastStart({ records }: LedgerImage): Started | undefined {
  return records.filter((record): record is Started => record.type === "started").at(-1);
}

// --- the stored configuration ---

/** The configuration that is on the device; undefined where there is none, or it is damaged. */
export async function readConfigOf(device: BoardConsole): Promise<Config | undefined> {
  const content = contentOf((await readFile(device, "config"))?.toString("utf8"), (data) => crc32(Buffer.from(data, "utf8")));
  return content ? unpackConfig(JSON.parse(content)) : undefined;
}

// --- starting and stopping ---

/**
 * Stops whatever runs, and keeps the watchdog that it may have left from restarting the board. The lock must be off: it would close the console.
 */
export async function stopFirmware(device: BoardConsole): Promise<void> {
  await device.evaluate("reset()");
  await sleep(300);
  await device.evaluate("E.enableWatchdog(20,true)");
}

/** How long a board may take until its console answers again, in ms. */
const RESTART_MS = 20000;

/**
 * Has the board begin at its beginning, as with the power, and waits for its console. Where the firmware would take the console for its link, it is started
 * so that it cannot: it has to be looked at.
 * @returns the console: another one, as USB goes and comes with the board
 */
export async function restart(device: BoardConsole, board: Board): Promise<BoardConsole> {
  if ("isConsole" in board.link && board.link.isConsole) {
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

/** Tells the board to restart, and does not wait. An interpreter on Linux cannot start its process again: it loads everything anew. */
export async function beginRestart(device: BoardConsole, board: Board): Promise<void> {
  await device.type(board.espruinoName === "LINUX" ? "\x10load()\n" : "\x10E.reboot()\n", 200);
}

// --- copies on this computer ---

/** Keeps bytes of a device on this computer, for its owner's eyes only. @returns the file */
export function keepCopy(deviceName: string, name: string, bytes: Buffer): string {
  const file = path.join(outputFolder("devices"), deviceName, name);
  writeWhole(file, bytes, true);
  return file;
}

/** Keeps what a ledger is made of. Another log, or a longer one, gets a file of its own. @returns the file */
export function keepLedger(deviceName: string, { logId, records, region }: LedgerImage & { readonly region: Buffer }): string {
  return keepCopy(deviceName, `ledger-${logId ?? "unnamed"}-${records.at(-1)?.sequence ?? 0}.bin`, region);
}

/** The firmware stopped answering, or never began. */
export function startFailed(message: string, todo: string): ToolError {
  return new ToolError("startFailed", message, "The device is open, and does not serve as it should.", todo);
}
