// Espruino Pico (PICO_R1_3): STM32F401, 84 MHz, 5100 variables. The smallest board: a firmware that fits here fits everywhere.
//
// | part                   | pin      | wire to                                                |
// |------------------------|----------|--------------------------------------------------------|
// | citizen keys 1 to 5    | A0 A1 A4 A5 A6 | one contact each, the other side to GND          |
// | clerk: invite          | B10      | contact to GND                                         |
// | clerk: pause           | A7       | contact to GND                                         |
// | pause light (red)      | B3       | gate or base of a transistor that switches the lamp    |
// | answer light (white)   | B4       | LED with resistor to GND                               |
// | buzzer                 | B5       | piezo to GND                                           |
// | display SSD1306        | B8 SCL, B9 SDA | module on 3.3 V, with its own pull-ups           |
// | badge reader Wiegand   | B14 D0, B15 D1 | through a level shifter: readers send 5 V        |
// | link, RS-232 or RS-485 | A2 TX, A3 RX   | 3.3 V transceiver                                |
//
// Other displays (hal/README.md compares them): an SH1106 uses the same two pins, with the driver "sh1106". A display on SPI uses B3 SCK, B5 DIN and B9 CS, and if it
// has them B8 D/C and B6 RES; then the lamps move to A8 and B1, the buzzer to B7. test/boards has an example for each display. The Storage has room for the
// pictures of 16 clerks at one counter with an SSD1306, and of 18 with an SSD1322 (firmware/display/GLYPHS.md).
//
// An STM32 watches only one pin of each number (A0 excludes B0), and C13 (BTN1) opens the bootloader. This file avoids both.
//
// The ledger is outside the specification of the chip. Recommended is a W25Q64JV on SPI, about one dollar: pico-w25q.ts is this board with it.

import type { Board } from "./board.js";

export const board = {
  name: "pico",
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
  // Sector 7. The STM32F401xD has this page, though its specification does not say so: there is no promise that it keeps what is written. Provisioning tests it.
  flash: { address: 0x08060000, pageBytes: 131072, pageCount: 1, slotPages: 0, alignBytes: 4 },
} satisfies Board;
