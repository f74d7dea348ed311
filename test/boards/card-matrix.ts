// An ESP32 with a matrix of keys behind diodes, lit key rings, an MFRC522, and a pause sign with a second light.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "card-matrix",
  espruinoName: "ESP32",
  variables: 16383,
  storage: { address: 0x320000, lengthBytes: 0xe0000 },
  keys: {
    driver: "matrix",
    rows: ["D13", "D14"],
    columns: ["D25", "D26", "D27", "D32"],
    places: [
      ["key1", "key2", "key3", "key4"],
      ["key5", "invite", "pause", ""],
    ],
    hasDiodes: true,
  },
  pauseLamp: { pin: "D4", litLevel: 1 },
  answerLamp: { pin: "D2", litLevel: 0 },
  ringLamps: { pin: "D15", litLevel: 1 },
  signLamp: { pin: "D12", litLevel: 0 },
  sound: { pin: "D33" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D22", sda: "D21", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "mfrc522", bus: "SPI1", sck: "D18", mosi: "D23", miso: "D19", cs: "D5", bitrateHz: 4000000 },
  link: { driver: "serial", port: "Serial2", tx: "D17", rx: "D16", baudHz: 9600, isConsole: false },
  flash: { address: 0x310000, pageBytes: 4096, pageCount: 16, alignBytes: 4, slotPages: 0 },
} satisfies Board;
