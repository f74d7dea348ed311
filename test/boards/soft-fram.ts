// An ESP32 whose ledger and file slots are in an FM25V05 on SPI in software, on the pins of the reader and the buzzer.
// D34 and D35 have no pull-up: the reader's level shifter has its own.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "soft-fram",
  espruinoName: "ESP32",
  variables: 16383,
  storage: { address: 0x320000, lengthBytes: 0xe0000 },
  keys: { "key1": "D13", "key2": "D14", "key3": "D25", "key4": "D26", "key5": "D27", "invite": "D32", "pause": "D33" },
  pauseLamp: { pin: "D4", litLevel: 1 },
  answerLamp: { pin: "D2", litLevel: 1 },
  sound: { pin: "D15" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D22", sda: "D21", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "D34", data1: "D35" },
  link: { driver: "network", isWireless: true, cable: { port: "Serial2", tx: "D17", rx: "D16", baudHz: 9600, isConsole: false } },
  flash: {
    driver: "fram",
    chip: "FM25V05",
    id: [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0xc2, 0x23, 0x00],
    chipBytes: 65536,
    bus: "software",
    sck: "D18",
    mosi: "D23",
    miso: "D19",
    cs: "D5",
    bitrateHz: 1_000_000,
    address: 4096,
    pageBytes: 4096,
    pageCount: 10,
    slotPages: 4,
    alignBytes: 4,
  },
} satisfies Board;
