// The Espruino bindings of a board as scripts, not checked for types: one that hands them to the suites, and one for the interpreter.

import { existsSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { type Plugin, rollup } from "rollup";
import type { Board } from "../../firmware/boards/board.js";
import { boardNames } from "../../firmware/tools/build/build.js";
import { firmwareOptions } from "../../firmware/tools/build/bundle.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import { entryProgram, withoutTypes } from "../../sim/espruino/entry-program.js";
import type { VirtualBoard } from "../../sim/espruino/virtual-board.js";
import { type RunningFirmware, World } from "../../sim/world/world.js";

/** TypeScript as JavaScript, without a look at its types. */
const TRANSPILE: Plugin = {
  name: "transpile",
  resolveId(id, importer) {
    const file = importer && id.startsWith(".") ? path.resolve(path.dirname(importer), id.replace(/\.js$/, ".ts")) : "";
    return existsSync(file) ? file : null;
  },
  transform: (code, id) => (id.endsWith(".ts") ? withoutTypes(code) : null),
};

/** What the build calls a board of this project, or the fixture with its name in test/boards. */
function fileOf(board: Board): string {
  return boardNames().includes(board.name) ? board.name : `test/boards/${board.name}.ts`;
}

/** The script of a board. It leaves `createHal` behind. @param file of the board, where it is neither in firmware/boards nor in test/boards */
export async function bindingsOf(board: Board, file = fileOf(board)): Promise<vm.Script> {
  const { plugins, input } = firmwareOptions(file, "test/hal/bindings-entry.js");
  const bundle = await rollup({ input, plugins: [...plugins.filter(({ name }) => name === "board"), TRANSPILE], onwarn: () => undefined });
  const { output } = await bundle.generate({ format: "iife" });
  return new vm.Script(output[0].code);
}

/** A board that has just got its power, with the globals of its bindings' script. */
export interface FakeBoard {
  readonly world: World;
  readonly virtual: VirtualBoard;
  readonly globals: Record<string, unknown>;
}

/** Switches a board on whose firmware is the script of its bindings. */
export function switchOn(board: Board, script: vm.Script): FakeBoard {
  let fake: ReturnType<typeof runOnFakeBoard> | undefined;
  const start = (world: World): RunningFirmware => {
    const running = runOnFakeBoard(script, world);
    fake = running;
    return { inputs: running.board.inputs, stop: () => running.board.stop() };
  };
  const world = new World({ board, files: {}, engine: { name: "bundle", start } });
  world.powerOn();
  const { board: virtual, globals } = fake as unknown as ReturnType<typeof runOnFakeBoard>;
  return { world, virtual, globals };
}

/** The same bindings as a program for the interpreter. */
export async function interpreterProgramOf(board: Board): Promise<string> {
  return entryProgram(fileOf(board), "test/hal/interpreter-entry.ts");
}
