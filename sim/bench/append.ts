// What it takes the real interpreter to append a record to the ledger.

import { type Plugin, rollup } from "rollup";
import ts from "typescript";
import { board as pico } from "../../firmware/boards/pico.js";
import type { StoreFiles } from "../../firmware/tools/site.js";
import { firmwareOptions } from "../../rollup.config.js";
import { countInstructions, type Segment } from "./callgrind.js";
import type { Figure } from "./figure.js";
import { installProgram } from "./installed-program.js";

const ENTRY = "sim/bench/append-entry.ts";
const APPENDS = 32;
const COMPILER_OPTIONS = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: "5.0" };

/** @param perMs instructions in a millisecond of a Pico */
export async function appendFigure(binary: string, files: StoreFiles, perMs: number): Promise<Figure> {
  const { plugins, input, output } = await firmwareOptions(pico.name, ENTRY);
  // The firmware's own plugin compiles what belongs to the firmware.
  const entry: Plugin = {
    name: "entry",
    transform: (code, id) => (id.endsWith(ENTRY) ? ts.transpileModule(code, { compilerOptions: COMPILER_OPTIONS }).outputText : null),
  };
  const bundle = await rollup({ input, plugins: [entry, ...plugins] });
  const { output: chunks } = await bundle.generate(output);
  await bundle.close();
  const program = `appends=${APPENDS};mark=E.getTemperature;${chunks[0].code}`;
  const segments = countInstructions(binary, { image: installProgram(binary, pico, program, files, { presses: 0 }) }, ["mark"]);
  // The first mark stands before the program.
  const instructions = (segments[2] as Segment).instructions / APPENDS;
  return {
    what: "append of a session's record on a Pico, estimated",
    unit: "ms",
    measured: instructions / perMs,
    note: `${Math.round(instructions).toLocaleString("en-GB").replaceAll(",", " ")} instructions, the mean of ${APPENDS}, without the time in which flash writes`,
  };
}
