// An ESP32 with a PCF8563 on the bus of its display.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "esp32-pcf8563",
  espruinoName: "ESP32",
  variables: 16383,
  storage: { address: 0x320000, lengthBytes: 0xe0000 },
  keys: { "key1": "D13", "key2": "D14", "key3": "D25", "key4": "D26", "key5": "D27", "invite": "D32", "pause": "D33" },
  pauseLamp: { pin: "D4", litLevel: 1 },
  answerLamp: { pin: "D2", litLevel: 1 },
  sound: { pin: "D23" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D22", sda: "D21", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "D18", data1: "D19" },
  link: { driver: "network", isWireless: true, cable: { port: "Serial2", tx: "D17", rx: "D16", baudHz: 9600, isConsole: false } },
  flash: { address: 0x310000, pageBytes: 4096, pageCount: 12, slotPages: 4, alignBytes: 4 },
  clock: { driver: "pcf8563", bus: "I2C1", scl: "D22", sda: "D21", address: 0x51, bitrateHz: 400000 },
} satisfies Board;
