// Builds the firmware of a board: the one place that runs rollup, for the command line, the simulator's engines and the tests.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { transformSync } from "esbuild";
import type { Board } from "../../boards/board.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { boardNames } from "./board-names.js";
import type { BundleForm } from "./bundle.js";
import { programBytes } from "./tokens.js";

export { boardNames };

/** A bundle as it is made for a board. */
export interface Firmware {
  /** The script, pure ASCII. */
  readonly code: string;
  /** Its length in the board's Storage, where it lies in tokens. */
  readonly bytes: number;
}

/** A bundle as the build makes it. */
export interface BuiltFirmware extends Firmware {
  /** Its source map, in JSON: `counter-terminal where` reads it. */
  readonly map: string;
}

/** What runs on a board: its entry, by the name of its file in `dist/<board>/`. */
const ENTRIES = {
  firmware: "firmware/main.ts",
  lock: "firmware/lock/lock.ts",
  "hardware-test": "firmware/hardware-test.ts",
  "ledger-flash": "firmware/ledger-flash.ts",
} as const;

export type ProgramName = keyof typeof ENTRIES;

/** A build that did not succeed: an unknown board, or what rollup and TypeScript complained of. */
export class BuildError extends ToolError {
  constructor(message: string, code: "buildFailed" | "boardUnknown" | "boardInvalid" = "boardUnknown") {
    super(
      code,
      message,
      UNTOUCHED,
      code === "buildFailed" ? "Correct the sources, and build again." : "Name another board, or correct its board file.",
    );
  }
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** What a bundle depends on. A change in any of it makes what is in `dist` stale. An installed package has no lock file. */
const SOURCES = [
  "firmware",
  "hal",
  "firmware/tools/build/bundle.ts",
  "firmware/tools/build/name-uses.json",
  "firmware/tools/build/passes",
  "tsconfig.json",
  existsSync(path.join(ROOT, "package-lock.json")) ? "package-lock.json" : "package.json",
];

/** Board files elsewhere that were loaded, by the names of their boards. */
const filesElsewhere = new Map<string, string>();

/**
 * The board in a file, which is data and imports nothing but types.
 * @param nameOrPath of a board here, or the path of a board file, from where the tool is run, which ends in `.ts`: from then on its board is known by its own name too
 * @throws BuildError when there is no such board or file
 */
export function readBoard(nameOrPath: string): Board {
  const file = boardFile(nameOrPath);
  const module: { exports: { board?: Board } } = { exports: {} };
  vm.runInThisContext(`(function (module, exports) {${scriptOf(file)}\n})`, { filename: file })(module, module.exports);
  const { board } = module.exports;
  if (!board) throw new BuildError(`${nameOrPath}: exports no board`);
  // The name becomes a folder.
  if (!/^[\w-]+$/.test(board.name)) throw new BuildError(`${nameOrPath}: its name has to consist of letters, digits, _ or -`, "boardInvalid");
  if (!nameOrPath.endsWith(".ts")) {
    if (board.name !== nameOrPath)
      throw new BuildError(`firmware/boards/${nameOrPath}.ts: its board is named "${board.name}": name it "${nameOrPath}"`);
    return board;
  }
  if (boardNames().includes(board.name)) throw new BuildError(`${nameOrPath}: there is a board "${board.name}" already: give this one another name`);
  filesElsewhere.set(board.name, file);
  return board;
}

/** Board files as scripts, by their text. */
const scripts = new Map<string, string>();

/** A board file without its types. esbuild does that in milliseconds: loading TypeScript takes longer than most commands. @throws BuildError */
function scriptOf(file: string): string {
  const text = readFileSync(file, "utf8");
  try {
    const script = scripts.get(text) ?? transformSync(text, { loader: "ts", format: "cjs", sourcefile: path.relative(process.cwd(), file) }).code;
    scripts.set(text, script);
    return script;
  } catch (error) {
    throw new BuildError(error instanceof Error ? error.message : String(error), "boardInvalid");
  }
}

/** @throws BuildError */
function boardFile(nameOrPath: string): string {
  const elsewhere = nameOrPath.endsWith(".ts") ? path.resolve(nameOrPath) : filesElsewhere.get(nameOrPath);
  if (elsewhere === undefined) {
    const known = boardNames();
    if (!known.includes(nameOrPath)) throw new BuildError(`there is no board "${nameOrPath}": use ${known.join(", ")} or all`);
    return path.join(ROOT, `firmware/boards/${nameOrPath}.ts`);
  }
  if (!existsSync(elsewhere)) throw new BuildError(`there is no board file ${nameOrPath}`);
  return elsewhere;
}

/**
 * Builds the firmware of a board, or another entry that runs on it. Writes nothing.
 * @param boardName as `readBoard` takes it
 * @param entry from the project's root
 * @throws BuildError when there is no such board, and on each complaint of rollup or TypeScript, warnings included
 */
export async function buildFirmware(boardName: string, entry: string = ENTRIES.firmware, form: BundleForm = "minified"): Promise<BuiltFirmware> {
  // The compiler takes a second to load: commands that build nothing do not load it.
  const [{ rollup }, { firmwareOptions }] = await Promise.all([import("rollup"), import("./bundle.js")]);
  const { output, ...input } = firmwareOptions(boardFile(boardName), entry, form);
  const complaints: string[] = [];
  try {
    const bundle = await rollup({ ...input, onLog: (level, log) => level !== "debug" && level !== "info" && complaints.push(log.message) });
    const { output: chunks } = await bundle.generate(output);
    await bundle.close();
    const [{ code, map }] = chunks;
    if (complaints.length === 0) return builtOf(code, JSON.stringify(map));
  } catch (error) {
    complaints.push(error instanceof Error ? error.message : String(error));
  }
  throw new BuildError(`${boardName}: ${complaints.join("\n").trim()}`, "buildFailed");
}

/** A folder in `dist`, which is where the tool is run: the folder of an installed package is nobody's to write to. @param name of a board, or of the folder */
export function outputFolder(name: string): string {
  return path.resolve("dist", path.basename(name, ".ts"));
}

/** Builds the firmware of a board, or another program, into `dist/<board>/`. @throws BuildError as `buildFirmware` does */
export async function writeFirmware(boardName: string, program: ProgramName = "firmware"): Promise<BuiltFirmware> {
  const sources = sourcesDigest(boardName);
  const firmware = await buildFirmware(boardName, ENTRIES[program]);
  writeWhole(path.join(outputFolder(boardName), `${program}.js`), firmware.code);
  writeWhole(path.join(outputFolder(boardName), `${program}.js.map`), firmware.map);
  writeWhole(path.join(outputFolder(boardName), `${program}.sources`), `${sources} ${digest(firmware.code)}\n`);
  return firmware;
}

/**
 * Builds the firmware of a board as people read it into `dist/<board>/firmware.readable.js`, with its map. It is the program that the board runs, statement by
 * statement, but with names and line breaks: several times as long.
 * @throws BuildError as `buildFirmware` does
 */
export async function writeReadableFirmware(boardName: string): Promise<void> {
  const { code, map } = await buildFirmware(boardName, ENTRIES.firmware, "readable");
  const file = path.join(outputFolder(boardName), "firmware.readable.js");
  writeWhole(file, code);
  writeWhole(`${file}.map`, map);
}

/**
 * The firmware of a board, or another program, as the sources are now: what is in `dist` if it was made from these very sources, else built anew into it.
 * @throws BuildError as `buildFirmware` does
 */
export async function currentFirmware(boardName: string, program: ProgramName = "firmware"): Promise<BuiltFirmware> {
  return storedFirmware(boardName, program) ?? writeFirmware(boardName, program);
}

/** The firmware of a board, or another program, in `dist`, if it was made from the sources as they are now. @throws BuildError when there is no such board */
export function storedFirmware(boardName: string, program: ProgramName): BuiltFirmware | undefined {
  boardFile(boardName);
  try {
    const code = readFileSync(path.join(outputFolder(boardName), `${program}.js`), "utf8");
    const map = readFileSync(path.join(outputFolder(boardName), `${program}.js.map`), "utf8");
    const made = readFileSync(path.join(outputFolder(boardName), `${program}.sources`), "utf8");
    if (made === `${sourcesDigest(boardName)} ${digest(code)}\n`) return builtOf(code, map);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return undefined;
}

/** Bytes are counted when somebody asks: most callers do not, and it takes as long as reading the program. */
function builtOf(code: string, map: string): BuiltFirmware {
  return {
    code,
    map,
    get bytes() {
      return programBytes(code).length;
    },
  };
}

/** Writes a file, with its folder, so that nobody ever reads half of it. @param isSecret for its owner's eyes only */
export function writeWhole(file: string, content: string | Buffer, isSecret = false): void {
  mkdirSync(path.dirname(file), { recursive: true, ...(isSecret && { mode: 0o700 }) });
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, content, isSecret ? { mode: 0o600 } : {});
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** A digest of everything that the programs of a board are made of. */
export function sourcesDigest(boardName: string): string {
  const hash = createHash("sha256").update(readFileSync(boardFile(boardName)));
  for (const source of SOURCES) {
    for (const file of filesUnder(source)) hash.update(`${file}\n`).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest("hex");
}

/** The file, or all files in the folder, but for what is in no bundle: documents, and the Node side of the firmware. */
function filesUnder(relative: string): string[] {
  if (path.extname(relative)) return [relative];
  return readdirSync(path.join(ROOT, relative), { withFileTypes: true })
    .filter(({ name }) => !name.endsWith(".md") && !["firmware/tools", "firmware/hall"].includes(`${relative}/${name}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(`${relative}/${entry.name}`) : [`${relative}/${entry.name}`]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
