// What the display drivers put on their buses: byte by byte by the datasheets, and how long a full view takes to travel.

import { readFileSync } from "node:fs";
import type vm from "node:vm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import type { Hal } from "../../hal/hal.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import type { VirtualBoard } from "../../sim/espruino/virtual-board.js";
import { World } from "../../sim/world/world.js";
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

/** A sequence of the datasheet: bytes, and what they are, with where to look it up. */
type Sequence = readonly (readonly [bytes: readonly number[], what: string])[];

/** Solomon Systech, SSD1306 rev 1.1: table 9-1, described in section 10, and the flow chart of its application note (section 3, figure 2). */
const SSD1306: Sequence = [
  [[0xd5, 0x80], "clock divide ratio 1, oscillator 8, as after a reset: 10.1.16"],
  [[0xa8, 0x3f], "multiplex ratio 64: 10.1.11"],
  [[0xd3, 0x00], "display offset 0: 10.1.15"],
  [[0x40], "start line 0: 10.1.6"],
  [[0x8d, 0x14], "charge pump: application note, section 2"],
  [[0x20, 0x00], "horizontal addressing: 10.1.3"],
  [[0xa1], "column 127 is SEG0: 10.1.8"],
  [[0xc8], "COM63 to COM0: 10.1.14"],
  [[0xda, 0x12], "COM pins alternative, no left/right re-map: 10.1.18"],
  [[0x81, 0xcf], "contrast: 10.1.7"],
  [[0xd9, 0xf1], "pre-charge 1 and 15 clocks: 10.1.17"],
  [[0xdb, 0x30], "VCOMH 0.83 x VCC: 10.1.19"],
  [[0xa4], "show the memory: 10.1.9"],
  [[0xa6], "normal: 10.1.10"],
];

/** Sino Wealth, SH1106 v2.3: section "Commands", by their numbers there. */
const SH1106: Sequence = [
  [[0xd5, 0x80], "clock divide ratio 1, oscillator 8: 15"],
  [[0xa8, 0x3f], "multiplex ratio 64: 9"],
  [[0xd3, 0x00], "display offset 0: 14"],
  [[0x40], "start line 0: 4"],
  [[0x33], "pump voltage 9 V: 3"],
  [[0xa1], "right rotates: 6"],
  [[0xc8], "COM63 to COM0: 13"],
  [[0xda, 0x12], "common pads alternative: 17"],
  [[0x81, 0xcf], "contrast: 5"],
  [[0xd9, 0x1f], "discharge 1, pre-charge 15 clocks: 16"],
  [[0xdb, 0x40], "VCOM deselect level 1.0 times: 18"],
  [[0xa4], "show the memory: 7"],
  [[0xa6], "normal: 8"],
];

/** Solomon Systech, SSD1322 rev 1.2: section 9, table 9-1; section 10.1 describes each command. What follows a command goes with D/C high. */
const SSD1322: Sequence = [
  [[0xfd, 0x12], "unlock commands: FDh"],
  [[0xae], "sleep mode on: AEh"],
  [[0xb3, 0x91], "clock divide ratio 2, oscillator 9: B3h"],
  [[0xca, 0x3f], "multiplex ratio 64: CAh"],
  [[0xa2, 0x00], "display offset 0: A2h"],
  [[0xa1, 0x00], "start line 0: A1h"],
  [[0xa0, 0x14, 0x11], "nibble re-map, COM from the end, dual COM: A0h"],
  [[0xb5, 0x00], "GPIO disabled: B5h"],
  [[0xab, 0x01], "internal VDD regulator: ABh"],
  [[0xb4, 0xa0, 0xfd], "external VSL, enhanced low grey scales: B4h"],
  [[0xc1, 0x9f], "contrast current: C1h"],
  [[0xc7, 0x0f], "master contrast, no reduction: C7h"],
  [[0xb9], "linear grey scale table: B9h"],
  [[0xb1, 0xe2], "phase 1 of 5 and phase 2 of 14 clocks: B1h"],
  [[0xd1, 0xa2, 0x20], "display enhancement B, normal: D1h"],
  [[0xbb, 0x1f], "pre-charge voltage 0.60 x VCC: BBh"],
  [[0xb6, 0x08], "second pre-charge 8 clocks: B6h"],
  [[0xbe, 0x07], "VCOMH 0.86 x VCC: BEh"],
  [[0xa6], "normal display: A6h"],
  [[0x15, 0x1c, 0x5b], "columns 28 to 91: 15h"],
];

/** Maxim, MAX7219/MAX7221 rev 4 (19-4452): table 2, register address map. */
const MAX7219: Sequence = [
  [[0x0f, 0x00], "display test off: table 10"],
  [[0x09, 0x00], "no decode for digits 7 to 0: table 4"],
  [[0x0b, 0x07], "scan limit, digits 0 to 7: table 8"],
  [[0x0a, 0x08], "intensity 17/32: table 7"],
];

function bytesOf(sequence: Sequence): number[] {
  return sequence.flatMap(([bytes]) => bytes);
}

const BLANK_PAGE = Array<number>(128).fill(0);

describe("By the datasheet, from power-up to the first picture", () => {
  it.each(["pico", "ssd1306-spi"])(
    "an SSD1306 (%s) is set up, off as it is after power-up, filled in horizontal addressing mode, and only then lit",
    (name) => {
      const { display, transfers } = busOf(boardNamed(name));
      display.flush();
      const isI2c = name === "pico";
      // I2C: section 8.1.5.2, a control byte with Co = 0 and D/C.
      const sent = transfers.map((bytes) => (isI2c ? bytes.slice(1) : bytes));
      if (isI2c) expect(transfers.map(([control]) => control)).toEqual([0x00, 0x00, 0x40, 0x00]);
      // Columns, 10.1.4; pages, 10.1.5; display on, 10.1.12.
      expect(sent).toEqual([bytesOf(SSD1306), [0x21, 0, 127, 0x22, 0, 7], Array<number>(1024).fill(0), [0xaf]]);
    },
  );

  it.each(["sh1106-i2c", "sh1106-spi"])("an SH1106 (%s) is set up, off as it is after power-up, filled page by page, and only then lit", (name) => {
    const { display, transfers } = busOf(boardNamed(name));
    display.flush();
    const sent = transfers.map((bytes) => (name === "sh1106-i2c" ? bytes.slice(1) : bytes));
    // Page address: 12; column 2, low and high half: 1 and 2. Display off, 11, the DC-DC converter on with the display, 10, which is switched only while it is off, and
    // display on, 11.
    const pages = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((page) => [[0xb0 + page, 0x02, 0x10], BLANK_PAGE]);
    expect(sent).toEqual([bytesOf(SH1106), ...pages, [0xae, 0xad, 0x8b, 0xaf]]);
  });

  it("an SSD1322 is set up in sleep mode, filled, and only then lit", () => {
    const { display, transfers } = busOf(boardNamed("ssd1322"));
    display.flush();
    // A command and its arguments are two transfers.
    const setUp = SSD1322.flatMap(([[code = 0, ...given]]) => (given.length > 0 ? [[code], given] : [[code]]));
    // Row address, 75h; write RAM, 5Ch; sleep mode off, AFh.
    const picture = [[0x75], [0, 63], [0x5c], ...Array<number[]>(8).fill(Array<number>(1024).fill(0))];
    expect(transfers).toEqual([...setUp, ...picture, [0xaf]]);
  });

  it("a MAX7219, shut down since power-up, is set up, then the digits by table 6, then normal operation by table 3", () => {
    const { display, transfers } = busOf(boardNamed("max7219"));
    display.show("1024");
    const digits = [0x30, 0x7e, 0x6d, 0x33, 0, 0, 0, 0].map((segments, i) => [8 - i, segments]);
    // At the end the empty frame (table 2, no-op) that brings the last one back on DOUT.
    expect(transfers).toEqual([...MAX7219.map(([bytes]) => [...bytes]), ...digits, [0x0c, 1], [0, 0]]);
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
    // The first picture does not wait for what only the third one needs.
    display.flush();
    display.flush();
    transfers.length = 0;
    display.flush();
    expect(transfers).toEqual([]);
    display.fill(0, 0, 1, 1);
    display.flush();
    expect(transfers.filter(({ length }) => length > 100)).toHaveLength(1);
    transfers.length = 0;
    // Parts that are neighbours, and one that is none.
    display.fill(0, 16, 1, 16);
    display.fill(0, display.heightPixels - 1, 1, 1);
    display.flush();
    const bytes = transfers.filter(({ length }) => length > 100).reduce((sum, { length }) => sum + length, 0);
    expect(Math.floor(bytes / (board.display.driver === "ssd1322" ? 1024 : 128))).toBe(3);
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
