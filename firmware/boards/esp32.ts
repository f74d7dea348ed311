// ESP32 (such as a DevKitC): 240 MHz, 16383 variables. The recommended board.
//
// | part                   | pin      | wire to                                                |
// |------------------------|----------|--------------------------------------------------------|
// | citizen keys 1 to 5    | D13 D14 D25 D26 D27 | one contact each, the other side to GND     |
// | clerk: invite          | D32      | contact to GND                                         |
// | clerk: pause           | D33      | contact to GND                                         |
// | pause light (red)      | D4       | gate or base of a transistor that switches the lamp    |
// | answer light (white)   | D2       | the board's own LED, or one more beside it             |
// | buzzer                 | D23      | piezo to GND                                           |
// | display SSD1306        | D22 SCL, D21 SDA | module on 3.3 V, with its own pull-ups         |
// | badge reader Wiegand   | D18 D0, D19 D1   | through a level shifter: readers send 5 V      |
// | link: WiFi, or RS-232 or RS-485 | D17 TX, D16 RX | 3.3 V transceiver; used when the configuration has no host |
//
// Other displays (hal/README.md compares them): an SH1106 uses the same two pins, with the driver "sh1106". A display on SPI2 uses D18 SCK, D23 DIN, D22 CS,
// D21 D/C and D19 RES; then reader and buzzer move to other pins. test/boards has an example for each display.
//
// This file avoids D6 to D11, which are the chip's flash, and D0 (BTN1), D5, D12 and D15, which decide how the chip starts.

import type { Board } from "./board.js";

export const board = {
  name: "esp32",
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
  // The free 64 kB below Storage. Flash.getFree() also lists the area at 0x360000, which overlaps Storage.
  flash: { address: 0x310000, pageBytes: 4096, pageCount: 12, slotPages: 4, alignBytes: 4 },
} satisfies Board;
