// The one command line of the project, counter-terminal: it puts the technician's commands and the hall's together. Imports run down: this file imports the hall, the
// hall imports rooms of tools (ledger, link, provision, boards, build), and no room of tools imports the hall. GUIDE.md is the page for people.

import { Command } from "commander";
import { receiveCommand } from "../hall/commands/receive-command.js";
import { buildCommand } from "./commands/build-command.js";
import { configCommand, rosterCommand } from "./commands/config-command.js";
import { doctorCommand } from "./commands/doctor-command.js";
import { exportCommand } from "./commands/export-command.js";
import { flashCommand } from "./commands/flash-command.js";
import { ledgerCommand } from "./commands/ledger-command.js";
import { monitorCommand, timeCommand, unlockCommand } from "./commands/link-command.js";
import { resetCommand } from "./commands/reset-command.js";
import { restartCommand } from "./commands/restart-command.js";
import { selfTestCommand } from "./commands/self-test-command.js";
import { siteCommands } from "./commands/site-command.js";
import { statusCommand } from "./commands/status-command.js";
import { updateCommand } from "./commands/update-command.js";
import { whereCommand } from "./commands/where-command.js";
import { runProgram } from "./program.js";
import { EXIT } from "./tool-error.js";

const program = new Command("counter-terminal")
  .description("From a bare board to a working counter, and everything that keeps it working")
  .addHelpText(
    "after",
    `\nExit codes: ${Object.entries(EXIT)
      .map(([name, code]) => `${code} ${name}`)
      .join(", ")}; 0 all is well. GUIDE.md says what each means.`,
  );

const COMMANDS = [
  buildCommand(),
  ...siteCommands(),
  doctorCommand(),
  flashCommand(),
  statusCommand(),
  updateCommand(),
  configCommand(),
  rosterCommand(),
  selfTestCommand(),
  exportCommand(),
  restartCommand(),
  resetCommand(),
  monitorCommand(),
  timeCommand(),
  unlockCommand(),
  receiveCommand(),
  ledgerCommand(),
  whereCommand(),
];
for (const command of COMMANDS) program.addCommand(command);

await runProgram(program);
