// Makes the script that installs a terminal: lines for the Espruino console, each short enough for the smallest board, that write every file of
// the terminal into Storage. A console takes it line by line; a Linux interpreter also runs it as a file.

import { crc32 } from "node:zlib";
import type { Board } from "../../boards/board.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { programBytes } from "./tokens.js";

/** Longest line of the script, in characters. */
export const LINE_CHARACTERS = 512;

/** Where Espruino looks for the program that it starts with. */
export const FIRMWARE_FILE = ".bootcde";

/** Each piece of a file is a multiple of this, so that no unit of flash is written twice: 8 bytes is the largest unit of any board. */
const PIECE_UNIT_BYTES = 8;

/** Longest name that a file in Storage can have (Espruino, jsflash.h, JsfFileName). */
const NAME_CHARACTERS = 28;

/** Length of the header that Storage puts before a file: four bytes of size, then the name (Espruino, jsflash.h, JsfFileHeader). */
export const HEADER_BYTES = 4 + NAME_CHARACTERS;

/** Files that cannot be installed on a board. The message says why. */
export class InstallError extends ToolError {
  constructor(message: string, todo: string) {
    super("storageTooSmall", message, UNTOUCHED, todo);
  }
}

/**
 * Makes the script. It writes, in this order: the board's own file under the flash region, which it never touches again once it is there; the
 * given files; the firmware. Nothing else in Storage is changed. At the end it reads everything back and prints `installed`, or `failed:` and the
 * names of the files that are not as they should be.
 * @param files names in Storage and their bytes, written in the order given
 * @param code the bundle, a script: it is written in tokens
 * @throws InstallError when a file has no bytes, has too long a name, or all of them are more than the board's Storage holds
 */
export function installScript(board: Board, files: Readonly<Record<string, Buffer>>, code: string): string {
  const all = [...Object.entries(files), [FIRMWARE_FILE, programBytes(code)] as const];
  const region = board.flash.storageFile;
  checkFit(board, all);
  const lines: string[] = [];
  if (region) {
    const name = literal(Buffer.from(region.name, "latin1"));
    lines.push(`require("Storage").read(${name},0,1)===undefined&&require("Storage").write(${name},'\\xFF',0,${region.lengthBytes});`);
  }
  for (const [name, bytes] of all) lines.push(...fileLines(name, bytes));
  lines.push(lastLine(board, all));
  return `${lines.join("\n")}\n`;
}

/** What files take in a board's Storage, its flash region included, in bytes. @param lengths of the files, in bytes */
export function storageBytes(board: Board, lengths: readonly number[]): number {
  const region = board.flash.storageFile ? HEADER_BYTES + board.flash.storageFile.lengthBytes : 0;
  return lengths.reduce((sum, length) => sum + HEADER_BYTES + Math.ceil(length / PIECE_UNIT_BYTES) * PIECE_UNIT_BYTES, region);
}

/** Checks that files can be installed. @throws InstallError when a file has no bytes, has too long a name, or all of them are more than the board's Storage holds */
export function checkFit(board: Board, files: readonly (readonly [string, Buffer])[]): void {
  for (const [name, bytes] of files) {
    if (bytes.length === 0) throw new InstallError(`${name} has no bytes: Espruino cannot store an empty file.`, "Leave that file out.");
    if (name.length > NAME_CHARACTERS)
      throw new InstallError(`The file name ${name} is longer than ${NAME_CHARACTERS} characters.`, "Give it a shorter name.");
  }
  const totalBytes = storageBytes(
    board,
    files.map(([, { length }]) => length),
  );
  const most = board.storage.lengthBytes;
  if (totalBytes <= most) return;
  const sizes = files.map(([name, bytes]) => `${name} ${bytes.length}`).join(", ");
  throw new InstallError(
    `The files take ${totalBytes} bytes of Storage, and the board ${board.name} has ${most} (${sizes}).`,
    "Let fewer people work at this counter: that makes the glyphs smaller.",
  );
}

/**
 * The statements that write one file. The first creates it at its full size; each piece is as long as its line allows.
 * @param most longest line, in characters
 */
export function fileLines(name: string, bytes: Buffer, most = LINE_CHARACTERS): string[] {
  const encode = literal(bytes).length <= base64(bytes).length ? literal : base64;
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    let lengthBytes = most - (most % PIECE_UNIT_BYTES);
    let line: string;
    do {
      lengthBytes -= PIECE_UNIT_BYTES;
      line = `require("Storage").write('${name}',${encode(bytes.subarray(offset, offset + lengthBytes))},${offset},${bytes.length});`;
    } while (line.length > most);
    lines.push(line);
    offset += lengthBytes;
  }
  return lines;
}

/** The header at the start of Storage, where the flash region lies in its first file; undefined where the region is outside Storage. */
export function storageHeader({ flash }: Board): Buffer | undefined {
  if (!flash.storageFile) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(flash.storageFile.lengthBytes);
  header.write(flash.storageFile.name, 4, "latin1");
  return header;
}

/**
 * The line that verifies every file by its CRC-32. The region's file is verified by its header at the start of Storage: were it not the first file, the region's pages
 * would lie in another file.
 */
function lastLine(board: Board, files: readonly (readonly [string, Buffer])[]): string {
  const wanted = files.map(([name, bytes]) => `['${name}',${crc32(bytes)}]`).join();
  const header = storageHeader(board);
  const read = `require("Flash").read(${HEADER_BYTES},${board.storage.address})`;
  const start = header ? `(E.CRC32(${read})==${crc32(header)}?'':'${board.flash.storageFile?.name} ')` : "''";
  const wrong = `[${wanted}].filter(function(f){var d=require("Storage").read(f[0]);return !d||E.CRC32(d)!=f[1]}).map(function(f){return f[0]}).join(' ')`;
  // The words stand in two halves: a console echoes the line, and nobody may take the echo for the answer.
  return `(function(w){print(w?'fail'+'ed: '+w:'inst'+'alled')})(${start}+${wrong});`;
}

/** A string of JavaScript with these bytes, in printable ASCII: raw UTF-8 would come out mangled on a board without Unicode. */
export function literal(bytes: Uint8Array): string {
  let text = "'";
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) text += `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (byte === 0x27 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}'`;
}

/** The same bytes as a call that decodes base64. It is half as long where most bytes are not text. */
function base64(bytes: Uint8Array): string {
  return `atob('${Buffer.from(bytes).toString("base64")}')`;
}
