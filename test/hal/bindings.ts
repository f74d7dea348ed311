// The Espruino bindings of a board as scripts, not checked for types: one that hands them to the suites, and one for the interpreter.

import { existsSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { type Plugin, rollup } from "rollup";
import ts from "typescript";
import type { Board } from "../../firmware/boards/board.js";
import { boardNames } from "../../firmware/tools/build.js";
import { firmwareOptions } from "../../rollup.config.js";

const COMPILER_OPTIONS = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: "5.0" };

/** TypeScript as JavaScript, without a look at its types. */
const TRANSPILE: Plugin = {
  name: "transpile",
  resolveId(id, importer) {
    const file = importer && id.startsWith(".") ? path.resolve(path.dirname(importer), id.replace(/\.js$/, ".ts")) : "";
    return existsSync(file) ? file : null;
  },
  transform: (code, id) => (id.endsWith(".ts") ? transpiled(code) : null),
};

function transpiled(code: string): string {
  return ts.transpileModule(code, { compilerOptions: COMPILER_OPTIONS }).outputText;
}

function optionsFor(board: Board, entry: string): ReturnType<typeof firmwareOptions> {
  return firmwareOptions(boardNames().includes(board.name) ? board.name : `test/boards/${board.name}.ts`, `test/hal/${entry}`);
}

/** The script of a board of this project, or of the fixture with its name in test/boards. It leaves `createHal` behind. */
export async function bindingsOf(board: Board): Promise<vm.Script> {
  const { plugins, input } = await optionsFor(board, "bindings-entry.js");
  const bundle = await rollup({ input, plugins: [...plugins.filter(({ name }) => name === "board"), TRANSPILE], onwarn: () => undefined });
  const { output } = await bundle.generate({ format: "iife" });
  return new vm.Script(output[0].code);
}

/** The same bindings as a program for the interpreter, built as the firmware is. */
export async function interpreterProgramOf(board: Board): Promise<string> {
  const { plugins, input, output: options } = await optionsFor(board, "interpreter-entry.ts");
  // The firmware's own plugin compiles what belongs to the firmware.
  const entry: Plugin = { name: "entry", transform: (code, id) => (id.endsWith("-entry.ts") ? transpiled(code) : null) };
  const bundle = await rollup({ input, plugins: [entry, ...plugins] });
  const { output } = await bundle.generate(options);
  return output[0].code;
}
