// The commands that touch no device: init, check and schema of a site file, and wiring of the boards.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { sizeOf } from "../../display/layouts.js";
import { boardProblems } from "../boards/board-limits.js";
import { drawWiring } from "../boards/wiring-diagram.js";
import { boardNames, readBoard, writeWhole } from "../build/build.js";
import { requireNew } from "../new-file.js";
import { complain, print } from "../output.js";
import { type EmergencyObjection, objectionToEmergency } from "../provision/board-files.js";
import { checkSite, exampleSite, siteJsonSchema, wordsOf } from "../provision/site-check.js";
import { type CheckedSite, readSite, readText } from "../provision/site-file.js";
import { createReport } from "../report.js";

const SCHEMA_FILE = "site.schema.json";

export function initCommand(): Command {
  return new Command("init")
    .description("write a commented site file to begin with, and the schema beside it that lets an editor complete and check it")
    .argument("[file]", "the site file", "site.yaml")
    .option("--json", "for scripts")
    .action((file: string, options: { readonly json?: boolean }) => {
      requireNew(file);
      const schema = path.join(path.dirname(file), SCHEMA_FILE);
      writeFileSync(schema, schemaText());
      // It will hold passwords of the network and the broker.
      writeWhole(file, exampleSite(path.basename(file), SCHEMA_FILE), true);
      const words = `${file}: write your counters and people into it, then: counter-terminal check ${file}\n${schema}: for your editor`;
      createReport(options.json === true).result(words, { file, schema });
    });
}

export function checkCommand(): Command {
  return new Command("check")
    .description("say everything that is wrong with a site file, each with line, field and what it should be; and with the boards' wiring")
    .argument("<file>", "the site file")
    .option("--emergency <text>", "say also which boards can show this emergency text, counter by counter; how long it may be depends on the display")
    .option("--json", "for scripts")
    .action(async (file: string, options: { readonly emergency?: string; readonly json?: boolean }) => {
      const problems = checkSite(readText(file));
      const wiring = boardNames().map(readBoard).flatMap(boardProblems);
      const site = problems.length + wiring.length > 0 ? undefined : readSite(file);
      const missing = site && options.emergency !== undefined ? missingOn(site, options.emergency) : [];
      if (!site || missing.some(({ characters, isTooLong }) => characters || isTooLong)) process.exitCode = 1;
      if (options.json) print(JSON.stringify({ file, problems, wiring, ...(options.emergency !== undefined && { missing }) }));
      else if (!site) complain([...problems.map((problem) => wordsOf(file, problem)), ...wiring].join("\n"));
      else {
        print(`${file}: ${site.counters.length} counters, nothing is wrong`);
        for (const { board, counter, characters, isTooLong } of missing) {
          const lacks = `cannot be shown: it lacks ${namesOf(characters)}. Use other words, or have fewer people at this counter.`;
          const words = characters ? lacks : isTooLong ? "cannot be shown: it is too long for the display. Use fewer words." : "can be shown";
          print(`${board}, counter ${counter}: the emergency text ${words}`);
        }
      }
    });
}

/** Characters in words: one that cannot be printed by its number. */
function namesOf(characters: string): string {
  return characters
    .replace(/[\p{C}\p{Z}]/gu, (character) => ` U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")} `)
    .trim();
}

/** What boards with a display of pixels lack for an emergency text. */
function missingOn(
  { site, counters }: CheckedSite,
  text: string,
): readonly (EmergencyObjection & { readonly board: string; readonly counter: string })[] {
  const boards = boardNames()
    .map(readBoard)
    .filter(({ display }) => sizeOf(display.driver));
  return boards.flatMap((board) =>
    counters.map((config) => ({ board: board.name, counter: config.counter, ...objectionToEmergency(board, { ...config }, site, text) })),
  );
}

export function schemaCommand(): Command {
  return new Command("schema").description("print the JSON Schema of a site file, for editors").action(() => {
    print(schemaText(), "");
  });
}

function schemaText(): string {
  return `${JSON.stringify(siteJsonSchema(), null, 2)}\n`;
}

export function wiringCommand(): Command {
  return new Command("wiring")
    .description("draw how each board is wired, from its board file")
    .argument("<folder>", "where the pictures go, such as firmware/boards/wiring")
    .action(async (folder: string) => {
      mkdirSync(folder, { recursive: true });
      for (const name of boardNames()) writeFileSync(path.join(folder, `${name}.svg`), drawWiring(readBoard(name)));
    });
}
