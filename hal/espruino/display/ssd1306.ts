// SSD1306, 128x64 pixels, on I2C or SPI. Commands are by Solomon Systech's datasheet SSD1306 rev 1.1, section 9 (command table, VCOMH on page 32) and its application
// note (software initialization flow). The charge pump, 8Dh, is in that note, and in the datasheet itself from rev 1.2 on.

import { sendTo } from "#display-bus";
import { COMMANDS, HEIGHT_PIXELS, PIXELS, WIDTH_PIXELS } from "../oled.js";

export { HEIGHT_PIXELS, IS_VERTICAL, WIDTH_PIXELS } from "../oled.js";

/** Sets the chip up, which is off after power-up. One that is lit stays so, as the refresh wants it. */
export function start(): void {
  sendTo(COMMANDS, [
    0xd5,
    0x80, // clock: divide ratio 1, oscillator 8
    0xa8,
    0x3f, // multiplex ratio: 64 lines
    0xd3,
    0x00, // no display offset
    0x40, // start line 0
    0x8d,
    0x14, // charge pump on
    0x20,
    0x00, // horizontal addressing
    0xa1,
    0xc8, // column 127 is segment 0, and rows from the bottom, as the modules are usually mounted
    0xda,
    0x12, // COM pins: alternative
    0x81,
    0xcf, // contrast
    0xd9,
    0xf1, // pre-charge period
    0xdb,
    0x30, // VCOMH deselect level: 0.83 x VCC
    0xa4,
    0xa6, // pixels from memory, not inverted
  ]);
}

/** Switches the display on. */
export function light(): void {
  sendTo(COMMANDS, [0xaf]);
}

/** Sends all parts at once, columns 0 to 127. The chip goes on from page to page by itself. */
export function sendParts(buffer: ArrayBuffer, first: number, end: number): void {
  sendTo(COMMANDS, [0x21, 0, WIDTH_PIXELS - 1, 0x22, first, HEIGHT_PIXELS / 8 - 1]);
  sendTo(PIXELS, new Uint8Array(buffer, first * WIDTH_PIXELS, (end - first) * WIDTH_PIXELS));
}
