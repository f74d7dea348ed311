// Another entry than the firmware's, with parts of the firmware, as a program for the interpreter: built as the firmware is.

import path from "node:path";
import { type Plugin, rollup } from "rollup";
import ts from "typescript";
import { firmwareOptions } from "../../firmware/tools/build/bundle.js";

/**
 * @param board name of a board, or the path of a board file
 * @param entry path of the entry from the project's root; its types are not checked, and constants of other files are not known in it
 */
export async function entryProgram(board: string, entry: string): Promise<string> {
  const { plugins, input, output } = firmwareOptions(board, entry);
  // The firmware's own plugin compiles what belongs to the firmware.
  const own: Plugin = { name: "entry", transform: (code, id) => (path.normalize(id) === input ? withoutTypes(code) : null) };
  const bundle = await rollup({ input, plugins: [own, ...plugins] });
  const { output: chunks } = await bundle.generate(output);
  await bundle.close();
  return chunks[0].code;
}

/** TypeScript as JavaScript, without a look at its types. */
export function withoutTypes(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: "5.0" };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
