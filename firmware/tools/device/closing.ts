// Closes a terminal: installs its lock, and tries to get in.

import type { Board } from "../../boards/board.js";
import { currentFirmware } from "../build/build.js";
import { programBytes } from "../build/tokens.js";
import type { Report } from "../report.js";
import { ToolError } from "../tool-error.js";
import type { BoardConsole } from "./board-console.js";
import { type Attempt, type LockCheck, tryToGetIn, tryWhileStarting, untriedWays } from "./lock-check.js";
import { beginRestart } from "./restart.js";
import { LOCK_FILES, writeFile } from "./storage.js";

/** The files of the lock, by their names in Storage. */
export async function lockFiles(board: Board): Promise<[string, Buffer][]> {
  const { code } = await currentFirmware(board.name, "lock");
  const closed = Buffer.from("E.setConsole(null,{force:true});\n", "latin1");
  // In a function: the firmware, which runs in the same place, has short names of its own.
  const lock = programBytes(`(function lock(){${code.trim()}})();\n`);
  return LOCK_FILES.map((name, i) => [name, i === 0 ? lock : closed]);
}

/**
 * Installs the lock, restarts the terminal, and tries to get in.
 * @throws ToolError `notClosed` when a way led in, or when the port through which it was flashed could not be tried
 */
export async function close(device: BoardConsole, board: Board, also: readonly string[], report: Report): Promise<LockCheck> {
  const through = await device.evaluate<string>("E.getConsole()");
  // `.boot0` first: it closes even alone, and can be opened again.
  for (const [name, bytes] of await lockFiles(board)) await writeFile(device, name, bytes, () => undefined);
  await beginRestart(device, board);
  const attempts: Attempt[] = [await tryWhileStarting(device)];
  const untried = untriedWays(board, through, also);
  for (const port of [device.port, ...also]) {
    try {
      attempts.push(...(await tryToGetIn(port)));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (port === device.port) throw notClosed(`Nobody could see whether it is closed: ${error.message}`, "The terminal serves, and may be open.");
      untried.push(error.message);
    }
    const here = attempts.filter((attempt) => attempt.port === port);
    const outcomes = [...new Set(here.map(({ outcome }) => outcome))].join(", ");
    if (here.length > 0) report.step(`${port}: ${here.length} ${here.length === 1 ? "way" : "ways"} of getting in tried: ${outcomes}`);
  }
  for (const way of untried) report.note(`not tried from here: ${way}`);
  const open = attempts.filter(({ isIn }) => isIn);
  if (open.length === 0) return { attempts, untried };
  throw notClosed(`Somebody could get in: ${open.map(({ port, way }) => `${port}: ${way}`).join("; ")}.`, "The terminal serves, and is open.");
}

function notClosed(message: string, state: string): ToolError {
  const todo =
    "Do not let it leave the bench. Run flash again; if it stays so, tell the makers of the firmware which board and Espruino version it is.";
  return new ToolError("notClosed", message, state, todo);
}
