// An ESP32 with a serial 125 kHz badge reader and a voice module.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "badge-voice",
  espruinoName: "ESP32",
  variables: 16383,
  storage: { address: 0x320000, lengthBytes: 0xe0000 },
  keys: { "key1": "D13", "key2": "D14", "key3": "D25", "key4": "D26", "key5": "D27", "invite": "D32", "pause": "D33" },
  pauseLamp: { pin: "D4", litLevel: 1 },
  answerLamp: { pin: "D2", litLevel: 1 },
  sound: { driver: "mp3", port: "Serial3", tx: "D18", rx: "D5" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D22", sda: "D21", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "serial", port: "Serial1", tx: "D23", rx: "D19", baudHz: 9600 },
  link: { driver: "serial", port: "Serial2", tx: "D17", rx: "D16", baudHz: 9600, isConsole: false },
  flash: { address: 0x310000, pageBytes: 4096, pageCount: 16, alignBytes: 4, slotPages: 0 },
} satisfies Board;
