// The terminal behind `npm start`: that of the sample hall's first counter, powered on. This file imports all that a terminal takes, and is imported when
// the page is there already.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Board } from "../../firmware/boards/board.js";
import { boardNames } from "../../firmware/tools/build/board-names.js";
import { filesOn } from "../../firmware/tools/provision/board-files.js";
import { parseSite } from "../../firmware/tools/provision/site.js";
import { type EngineName, enginesFor } from "../engines/index.js";
import { siteFor } from "../world/badges.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import { World } from "../world/world.js";
import { createLiveTerminal, type LiveTerminal } from "./live-terminal.js";
import { configOfSetup, type Setup, withDisplay } from "./setups.js";

const SITE = fileURLToPath(new URL("../site.yaml", import.meta.url));
/** Address of the hall's host, for boards that look for one. The simulated host answers to any. */
const HOST = "127.0.0.1:8801";

/**
 * @param showStep is told each step that takes time
 * @throws BuildError when there is no such board, or its bundle does not build
 */
export async function startSampleTerminal(setup: Setup, engineName: EngineName, showStep: (step: string) => Promise<void>): Promise<LiveTerminal> {
  const ownBoard = await boardOf(setup.board);
  // A bundle has the drivers that its board file names.
  const board = engineName === "node" ? withDisplay(ownBoard, setup.display) : ownBoard;
  const site = siteFor(board, parseSite(readFileSync(SITE, "utf8"), SITE));
  if (engineName === "bundle") await showStep("Building the firmware of the board");
  const { engines, skipped } = await enginesFor(board, engineName);
  const engine = engines[0];
  if (!engine) throw new Error(`the engine ${engineName} does not run here: ${skipped[0]?.why}`);
  await showStep("Drawing phrases and names for the display");
  const reasons = site.reasons.slice(0, 8).map(({ code }) => code);
  const config = { ...site.counters[0], ...configOfSetup(setup, reasons), ...(board.link.driver === "network" ? { host: HOST } : {}) };
  const files = filesOn(board, config, site, SIMULATED_KEY);
  // Without a trace it takes the same memory however long it runs.
  const world = new World({ board, engine, files, isTraced: false });
  world.powerOn();
  const boards = [...new Set([...boardNames(), setup.board])];
  return createLiveTerminal({ world, site, engineName, setup, boards });
}

/** A board of the firmware is imported as any module. `readBoard` is for board files elsewhere: it loads the TypeScript compiler. */
async function boardOf(name: string): Promise<Board> {
  const file = new URL(`../../firmware/boards/${name}.ts`, import.meta.url);
  if (existsSync(file)) {
    const { board } = (await import(file.href)) as { readonly board?: Board };
    if (board) return board;
  }
  const { readBoard } = await import("../../firmware/tools/build/build.js");
  return readBoard(name);
}
