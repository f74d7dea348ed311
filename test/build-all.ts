// Builds what the tests share into `dist`, before the first test. What is there already, made from the same sources, stays.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { BuildError, boardNames, currentFirmware, type ProgramName, readBoard, storedFirmware } from "../firmware/tools/build/build.js";
import { BUILT_TEST_BOARDS, isBuilt, testBoardFile } from "./boards.js";
import { compilePrograms } from "./compiled-program.js";
import { sampleOf } from "./depth.js";

/** A program of a board, or of a board file. */
type Bundle = readonly [board: string, program: ProgramName];

/** Firmware first, because it takes ten times as long. */
const PROGRAMS = ["firmware", "hardware-test", "lock"] as const;

/** Boards of the tests whose hardware test is tried. */
const TESTED_BY_HAND = ["card-matrix", "badge-voice", "max7219", "pico-ds3231"].filter(isBuilt).map(testBoardFile);

/** Called by vitest once. @throws BuildError when a bundle does not build */
export async function setup(): Promise<void> {
  // Whoever runs a few files by hand waits for the boards alone: what else a test needs it builds itself.
  const wanted = process.env.npm_lifecycle_event?.startsWith("test") ? allBundles() : boardNames().map((board): Bundle => [board, "firmware"]);
  const stale = wanted.filter(([board, program]) => !storedFirmware(board, program));
  const processes = Math.min(availableParallelism(), stale.length);
  await Promise.all([compilePrograms(), ...Array.from({ length: processes }, (_, i) => buildApart(stale.filter((_, at) => at % processes === i)))]);
}

function allBundles(): Bundle[] {
  const boards = {
    "firmware": [...boardNames(), ...BUILT_TEST_BOARDS],
    "hardware-test": [...sampleOf(boardNames(), 2), ...TESTED_BY_HAND],
    "lock": sampleOf(boardNames(), 2),
  };
  return PROGRAMS.flatMap((program) => boards[program].map((board): Bundle => [board, program]));
}

/** Builds in a process of its own, on a core of its own. */
function buildApart(bundles: readonly Bundle[]): Promise<void> {
  const words = ["--max-semi-space-size=64", "--import", "tsx", fileURLToPath(import.meta.url), ...bundles.map((bundle) => bundle.join("="))];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new BuildError("the bundles of the tests do not build", "buildFailed"))));
  });
}

// In that process.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const words of process.argv.slice(2)) {
    const [board, program] = words.split("=") as [string, ProgramName];
    if (board.endsWith(".ts")) readBoard(board);
    await currentFirmware(board, program);
  }
}
