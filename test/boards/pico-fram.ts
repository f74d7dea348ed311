// An Espruino Pico whose ledger is in a MB85RS1MT on SPI1. The lamps and the buzzer leave it the pins.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "pico-fram",
  espruinoName: "PICO_R1_3",
  variables: 5100,
  storage: { address: 0x08004000, lengthBytes: 3 * 16384 },
  keys: { "key1": "A0", "key2": "A1", "key3": "A4", "key4": "A5", "key5": "A6", "invite": "B10", "pause": "A7" },
  pauseLamp: { pin: "A8", litLevel: 1 },
  answerLamp: { pin: "B1", litLevel: 1 },
  sound: { pin: "B7" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "B8", sda: "B9", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "B14", data1: "B15" },
  link: { driver: "serial", port: "Serial2", tx: "A2", rx: "A3", baudHz: 9600, isConsole: false },
  flash: {
    driver: "fram",
    chip: "MB85RS1MT",
    id: [0x04, 0x7f, 0x27, 0x03],
    chipBytes: 131072,
    bus: "SPI1",
    sck: "B3",
    mosi: "B5",
    miso: "B4",
    cs: "B13",
    bitrateHz: 10_500_000,
    address: 0,
    pageBytes: 4096,
    pageCount: 32,
    slotPages: 0,
    alignBytes: 4,
  },
} satisfies Board;
