// What every command to a device is told: which board it is, where the keys are, and how to answer.

import { Command, Option } from "commander";
import type { Board } from "../../boards/board.js";
import { boardProblems } from "../boards/board-limits.js";
import { BuildError, boardNames, readBoard } from "../build/build.js";

/** A board of this project, or a board file elsewhere. */
export function boardOption(): Option {
  return new Option("--board <name>", `which board it is: ${boardNames().join(", ")}, or the path of a board file`).makeOptionMandatory();
}

/** The board, held against its chip. @throws BuildError with everything that the chip does not allow */
export function boardOf(nameOrPath: string): Board {
  const board = readBoard(nameOrPath);
  const problems = boardProblems(board);
  if (problems.length > 0) throw new BuildError(problems.join("\n"));
  return board;
}

/** A command to one device, without the way to it. */
export function deviceCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(boardOption())
    .option("--keys <folder>", "where the device keys are kept (default: dist/keys)")
    .option("--json", "for scripts: a JSON object a line");
}
