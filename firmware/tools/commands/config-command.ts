// config and roster: look at a terminal's configuration, and give it the files of its site file.

import { Command } from "commander";
import { stringify } from "yaml";
import { setFiles } from "../device/store-files.js";
import { counterOf, filesFor, readSite } from "../provision/site-file.js";
import { ToolError, UNCHANGED } from "../tool-error.js";
import { type ChangeCommandOptions, type ConsoleOptions, changeCommand, changeOptions, consoleCommand, withTerminal } from "./device-options.js";

interface SiteOptions extends ChangeCommandOptions {
  readonly config: string;
  readonly counter?: string;
}

export function configCommand(): Command {
  const get = consoleCommand("get", "print the configuration that is on the terminal").action((options: ConsoleOptions) =>
    withTerminal(options, async ({ config }, report) => report.result(stringify(config).trimEnd(), { ...config })),
  );
  const set = changeCommand("set", "give it configuration, roster, texts and glyphs of its site file")
    .requiredOption("--config <file>", "the site file")
    .option("--counter <number>", "the counter of that site (default: the one that the terminal stands at)")
    .action(setConfig);
  return new Command("config").description("look at a terminal's configuration, or give it another").addCommand(get).addCommand(set);
}

function setConfig(options: SiteOptions): Promise<void> {
  return withTerminal(options, async (terminal, report) => {
    const site = readSite(options.config);
    const config = counterOf(site, options.counter ?? terminal.config.counter);
    const { device } = terminal.config;
    if (config.device !== device) {
      const message = `${site.file}: counter ${config.counter} is ${config.device}, and this terminal is ${device}.`;
      throw new ToolError("otherTerminal", message, UNCHANGED, "Name the counter of this terminal, or flash it to make it another.");
    }
    const change = changeOptions(terminal, options);
    await setFiles(terminal, filesFor(site, terminal.board, config, change.key), config, change, report);
    report.result(`Configuration ${config.version} is on the terminal.`, { device, configuration: config.version });
  });
}

export function rosterCommand(): Command {
  const set = changeCommand("set", "give it the roster of its site file, with the glyphs for the names; its configuration stays")
    .requiredOption("--config <file>", "the site file")
    .action(setRoster);
  return new Command("roster").description("who may stand at a counter").addCommand(set);
}

function setRoster(options: SiteOptions): Promise<void> {
  return withTerminal(options, async (terminal, report) => {
    const site = readSite(options.config);
    const people = site.site.people.length;
    const change = changeOptions(terminal, options);
    const { config: _, key: _key, ...files } = filesFor(site, terminal.board, terminal.config, change.key);
    await setFiles(terminal, files, terminal.config, change, report);
    report.result(`${people} people are in its roster.`, { device: terminal.config.device, people });
  });
}
