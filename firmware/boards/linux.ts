// Espruino on Linux: a Raspberry Pi with keys, lamps and reader on its header, or a PC.
//
// | part                   | pin (BCM number) | wire to                                        |
// |------------------------|------------------|------------------------------------------------|
// | citizen keys 1 to 5    | D5 D6 D13 D19 D26 | one contact each to GND, 10 kOhm pull-up to 3.3 V |
// | clerk: invite          | D20              | contact to GND, pull-up                        |
// | clerk: pause           | D21              | contact to GND, pull-up                        |
// | pause light (red)      | D17              | gate or base of a transistor that switches the lamp |
// | answer light (white)   | D27              | LED with resistor to GND                       |
// | buzzer                 | D18              | Espruino has no PWM over sysfs: silent         |
// | display SSD1306        | D1 SCL, D0 SDA   | Espruino ignores I2C on Linux: dark            |
// | badge reader Wiegand   | D23 D0, D24 D1   | through a level shifter: readers send 5 V      |
// | link: network, or RS-232 or RS-485 | D14 TX, D15 RX | 3.3 V transceiver; used when the configuration has no host. `raspi-config` makes /dev/serial0 of the pins; its login shell stays off |
//
// No pixel display works on Linux: Espruino ignores I2C there, and sends SPI to /dev/spidev later than it sets D/C and CS. A bus in software needs three writes to a
// file in sysfs for each bit, which take half a second for a view. A MAX7219 needs only 16 bits for each digit: `driver: "max7219", bus: "software"` on any pins.
//
// Espruino reads sysfs pins about once a millisecond, which is too slow for a Wiegand pulse of 50 us. The reader needs a pulse stretcher of 3 ms and at least 8 ms
// between bits, or a kernel driver.

import type { Board } from "./board.js";

export const board = {
  name: "linux",
  espruinoName: "LINUX",
  variables: 5000,
  storage: { address: 0x10000000, lengthBytes: 262144 },
  keys: { "key1": "D5", "key2": "D6", "key3": "D13", "key4": "D19", "key5": "D26", "invite": "D20", "pause": "D21" },
  pauseLamp: { pin: "D17", litLevel: 1 },
  answerLamp: { pin: "D27", litLevel: 1 },
  sound: { pin: "D18" },
  display: { driver: "ssd1306", bus: "I2C1", scl: "D1", sda: "D0", address: 0x3c, bitrateHz: 400000 },
  badgeReader: { driver: "wiegand", data0: "D23", data1: "D24" },
  link: { driver: "network", isWireless: false, cable: { port: "Serial1", path: "/dev/serial0", baudHz: 9600, isConsole: false } },
  // All flash is Storage here (the file `espruino.flash`), so the region consists of the whole pages inside Storage's first file.
  flash: {
    address: 0x10000400,
    pageBytes: 1024,
    pageCount: 48,
    slotPages: 16,
    alignBytes: 4,
    storageFile: { name: "ledger", lengthBytes: 65 * 1024 },
  },
} satisfies Board;
