// Board files held against their chips, and their pictures held against the files.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Board, ClockChipWiring, SpiMemoryWiring } from "../../../../firmware/boards/board.js";
import { board as esp32 } from "../../../../firmware/boards/esp32.js";
import { board as linux } from "../../../../firmware/boards/linux.js";
import { board as pico } from "../../../../firmware/boards/pico.js";
import { boardProblems, ledgerPlace, wiredPins } from "../../../../firmware/tools/boards/board-limits.js";
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

  it("may have a chip that only its own file knows", () => {
    expect(boardProblems(readBoard("test/boards/rp2040.ts"))).toEqual([]);
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

describe("the place of a ledger", () => {
  it.each([
    ["pico", "1 page of 128 kB in the chip's own flash, at 0x08060000", /specified to end at 0x08060000/],
    ["pico-w25q", "16 pages of 4 kB in a W25Q64JV on SPI1", undefined],
    ["test/boards/soft-fram.ts", "10 pages of 4 kB in a FM25V05 on SPI in software", undefined],
    ["espruino-wifi", "3 pages of 16 kB in the chip's own flash, at 0x08004000", undefined],
    ["esp32", "12 pages of 4 kB in the chip's own flash, at 0x00310000", undefined],
    ["linux", "48 pages of 1 kB in a file of Storage", undefined],
  ] as const)("of %s is known, and whether the chip is specified to have it", (name, words, unspecified) => {
    const place = ledgerPlace(readBoard(name));
    expect(place.words).toBe(words);
    if (unspecified) expect(place.unspecified).toMatch(unspecified);
    else expect(place.unspecified).toBeUndefined();
  });
});

describe("a clock chip", () => {
  it.each(["pico-ds3231", "esp32-pcf8563"])("of %s shares the bus of the display", (name) => {
    expect(boardProblems(readBoard(`test/boards/${name}.ts`))).toEqual([]);
  });
});

describe("the chip's limits", () => {
  const w25q = readBoard("pico-w25q");
  const memory = w25q.flash as SpiMemoryWiring;
  const fram = readBoard("test/boards/pico-fram.ts");
  const ds3231 = readBoard("test/boards/pico-ds3231.ts");
  const clock = ds3231.clock as ClockChipWiring;
  const rp2040 = readBoard("test/boards/rp2040.ts");
  const voice = readBoard("test/boards/badge-voice.ts");
  const cases: [string, Board, string][] = [
    ["a pin that is used twice", { ...pico, sound: { pin: "B3" } }, "sound.pin: pin B3 is pauseLamp.pin already"],
    ["a clock chip at another address", { ...ds3231, clock: { ...clock, address: 0x51 } }, "clock.address: a ds3231 is at 104, not at 81"],
    ["a clock chip on other pins of the display's bus", { ...ds3231, clock: { ...clock, scl: "B6" } }, "clock: I2C1 is on B8 and B9"],
    ["a clock chip that is clocked too fast", { ...ds3231, clock: { ...clock, bitrateHz: 1e6 } }, "clock.bitrateHz: a ds3231 takes at most 400000"],
    ["a clock chip on a pin of another part", { ...ds3231, clock: { ...clock, sda: "B3" } }, "clock.sda: pin B3 is pauseLamp.pin already"],
    ["a clock chip on Linux", { ...linux, clock }, "clock: Espruino on Linux has no I2C"],
    ["the button as a key", { ...pico, keys: { ...pico.keys, pause: "C13" } }, "keys.pause: pin C13 is the board's button"],
    ["two watched pins of one number on an STM32", { ...pico, keys: { ...pico.keys, pause: "B0" } }, "pin B0 cannot be watched beside A0"],
    ["the flash chip's pins", { ...esp32, keys: { ...esp32.keys, key1: "D6" } }, "pin D6 belongs to the flash chip"],
    ["a key without a pull-up", { ...esp32, keys: { ...esp32.keys, key1: "D34" } }, "pin D34 has no output and no pull-up"],
    ["a ledger in Storage", { ...pico, flash: { ...pico.flash, address: 0x08004000 } }, "overlaps Storage"],
    ["a ledger in the interpreter", { ...pico, flash: { ...pico.flash, address: 0x08020000 } }, "is not free on this board"],
    ["a ledger beyond its file", { ...linux, flash: { ...linux.flash, pageCount: 65 } }, "reaches beyond the file ledger"],
    ["a pin that is not there", { ...pico, sound: { pin: "B16" } }, "sound.pin: there is no pin B16"],
    ["a bus on pins that it cannot use", { ...w25q, flash: { ...memory, miso: "B6" } }, "flash.miso: SPI1 cannot use pin B6, but A6 or B4"],
    ["two parts on one bus", { ...w25q, display: readBoard("test/boards/max7219.ts").display }, "flash: SPI1 is used by display already"],
    ["a memory that nobody knows", { ...w25q, flash: { ...memory, chip: "W25Q1" } }, "nobody knows a W25Q1 here: take W25Q16JV, W25Q32JV"],
    ["a memory with another name", { ...w25q, flash: { ...memory, id: [0xef, 0x40, 0x18] } }, "a W25Q64JV answers EF 40 17, not EF 40 18"],
    ["a memory with another driver", { ...w25q, flash: { ...memory, driver: "fram" } }, 'flash.driver: a W25Q64JV needs "spi-nor"'],
    ["a memory of another size", { ...w25q, flash: { ...memory, chipBytes: 1 } }, "a W25Q64JV has 8388608, not 1"],
    ["a bus that is too fast", { ...w25q, flash: { ...memory, bitrateHz: 60_000_000 } }, "a W25Q64JV takes at most 50000000"],
    ["pages behind the end", { ...fram, flash: { ...(fram.flash as SpiMemoryWiring), pageCount: 33 } }, "a MB85RS1MT has 131072 bytes"],
    ["pages that are no sectors", { ...w25q, flash: { ...memory, pageBytes: 8192 } }, "a W25Q64JV erases sectors of 4096 bytes: a page is one"],
    ["a region that begins inside a sector", { ...w25q, flash: { ...memory, address: 512 } }, "begin at a multiple of 4096"],
    ["bytes in FRAM", { ...fram, flash: { ...(fram.flash as SpiMemoryWiring), alignBytes: 1 } }, "flash.alignBytes"],
    ["a memory on Linux", { ...linux, flash: memory }, "no memory on SPI can hold the ledger on this board"],
    ["a chip that nobody knows", { ...pico, espruinoName: "NEW" }, 'nobody knows the limits of a NEW here: state them in the board file, in "chip"'],
    [
      "a chip that can be no terminal",
      { ...pico, espruinoName: "ESP32C3" },
      "no ESP32C3 can be a terminal: its Espruino has 4095 JavaScript variables",
    ],
    ["a chip with too few variables", { ...rp2040, variables: 4095 }, "variables: the terminal needs 5000, and there are 4095"],
    ["a pin that its file's chip does not have", { ...rp2040, sound: { pin: "D30" } }, "sound.pin: there is no pin D30"],
    ["a pin that its file's chip uses", { ...rp2040, sound: { pin: "D25" } }, "sound.pin: pin D25 belongs to the board's own light"],
    ["a port that is not there", { ...pico, link: { ...pico.link, port: "Serial3" } }, "link.port: there is no Serial3, but Serial1 and Serial2"],
    ["a port on pins that it cannot use", { ...pico, link: { ...pico.link, tx: "A8" } }, "link.tx: Serial2 cannot use pin A8, but A2"],
    ["two parts on one port", { ...voice, link: { ...voice.link, port: "Serial3" } as Board["link"] }, "sound.port: Serial3 is used by link already"],
    [
      "a watchdog that the chip does not allow",
      { ...rp2040, watchdog: { seconds: 20, kickMs: 10000 } },
      "the chip's watchdog allows at most 8.388 s, not 20",
    ],
    ["a chip whose watchdog was forgotten", { ...rp2040, watchdog: undefined as never }, "the chip's watchdog allows at most 8.388 s, not 20"],
    ["a watchdog that is kicked too late", { ...rp2040, watchdog: { seconds: 8, kickMs: 5000 } }, "watchdog.kickMs: 5000 has to divide 10000"],
    ["kicks that are not at round times", { ...rp2040, watchdog: { seconds: 8, kickMs: 3000 } }, "watchdog.kickMs: 3000 has to divide 10000"],
  ];
  it.each(cases)("find %s", (_, board, words) => {
    expect(boardProblems(board).join("\n")).toContain(words);
  });

  it("let an STM32 use one number twice where only one is watched", () => {
    expect(boardProblems({ ...pico, sound: { pin: "B0" } })).toEqual([]);
  });
});
