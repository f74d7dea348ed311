// An Espruino Pico with a DS3231 on the bus of its display.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "pico-ds3231",
  espruinoName: "PICO_R1_3",
  variables: 5100,
  storage: { address: 0x08004000, lengthBytes: 3 * 16384 },
  keys: { "key1": "A0", "key2": "A1", "key3": "A4", "key4": "A5", "key5": "A6", "invite": "B10", "pause": "A7" },
  pauseLamp: { pin: "B3", litLevel: 1 },
  answerLamp: { pin: "B4", litLevel: 1 },
  sound: { pin: "B5" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "B8", sda: "B9", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "B14", data1: "B15" },
  link: { driver: "serial", port: "Serial2", tx: "A2", rx: "A3", baudHz: 9600, isConsole: false },
  flash: { address: 0x08060000, pageBytes: 131072, pageCount: 1, slotPages: 0, alignBytes: 4 },
  clock: { driver: "ds3231", bus: "I2C1", scl: "B8", sda: "B9", address: 0x68, bitrateHz: 400000 },
} satisfies Board;
