// Counts the instructions of the real interpreter between moments, with valgrind's callgrind: the same number on every machine, however busy it is.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { InterpreterError, temporaryFolder } from "../espruino/install.js";

/** The C functions behind what a program does. Where one is called, or has returned, a segment ends. */
export const MARKS = {
  mark: "jswrap_espruino_getTemperature",
  callback: "jsiExecuteEventCallback",
  lamp: "jswrap_io_digitalWrite",
  tone: "jswrap_io_analogWrite",
  written: "jswrap_flash_write",
  cleared: "jswrap_graphics_clear",
  /** Bytes for a display on I2C, for one of pixels on SPI, and for digits. */
  i2c: "_jswrap_i2c_writeTo",
  spi: "jswrap_spi_write",
  digits: "jswrap_spi_send",
} as const;
export type Mark = keyof typeof MARKS;

/** The others end where their function is called; these where it has returned. */
const ENDS: readonly Mark[] = ["written", "i2c", "spi", "digits"];

/** What the interpreter did up to a moment, from the moment before. */
export interface Segment {
  readonly endedBy: Mark;
  readonly instructions: number;
}

/**
 * A Linux build keeps its flash in a file and opens it for every few bytes, and an SPI bus without a device fills a buffer that it searches again and again;
 * a microcontroller reads memory, and writes a register. So what happens in these is not counted.
 */
const HARDWARE_FUNCTIONS = ["jshFlashRead", "jshFlashWrite", "jshFlashErasePage", "jshSPISend"];

const LIFETIME_SECONDS = 300;

/** Why instructions cannot be counted with this interpreter, or undefined. */
export function whyNoCallgrind(binary: string): string | undefined {
  if (spawnSync("valgrind", ["--version"]).status !== 0) return "valgrind is not installed";
  const symbols = readFileSync(binary, "latin1");
  // Linkers keep a name that is the end of another one inside that.
  const missing = [...Object.values(MARKS), ...HARDWARE_FUNCTIONS].filter((name) => !symbols.includes(`${name}\0`));
  return missing.length > 0 ? `${binary} has no symbol ${missing.join(", ")}` : undefined;
}

/**
 * Runs the interpreter until its program calls `quit()`.
 * @param program a flash image that holds it, or a file with its source
 * @param marks at which of them a segment ends
 * @throws InterpreterError when the program runs into an error, or does not end
 */
export function countInstructions(
  binary: string,
  program: { readonly image: string } | { readonly script: string },
  marks: readonly Mark[],
): readonly Segment[] {
  const folder = temporaryFolder();
  if ("image" in program) copyFileSync(program.image, path.join(folder, "espruino.flash"));
  const words = [
    "valgrind",
    "--tool=callgrind",
    "--callgrind-out-file=counts",
    "--combine-dumps=yes",
    "--dump-line=no",
    ...marks.map((mark) => `--dump-${ENDS.includes(mark) ? "after" : "before"}=${MARKS[mark]}`),
    ...HARDWARE_FUNCTIONS.map((name) => `--toggle-collect=${name}`),
    // Not at the start, unless it is said after these.
    "--collect-atstart=yes",
    binary,
    ...("script" in program ? [program.script] : []),
  ];
  // The console stays open and silent: at its end the interpreter would read garbage for ever.
  const command = `mkfifo console && timeout -s KILL ${LIFETIME_SECONDS} "$@" 0<>console >log 2>&1`;
  const { status } = spawnSync("sh", ["-c", command, "sh", ...words], { cwd: folder });
  const log = readFileSync(path.join(folder, "log"), "latin1");
  if (status !== 0 || /Uncaught|Interrupted|MEMORY/.test(log)) throw new InterpreterError(`under callgrind, exit code ${status}:\n${log}`);
  const segments = readSegments(readFileSync(path.join(folder, "counts"), "latin1"));
  rmSync(folder, { recursive: true });
  return segments;
}

/** Reads callgrind's dumps; the last one, after the last mark, is left out. */
function readSegments(text: string): Segment[] {
  const names = Object.entries(MARKS);
  return [...text.matchAll(/^desc: Trigger: --dump-(?:before|after)=(\w+)$[\s\S]*?^totals: (\d+)$/gm)].map(([, name, total]) => ({
    endedBy: names.find((entry) => entry[1] === name)?.[0] as Mark,
    instructions: Number(total),
  }));
}
