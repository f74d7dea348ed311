// An ESP32 with an SSD1322, 256x64 pixels, on SPI.
// D34 and D35 have no pull-up: the reader's level shifter has its own.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "ssd1322",
  espruinoName: "ESP32",
  variables: 16383,
  storage: { address: 0x320000, lengthBytes: 0xe0000 },
  keys: { "key1": "D13", "key2": "D14", "key3": "D25", "key4": "D26", "key5": "D27", "invite": "D32", "pause": "D33" },
  pauseLamp: { pin: "D4", litLevel: 1 },
  answerLamp: { pin: "D2", litLevel: 1 },
  sound: { pin: "D5" },
  display: { driver: "ssd1322", bus: "SPI2", sck: "D18", mosi: "D23", cs: "D22", dc: "D21", reset: "D19", bitrateHz: 8_000_000 },
  badgeReader: { driver: "wiegand", data0: "D34", data1: "D35" },
  link: { driver: "serial", port: "Serial2", tx: "D17", rx: "D16", baudHz: 9600, isConsole: false },
  flash: { address: 0x310000, pageBytes: 4096, pageCount: 16, alignBytes: 4, slotPages: 0 },
} satisfies Board;
