// The Espruino bindings of a board as one script, neither minified nor checked for types: the suites call them by their names.

import { existsSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { rollup } from "rollup";
import ts from "typescript";
import type { Board } from "../../firmware/boards/board.js";
import { boardNames } from "../../firmware/tools/build.js";
import { firmwareOptions } from "../../rollup.config.js";

const COMPILER_OPTIONS = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext, ignoreDeprecations: "5.0" };

/** The script of a board of this project, or of the fixture with its name in test/boards. It leaves `createHal` behind. */
export async function bindingsOf(board: Board): Promise<vm.Script> {
  const { plugins, input } = await firmwareOptions(
    boardNames().includes(board.name) ? board.name : `test/boards/${board.name}.ts`,
    "test/hal/bindings-entry.js",
  );
  const bundle = await rollup({
    input,
    plugins: [
      ...plugins.filter(({ name }) => name === "board"),
      {
        name: "transpile",
        resolveId(id, importer) {
          const file = importer && id.startsWith(".") ? path.resolve(path.dirname(importer), id.replace(/\.js$/, ".ts")) : "";
          return existsSync(file) ? file : null;
        },
        transform: (code, id) => (id.endsWith(".ts") ? ts.transpileModule(code, { compilerOptions: COMPILER_OPTIONS }).outputText : null),
      },
    ],
    onwarn: () => undefined,
  });
  const { output } = await bundle.generate({ format: "iife" });
  return new vm.Script(output[0].code);
}
