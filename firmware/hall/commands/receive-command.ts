// The hall's command line, `receive`: takes in what the terminals of a hall send, sends them commands, and exports the records.

import { Command } from "commander";
import { backupCommand } from "./backup-command.js";
import { clerksCommand } from "./clerks-command.js";
import { exportCommand } from "./export-command.js";
import { listenCommand } from "./listen-command.js";
import { replaceCommand } from "./replace-command.js";
import { reportCommand } from "./report-command.js";
import { restoreCommand } from "./restore-command.js";
import { sendCommand } from "./send-command.js";

/** The command with its subcommands. Without one it listens. */
export function receiveCommand(): Command {
  return new Command("receive")
    .description("the hall's end: receives what the terminals of a hall record, and sends them commands")
    .addCommand(listenCommand(), { isDefault: true })
    .addCommand(sendCommand())
    .addCommand(replaceCommand())
    .addCommand(exportCommand())
    .addCommand(clerksCommand())
    .addCommand(reportCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
}
