// The command `where`: from a place in a bundle, as a board prints it with an error, to the file, the function and the line of the sources.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { outputFolder } from "../build/build.js";
import { type Place, placesIn, type SourcePlace, scriptPlaceOf, sourcePlaceOf } from "../build/source-place.js";
import { jsonOption } from "../program.js";
import { createReport } from "../report.js";
import { computerTrouble, ToolError, usageError } from "../tool-error.js";

interface WhereOptions {
  readonly board: string;
  readonly json?: boolean;
}

export function whereCommand(): Command {
  return new Command("where")
    .description("say which line of the sources an error on a board comes from")
    .argument("<place>", "what the board printed: FILE:LINE:COLUMN, such as .bootcde:1:2345; or - for a whole printed error on standard input")
    .option("--board <name>", "whose bundle in dist/ it is, where FILE is no bundle of this computer", "pico")
    .addOption(jsonOption())
    .action((place: string, options: WhereOptions) => {
      const report = createReport(options.json === true);
      const text = place === "-" ? readFileSync(0, "utf8") : place;
      const places = placesIn(text);
      if (places.length === 0) {
        throw usageError(`There is no place in "${text.trim()}".`, "Give it as the board prints it: FILE:LINE:COLUMN, such as .bootcde:1:2345.");
      }
      for (const { file, place, text: given } of places) {
        const source = sourceOf(file, place, options.board);
        const functions = source?.functions.join(" > ") ?? "";
        const words = source ? `${source.file}:${source.line}:${source.column}${functions && `  in ${functions}`}` : "not in the sources";
        report.result(`${given}  ${words}`, { place: given, ...(source ?? { file: null }) });
      }
    });
}

/**
 * The source of a place: in a bundle on this computer, or else in the bytes that a board has of its bundle in dist.
 * @throws ToolError when there is no such bundle, or no map of it
 */
function sourceOf(file: string, place: Place, board: string): SourcePlace | undefined {
  const isHere = existsSync(file);
  const bundle = isHere ? file : path.join(outputFolder(board), "firmware.js");
  try {
    const map = readFileSync(`${bundle}.map`, "utf8");
    const inScript = isHere ? place : scriptPlaceOf(readFileSync(bundle, "utf8"), place);
    return inScript && sourcePlaceOf(map, inScript);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw computerTrouble(error) ?? error;
    const todo = `Build it from the sources that the board has: counter-terminal build --board ${board}.`;
    throw new ToolError("fileMissing", `There is no map of ${bundle}.`, "Nothing was looked up.", todo);
  }
}
