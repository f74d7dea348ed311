// update: brings the firmware of a terminal up to date.

import type { Command } from "commander";
import { currentFirmware, type Firmware } from "../build/build.js";
import { programBytes } from "../build/tokens.js";
import { update } from "../device/update.js";
import { readText } from "../provision/site-file.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type ChangeCommandOptions, changeCommand, changeOptions, withTerminal } from "./device-options.js";

interface UpdateOptions extends ChangeCommandOptions {
  readonly firmware?: string;
  readonly link?: string;
}

export function updateCommand(): Command {
  return changeCommand("update", "bring the firmware up to date; if the new one does not come up, the old one is put back. No record is lost")
    .option("--firmware <file>", "a bundle (default: the one of these sources)")
    .option("--link <end>", "the hall's end of its link, where the new firmware must say hello: a serial port, or listen:PORT")
    .action((options: UpdateOptions) =>
      withTerminal(options, async (terminal, report) => {
        const firmware = options.firmware ? firmwareIn(options.firmware) : await currentFirmware(terminal.board.name);
        await update(terminal, firmware, { ...changeOptions(terminal, options), link: options.link }, report);
        report.result("The terminal is up to date.", { device: terminal.config.device, bytes: firmware.bytes });
      }),
    );
}

/** A bundle that was built before. @throws ToolError `fileInvalid` when the file is none */
function firmwareIn(file: string): Firmware {
  const code = readText(file);
  try {
    return { code, bytes: programBytes(code).length };
  } catch (error) {
    const todo = "Give a firmware.js that counter-terminal build made for this board.";
    throw new ToolError("fileInvalid", `${file}: is no firmware (${(error as Error).message}).`, UNCHANGED, todo);
  }
}
