// What the display drivers put on their buses: the initialisation by the datasheets, and how long a full view takes to travel.

import { readFileSync } from "node:fs";
import type vm from "node:vm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { SEGMENT_WORDS } from "../../firmware/display/segment-screen.js";
import { readBoard } from "../../firmware/tools/build.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import type { Hal } from "../../hal/hal.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import type { VirtualBoard } from "../../sim/espruino/virtual-board.js";
import { hasShape, segmentsOf } from "../../sim/segments.js";
import { World } from "../../sim/world.js";
import { bindingsOf } from "./bindings.js";

const OTHERS = ["ssd1306-spi", "sh1106-i2c", "sh1106-spi", "ssd1322", "max7219"];
const BOARDS: readonly Board[] = [pico, ...OTHERS.map((name) => readBoard(`test/boards/${name}.ts`))];
const scripts = new Map<string, vm.Script>();

beforeAll(async () => {
  for (const board of BOARDS) scripts.set(board.name, await bindingsOf(board));
}, 60_000);

interface Bus {
  readonly display: PixelDisplay & SegmentDisplay;
  readonly board: VirtualBoard;
  /** Each transfer to the display, in order. */
  readonly transfers: number[][];
}

function busOf(board: Board): Bus {
  const world = new World({ board, files: {}, engine: { name: "bundle", start: () => ({ inputs: {} as never, stop: () => undefined }) } });
  const fake = runOnFakeBoard(scripts.get(board.name) as vm.Script, world);
  const hal = (fake.globals.createHal as () => Hal<PixelDisplay & SegmentDisplay>)();
  const transfers: number[][] = [];
  const { i2cWrite, spiSend } = fake.board;
  vi.spyOn(fake.board, "i2cWrite").mockImplementation((address, bytes) => {
    transfers.push([...bytes]);
    i2cWrite.call(fake.board, address, bytes);
  });
  vi.spyOn(fake.board, "spiSend").mockImplementation((bus, bytes, cs) => {
    transfers.push([...bytes]);
    return spiSend.call(fake.board, bus, bytes, cs);
  });
  return { display: hal.display, board: fake.board, transfers };
}

function boardNamed(name: string): Board {
  return BOARDS.find((board) => board.name === name) as Board;
}

describe("The initialisation", () => {
  it("of an SSD1306 has what its application note, figure 2 (software configuration), sets, ends with display on, and lights nothing before the pixels", () => {
    for (const name of ["pico", "ssd1306-spi"]) {
      const { display, transfers } = busOf(boardNamed(name));
      display.flush();
      const first = (transfers[0] as number[]).join(" ");
      for (const command of [
        [0xa8, 0x3f],
        [0xd3, 0x00],
        [0x40],
        [0xa1],
        [0xc8],
        [0xda, 0x12],
        [0x81, 0xcf],
        [0xa4],
        [0xa6],
        [0xd5, 0x80],
        [0x8d, 0x14],
      ])
        expect(first).toContain(command.join(" "));
      expect(transfers[transfers.length - 1]?.slice(-1)).toEqual([0xaf]);
      expect(transfers.filter((bytes) => bytes.length > 100)).toHaveLength(8);
    }
  });

  it("of an SH1106 turns the DC-DC converter on while the display is off (section Commands, 13: AD 8B), and addresses each page from column 2 (1, 2, 16)", () => {
    for (const name of ["sh1106-i2c", "sh1106-spi"]) {
      const { display, transfers } = busOf(boardNamed(name));
      display.flush();
      const commands = transfers.map((bytes) => (name === "sh1106-i2c" ? bytes.slice(1) : bytes));
      expect(commands[0]?.[0]).toBe(0xae);
      expect(commands[0]?.join(" ")).toContain([0xad, 0x8b].join(" "));
      expect(commands.filter(({ length }) => length === 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((page) => [0xb0 + page, 0x02, 0x10]));
      expect(commands[commands.length - 1]).toEqual([0xaf]);
    }
  });

  it("of an SSD1322 unlocks first (section 10, FDh), sets 64 lines (CAh), re-map (A0h) and the columns of the panel (15h), and ends with AFh", () => {
    const { display, transfers } = busOf(boardNamed("ssd1322"));
    display.flush();
    expect(transfers.slice(0, 3)).toEqual([[0xfd], [0x12], [0xae]]);
    const all = transfers.map((bytes) => bytes.join(" ")).join(", ");
    for (const [command, ...given] of [
      [0xca, 63],
      [0xa0, 0x14, 0x11],
      [0x15, 0x1c, 0x5b],
      [0x75, 0, 63],
    ])
      expect(all).toContain(`${command}, ${given.join(" ")}`);
    expect(transfers[transfers.length - 1]).toEqual([0xaf]);
  });

  it("of a MAX7219 sets every control register (table 2) while it is shut down, then the digits, then normal operation", () => {
    const { display, transfers } = busOf(boardNamed("max7219"));
    display.show("1024");
    expect(transfers.slice(0, 5)).toEqual([
      [0x0c, 0],
      [0x0f, 0],
      [0x09, 0],
      [0x0b, 7],
      [0x0a, 8],
    ]);
    // 1024 by table 6.
    expect(transfers.slice(5, 9)).toEqual([
      [8, 0x30],
      [7, 0x7e],
      [6, 0x6d],
      [5, 0x33],
    ]);
    expect(transfers.slice(-2)).toEqual([
      [0x0c, 1],
      [0, 0],
    ]);
  });
});

describe("Only what changed travels", () => {
  it.each(BOARDS)("to the display of $name", (board) => {
    const { display, transfers } = busOf(board);
    if ("digits" in board.display) {
      display.show("1024");
      transfers.length = 0;
      display.show("1124");
      // The digit, and the empty frame that brings it back.
      expect(transfers).toEqual([
        [7, 0x30],
        [0, 0],
      ]);
      return;
    }
    display.flush();
    transfers.length = 0;
    display.flush();
    expect(transfers).toEqual([]);
    display.fill(0, 0, 1, 1);
    display.flush();
    expect(transfers.filter(({ length }) => length > 100)).toHaveLength(1);
  });
});

describe("A full view", () => {
  it("appears within 85 ms on each display, as the table in hal/README.md says", () => {
    const rows = BOARDS.map((board) => {
      const { display, board: virtual } = busOf(board);
      const isDigits = "digits" in board.display;
      if (isDigits) display.show("");
      else display.flush();
      const before = { ...virtual.displayBus };
      if (isDigits) display.show("8.8.8.8.8.8.8.8.");
      else {
        display.fill(0, 0, display.widthPixels, display.heightPixels);
        display.flush();
      }
      const bytes = virtual.displayBus.bytes - before.bytes;
      const ms = virtual.displayBus.ms - before.ms;
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(85);
      const bus = board.display.bus.startsWith("I2C") ? "I2C" : "SPI";
      const kHz = board.display.bitrateHz / 1000;
      return `| ${board.display.driver.toUpperCase()} | ${bus} | ${kHz} | ${bytes} | ${ms.toFixed(ms < 1 ? 2 : 1)} |`;
    });
    const table = readFileSync(new URL("../../hal/README.md", import.meta.url), "utf8").split("| chip | bus |")[1] ?? "";
    expect(table.split("\n").slice(2, 2 + rows.length)).toEqual(rows);
  });
});

describe("The words of the segment display", () => {
  const label = readFileSync(new URL("../../hal/espruino/display/MAX7219.md", import.meta.url), "utf8");
  const words = SEGMENT_WORDS.trim()
    .split("\n")
    .map((line) => line.split("=") as [string, string]);

  it.each(words)("%s: can be formed, fits eight digits, and is on the printed label", (id, word) => {
    expect([...word.replaceAll(/[#*]/g, "")].filter((character) => !hasShape(character))).toEqual([]);
    expect(segmentsOf(word).length).toBeLessThanOrEqual(8);
    expect(label).toContain(`| \`${word.replace("#", "…").replace("*", "…")}\` |`);
    expect(id).not.toBe("");
  });

  it("are all that the label has", () => {
    expect(label.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(words.length + 2);
  });
});
