// The commands that touch no device: init, check and schema of a site file, wiring of the boards. And reading one for the commands that do.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { sizeOf } from "../../display/layouts.js";
import { boardProblems } from "../boards/board-limits.js";
import { drawWiring } from "../boards/wiring-diagram.js";
import { boardNames, readBoard, writeWhole } from "../build/build.js";
import { configOf, parseSite, type Site, SiteError, type StoreFiles, storeFiles } from "../provision/site.js";
import { checkSite, exampleSite, siteJsonSchema, wordsOf } from "../provision/site-check.js";
import { createReport } from "../report.js";

/** A site file that was checked. */
export interface CheckedSite {
  readonly file: string;
  readonly site: Site;
  /** The configurations of its counters, in order. */
  readonly counters: readonly Config[];
}

/** @throws SiteError with everything that is wrong, a line each */
export function readSite(file: string): CheckedSite {
  const text = readText(file);
  const problems = checkSite(text);
  if (problems.length > 0) throw new SiteError(problems.map((problem) => wordsOf(file, problem)).join("\n"));
  const site = parseSite(text, file);
  return { file, site, counters: site.counters.map(configOf) };
}

/** A file that was given. @throws SiteError when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new SiteError(`${file}: ${isMissing ? "there is no such file" : (error as Error).message}`);
  }
}

/** The counter with this number; the first when none is given. @throws SiteError naming those that there are */
export function counterOf({ file, counters }: CheckedSite, counter: string | undefined): Config {
  const config = counter === undefined ? counters[0] : counters.find((each) => each.counter === counter);
  if (config) return config;
  throw new SiteError(`${file}: there is no counter "${counter}": use ${counters.map((each) => each.counter).join(", ")}`);
}

/** The store's files of one counter's terminal. @throws SiteError when something does not fit the display */
export function filesFor({ file, site }: CheckedSite, board: Board, config: Config, key: Uint8Array): StoreFiles {
  try {
    return storeFiles({ ...config }, site, key, sizeOf(board.display.driver));
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    throw new SiteError(error.message.replace(/^/gm, `${file}: `));
  }
}

const SCHEMA_FILE = "site.schema.json";

/** The commands init, check, schema and wiring. */
export function siteCommands(): Command[] {
  return [initCommand(), checkCommand(), schemaCommand(), wiringCommand()];
}

function initCommand(): Command {
  return new Command("init")
    .description("write a commented site file to begin with, and the schema beside it that lets an editor complete and check it")
    .argument("[file]", "the site file", "site.yaml")
    .option("--json", "for scripts")
    .action((file: string, options: { readonly json?: boolean }) => {
      if (existsSync(file)) throw new SiteError(`${file}: is there already, and stays as it is: name another file`);
      const schema = path.join(path.dirname(file), SCHEMA_FILE);
      writeFileSync(schema, schemaText());
      writeWhole(file, exampleSite(path.basename(file), SCHEMA_FILE));
      const words = `${file}: write your counters and people into it, then: counter-terminal check ${file}\n${schema}: for your editor`;
      createReport(options.json === true).result(words, { file, schema });
    });
}

function checkCommand(): Command {
  return new Command("check")
    .description("say everything that is wrong with a site file, each with line, field and what it should be; and with the boards' wiring")
    .argument("<file>", "the site file")
    .option("--json", "for scripts")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const problems = checkSite(readText(file));
      const wiring = boardNames().map(readBoard).flatMap(boardProblems);
      if (problems.length + wiring.length > 0) process.exitCode = 1;
      if (options.json) console.log(JSON.stringify({ file, problems, wiring }));
      else if (problems.length + wiring.length > 0) console.error([...problems.map((problem) => wordsOf(file, problem)), ...wiring].join("\n"));
      else console.log(`${file}: ${readSite(file).counters.length} counters, nothing is wrong`);
    });
}

function schemaCommand(): Command {
  return new Command("schema").description("print the JSON Schema of a site file, for editors").action(() => {
    process.stdout.write(schemaText());
  });
}

function schemaText(): string {
  return `${JSON.stringify(siteJsonSchema(), null, 2)}\n`;
}

function wiringCommand(): Command {
  return new Command("wiring")
    .description("draw how each board is wired, from its board file")
    .argument("<folder>", "where the pictures go, such as firmware/boards/wiring")
    .action(async (folder: string) => {
      mkdirSync(folder, { recursive: true });
      for (const name of boardNames()) writeFileSync(path.join(folder, `${name}.svg`), drawWiring(readBoard(name)));
    });
}
