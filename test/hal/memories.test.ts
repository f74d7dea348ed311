// The flash drivers in trouble: a chip that throws, hangs, sleeps, is another one, or answers nothing but ones or zeros.

import type vm from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import type { Flash } from "../../hal/flash.js";
import type { Hal } from "../../hal/hal.js";
import type { NorFlash } from "../../sim/chips/nor-flash.js";
import type { SpiChip } from "../../sim/chips/spi.js";
import { SpiMemory } from "../../sim/chips/spi-memory.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { World } from "../../sim/world/world.js";
import { bindingsOf } from "./bindings.js";

const w25q = readBoard("pico-w25q");
const fram = readBoard("test/boards/pico-fram.ts");
const WORD = Uint8Array.of(1, 2, 3, 4);

const scripts = new Map<string, vm.Script>();
beforeAll(async () => {
  for (const board of [pico, w25q, fram]) scripts.set(board.name, await bindingsOf(board));
}, 60_000);

/** The driver of a board over a chip. */
function driven(board: Board, createMemory?: (region: NorFlash) => SpiChip): { readonly flash: Flash; readonly region: NorFlash } {
  const world = new World({ board, engine: nodeEngine, files: {}, ...(createMemory && { createMemory }) });
  const { globals } = runOnFakeBoard(scripts.get(board.name) as vm.Script, world);
  return { flash: (globals.createHal as () => Hal)().flash, region: world.flash };
}

describe("The chip's own flash", () => {
  it("is failed, where a call throws that writes, erases or reads back", () => {
    const { flash, region } = driven(pico);
    const refuse = (): never => {
      throw new Error("not permitted");
    };
    expect(flash.write(0, WORD)).toBe("ok");
    const read = region.read.bind(region);
    region.read = refuse;
    expect(flash.write(4, WORD)).toBe("failed");
    expect(flash.erase(0)).toBe("failed");
    region.read = read;
    region.write = refuse;
    region.erase = refuse;
    expect(flash.write(8, WORD)).toBe("failed");
    expect(flash.erase(0)).toBe("failed");
    // What is the caller's mistake is thrown all the same.
    expect(() => flash.write(2, WORD)).toThrow("not aligned");
    expect(() => flash.erase(1)).toThrow("outside the region");
  });
});

/** A line on which nobody answers. */
function line(level: 0x00 | 0xff): SpiChip {
  return { name: "line", mostHz: 50_000_000, modes: [0], exchange: () => level };
}

describe.each([w25q, fram])("The driver of $name", (board) => {
  it.each([
    ["ones", () => line(0xff)],
    ["zeros", () => line(0x00)],
    ["another name", (region: NorFlash) => new SpiMemory({ chip: board === w25q ? "W25Q32JV" : "MB85RS2MTA", address: 0 }, region)],
  ] as const)("writes nothing where the chip answers %s", (_, createMemory) => {
    const { flash, region } = driven(board, createMemory);
    region.bytes.fill(0x5a, 0, 8);
    expect(flash.write(8, WORD)).toBe("failed");
    expect(flash.erase(0)).toBe("failed");
    expect([...region.bytes.subarray(0, 12)]).toEqual([...new Array(8).fill(0x5a), 255, 255, 255, 255]);
  });
});

describe("The driver of NOR flash", () => {
  function found(isAsleep: boolean, busyReads: number): Flash {
    return driven(w25q, (region) => {
      const chip = new SpiMemory({ chip: "W25Q64JV", address: 0 }, region);
      chip.leave(isAsleep, busyReads);
      return chip;
    }).flash;
  }

  it("wakes a chip that is asleep", () => {
    expect(found(true, 0).write(0, WORD)).toBe("ok");
  });

  it("waits for a chip that a restart interrupted in an erase", () => {
    expect(found(false, 300).write(0, WORD)).toBe("ok");
  });

  it("gives up a chip that stays busy, and asks it no more", () => {
    const flash = found(false, 1e9);
    expect(flash.write(0, WORD)).toBe("failed");
    expect(flash.erase(0)).toBe("failed");
  });

  it("gives up a chip that begins to hang", () => {
    let chip: SpiMemory | undefined;
    const { flash } = driven(w25q, (region) => {
      chip = new SpiMemory({ chip: "W25Q64JV", address: 0 }, region);
      return chip;
    });
    expect(flash.write(0, WORD)).toBe("ok");
    const exchange = (chip as SpiMemory).exchange.bind(chip);
    let asked = 0;
    (chip as SpiMemory).exchange = (byte) => {
      asked++;
      return exchange(byte) | 1;
    };
    expect(flash.write(4, WORD)).toBe("failed");
    const before = asked;
    expect(flash.write(8, WORD)).toBe("failed");
    expect(asked).toBe(before);
  });

  it("writes in pages of 256 bytes, and waits for each", () => {
    const programs: number[][] = [];
    const { flash } = driven(w25q, (region) => {
      const write = region.write.bind(region);
      region.write = (offset, data) => {
        programs.push([offset, data.length]);
        write(offset, data);
      };
      return new SpiMemory({ chip: "W25Q64JV", address: 0 }, region);
    });
    expect(flash.write(192, new Uint8Array(448))).toBe("ok");
    expect(programs).toEqual([
      [192, 64],
      [256, 256],
      [512, 128],
    ]);
  });
});
