// Reads and checks the site file that a command was given, and picks the counter that it is about.

import { readFileSync } from "node:fs";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { computerTrouble, UNTOUCHED, usageError } from "../tool-error.js";
import { filesOn } from "./board-files.js";
import { configOf, parseSite, type Site, SiteError, type StoreFiles } from "./site.js";
import { checkSite, wordsOf } from "./site-check.js";

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

/** The content of a file. @throws ToolError `fileMissing` and others when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw computerTrouble(error, UNTOUCHED, file) ?? error;
  }
}

/** The counter with this number; the first when none is given. @throws ToolError `usage` naming the counters of the site */
export function counterOf({ file, counters }: CheckedSite, counter: string | undefined): Config {
  const config = counter === undefined ? counters[0] : counters.find((each) => each.counter === counter);
  if (config) return config;
  throw usageError(
    `${file}: there is no counter "${counter}": the site has ${counters.map((each) => each.counter).join(", ")}.`,
    "Name one of these.",
  );
}

/** The store's files of one counter's terminal, with all characters for emergency texts that its Storage has room for. @throws SiteError when something does not fit the display */
export function filesFor({ file, site }: CheckedSite, board: Board, config: Config, key: Uint8Array): StoreFiles {
  try {
    return filesOn(board, { ...config }, site, key);
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    throw new SiteError(error.message.replace(/^/gm, `${file}: `));
  }
}
