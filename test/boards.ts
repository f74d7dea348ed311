// The boards of the tests, which have other parts than the standard boards: board files in `boards/`.

import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IS_DEEP } from "./depth.js";

/** The names of all boards of the tests. */
const ALL: readonly string[] = readdirSync(fileURLToPath(new URL("boards/", import.meta.url))).map((file) => path.basename(file, ".ts"));

/** Those whose firmware `npm test` builds: together they have each kind of reader, keys in a matrix, rings, a voice, and the largest display. */
const SAMPLE: readonly string[] = ["badge-voice", "card-matrix", "ssd1322"];

/** Those whose firmware is built: all of them in `npm run test:all`. */
const BUILT = IS_DEEP ? ALL : SAMPLE;

/** The path of the file of a board of the tests. */
export function testBoardFile(name: string): string {
  return `test/boards/${name}.ts`;
}

/** The files of the boards of the tests whose firmware is built. */
export const BUILT_TEST_BOARDS: readonly string[] = BUILT.map(testBoardFile);

/** Whether the firmware of a board is built: that of a standard board always is. @param name of the board */
export function isBuilt(name: string): boolean {
  return BUILT.includes(name) || !ALL.includes(name);
}
