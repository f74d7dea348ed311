// Makes the engines that can run a board's firmware on this computer, and says why another engine cannot.

import type { Board } from "../../firmware/boards/board.js";
import type { Engine } from "../world/world.js";
import { nodeEngine } from "./node.js";

/** In the order in which they run. The traces of the others are compared with that of the first. */
export const ENGINE_NAMES = ["node", "bundle", "espruino"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** An engine that was asked for and cannot run. It is reported as skipped, and never counts as passed. */
export interface SkippedEngine {
  readonly name: EngineName;
  readonly why: string;
}

export interface AvailableEngines {
  readonly engines: readonly Engine[];
  readonly skipped: readonly SkippedEngine[];
}

/** Makes the engine of a board, or says why it cannot. Each imports its own modules when it is asked for. */
type Maker = (board: Board) => Promise<Engine | { readonly why: string }>;

const MAKERS: Readonly<Record<EngineName, Maker>> = {
  node: async () => nodeEngine,
  async bundle(board) {
    const { createBundleEngine } = await import("./bundle.js");
    return createBundleEngine(await codeOf(board));
  },
  async espruino(board) {
    const binary = process.env.ESPRUINO;
    if (!binary) return { why: "set ESPRUINO=/path/to/espruino" };
    const { createEspruinoEngine } = await import("./espruino.js");
    return createEspruinoEngine({ binary, code: await codeOf(board) });
  },
};

/** The engines for a board. @throws BuildError when its bundle does not build */
export async function enginesFor(board: Board, which: EngineName | "all"): Promise<AvailableEngines> {
  const engines: Engine[] = [];
  const skipped: SkippedEngine[] = [];
  for (const name of which === "all" ? ENGINE_NAMES : [which]) {
    const made = await MAKERS[name](board);
    if ("why" in made) skipped.push({ name, why: made.why });
    else engines.push(made);
  }
  return { engines, skipped };
}

const codes = new Map<string, Promise<string>>();

/** The bundle of a board, built from the sources at the time of the first call. */
function codeOf(board: Board): Promise<string> {
  const code = codes.get(board.name) ?? buildCode(board);
  codes.set(board.name, code);
  return code;
}

async function buildCode(board: Board): Promise<string> {
  const { currentFirmware } = await import("../../firmware/tools/build/build.js");
  return (await currentFirmware(board.name)).code;
}
