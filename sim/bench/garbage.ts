// The time that the real interpreter spends on garbage at the fastest rate of the cable, to see whether some is left for the keys.

import type { SerialLinkWiring } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import { lineOf } from "../../firmware/tools/link/lines.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { entryProgram } from "../espruino/entry-program.js";
import { countInstructions, type Segment } from "./callgrind.js";
import { type Figure, inGroups } from "./figure.js";
import { installProgram } from "./installed-program.js";

const ENTRY = "sim/bench/garbage-entry.ts";
const BYTES = 1024;
/** The interpreter hands over all bytes since its last look. A busy one hands over up to so many, and a key waits meanwhile. */
const CHUNK_BYTES = 32;
/** A start bit, 8 data bits and a stop bit. */
const BITS_PER_BYTE = 10;

/** The most expensive garbage of each kind that is known. */
const GARBAGE: Readonly<Record<string, string>> = {
  "line feeds": "\n".repeat(BYTES),
  "the shortest lines": "{}*00000000\n".repeat(BYTES / 12),
  "a line that never ends": "{".repeat(BYTES),
  "lines with a wrong CRC": `${`{${"x".repeat(400)}`}*00000000\n`.repeat(2),
  "broken JSON with a right CRC": lineOf(`{"a":[${"[1],".repeat(80)}`).repeat(3),
  "right lines with unknown words": lineOf(`{"a":"${"x".repeat(400)}"}`).repeat(2),
};

/** @param perMs instructions in a millisecond of a Pico */
export async function garbageFigures(binary: string, files: StoreFiles, perMs: number): Promise<readonly Figure[]> {
  const kinds = Object.entries(GARBAGE);
  const program = `garbage=${JSON.stringify(Object.values(GARBAGE))};chunkBytes=${CHUNK_BYTES};mark=E.getTemperature;${await entryProgram(pico.name, ENTRY)}`;
  const segments = countInstructions(binary, { image: installProgram(binary, pico, program, files, { presses: 0 }) }, ["mark"]);
  const { baudHz } = pico.link as SerialLinkWiring;
  return kinds.map(([kind, text], i) => {
    // The first marks are those before the program and before the first kind.
    const { instructions } = segments[i + 2] as Segment;
    const perByte = instructions / text.length;
    return {
      what: `a Pico's time for a second of garbage, estimated: ${kind}`,
      unit: "ms",
      measured: (perByte * (baudHz / BITS_PER_BYTE)) / perMs,
      budget: BUDGETS.garbageMs,
      note: `${inGroups(perByte)} instructions a byte at ${baudHz} baud, in chunks of ${CHUNK_BYTES} bytes`,
    };
  });
}
