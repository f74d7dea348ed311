// Runs a command line: every command of the project ends here, so that each failure is told in the same form, for people and with --json for scripts.

import { type Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DisplayError } from "../display/layouts.js";
import { complain, print } from "./output.js";
import { computerTrouble, EXIT, type ExitCode, ToolError, UNTOUCHED, usageError } from "./tool-error.js";

/** The option that every command has: `--json`. */
export function jsonOption(description = "for scripts: a JSON object a line"): Option {
  return new Option("--json", description);
}

/**
 * Makes the reader of an option that is a whole number, 0 or more.
 * @param mostDigits default: any number of them
 * @returns a function that throws InvalidArgumentError for anything else
 */
export function wholeNumber(mostDigits?: number): (text: string) => number {
  const pattern = new RegExp(`^\\d{1,${mostDigits ?? ""}}$`);
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError("It must be a whole number.");
    return Number(text);
  };
}

/**
 * Carries out a command line, tells what fails, and sets the exit code. Any other error is a fault of this program, and is thrown.
 * @param words commands, options and arguments: those of this process, unless others are given
 */
export async function runProgram(program: Command, words: readonly string[] = process.argv.slice(2)): Promise<void> {
  tellUsageLikeAnyFailure(program);
  if (!process.stdout.listeners("error").includes(onOutputError)) {
    process.stdout.on("error", onOutputError);
    process.stderr.on("error", onErrorOutputError);
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const known = toolErrorOf(error);
    if (!known) throw error;
    process.exitCode = tellFailure(known, words.includes("--json"));
  }
}

let isOutputNeeded = true;

/** The command goes on from now on where its output cannot be written, as to a file on a full disk: what it does is more than what it says. */
export function goOnWithoutOutput(): void {
  isOutputNeeded = false;
}

/** A reader such as `head` may close the pipe when it has enough. The disk that a file is written to may be full. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit();
  if (!isOutputNeeded) return;
  const trouble = computerTrouble(error, "The output is not complete.", "the output") ?? error;
  process.exit(trouble instanceof ToolError ? tellFailure(trouble, false) : EXIT.given);
}

/** Nobody reads what is wrong. The exit code still says that something is. */
function onErrorOutputError(): void {
  // Nothing can be told where telling fails.
}

/** Tells a failure: its words for people, a JSON object for scripts. @returns the exit code */
export function tellFailure(error: ToolError, isJson = process.argv.includes("--json")): ExitCode {
  if (isJson) print(JSON.stringify(error));
  else complain(error.words);
  return error.exitCode;
}

/** The error as one that a user can do something about; undefined where it is none. */
function toolErrorOf(error: unknown): ToolError | undefined {
  if (error instanceof ToolError) return error;
  if (error instanceof CommanderError) {
    const message = error.code === "commander.help" ? "The command is not complete." : error.message.replace(/^error: /, "");
    return usageError(message, "See the command's options with --help, and run it again.");
  }
  if (error instanceof DisplayError) return new ToolError("displayUnknown", error.message, UNTOUCHED, "Use a display that has layouts, or add them.");
  return computerTrouble(error);
}

/** Commander would print what is wrong with the options itself, and end the process. */
function tellUsageLikeAnyFailure(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: () => undefined });
  for (const each of command.commands) tellUsageLikeAnyFailure(each);
}
