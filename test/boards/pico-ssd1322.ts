// An Espruino Pico with an SSD1322, 256x64 pixels, on SPI: the display whose pictures leave the least room in the smallest Storage.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "pico-ssd1322",
  espruinoName: "PICO_R1_3",
  variables: 5100,
  storage: { address: 0x08004000, lengthBytes: 3 * 16384 },
  keys: { "key1": "A0", "key2": "A1", "key3": "A4", "key4": "A5", "key5": "A6", "invite": "B10", "pause": "A7" },
  pauseLamp: { pin: "A8", litLevel: 1 },
  answerLamp: { pin: "B1", litLevel: 1 },
  sound: { pin: "B7" },
  display: { driver: "ssd1322", bus: "SPI1", sck: "B3", mosi: "B5", cs: "B9", dc: "B8", reset: "B6", bitrateHz: 8_000_000 },
  badgeReader: { driver: "wiegand", data0: "B14", data1: "B15" },
  link: { driver: "serial", port: "Serial2", tx: "A2", rx: "A3", baudHz: 9600, isConsole: false },
  // Sector 7: one page that the STM32F401xD is not specified to have, but has. Provisioning tests it.
  flash: { address: 0x08060000, pageBytes: 131072, pageCount: 1, alignBytes: 4, slotPages: 0 },
} satisfies Board;
