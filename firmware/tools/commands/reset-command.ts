// reset: makes a bare board of a terminal.

import type { Command } from "commander";
import { register } from "../device/device-register.js";
import { reset } from "../device/reset.js";
import { existingKey, keyFileOf } from "../provision/device-key.js";
import { ToolError } from "../tool-error.js";
import { type ConsoleOptions, consoleCommand, withTerminal } from "./device-options.js";

export function resetCommand(): Command {
  return consoleCommand("reset", "make a bare board of a terminal; only with its key, and after its ledger was copied")
    .requiredOption("--yes <device>", "the terminal's name, to say that it is this one")
    .action((options: ConsoleOptions & { readonly yes: string }) =>
      withTerminal(options, async (terminal, report) => {
        const { device } = terminal.config;
        if (options.yes !== device) {
          const message = `This terminal is ${device}, and not ${options.yes}.`;
          throw new ToolError("otherTerminal", message, "Nothing was erased.", "Name the terminal that is to be erased.");
        }
        await reset(terminal, existingKey(keyFileOf(device, options.keys)), report);
        register({ device, isClosed: false });
        report.result(`${device} is a bare board now.`, { device });
      }),
    );
}
