// Espruino Pico (PICO_R1_3) with its ledger in a W25Q64JV on SPI: the Pico within its specification. The page of its own flash that `pico.ts` uses is none that its
// chip is specified to have.
//
// | part                   | pin      | wire to                                                |
// |------------------------|----------|--------------------------------------------------------|
// | citizen keys 1 to 5    | A0 A1 A4 A5 A6 | one contact each, the other side to GND          |
// | clerk: invite          | B10      | contact to GND                                         |
// | clerk: pause           | A7       | contact to GND                                         |
// | pause light (red)      | A8       | gate or base of a transistor that switches the lamp    |
// | answer light (white)   | B1       | LED with resistor to GND                               |
// | buzzer                 | B7       | piezo to GND                                           |
// | memory W25Q64JV        | B3 CLK, B5 DI, B4 DO, B13 CS | module on 3.3 V; 10 kOhm from CS to 3.3 V; WP and HOLD to 3.3 V |
// | display SSD1306        | B8 SCL, B9 SDA | module on 3.3 V, with its own pull-ups           |
// | badge reader Wiegand   | B14 D0, B15 D1 | through a level shifter: readers send 5 V        |
// | link, RS-232 or RS-485 | A2 TX, A3 RX   | 3.3 V transceiver                                |
//
// The lamps and the buzzer leave SPI1 its pins, as for a display on SPI: with such a display the memory goes on a bus in software, on any four free pins. An FRAM takes
// the same pins (test/boards/pico-fram.ts): it needs no time to erase, and does not wear. The board has no file slots: their code would take 2.6 kB of Storage, the room of
// eight clerks.

import type { Board } from "./board.js";

export const board = {
  name: "pico-w25q",
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
    driver: "spi-nor",
    chip: "W25Q64JV",
    id: [0xef, 0x40, 0x17],
    chipBytes: 8388608,
    bus: "SPI1",
    sck: "B3",
    mosi: "B5",
    miso: "B4",
    cs: "B13",
    bitrateHz: 10_500_000,
    address: 0,
    pageBytes: 4096,
    pageCount: 16,
    slotPages: 0,
    alignBytes: 4,
  },
} satisfies Board;
