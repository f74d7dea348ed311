// The command `card`: writes the clerk's card, for a browser to print.

import { Command } from "commander";
import { unconfigured } from "../../config/config.js";
import { writeWhole } from "../build/build.js";
import { drawClerkCard } from "../card/clerk-card.js";
import { requireNew } from "../new-file.js";
import { jsonOption } from "../program.js";
import { counterOf, readSite } from "../provision/site-file.js";
import { unpackConfig } from "../provision/stored-config.js";
import { createReport } from "../report.js";
import { usageError } from "../tool-error.js";

interface CardOptions {
  readonly config?: string;
  readonly counter?: string;
  readonly json?: boolean;
}

export function cardCommand(): Command {
  return new Command("card")
    .description("write the clerk's card: what keys and badge do, on one page to print from a browser, in Chinese and English")
    .argument("[file]", "the page", "clerk-card.html")
    .option("--config <file>", "the site file whose times the card tells (default: those of a terminal that has no others)")
    .option("--counter <number>", "the counter of that site (default: the first)")
    .addOption(jsonOption())
    .action((file: string, options: CardOptions) => {
      if (options.counter !== undefined && options.config === undefined)
        throw usageError(`--counter ${options.counter} needs a site file.`, "Name it with --config.");
      const times = options.config === undefined ? unpackConfig(unconfigured()) : counterOf(readSite(options.config), options.counter);
      requireNew(file);
      writeWhole(file, drawClerkCard(times));
      createReport(options.json === true).result(`${file}: open it in a browser, and print it on A4, landscape`, { file });
    });
}
