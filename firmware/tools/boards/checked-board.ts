// Reads a board file and checks it against its chip.

import type { Board } from "../../boards/board.js";
import { BuildError, readBoard } from "../build/build.js";
import { boardProblems } from "./board-limits.js";

/** The board with this name, or in this file. @throws BuildError with everything that the chip does not allow */
export function boardOf(nameOrPath: string): Board {
  const board = readBoard(nameOrPath);
  const problems = boardProblems(board);
  if (problems.length > 0) throw new BuildError(problems.join("\n"), "boardInvalid");
  return board;
}
