// A place in a bundle leads to the line of the sources that it was made from.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AnyNode, parse } from "acorn";
import { full } from "acorn-walk";
import { expect, it } from "vitest";
import { buildFirmware, currentFirmware } from "../../../../firmware/tools/build/build.js";
import { placesIn, sourcePlaceOf } from "../../../../firmware/tools/build/source-place.js";
import { programBytes } from "../../../../firmware/tools/build/tokens.js";
import { compiledProgram } from "../../../compiled-program.js";
import { sampleOf } from "../../../depth.js";
import { commandLine, type Ended } from "../command-line.js";

/** A string this long stands in one line of the sources, and says which. */
const TELLING_CHARACTERS = 9;

/** The places of long strings in a bundle, as the interpreter counts them. */
function longStringsOf(code: string): { readonly value: string; readonly line: number; readonly column: number }[] {
  const found: { value: string; line: number; column: number }[] = [];
  full(parse(code, { ecmaVersion: 2015, locations: true }), (each) => {
    const node = each as AnyNode;
    if (node.type !== "Literal" || typeof node.value !== "string" || node.value.length < TELLING_CHARACTERS || !node.loc) return;
    found.push({ value: node.value, line: node.loc.start.line, column: node.loc.start.column + 1 });
  });
  return found;
}

/** The place of a text as a board prints it, which has the bundle in tokens. */
function boardPlaceOf(code: string, text: string): string {
  const lines = programBytes(code).toString("latin1").split(text)[0]?.split("\n") ?? [];
  return `${lines.length}:${(lines.at(-1) as string).length + 1}`;
}

it.each(sampleOf(["minified", "readable"] as const, 2))("every long string of a %s bundle leads to its line", async (form) => {
  const { code, map } = form === "minified" ? await currentFirmware("pico") : await buildFirmware("pico", undefined, form);
  const strings = longStringsOf(code);
  expect(strings.length).toBeGreaterThan(20);
  const wrong = strings.filter(({ value, line, column }) => {
    const place = sourcePlaceOf(map, { line, column });
    // The board's file is compiled by itself, and its data is found by its name.
    if (!place || place.file.includes("board")) return false;
    // Its end may be a constant of another line: the minifier adds them up.
    return !readFileSync(place.file, "utf8").split("\n")[place.line - 1]?.includes(value.slice(0, TELLING_CHARACTERS));
  });
  expect(wrong).toEqual([]);
});

it("a place inside functions comes with their names, outermost first", async () => {
  const { code, map } = await currentFirmware("pico");
  const { line, column } = longStringsOf(code).find(({ value }) => value === "no answer") as { line: number; column: number };
  const place = sourcePlaceOf(map, { line, column });
  expect(place?.functions.length).toBeGreaterThan(0);
  expect(place?.file).toMatch(/^firmware\//);
});

it("the places in what a board prints are found, in their order", () => {
  const printed = 'Uncaught ReferenceError: "a" is not defined\n    at f (.bootcde:1:28)\n             ^\n    at .bootcde:4:26\n   ^\n';
  expect(placesIn(printed)).toEqual([
    { file: ".bootcde", place: { line: 1, column: 28 }, text: ".bootcde:1:28" },
    { file: ".bootcde", place: { line: 4, column: 26 }, text: ".bootcde:4:26" },
  ]);
  expect(placesIn("all is well at 12:30")).toEqual([]);
});

it("the command says file, line and function, and what is missing", async () => {
  const { code } = await currentFirmware("pico");
  const { line, column } = longStringsOf(code).find(({ value }) => value === "no answer") as { line: number; column: number };
  const where = (...words: string[]): Promise<Ended> => commandLine(["where", ...words]);
  const words = [compiledProgram("tool"), "where", "-"];
  const onBoard = boardPlaceOf(code, '"no answer"');
  const printed = spawnSync(process.execPath, words, { encoding: "utf8", input: `Uncaught Error\n    at a (.bootcde:${onBoard})\n` });
  expect(printed.stdout).toMatch(new RegExp(`^\\.bootcde:${onBoard}  firmware/[\\w/-]+\\.ts:\\d+:\\d+  in \\w+`));
  // In the script the same place is elsewhere: there are words in place of tokens.
  const inScript = (await where(`dist/pico/firmware.js:${line}:${column}`)).stdout;
  expect(printed.stdout.split("  ").slice(1)).toEqual(inScript.split("  ").slice(1));
  expect(onBoard).not.toBe(`${line}:${column}`);
  expect((await where(".bootcde:999:1")).stdout).toContain("not in the sources");
  const wrong = await where("somewhere");
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain("FILE:LINE:COLUMN");
  expect((await where(".bootcde:1:1", "--board", "nowhere")).stderr).toContain("build --board nowhere");
});
