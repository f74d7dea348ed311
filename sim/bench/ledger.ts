// The instructions of the real interpreter to recover a ledger, and to append a record to it.

import { board as pico } from "../../firmware/boards/pico.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { entryProgram } from "../espruino/entry-program.js";
import { countInstructions, type Segment } from "./callgrind.js";
import { type Figure, inGroups } from "./figure.js";
import { installProgram, withLedger } from "./installed-program.js";
import { fillLedger, ledgerFills } from "./ledger-fill.js";

const ENTRY = "sim/bench/ledger-entry.ts";
const APPENDS = 32;

/**
 * The figures of the ledger alone: its share of a start, and an append.
 * @param perMs instructions in a millisecond of a Pico
 */
export async function ledgerFigures(binary: string, files: StoreFiles, perMs: number): Promise<readonly Figure[]> {
  const program = `appends=${APPENDS};mark=E.getTemperature;${await entryProgram(pico.name, ENTRY)}`;
  const image = installProgram(binary, pico, program, files, { presses: 0 });
  // The first mark is the one before the program.
  const segmentsWith = (ledger: Uint8Array): readonly Segment[] => countInstructions(binary, { image: withLedger(image, ledger) }, ["mark"]);
  const figure = (what: string, instructions: number, besides: string): Figure => ({
    what,
    unit: "ms",
    measured: instructions / perMs,
    note: `${inGroups(instructions)} instructions${besides}`,
  });
  const recovered = ledgerFills(pico)
    .filter(({ isFirst }) => !isFirst)
    .map(({ name, bytes }) => {
      const { instructions } = segmentsWith(bytes)[2] as Segment;
      return figure(`recovery of the ledger on a Pico, estimated, ${name}`, instructions, "");
    });
  const appended = (segmentsWith(fillLedger(pico, 64))[4] as Segment).instructions / APPENDS;
  return [
    ...recovered,
    figure("append of a session's record on a Pico, estimated", appended, `, the mean of ${APPENDS}, without the time in which flash writes`),
  ];
}
