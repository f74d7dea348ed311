// Installs a program into the flash of a real interpreter, to count its instructions: a board's firmware, or the reference sketch, behind the bench's prelude.

import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { minify_sync } from "terser";
import type { Board } from "../../firmware/boards/board.js";
import { board as linux } from "../../firmware/boards/linux.js";
import { installScript } from "../../firmware/tools/build/install-script.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { nodeEngine } from "../engines/node.js";
import { installInto, temporaryFolder } from "../espruino/install.js";
import { VirtualBoard } from "../espruino/virtual-board.js";
import { signalOf } from "../world/badges.js";
import { World } from "../world/world.js";

const ERASE_UNIT_BYTES = linux.flash.pageBytes;

/** The events that the bench's prelude plays to a program. */
export interface Play {
  /** A clerk's badge. Absent: nobody signs in. */
  readonly badge?: string;
  /** Number of presses of a citizen's key before the interpreter ends. */
  readonly presses: number;
  /** The answers of a badge reader that is asked, one for each transfer, in Base64. The interpreter ends behind the last one. */
  readonly answers?: readonly string[];
}

/**
 * Installs a board's program for this computer's interpreter. Only the address of its raw flash changes: to the whole pages of Storage's first file, as in
 * the board file `linux`.
 * @param code the program, minified
 * @returns path of the flash image
 */
export function installProgram(binary: string, board: Board, code: string, files: StoreFiles, { badge, presses, answers }: Play): string {
  const { keys, badgeReader, link } = board;
  const reader = badgeReader.driver;
  const cable = link.driver === "serial" ? link : link.cable;
  // The pins of this computer's interpreter are D0 and so on.
  const pins = new VirtualBoard(new World({ board, engine: nodeEngine, files: {} })).pins();
  const pinOf = (name: string): string => (pins.includes(name) ? `D${pins.indexOf(name)}` : name);
  const bench = {
    port: cable?.port,
    ...(keys.driver === "matrix" ? {} : { invite: pinOf(keys.invite), key: pinOf(keys.key1) }),
    ...(reader === "wiegand" ? { data0: pinOf(badgeReader.data0), data1: pinOf(badgeReader.data1) } : {}),
    ...(reader === "serial" ? { readerPort: badgeReader.port } : {}),
    ...(reader === "mfrc522" ? { bus: badgeReader.bus, answers } : {}),
    signal: badge && reader !== "mfrc522" ? signalOf(reader, badge) : "",
    presses,
  };
  const { pageBytes, pageCount, slotPages, alignBytes } = board.flash;
  const storageFile = { name: "ledger", lengthBytes: pageBytes * pageCount + ERASE_UNIT_BYTES };
  const flash = { pageBytes, pageCount, slotPages, alignBytes, address: linux.flash.address, storageFile };
  const native = { ...board, storage: linux.storage, flash };
  const prelude = minify_sync(readFileSync(new URL("prelude.js", import.meta.url), "utf8")).code;
  const nativeCode = withNativeFlash(code, board).replace(/\b[A-Z]\d+\b/g, pinOf);
  const program = `bench=${JSON.stringify(bench)};\n${prelude}\n${nativeCode}\nE.getTemperature();`;
  return installInto(temporaryFolder(), binary, installScript(native, files, program));
}

/** Minifies a sketch like the firmware, as far as a script allows it. @param sketch source of a program for the Pico */
export function minifySketch(sketch: string): string {
  return minify_sync(sketch, { toplevel: true, compress: { inline: 0, reduce_funcs: false, passes: 2 } }).code as string;
}

/** A copy of a flash image with these bytes in the raw region. */
export function withLedger(image: string, bytes: Uint8Array): string {
  const copy = path.join(temporaryFolder(), "espruino.flash");
  copyFileSync(image, copy);
  const file = openSync(copy, "r+");
  writeSync(file, bytes, 0, bytes.length, linux.flash.address - linux.storage.address);
  closeSync(file);
  return copy;
}

/** Same length, so that the interpreter reads as many characters. */
function withNativeFlash(code: string, { flash: { address } }: Board): string {
  const places = [String(address), `0x${address.toString(16)}`];
  const parts = code.split(new RegExp(`\\b(?:${places.join("|")})\\b`));
  if (parts.length < 2) throw new Error("the program does not name the address of its flash");
  return parts.join(String(linux.flash.address));
}
