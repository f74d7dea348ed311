// The options of every command to a device: which board it is, where the keys are, and the form of the output.

import { Command, Option } from "commander";
import { boardNames } from "../build/build.js";

/** A board of this project, or a board file elsewhere. */
export function boardOption(): Option {
  return new Option("--board <name>", `which board it is: ${boardNames().join(", ")}, or the path of a board file`).makeOptionMandatory();
}

/** A command to one device, without the way to it. */
export function deviceCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(boardOption())
    .option("--keys <folder>", "where the device keys are kept (default: dist/keys)")
    .option("--json", "for scripts: a JSON object a line");
}
