// Builds the firmware of one board: `rollup -c --configBoard NAME`. `npm run build` calls it for one board or all of them.
// The board's file is the entry's `#board`, and names the drivers that stand behind `#display`, `#badge-reader` and `#link`.

import { readFileSync } from "node:fs";
import path from "node:path";
import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";
import ts from "typescript";

const root = import.meta.dirname;

/** The board's data: a board file has no imports but types, so its JavaScript stands alone. */
async function loadBoard(name) {
  const source = readFileSync(path.join(root, `firmware/boards/${name}.ts`), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  return (await import(`data:text/javascript,${encodeURIComponent(outputText)}`)).board;
}

/**
 * Puts a semicolon before each statement that begins with a string. When the interpreter skips the block of an `if`, it reads the token behind the
 * block without its text: `if (a) { b } "x" === c` then compares "" with c.
 */
function keepStringStatements(code) {
  const places = [];
  const visit = (node) => {
    if (node.type === "ExpressionStatement" && /["'`]/.test(code[node.start])) places.push(node.start);
    for (const part of Object.values(node)) {
      for (const child of Array.isArray(part) ? part : [part]) if (child?.type) visit(child);
    }
  };
  visit(this.parse(code));
  let fixed = code;
  for (const place of places.sort((a, b) => b - a)) fixed = `${fixed.slice(0, place)};${fixed.slice(place)}`;
  return fixed;
}

/**
 * Gives the function around everything a name. When an error is made, the interpreter writes down every function that runs, by its name where it has
 * one and else by its whole code: of 30 kB there is no copy in a Pico's memory.
 */
function nameBoot(code) {
  const parts = /^\(\(\)=>\{(.*)\}\)\(\);\s*$/s.exec(code);
  return parts ? `function boot(){${parts[1]}}boot();\n` : code;
}

/** Every name that the ambient types of Espruino's API mention: the interpreter knows them by these names. */
function espruinoNames() {
  const file = path.join(root, "hal/espruino/espruino.d.ts");
  const names = new Set();
  const collect = (node) => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, collect);
  };
  collect(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022));
  return [...names];
}

/** Every name of a property that the language itself has, which the firmware's own must not replace. */
function languageNames() {
  const typedArray = Object.getPrototypeOf(Uint8Array);
  const all = [Array, ArrayBuffer, DataView, Date, Error, Function, JSON, Math, Number, Object, RegExp, String, Uint8Array, typedArray];
  return all.flatMap((each) => [each, each.prototype ?? {}]).flatMap((each) => Object.getOwnPropertyNames(each));
}

/**
 * @param {string} name of a file in firmware/boards
 * @param {string} input the entry, from the project's root: the firmware, or in tests a part of it
 * @returns {Promise<import("rollup").RollupOptions>}
 */
export async function firmwareOptions(name, input = "firmware/main.ts") {
  const board = await loadBoard(name);
  const drivers = {
    "#board": `firmware/boards/${name}.ts`,
    "#display": `hal/espruino/display/${board.display.driver}.ts`,
    "#badge-reader": `hal/espruino/badge-reader/${board.badgeReader.driver}.ts`,
    "#link": `hal/espruino/link/${board.link.driver}.ts`,
  };
  return {
    input: path.join(root, input),
    // Not strict: the interpreter ignores the words and would keep them in flash.
    output: { file: path.join(root, `dist/${name}/firmware.js`), format: "iife", strict: false },
    plugins: [
      { name: "board", resolveId: (id) => (id in drivers ? path.join(root, drivers[id]) : null) },
      typescript({
        tsconfig: path.join(root, "firmware/tsconfig.json"),
        // The tool may run in any folder.
        filterRoot: root,
        noEmit: false,
        outputToFilesystem: false,
        include: ["firmware/**/*.ts", "hal/**/*.ts"],
      }),
      terser({
        ecma: 2015,
        // Every function that stays takes seven variables or more: what has one caller is put into it. The interpreter knows a function or a variable
        // only below its declaration: all of them go to the top of their scope.
        compress: { ecma: 2015, arrows: true, unsafe_arrows: true, inline: 3, reduce_funcs: true, hoist_funs: true, hoist_vars: true, passes: 2 },
        // Short names are fast names and take less memory. A name that leaves the firmware, in JSON or as text, is written in quotes and kept.
        mangle: { toplevel: true, properties: { keep_quoted: "strict", builtins: true, reserved: [...espruinoNames(), ...languageNames()] } },
        // Braces everywhere: the interpreter takes a bare `return` at the end of a loop's bare body for the start of an expression.
        format: { ascii_only: true, braces: true, ecma: 2015, shorthand: false },
      }),
      { name: "string-statements", renderChunk: keepStringStatements },
      { name: "boot", renderChunk: nameBoot },
    ],
  };
}

export default async ({ configBoard = "pico" }) => firmwareOptions(configBoard);
