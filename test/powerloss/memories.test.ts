// Random lives of a ledger, with power cuts and chips that break, through the drivers of memories on SPI: the bindings as a board has them, down to the commands on the bus.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type vm from "node:vm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import type { Flash } from "../../hal/flash.js";
import type { Hal } from "../../hal/hal.js";
import { type NorFlash, PowerCut } from "../../sim/chips/nor-flash.js";
import { SpiMemory } from "../../sim/chips/spi-memory.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { World } from "../../sim/world/world.js";
import { amount } from "../depth.js";
import { bindingsOf } from "../hal/bindings.js";
import { seedFrom } from "../seed.js";
import { Life } from "./life.js";
import { breaking, cut, lifeOf } from "./works.js";

const RUNS = amount(8, 100, "POWERLOSS_RUNS");
const SEED = seedFrom("POWERLOSS_SEED");
const TIMEOUT_MS = 600_000;

/** Boards with rings that are short enough to go round. */
const BOARDS: readonly Board[] = [
  shortened("pico-w25q", 4096, 2),
  shortened("test/boards/pico-fram.ts", 512, 3),
  shortened("test/boards/soft-fram.ts", 1024, 2),
];

function shortened(name: string, pageBytes: number, pageCount: number): Board {
  const board = readBoard(name);
  return { ...board, flash: { ...board.flash, pageBytes, pageCount, slotPages: 0 } };
}

const scripts = new Map<string, vm.Script>();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "memories-"));
  for (const board of BOARDS) {
    const file = path.join(folder, `${board.name}.ts`);
    writeFileSync(file, `export const board = ${JSON.stringify(board)};\n`);
    scripts.set(board.name, await bindingsOf(board, file));
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The flash of a start of the board: its driver, over a chip whose region is given. */
function drivenOn(board: Board, region: NorFlash): Flash {
  const { flash: wiring } = board;
  if (!wiring.driver) throw new Error(`${board.name} has no memory on SPI`);
  const world = new World({ board, engine: nodeEngine, files: {}, isTraced: false, createMemory: () => new SpiMemory(wiring, region) });
  const { globals } = runOnFakeBoard(scripts.get(board.name) as vm.Script, world);
  const { flash } = (globals.createHal as () => Hal)();
  // The driver catches the power cut like any other error, and a board without power does not go on.
  const whilePowered = <T>(work: () => T): T => {
    if (region.hasLostPower) throw new PowerCut();
    const result = work();
    if (region.hasLostPower) throw new PowerCut();
    return result;
  };
  return {
    ...flash,
    read: (offset, lengthBytes) => whilePowered(() => flash.read(offset, lengthBytes)),
    write: (offset, data) => whilePowered(() => flash.write(offset, data)),
    erase: (page) => whilePowered(() => flash.erase(page)),
  };
}

describe.each(BOARDS)("the ledger in the memory of $name", (board) => {
  it.each([
    ["the power goes", lifeOf(cut)],
    ["the chip breaks", lifeOf(breaking)],
    ["the chip breaks and the power goes", lifeOf(cut, breaking)],
  ])(`loses, doubles and alters nothing when %s, over ${RUNS} random lives with seed ${SEED}`, { timeout: TIMEOUT_MS }, (_, works) => {
    fc.assert(
      fc.property(works, (each) => {
        new Life(board.flash, (chip) => drivenOn(board, chip)).live(each);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it(`gives nobody a record in which a bit has changed, over ${RUNS} random lives with seed ${SEED}`, { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(lifeOf(cut), fc.nat(8191), fc.nat(7), (works, place, bit) => {
        new Life(board.flash, (chip) => drivenOn(board, chip)).live(works).flip(place, bit);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
