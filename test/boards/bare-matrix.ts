// A Pico with a matrix of keys without diodes.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "bare-matrix",
  espruinoName: "PICO_R1_3",
  variables: 5100,
  storage: { address: 0x08004000, lengthBytes: 3 * 16384 },
  keys: {
    driver: "matrix",
    rows: ["A8", "B13"],
    columns: ["A0", "A1", "A4", "A5"],
    places: [
      ["key1", "key2", "key3", "key4"],
      ["key5", "invite", "pause", ""],
    ],
    hasDiodes: false,
  },
  pauseLamp: { pin: "B3", litLevel: 1 },
  answerLamp: { pin: "B4", litLevel: 1 },
  sound: { pin: "B5" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "B8", sda: "B9", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "B14", data1: "B15" },
  link: { driver: "serial", port: "Serial2", tx: "A2", rx: "A3", baudHz: 9600, isConsole: false },
  flash: { address: 0x08060000, pageBytes: 131072, pageCount: 1, alignBytes: 4, slotPages: 0 },
} satisfies Board;
