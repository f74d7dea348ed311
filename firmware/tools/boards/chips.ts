// The chips of the standard boards, and those that can be no terminal.

import type { Board } from "../../boards/board.js";
import type { Chip, FlashRating } from "../../boards/chip.js";

const STM32_PINS = /^[A-C](\d|1[0-5])$/;

/** STM32F401 and STM32F411, datasheets DS9716 and DS10314, table "Alternate function mapping". */
const STM32_SPI: Chip["spi"] = {
  SPI1: { sck: ["A5", "B3"], miso: ["A6", "B4"], mosi: ["A7", "B5"] },
  SPI2: { sck: ["B10", "B13"], miso: ["B14"], mosi: ["B15"] },
  SPI3: { sck: ["B3"], miso: ["B4"], mosi: ["B5"] },
};

/** The same tables. USART3, 4 and 5 are not in these chips. */
const STM32_SERIAL: Chip["serial"] = {
  Serial1: { tx: ["A9", "A15", "B6"], rx: ["A10", "B3", "B7"] },
  Serial2: { tx: ["A2"], rx: ["A3"] },
};

const STM32F4_RATING: FlashRating = { erases: 10_000, source: "STM32F4, DS9716" };

function pins(names: string, owner: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, owner]));
}

/** The limits of each chip, by `process.env.BOARD`. Source: the boards' pages on espruino.com, and `Flash.getFree()`. */
const CHIPS: Readonly<Record<string, Chip>> = {
  PICO_R1_3: {
    consoles: ["USB", "UART"],
    button: "C13",
    isNumberShared: true,
    taken: pins("A11 A12", "USB"),
    inputOnly: [],
    pins: STM32_PINS,
    spi: STM32_SPI,
    serial: STM32_SERIAL,
    watchdogSeconds: 26.2,
    rating: STM32F4_RATING,
    busClockHz: 84_000_000,
    speed: 1,
    eraseMs: 1200,
    freeFlash: [
      {
        address: 0x08060000,
        lengthBytes: 0x20000,
        unspecified: "the STM32F401xD is specified to end at 0x08060000 (384 kB: DS9716, section Features), and nobody promises its sector 7",
      },
    ],
  },
  ESPRUINOWIFI: {
    consoles: ["USB", "UART"],
    button: "C13",
    isNumberShared: true,
    taken: { ...pins("A11 A12", "USB"), ...pins("A2 A3 A13 A14 A15", "the ESP8266") },
    inputOnly: [],
    pins: STM32_PINS,
    spi: STM32_SPI,
    serial: STM32_SERIAL,
    watchdogSeconds: 26.2,
    rating: STM32F4_RATING,
    busClockHz: 100_000_000,
    speed: 1.2,
    eraseMs: 1200,
    freeFlash: [{ address: 0x08004000, lengthBytes: 3 * 0x4000 }],
  },
  ESP32: {
    consoles: ["UART", "Bluetooth", "telnet"],
    button: "D0",
    isNumberShared: false,
    taken: {
      ...pins("D6 D7 D8 D9 D10 D11", "the flash chip"),
      ...pins("D1 D3", "the console"),
      ...pins("D12", "the start: high, it takes the flash chip for one of 1.8 V"),
    },
    inputOnly: ["D34", "D35", "D36", "D37", "D38", "D39"],
    pins: /^D([12]?\d|3\d)$/,
    rating: { erases: 100_000, source: "SPI NOR flash" },
    speed: 2,
    eraseMs: 60,
    freeFlash: [{ address: 0x310000, lengthBytes: 0x10000 }],
  },
  LINUX: {
    consoles: ["telnet", "standard input"],
    button: "",
    isNumberShared: false,
    taken: {},
    inputOnly: [],
    pins: /^D\d+$/,
    speed: 20,
    eraseMs: 1,
    spiMemoryProblem: "Espruino on Linux sends SPI later than it sets chip select, and the ledger lies in a file there anyway",
    clockProblem: "Espruino on Linux has no I2C, and the terminal takes its time from its host alone: leave it out",
    freeFlash: [],
  },
};

/** Why a chip can be no terminal, by `process.env.BOARD`: for whoever has one at hand. */
export const UNFIT: Readonly<Record<string, string>> = {
  ESP32C3: "its Espruino has 4095 JavaScript variables, and the terminal needs 5000",
};

/** The chip of a board: what its file states, or what is known of it here. */
export function chipOf({ chip, espruinoName }: Board): Chip | undefined {
  return chip ?? CHIPS[espruinoName];
}
