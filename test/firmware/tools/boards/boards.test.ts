// Board files held against their chips, and their pictures held against the files.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Board } from "../../../../firmware/boards/board.js";
import { board as esp32 } from "../../../../firmware/boards/esp32.js";
import { board as linux } from "../../../../firmware/boards/linux.js";
import { board as pico } from "../../../../firmware/boards/pico.js";
import { boardProblems, wiredPins } from "../../../../firmware/tools/boards/board-limits.js";
import { drawWiring } from "../../../../firmware/tools/boards/wiring-diagram.js";
import { boardNames, readBoard } from "../../../../firmware/tools/build/build.js";

describe.each(boardNames())("the board %s", (name) => {
  it("has the name of its file", () => {
    expect(readBoard(name).name).toBe(name);
  });

  it("wires nothing that its chip does not allow", async () => {
    expect(boardProblems(readBoard(name))).toEqual([]);
  });

  it("has a picture that is as its file (counter-terminal wiring firmware/boards/wiring draws it anew)", async () => {
    const board = readBoard(name);
    const picture = drawWiring(board);
    expect(readFileSync(`firmware/boards/wiring/${name}.svg`, "utf8")).toBe(picture);
    for (const { pin } of wiredPins(board)) expect(picture).toContain(`>${pin}</text>`);
  });
});

describe("a board of other parts", () => {
  const name = "test/boards/card-matrix.ts";

  it("has a picture with every pin, and what each row and column of its keys has", () => {
    const board = readBoard(name);
    const picture = drawWiring(board);
    for (const { pin } of wiredPins(board)) expect(picture).toContain(`>${pin}</text>`);
    for (const words of ["row 行 2: key5 invite pause, cathodes of its diodes", "column 列 4: key4<", "Second light", "Key rings", "RST to 3.3 V"])
      expect(picture).toContain(words);
  });

  it("may have a reader on pins without pull-up, and no light that keeps the chip from starting", () => {
    expect(boardProblems(readBoard("test/boards/ssd1322.ts"))).toEqual([]);
    expect(boardProblems(readBoard("test/boards/badge-voice.ts"))).toEqual([]);
    expect(boardProblems(readBoard("test/boards/bare-matrix.ts"))).toEqual([]);
    expect(boardProblems(readBoard(name))).toEqual([
      "card-matrix: signLamp.pin: pin D12 belongs to the start: high, it takes the flash chip for one of 1.8 V",
    ]);
  });
});

describe("the chip's limits", () => {
  const cases: [string, Board, string][] = [
    ["a pin that is used twice", { ...pico, sound: { pin: "B3" } }, "sound.pin: pin B3 is pauseLamp.pin already"],
    ["the button as a key", { ...pico, keys: { ...pico.keys, pause: "C13" } }, "keys.pause: pin C13 is the board's button"],
    ["two watched pins of one number on an STM32", { ...pico, keys: { ...pico.keys, pause: "B0" } }, "pin B0 cannot be watched beside A0"],
    ["the flash chip's pins", { ...esp32, keys: { ...esp32.keys, key1: "D6" } }, "pin D6 belongs to the flash chip"],
    ["a key without a pull-up", { ...esp32, keys: { ...esp32.keys, key1: "D34" } }, "pin D34 has no output and no pull-up"],
    ["a ledger in Storage", { ...pico, flash: { ...pico.flash, address: 0x08004000 } }, "overlaps Storage"],
    ["a ledger in the interpreter", { ...pico, flash: { ...pico.flash, address: 0x08020000 } }, "is not free on this board"],
    ["a ledger beyond its file", { ...linux, flash: { ...linux.flash, pageCount: 65 } }, "reaches beyond the file ledger"],
    ["a board whose limits nobody knows", { ...pico, espruinoName: "NEW" }, "nobody knows the limits of a NEW here"],
  ];
  it.each(cases)("find %s", (_, board, words) => {
    expect(boardProblems(board).join("\n")).toContain(words);
  });

  it("let an STM32 use one number twice where only one is watched", () => {
    expect(boardProblems({ ...pico, sound: { pin: "B0" } })).toEqual([]);
  });
});
