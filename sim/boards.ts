// The boards that a scenario can name: those in firmware/boards, and any other board file by its path.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import ts from "typescript";
import type { Board } from "../firmware/boards/board.js";
import { board as esp32 } from "../firmware/boards/esp32.js";
import { board as espruinoWifi } from "../firmware/boards/espruino-wifi.js";
import { board as linux } from "../firmware/boards/linux.js";
import { board as pico } from "../firmware/boards/pico.js";

const BOARDS: Readonly<Record<string, Board>> = { pico, "espruino-wifi": espruinoWifi, esp32, linux };

/** Names of the boards in firmware/boards. */
export const BOARD_NAMES = Object.keys(BOARDS);

const others = new Map<string, Board>();
const paths = new WeakMap<Board, string>();

/**
 * @param name of a board, or the path of its file from the project's root, which ends in `.ts`
 * @returns undefined when there is none
 */
export function findBoard(name: string): Board | undefined {
  if (!name.endsWith(".ts")) return BOARDS[name];
  const known = others.get(name);
  if (known) return known;
  let source: string;
  try {
    source = readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");
  } catch {
    return undefined;
  }
  // A board file has no imports but types, so its JavaScript stands alone.
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const exports: { board?: Board } = {};
  vm.runInThisContext(`(function (exports) { ${outputText}\n})`)(exports);
  if (!exports.board) return undefined;
  others.set(name, exports.board);
  paths.set(exports.board, name);
  return exports.board;
}

/** What the build knows a board by: its name, or the path of its file. */
export function sourceOf(board: Board): string {
  return paths.get(board) ?? board.name;
}
