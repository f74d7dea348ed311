// A program in the flash of a real interpreter that counts instructions: a board's firmware, or the reference sketch, behind the bench's prelude.

import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { minify_sync } from "terser";
import { board as linux } from "../../firmware/boards/linux.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { installScript } from "../../firmware/tools/install-script.js";
import type { StoreFiles } from "../../firmware/tools/site.js";
import { wiegandBits } from "../badges.js";
import { installInto, temporaryFolder } from "../espruino/install.js";
import { CLERK_BADGE } from "./day.js";

const ERASE_UNIT_BYTES = linux.flash.pageBytes;
const REGION_BYTES = pico.flash.pageBytes * pico.flash.pageCount;

/** The Pico with its region of raw flash where this interpreter has flash: in the whole pages of Storage's first file, as the board file `linux` does it. */
const NATIVE_PICO = {
  ...pico,
  storage: linux.storage,
  flash: { ...pico.flash, address: linux.flash.address, storageFile: { name: "ledger", lengthBytes: REGION_BYTES + ERASE_UNIT_BYTES } },
};

/**
 * Installs a Pico's program that this interpreter can run natively: only the address of its raw flash is another.
 * @param code the program, minified
 * @param presses how often a citizen's key is pressed before the interpreter ends
 * @returns path of the flash image
 */
export function installProgram(binary: string, code: string, files: StoreFiles, presses: number): string {
  const { keys, pauseLamp, answerLamp, sound, display, badgeReader, link } = pico;
  const { data0, data1 } = badgeReader;
  const pins = [...Object.values(keys), pauseLamp.pin, answerLamp.pin, sound.pin, display.scl, display.sda, data0, data1, link.tx, link.rx];
  const frame = presses > 0 ? wiegandBits(CLERK_BADGE) : "";
  // This machine's pins have other names: D0 and so on.
  const pinOf = (name: string): string => (pins.includes(name) ? `D${pins.indexOf(name)}` : name);
  const bench = { port: link.port, invite: pinOf(keys.invite), key: pinOf(keys.key1), frame, data0: pinOf(data0), data1: pinOf(data1), presses };
  const prelude = minify_sync(readFileSync(new URL("prelude.js", import.meta.url), "utf8")).code;
  const program = `bench=${JSON.stringify(bench)};\n${prelude}\n${withNativeFlash(code).replace(/\b[A-Z]\d+\b/g, pinOf)}\nE.getTemperature();`;
  return installInto(temporaryFolder(), binary, installScript(NATIVE_PICO, files, program));
}

/** @param sketch source of a program for the Pico. @returns it minified as the firmware is, as far as that is possible for a script */
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
function withNativeFlash(code: string): string {
  const places = [String(pico.flash.address), `0x${pico.flash.address.toString(16)}`];
  const parts = code.split(new RegExp(`\\b(?:${places.join("|")})\\b`));
  if (parts.length !== 2) throw new Error(`the program names the flash address of the Pico ${parts.length - 1} times, not once`);
  return parts.join(String(linux.flash.address));
}
