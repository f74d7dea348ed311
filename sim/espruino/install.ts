// Installs a terminal into the flash file of a Linux build of Espruino, with the same script that a technician sends to a board.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The interpreter ended, did not install, or reported an error. The message has its output. */
export class InterpreterError extends Error {}

/** Size of a piece of the script, in bytes. The interpreter reads a file into memory whole, and a Pico's 5100 variables have room for a piece. */
const PIECE_BYTES = 16384;

/**
 * Runs an install script in pieces. Every line of it is complete in itself.
 * @param folder in which the interpreter keeps its flash file
 * @returns path of the flash file
 */
export function installInto(folder: string, binary: string, script: string): string {
  const lines = script.trimEnd().split("\n");
  let piece = "";
  let output = "";
  for (const [i, line] of lines.entries()) {
    piece += `${line}\n`;
    if (piece.length < PIECE_BYTES && i < lines.length - 1) continue;
    writeFileSync(path.join(folder, "install.js"), `${piece}quit();\n`);
    output = execFileSync("timeout", ["-s", "KILL", "60", binary, "install.js"], { cwd: folder, input: "", encoding: "latin1" });
    piece = "";
  }
  const image = path.join(folder, "espruino.flash");
  if (!output.includes("installed") || !existsSync(image)) throw new InterpreterError(`${binary} did not install the firmware:\n${output}`);
  return image;
}

let ownFolder: string | undefined;

/** A new folder, which is removed when this process ends. */
export function temporaryFolder(): string {
  if (!ownFolder) {
    const folder = mkdtempSync(path.join(tmpdir(), "counter-terminal-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    ownFolder = folder;
  }
  return mkdtempSync(path.join(ownFolder, "run-"));
}
