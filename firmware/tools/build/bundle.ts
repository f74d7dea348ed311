// How the firmware of one board becomes a bundle: rollup's options. The board's file is the entry's `#board`, and names the drivers that stand behind
// `#display`, `#keys`, `#lamps`, `#badge-reader`, `#flash`, `#sound`, `#link`, `#clock-chip` and `#watchdog`; the display decides the screen behind `#screen`. `#slots`
// replaces configuration and roster, on boards that have room for it; `#status` reports the state of the counter, on boards with a network; `#own-clock` is for boards
// with a clock chip. BUILD.md has all of it for people.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import typescript from "@rollup/plugin-typescript";
import type { FunctionPluginHooks, OutputOptions, OutputPlugin, Plugin, RollupOptions } from "rollup";
import { type MinifyOptions, minify } from "terser";
import type { Node } from "typescript";
import type { Board } from "../../boards/board.js";
import { guardStringStatements } from "./passes/guard-string-statements.js";
import { hoistDeclarations } from "./passes/hoist-declarations.js";
import { MappedText } from "./passes/mapped-text.js";
import { optimizeProgram } from "./passes/optimize-program.js";
import { LINE_CHARACTERS, orderDeclarations } from "./passes/order-declarations.js";

/** TypeScript as the one file that it is: imported, its nine megabytes would be read three times, which takes two seconds. */
const ts = createRequire(import.meta.url)("typescript") as typeof import("typescript");

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** `minified` goes onto a board. `readable` is the same program, statement by statement, with its names and line breaks. */
export type BundleForm = "minified" | "readable";

/**
 * @param name of a file in firmware/boards, or the path of a board file elsewhere, which ends in `.ts`
 * @param input the entry, from the project's root: the firmware, or another program that runs on a board
 */
export function firmwareOptions(
  name: string,
  input = "firmware/main.ts",
  form: BundleForm = "minified",
): Omit<RollupOptions, "plugins" | "output"> & { output: OutputOptions; plugins: Plugin[] } {
  const script = boardScript(name);
  const board = boardOf(script);
  const drivers = driversOf(board);
  return {
    input: path.join(ROOT, input),
    output: {
      file: path.join(ROOT, `dist/${board.name}/firmware.js`),
      format: "es",
      // Espruino ignores the words "use strict" and would keep them in flash.
      strict: false,
      // A comment that names the map would only take room on the board.
      sourcemap: "hidden",
      sourcemapPathTransform: (source, map) => path.relative(ROOT, path.resolve(path.dirname(map), source)),
    },
    plugins: [
      {
        name: "board",
        resolveId: (id) => (id === "#board" ? "\0board" : id in drivers ? path.join(ROOT, drivers[id] as string) : null),
        load: (id) => (id === "\0board" ? withParts(script) : null),
      },
      compiler(),
      ...passes(form),
    ],
  };
}

/** TypeScript's output of the sources, once it has compiled them without a complaint. */
let compiled: Plugin | undefined;

/**
 * TypeScript, for all bundles of this process: the first bundle compiles and checks every source, and the others use the output. Otherwise each bundle
 * would spend some three seconds on the same files. A source that changes afterwards needs a new process.
 */
function compiler(): Plugin {
  if (compiled) return compiled;
  // Its hooks at start and end open and close TypeScript's program. The output stays with the plugin.
  const { buildStart, buildEnd, ...output } = typescript({
    tsconfig: path.join(ROOT, "firmware/tsconfig.json"),
    // The tool may run in any folder.
    filterRoot: ROOT,
    noEmit: false,
    outputToFilesystem: false,
    sourceMap: true,
    inlineSources: true,
    include: ["firmware/**/*.ts", "hal/**/*.ts"],
  }) as Plugin & { buildStart: FunctionPluginHooks["buildStart"]; buildEnd: FunctionPluginHooks["buildEnd"] };
  let isFaultless = true;
  return {
    ...output,
    buildStart,
    onLog(level) {
      if (level === "warn") isFaultless = false;
    },
    buildEnd(error) {
      buildEnd.call(this, error);
      if (!error && isFaultless) compiled = output;
    },
  };
}

/** How often a day at the counter uses each name: `npm run bench -- --record-names` writes it. */
export const NAME_USES_FILE = fileURLToPath(new URL("name-uses.json", import.meta.url));

/** The passes over the whole program, in their order. */
export function passes(form: BundleForm): OutputPlugin[] {
  const uses = new Map(Object.entries(JSON.parse(readFileSync(NAME_USES_FILE, "utf8")) as Record<string, number>));
  /** The same by the names that the program has after it is minified. */
  let recorded = uses;
  return [
    passOf("optimize program", (code) => optimizeProgram(code)),
    {
      name: "minify",
      async renderChunk(code) {
        const { renamed, ...result } = await minified(code, form);
        recorded = new Map([...uses].map(([name, count]) => [renamed.get(name) ?? name, count]));
        return result;
      },
    },
    passOf("hoist declarations", (code) => hoistDeclarations(MappedText.of(code))),
    passOf("order declarations", (code) => orderDeclarations(MappedText.of(code), (name) => recorded.get(name) ?? 0)),
    passOf("guard string statements", (code) => guardStringStatements(MappedText.of(code))),
  ];
}

function passOf(name: string, run: (code: string) => MappedText): OutputPlugin {
  return {
    name,
    renderChunk(code) {
      const changed = run(code);
      return { code: changed.text, map: changed.map(code) };
    },
  };
}

/** @returns the program, and the new names of its top level by their old ones */
async function minified(code: string, form: BundleForm): Promise<{ code: string; map: string; renamed: ReadonlyMap<string, string> }> {
  const nameCache: { vars?: { props: Record<string, string> } } = {};
  const { code: text, map } = await minify(code, { ...minifyOptions(form), sourceMap: true, nameCache });
  if (text === undefined || typeof map !== "string") throw new Error("terser gave no program");
  // Terser's cache has a dollar in front of each old name.
  const renamed = new Map(Object.entries(nameCache.vars?.props ?? {}).map(([old, name]) => [old.slice(1), name]));
  return { code: text, map, renamed };
}

function minifyOptions(form: BundleForm): MinifyOptions {
  const isReadable = form === "readable";
  return {
    ecma: 2015,
    // Every function that stays takes seven variables or more: a small one is inlined. A branch that is skipped is read, so a large one stays. The interpreter knows a
    // function or a variable only below its declaration: all declarations go to the top of their scope.
    compress: {
      ecma: 2015,
      toplevel: true,
      arrows: true,
      unsafe_arrows: true,
      inline: 2,
      reduce_funcs: false,
      hoist_funs: true,
      hoist_vars: true,
      pure_getters: true,
      passes: 4,
      ...(isReadable && { sequences: false }),
    },
    // Short names are fast names and take less memory. A name that leaves the firmware, in JSON or as text, is written in quotes and kept.
    mangle: !isReadable && {
      toplevel: true,
      reserved: espruinoGlobals(),
      properties: { keep_quoted: "strict", builtins: true, reserved: [...espruinoNames(), ...languageNames()] },
    },
    // Lines, because an error keeps a blank for each column of its place, at each function that it passes. Braces everywhere: the interpreter takes a bare `return` at
    // the end of a loop's bare body for the start of an expression.
    format: { ascii_only: true, braces: true, ecma: 2015, shorthand: false, max_line_len: LINE_CHARACTERS, beautify: isReadable, indent_level: 2 },
  };
}

/** The JavaScript of a board file: it imports only types, so it stands alone. */
function boardScript(name: string): string {
  const file = name.endsWith(".ts") ? path.resolve(ROOT, name) : path.join(ROOT, `firmware/boards/${name}.ts`);
  return ts.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES5, ignoreDeprecations: "5.0" },
  }).outputText;
}

function boardOf(script: string): Board {
  const module: { exports: { board?: Board } } = { exports: {} };
  const { outputText } = ts.transpileModule(script, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  new Function("module", "exports", outputText)(module, module.exports);
  return module.exports.board as Board;
}

/** Writes the board's parts into its data in place of their names, so that the interpreter need not search for them while somebody waits. */
function withParts(script: string): string {
  return script.replace(/(?<=[:[,]\s*)"([A-Z]\d{1,2}|(?:I2C|SPI|Serial)\d)"/g, "$1");
}

/** The modules that a board needs, by the names under which the firmware imports them. */
function driversOf(board: Board): Record<string, string> {
  const isDigits = "digits" in board.display && board.display.digits;
  return {
    "#display": isDigits ? `hal/espruino/display/${board.display.driver}.ts` : "hal/espruino/pixel-display.ts",
    "#chip": `hal/espruino/display/${board.display.driver}.ts`,
    "#display-bus": `hal/espruino/display-bus/${board.display.bus.startsWith("I2C") ? "i2c" : "spi"}.ts`,
    "#screen": `firmware/display/${isDigits ? "segment-screen" : "screen"}.ts`,
    "#keys": `hal/espruino/keys/${board.keys.driver ?? "pins"}.ts`,
    "#lamps": `hal/espruino/lamps/${board.signLamp ? "sign" : "plain"}.ts`,
    "#badge-reader": `hal/espruino/badge-reader/${board.badgeReader.driver}.ts`,
    "#flash": `hal/espruino/flash/${board.flash.driver ?? "internal"}.ts`,
    "#sound": `hal/espruino/sound/${board.sound.driver ?? "buzzer"}.ts`,
    "#link": `hal/espruino/link/${board.link.driver}.ts`,
    "#slots": `firmware/config/${board.flash.slotPages ? "slots" : "no-slots"}.ts`,
    "#clock-chip": `hal/espruino/clock-chip/${board.clock?.driver ?? "none"}.ts`,
    "#watchdog": `hal/espruino/watchdog/${board.watchdog ? "own" : "usual"}.ts`,
    "#own-clock": `firmware/app/${board.clock ? "own-clock" : "no-own-clock"}.ts`,
    "#status": `firmware/uplink/${board.link.driver === "network" ? "status" : "no-status"}.ts`,
  };
}

/** Every name in the ambient types of Espruino's API: the interpreter knows them by these names. */
function espruinoNames(): string[] {
  const file = path.join(ROOT, "hal/espruino/espruino.d.ts");
  const names = new Set<string>();
  const collect = (node: Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, collect);
  };
  collect(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022));
  return [...names];
}

/** Names of the interpreter that are as short as minified names: the firmware must not use them for its own. `of` is a word of the language there. */
function espruinoGlobals(): string[] {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  // Pins are A0 to I15, D0 to D39 and so on.
  return ["E", "PI", "RX", "TX", "of", ...letters.flatMap((letter) => [..."0123456789"].map((digit) => letter + digit))];
}

/** Every property of the language itself, which a property of the firmware must not replace. */
function languageNames(): string[] {
  const typedArray = Object.getPrototypeOf(Uint8Array);
  const all = [Array, ArrayBuffer, DataView, Date, Error, Function, JSON, Math, Number, Object, RegExp, String, Uint8Array, typedArray];
  return all.flatMap((each) => [each, (each as { prototype?: object }).prototype ?? {}]).flatMap((each) => Object.getOwnPropertyNames(each));
}
