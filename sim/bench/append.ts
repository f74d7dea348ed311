// What it takes the real interpreter to append a record to the ledger.

import { board as pico } from "../../firmware/boards/pico.js";
import type { StoreFiles } from "../../firmware/tools/site.js";
import { entryProgram } from "../espruino/entry-program.js";
import { countInstructions, type Segment } from "./callgrind.js";
import { type Figure, inGroups } from "./figure.js";
import { installProgram } from "./installed-program.js";

const ENTRY = "sim/bench/append-entry.ts";
const APPENDS = 32;

/** @param perMs instructions in a millisecond of a Pico */
export async function appendFigure(binary: string, files: StoreFiles, perMs: number): Promise<Figure> {
  const program = `appends=${APPENDS};mark=E.getTemperature;${await entryProgram(pico.name, ENTRY)}`;
  const segments = countInstructions(binary, { image: installProgram(binary, pico, program, files, { presses: 0 }) }, ["mark"]);
  // The first mark stands before the program.
  const instructions = (segments[2] as Segment).instructions / APPENDS;
  return {
    what: "append of a session's record on a Pico, estimated",
    unit: "ms",
    measured: instructions / perMs,
    note: `${inGroups(instructions)} instructions, the mean of ${APPENDS}, without the time in which flash writes`,
  };
}
