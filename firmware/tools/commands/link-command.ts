// The commands that only the link has, which a closed terminal has too: monitor, time, unlock. The tool stands at the hall's end of the link.

import { Command } from "commander";
import { boardOf } from "../boards/checked-board.js";
import type { Message } from "../device/link-host.js";
import { print, visible } from "../output.js";
import { existingKey, keyFileOf } from "../provision/device-key.js";
import { createReport } from "../report.js";
import { EXIT, ToolError } from "../tool-error.js";
import { ignoreMessages, type LinkOptions, linkCommand, withLink } from "./device-options.js";
import { messageWords } from "./message-words.js";

export function monitorCommand(): Command {
  return linkCommand("monitor", "show everything that a terminal says on its link, as it happens; acknowledges nothing").action(
    async (options: LinkOptions) => {
      const seen = new Set<string>();
      const show = (message: Message): void => {
        const place = `${String(message.log)} ${String(message.seq)}`;
        if (message.seq !== undefined && seen.has(place)) return;
        if (message.seq !== undefined) seen.add(place);
        print(options.json ? JSON.stringify(message) : visible(messageWords(message)));
      };
      await withLink(options, boardOf(options.board), show, () => new Promise<void>((resolve) => process.once("SIGINT", resolve)));
    },
  );
}

export function timeCommand(): Command {
  const set = linkCommand("set", "give a terminal this computer's time, signed with its key").action((options: LinkOptions) =>
    withLink(options, boardOf(options.board), ignoreMessages, async (link) => {
      const { device } = (await link.hello()).hello;
      const unix = Math.round(Date.now() / 1000);
      await link.signedCommand({ do: "time", unix }, existingKey(keyFileOf(device, options.keys)));
      createReport(options.json === true).result(`Its time is ${new Date(unix * 1000).toISOString()}.`, { unix });
    }),
  );
  return new Command("time").description("a terminal's clock").addCommand(set);
}

export function unlockCommand(): Command {
  return linkCommand("unlock", "open the console of a closed terminal for ten minutes, for service; a record says who did, and the hall hears of it")
    .requiredOption("--by <number>", "staff number of a maintainer in the terminal's roster")
    .action((options: LinkOptions & { readonly by: string }) =>
      withLink(options, boardOf(options.board), ignoreMessages, async (link) => {
        const { device } = (await link.hello()).hello;
        const { by, keys, json } = options;
        try {
          await link.signedCommand({ do: "unlock", by }, existingKey(keyFileOf(device, keys)));
        } catch (error) {
          if (!(error instanceof ToolError) || error.exitCode !== EXIT.unhealthy) throw error;
          const todo = "Give the staff number of somebody who is a maintainer in this terminal's roster, and this terminal's own key.";
          throw new ToolError(error.code, error.message, "The terminal is as it was: closed.", todo);
        }
        createReport(json === true).result(`The console of ${device} is open for ten minutes. A restart closes it.`, { device, by });
      }),
    );
}
