// Writes the files of a terminal onto its board, and tests the flash for its ledger.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import { checkFit, FIRMWARE_FILE } from "../build/install-script.js";
import type { StoreFiles } from "../provision/site.js";
import type { Report } from "../report.js";
import { ToolError } from "../tool-error.js";
import { type BoardConsole, ConsoleError } from "./board-console.js";
import { flashExpression } from "./device-flash.js";
import { readLedger } from "./device-ledger.js";
import { crcOf, eraseFile, isRegionInPlace, SALT_FILE, writeFile } from "./storage.js";

/** Length of a salt, in bytes. */
const SALT_BYTES = 16;

/** Every file of a terminal but the lock. The firmware is the last, so that half an upload never starts. @param firmware its bytes in Storage */
export function filesOf(files: StoreFiles, firmware: Buffer): [string, Buffer][] {
  return [...Object.entries(files), [SALT_FILE, randomBytes(SALT_BYTES)], [FIRMWARE_FILE, firmware]];
}

/** Writes files that are not there yet, byte for byte, and verifies each. A salt that is there stays. Nothing may run from Storage meanwhile. */
export async function install(device: BoardConsole, board: Board, files: readonly (readonly [string, Buffer])[], report: Report): Promise<void> {
  checkFit(board, files);
  const region = board.flash.storageFile;
  if (region && !(await isRegionInPlace(device, board))) {
    // Other files lie where the ledger has to be, so there is no ledger yet.
    await device.evaluate('require("Storage").eraseAll()');
    await device.evaluate(`require("Storage").write('${region.name}','\\xFF',0,${region.lengthBytes})`);
  }
  const changed: (readonly [string, Buffer])[] = [];
  for (const [name, bytes] of files) {
    const crc = await crcOf(device, name);
    if (crc !== crc32(bytes) && (name !== SALT_FILE || crc === undefined)) changed.push([name, bytes]);
  }
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

/** Frees the room of erased files. It may take longer than an answer may. */
async function compact(device: BoardConsole): Promise<void> {
  try {
    await device.evaluate('require("Storage").compact()', 5000);
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    await sleep(5000);
    await device.evaluate("1");
  }
}

/** Bytes that are written to a page to see that it works. */
const TEST_BYTES = 16;

/**
 * Tests blank flash where the ledger will be: not every chip is specified to have it, and some erase the wrong place. Flash with records is left alone: it has
 * shown that it works.
 */
export async function testRegion(device: BoardConsole, board: Board, report: Report): Promise<void> {
  const { address, pageBytes, pageCount } = board.flash;
  const { region } = await readLedger(device, board);
  if (region.some((byte) => byte !== 255)) return;
  const module = await flashExpression(device, board);
  report.step("testing the ledger's flash");
  for (let page = 0; page < pageCount; page++) {
    const first = address + page * pageBytes;
    const seen = await device.evaluate<number[]>(
      `(function(f,a,b){var z=new Uint8Array(${TEST_BYTES});f.write(z,a);f.write(z,b);var r=[f.read(1,a)[0],f.read(1,b)[0]];f.erasePage(a);return r.concat(f.read(1,a)[0],f.read(1,b)[0])})(${module},${first},${first + pageBytes - TEST_BYTES})`,
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
