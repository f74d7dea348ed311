// The files in a board's Storage, over its console. Each is verified by its CRC-32.

import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import type { Config, StoredConfig } from "../../config/config.js";
import { isDeviceName } from "../../config/device-name.js";
import { contentOf } from "../../config/sealed.js";
import { fileLines, HEADER_BYTES, storageHeader } from "../build/install-script.js";
import { unpackConfig } from "../provision/stored-config.js";
import { type BoardConsole, ConsoleError, EXPRESSION_CHARACTERS } from "./board-console.js";

/** Random bytes that a bare board gets, and keeps: no two logs of a device have the same name, though most chips have no randomness. */
export const SALT_FILE = "salt";

/** Files of a terminal's store, in this version or an earlier one. */
export const STORE_FILES: readonly string[] = ["config", "roster", "phrases", "glyphs", "key", SALT_FILE];

/** Files of the lock. LOCK.md says why there are four. */
export const LOCK_FILES = [".boot0", ".boot1", ".boot2", ".boot3"] as const;

/** The firmware before an update, where Storage has room for two. */
export const OLD_FIRMWARE_FILE = "firmware.old";

/** The firmware of an update, until it is verified. */
export const NEW_FIRMWARE_FILE = "firmware.new";

/** Bytes of a file that are read at once: as Base64 they fit one answer of any board. */
const BLOCK_BYTES = 512;

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
  if (crc32(bytes) !== crc) throw new ConsoleError(`${name} did not arrive as it is on the device`);
  return bytes;
}

export async function eraseFile(board: BoardConsole, name: string): Promise<void> {
  await board.evaluate(`require("Storage").erase(${quote(name)})`);
}

/**
 * Writes a file whole, in place of the one that was there, and verifies it. A file that is there already, byte for byte, is left alone.
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

/** Bytes that a board copies at once. */
const COPY_BYTES = 512;

/** Copies a file within Storage, and verifies the copy. */
export async function copyFile(device: BoardConsole, from: string, to: string, bytes: Buffer): Promise<void> {
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

/** Whether the file under the flash region is where it has to be: the first in Storage. True where the region is outside. */
export async function isRegionInPlace(device: BoardConsole, board: Board): Promise<boolean> {
  const header = storageHeader(board);
  if (!header) return true;
  const crc = await device.evaluate<number>(`E.CRC32(require("Flash").read(${HEADER_BYTES},${board.storage.address}))`);
  return crc === crc32(header);
}

/** The configuration on the device; undefined where there is none, or it is one that no board takes. */
export async function readConfigOf(device: BoardConsole): Promise<Config | undefined> {
  const content = contentOf((await readFile(device, "config"))?.toString("utf8"), (data) => crc32(Buffer.from(data, "utf8")));
  const config = content ? unpackConfig(JSON.parse(content) as StoredConfig) : undefined;
  return config && isDeviceName(config.device) ? config : undefined;
}

function quote(name: string): string {
  return `'${name.replaceAll(/[^ -~]|['\\]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}'`;
}
