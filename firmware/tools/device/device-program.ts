// Programs that the tool runs on a board, in its memory.

import { literal } from "../build/install-script.js";
import type { BoardConsole } from "./board-console.js";

/** Characters of a program in one expression. Escaped, they are at most twice as many. */
const PIECE_CHARACTERS = 450;

/**
 * Loads a program into the board's memory, and runs it.
 * @param isApart in a function of its own, so that its names are not those of the firmware that runs there; otherwise nothing else may run there
 */
export async function loadProgram(device: BoardConsole, code: string, isApart: boolean): Promise<void> {
  const program = isApart ? `(function(){${code}\n})()` : code;
  await device.evaluate("(global.program='')&&0");
  for (let at = 0; at < program.length; at += PIECE_CHARACTERS)
    await device.evaluate(`(global.program+=${literal(Buffer.from(program.slice(at, at + PIECE_CHARACTERS), "latin1"))})&&0`);
  await device.evaluate("(eval(program),delete global.program)&&0");
}
