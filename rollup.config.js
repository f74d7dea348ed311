// Builds the firmware of one board: `rollup -c --configBoard NAME`. `npm run build` calls it for one board or all of them.
// The board's file is the entry's `#board`, and names the drivers that stand behind `#display`, `#keys`, `#lamps`, `#badge-reader`, `#sound` and `#link`;
// the display decides the screen behind `#screen`. `#slots` is what replaces configuration and roster, on boards that have room for it;
// `#status` says how the counter stands, on boards with a network.

import { readFileSync } from "node:fs";
import path from "node:path";
import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";
import ts from "typescript";
import { orderDeclarations } from "./firmware/tools/build/declaration-order.js";
import { setAside } from "./firmware/tools/build/set-aside.js";
import { ASIDE, declareFirst, takeWhole } from "./firmware/tools/build/whole-program.js";

const root = import.meta.dirname;

/** Where Espruino looks for the program that it starts with: as in firmware/tools/build/install-script.ts. */
const FIRMWARE_FILE = ".bootcde";

/** The JavaScript of a board file: it has no imports but types, so it stands alone. */
function boardScript(name) {
  const file = name.endsWith(".ts") ? path.resolve(root, name) : path.join(root, `firmware/boards/${name}.ts`);
  return ts.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES5, ignoreDeprecations: "5.0" },
  }).outputText;
}

/** Writes the board's parts into its data in place of their names, so that the interpreter need not look for them while somebody waits. */
function withParts(script) {
  return script.replace(/(?<=[:[,]\s*)"([A-Z]\d{1,2}|(?:I2C|SPI|Serial)\d)"/g, "$1");
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

/** Names of the interpreter's own that are as short as the firmware's are when it is minified: at the top level they are all in one place. */
function espruinoGlobals() {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  // Pins are A0 to I15, D0 to D39 and so on.
  return ["E", "PI", "RX", "TX", ...letters.flatMap((letter) => [..."0123456789"].map((digit) => letter + digit))];
}

/** Every name of a property that the language itself has, which the firmware's own must not replace. */
function languageNames() {
  const typedArray = Object.getPrototypeOf(Uint8Array);
  const all = [Array, ArrayBuffer, DataView, Date, Error, Function, JSON, Math, Number, Object, RegExp, String, Uint8Array, typedArray];
  return all.flatMap((each) => [each, each.prototype ?? {}]).flatMap((each) => Object.getOwnPropertyNames(each));
}

/**
 * @param {string} name of a file in firmware/boards, or the path of a board file elsewhere, which ends in `.ts`
 * @param {string} input the entry, from the project's root: the firmware, or in tests a part of it
 * @returns {Promise<import("rollup").RollupOptions>}
 */
export async function firmwareOptions(name, input = "firmware/main.ts") {
  const script = boardScript(name);
  const { board } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const drivers = {
    "#display": board.display.digits ? `hal/espruino/display/${board.display.driver}.ts` : "hal/espruino/pixel-display.ts",
    "#chip": `hal/espruino/display/${board.display.driver}.ts`,
    "#display-bus": `hal/espruino/display-bus/${board.display.bus.startsWith("I2C") ? "i2c" : "spi"}.ts`,
    "#screen": `firmware/display/${board.display.digits ? "segment-screen" : "screen"}.ts`,
    "#keys": `hal/espruino/keys/${board.keys.driver ?? "pins"}.ts`,
    "#lamps": `hal/espruino/lamps/${board.signLamp ? "sign" : "plain"}.ts`,
    "#badge-reader": `hal/espruino/badge-reader/${board.badgeReader.driver}.ts`,
    "#sound": `hal/espruino/sound/${board.sound.driver ?? "buzzer"}.ts`,
    "#link": `hal/espruino/link/${board.link.driver}.ts`,
    "#slots": `firmware/config/${board.flash.slotPages ? "slots" : "no-slots"}.ts`,
    "#status": `firmware/uplink/${board.link.driver === "network" ? "status" : "no-status"}.ts`,
  };
  return {
    input: path.join(root, input),
    // Not strict: the interpreter ignores the words and would keep them in flash.
    output: { file: path.join(root, `dist/${board.name}/firmware.js`), format: "es", strict: false },
    plugins: [
      {
        name: "board",
        resolveId: (id) => (id === "#board" ? "\0board" : id in drivers ? path.join(root, drivers[id]) : null),
        load: (id) => (id === "\0board" ? withParts(script) : null),
      },
      typescript({
        tsconfig: path.join(root, "firmware/tsconfig.json"),
        // The tool may run in any folder.
        filterRoot: root,
        noEmit: false,
        outputToFilesystem: false,
        include: ["firmware/**/*.ts", "hal/**/*.ts"],
      }),
      { name: "whole-program", renderChunk: takeWhole },
      terser({
        ecma: 2015,
        // Every function that stays takes seven variables or more: what has one caller is put into it. The interpreter knows a function or a variable
        // only below its declaration: all of them go to the top of their scope.
        compress: {
          ecma: 2015,
          toplevel: true,
          arrows: true,
          unsafe_arrows: true,
          inline: 3,
          reduce_funcs: true,
          hoist_funs: true,
          hoist_vars: true,
          pure_getters: true,
          passes: 4,
        },
        // Short names are fast names and take less memory. A name that leaves the firmware, in JSON or as text, is written in quotes and kept.
        mangle: {
          toplevel: true,
          reserved: espruinoGlobals(),
          properties: { keep_quoted: "strict", builtins: true, reserved: [...espruinoNames(), ...languageNames()] },
        },
        keep_fnames: ASIDE,
        // Braces everywhere: the interpreter takes a bare `return` at the end of a loop's bare body for the start of an expression.
        format: { ascii_only: true, braces: true, ecma: 2015, shorthand: false },
      }),
      { name: "declarations", renderChunk: declareFirst },
      { name: "order", renderChunk: orderDeclarations },
      { name: "string-statements", renderChunk: keepStringStatements },
      { name: "aside", renderChunk: (code) => setAside(code, FIRMWARE_FILE) },
    ],
  };
}

export default async ({ configBoard = "pico" }) => firmwareOptions(configBoard);
