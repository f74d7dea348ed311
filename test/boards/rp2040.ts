// A Raspberry Pi Pico (RP2040, 133 MHz): a bench board, whose chip the tool does not know, so it states its own.
//
// It is not for sale: the official Espruino build for it has no SHA-256, so it needs a build of its own; and its serial port is read by polling with 32 bytes of room, so
// that a command that comes while the firmware works is cut, and has to be repeated.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "rp2040",
  espruinoName: "ESPR_RP2040_PICO",
  variables: 12000,
  storage: { address: 0x101c0000, lengthBytes: 0x40000 },
  keys: { "key1": "D2", "key2": "D3", "key3": "D6", "key4": "D7", "key5": "D10", "invite": "D11", "pause": "D12" },
  pauseLamp: { pin: "D16", litLevel: 1 },
  answerLamp: { pin: "D17", litLevel: 1 },
  sound: { pin: "D18" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D27", sda: "D26", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "D14", data1: "D15" },
  link: { driver: "serial", port: "Serial2", tx: "D8", rx: "D9", baudHz: 9600, isConsole: false },
  // Its Espruino writes nowhere but in Storage: the ledger is the whole pages in the first file there.
  flash: {
    address: 0x101c1000,
    pageBytes: 4096,
    pageCount: 12,
    slotPages: 4,
    alignBytes: 4,
    storageFile: { name: "ledger", lengthBytes: 17 * 4096 - 32 },
  },
  watchdog: { seconds: 8, kickMs: 2500 },
  // RP2040 datasheet, sections 1.4.3 (functions of pins) and 4.7 (watchdog); Raspberry Pi Pico datasheet, section 2.1 (pins that the board uses).
  chip: {
    consoles: ["USB", "UART"],
    button: "",
    isNumberShared: false,
    taken: { "D23": "the regulator", "D24": "the sense of USB's power", "D25": "the board's own light", "D29": "the sense of the supply" },
    inputOnly: [],
    pins: /^D[12]?\d$/,
    serial: {
      Serial1: { tx: ["D0", "D12", "D16", "D28"], rx: ["D1", "D13", "D17", "D29"] },
      Serial2: { tx: ["D4", "D8", "D20", "D24"], rx: ["D5", "D9", "D21", "D25"] },
    },
    freeFlash: [],
    rating: { erases: 100_000, source: "SPI NOR flash" },
    watchdogSeconds: 8.388,
    speed: 1,
    eraseMs: 400,
  },
} satisfies Board;
