// The board `linux` without its cable: nobody hears it before its configuration has a host.

import type { Board } from "../../firmware/boards/board.js";

export const board = {
  name: "no-cable",
  espruinoName: "LINUX",
  variables: 5000,
  storage: { address: 0x10000000, lengthBytes: 262144 },
  keys: { "key1": "D5", "key2": "D6", "key3": "D13", "key4": "D19", "key5": "D26", "invite": "D20", "pause": "D21" },
  pauseLamp: { pin: "D17", litLevel: 1 },
  answerLamp: { pin: "D27", litLevel: 1 },
  sound: { pin: "D18" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D1", sda: "D0", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "D23", data1: "D24" },
  link: { driver: "network", isWireless: false },
  // All flash is Storage here (the file `espruino.flash`), so the region is the whole pages inside Storage's first file.
  flash: {
    address: 0x10000400,
    pageBytes: 1024,
    pageCount: 48,
    slotPages: 16,
    alignBytes: 4,
    storageFile: { name: "ledger", lengthBytes: 65 * 1024 },
  },
} satisfies Board;
