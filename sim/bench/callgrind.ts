// Counts the instructions of the real interpreter between moments, with valgrind's callgrind. The number is the same on every machine, busy or not.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { InterpreterError, temporaryFolder } from "../espruino/install.js";

/** The C functions of the interpreter that end a segment when they are called, or when they return. */
export const MARKS = {
  mark: "jswrap_espruino_getTemperature",
  callback: "jsiExecuteEventCallback",
  lamp: "jswrap_io_digitalWrite",
  tone: "jswrap_io_analogWrite",
  written: "jswrap_flash_write",
  cleared: "jswrap_graphics_clear",
  /** Sends bytes to a display: on I2C, on SPI for pixels, and on SPI for digits. */
  i2c: "_jswrap_i2c_writeTo",
  spi: "jswrap_spi_write",
  digits: "jswrap_spi_send",
} as const;
export type Mark = keyof typeof MARKS;

/** Marks that end a segment when their function returns. The others end it when their function is called. */
const ENDS: readonly Mark[] = ["written", "i2c", "spi", "digits"];

/** The instructions between two moments. */
export interface Segment {
  readonly endedBy: Mark;
  readonly instructions: number;
}

/**
 * Functions whose instructions do not count. A Linux build opens a file for every few bytes of flash, and an SPI bus without a device searches a buffer that
 * it fills; a microcontroller reads memory and writes a register instead.
 */
const HARDWARE_FUNCTIONS = ["jshFlashRead", "jshFlashWrite", "jshFlashErasePage", "jshSPISend"];

const LIFETIME_SECONDS = 300;

/** The reason why instructions cannot be counted with this interpreter, or undefined. */
export function whyNoCallgrind(binary: string): string | undefined {
  if (spawnSync("valgrind", ["--version"]).status !== 0) return "valgrind is not installed";
  const symbols = readFileSync(binary, "latin1");
  // Linkers store a name that is the end of another name within it.
  const missing = [...Object.values(MARKS), ...HARDWARE_FUNCTIONS].filter((name) => !symbols.includes(`${name}\0`));
  return missing.length > 0 ? `${binary} has no symbol ${missing.join(", ")}` : undefined;
}

/**
 * Runs the interpreter until its program calls `quit()`.
 * @param program a flash image with the program, or a file with its source
 * @param marks the marks that end a segment
 * @throws InterpreterError when the program fails, or does not end
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
    // The options before this one would begin without counting.
    "--collect-atstart=yes",
    binary,
    ...("script" in program ? [program.script] : []),
  ];
  // The console stays open and silent. At the end of its input the interpreter would read garbage for ever.
  const command = `mkfifo console && timeout -s KILL ${LIFETIME_SECONDS} "$@" 0<>console >log 2>&1`;
  const { status } = spawnSync("sh", ["-c", command, "sh", ...words], { cwd: folder });
  const log = readFileSync(path.join(folder, "log"), "latin1");
  if (status !== 0 || /Uncaught|Interrupted|MEMORY/.test(log)) throw new InterpreterError(`under callgrind, exit code ${status}:\n${log}`);
  const segments = readSegments(readFileSync(path.join(folder, "counts"), "latin1"));
  rmSync(folder, { recursive: true });
  return segments;
}

/** Reads callgrind's dumps, without the one behind the last mark. */
function readSegments(text: string): Segment[] {
  const names = Object.entries(MARKS);
  return [...text.matchAll(/^desc: Trigger: --dump-(?:before|after)=(\w+)$[\s\S]*?^totals: (\d+)$/gm)].map(([, name, total]) => ({
    endedBy: names.find((entry) => entry[1] === name)?.[0] as Mark,
    instructions: Number(total),
  }));
}
