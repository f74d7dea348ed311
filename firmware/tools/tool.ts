// The one command line of the project, counter-terminal: it puts the technician's commands and the hall's together. Imports run down: this file imports the hall, the
// hall imports rooms of tools (ledger, link, provision, boards, build), and no room of tools imports the hall. GUIDE.md is the page for people.

import { Command } from "commander";
import { FIRMWARE_VERSION } from "../version.js";
import { runProgram } from "./program.js";
import { EXIT } from "./tool-error.js";

/** The commands in the order of the help, each loaded only when it is asked for: together they load a compiler, fonts, a database and drivers for ports. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import("./commands/build-command.js")).buildCommand(),
  init: async () => (await import("./commands/site-command.js")).initCommand(),
  check: async () => (await import("./commands/site-command.js")).checkCommand(),
  schema: async () => (await import("./commands/site-command.js")).schemaCommand(),
  wiring: async () => (await import("./commands/site-command.js")).wiringCommand(),
  card: async () => (await import("./commands/card-command.js")).cardCommand(),
  doctor: async () => (await import("./commands/doctor-command.js")).doctorCommand(),
  flash: async () => (await import("./commands/flash-command.js")).flashCommand(),
  status: async () => (await import("./commands/status-command.js")).statusCommand(),
  update: async () => (await import("./commands/update-command.js")).updateCommand(),
  config: async () => (await import("./commands/config-command.js")).configCommand(),
  roster: async () => (await import("./commands/config-command.js")).rosterCommand(),
  "self-test": async () => (await import("./commands/self-test-command.js")).selfTestCommand(),
  export: async () => (await import("./commands/export-command.js")).exportCommand(),
  restart: async () => (await import("./commands/restart-command.js")).restartCommand(),
  reset: async () => (await import("./commands/reset-command.js")).resetCommand(),
  monitor: async () => (await import("./commands/link-command.js")).monitorCommand(),
  time: async () => (await import("./commands/link-command.js")).timeCommand(),
  unlock: async () => (await import("./commands/link-command.js")).unlockCommand(),
  receive: async () => (await import("../hall/commands/receive-command.js")).receiveCommand(),
  ledger: async () => (await import("./commands/ledger-command.js")).ledgerCommand(),
  where: async () => (await import("./commands/where-command.js")).whereCommand(),
};

/**
 * Carries out a command line, as `runProgram` does.
 * @param words the command, its options and its arguments
 */
export async function runTool(words: readonly string[]): Promise<void> {
  const program = new Command("counter-terminal")
    .version(FIRMWARE_VERSION, "--version", "print the version of the tool, and of the firmware that it installs")
    .description("From a bare board to a working counter, and everything that keeps it working")
    .addHelpText(
      "after",
      `\nExit codes: ${Object.entries(EXIT)
        .map(([name, code]) => `${code} ${name}`)
        .join(", ")}; 0 all is well. GUIDE.md says what each means.`,
    );
  const asked = COMMANDS[words[0] ?? ""];
  // Help and what is misspelt need all of them.
  for (const load of asked ? [asked] : Object.values(COMMANDS)) program.addCommand(await load());
  await runProgram(program, words);
}
