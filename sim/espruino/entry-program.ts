// Builds a program for the interpreter from another entry than the firmware's, which uses parts of the firmware. The build is that of the firmware.

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
  // The firmware's own plugin compiles the files of the firmware.
  const own: Plugin = { name: "entry", transform: (code, id) => (path.normalize(id) === input ? withoutTypes(code) : null) };
  const bundle = await rollup({ input, plugins: [own, ...plugins] });
  const { output: chunks } = await bundle.generate(output);
  await bundle.close();
  return chunks[0].code;
}

/** Compiles TypeScript without a check of its types. */
export function withoutTypes(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: "5.0" };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
