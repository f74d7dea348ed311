// Espruino WiFi (ESPRUINOWIFI): STM32F411, 100 MHz, 8190 variables.
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
// | link: WiFi, or RS-232 or RS-485 | B6 TX, B7 RX | 3.3 V transceiver; used when the configuration has no host. Without USB this is the console, which the link takes over |
//
// Other displays (hal/README.md compares them): an SH1106 uses the same two pins, with the driver "sh1106". A display on SPI uses B3 SCK and B5 DIN; then lamps and
// buzzer move to other pins. test/boards has an example for each display.
//
// This file avoids A2, A3, A13, A14 and A15, which belong to the ESP8266 on the board, and C13 (BTN1), which opens the bootloader.

import type { Board } from "./board.js";

export const board = {
  name: "espruino-wifi",
  espruinoName: "ESPRUINOWIFI",
  variables: 8190,
  storage: { address: 0x08010000, lengthBytes: 65536 },
  keys: { "key1": "A0", "key2": "A1", "key3": "A4", "key4": "A5", "key5": "A6", "invite": "B10", "pause": "A7" },
  pauseLamp: { pin: "B3", litLevel: 1 },
  answerLamp: { pin: "B4", litLevel: 1 },
  sound: { pin: "B5" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "B8", sda: "B9", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "B14", data1: "B15" },
  link: { driver: "network", isWireless: true, cable: { port: "Serial1", tx: "B6", rx: "B7", baudHz: 9600, isConsole: true } },
  // Sectors 1 to 3, below Storage in sector 4.
  flash: { address: 0x08004000, pageBytes: 16384, pageCount: 3, slotPages: 0, alignBytes: 4 },
} satisfies Board;
