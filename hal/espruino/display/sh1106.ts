// SH1106, 128x64 pixels of its 132x64, on I2C or SPI. Commands are by Sino Wealth's datasheet SH1106 v2.3, section "Commands". The chip knows only page addressing, and
// the panel is connected to its middle columns, from number 2 on.

import { sendTo } from "#display-bus";
import { COMMANDS, PIXELS, WIDTH_PIXELS } from "../oled.js";

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
    0x33, // its voltage: 9 V
    0xa1,
    0xc8, // columns and rows from the other end, as the modules are usually mounted
    0xda,
    0x12, // COM pads: alternative
    0x81,
    0xcf, // contrast
    0xd9,
    0x1f, // pre-charge 15 clocks, discharge 1
    0xdb,
    0x40, // VCOM deselect level
    0xa4,
    0xa6, // pixels from memory, not inverted
  ]);
}

/** Switches the display on. The DC-DC converter may be switched only while it is off, which it is for the time of three bytes. */
export function light(): void {
  sendTo(COMMANDS, [
    0xae, // display off
    0xad,
    0x8b, // DC-DC converter on with the display
    0xaf, // display on
  ]);
}

/** Sends for each part its page, and the low and the high half of the first column, and then its pixels. */
export function sendParts(buffer: ArrayBuffer, first: number, end: number): void {
  for (let part = first; part < end; part++) {
    sendTo(COMMANDS, [0xb0 + part, 0x02, 0x10]);
    sendTo(PIXELS, new Uint8Array(buffer, part * WIDTH_PIXELS, WIDTH_PIXELS));
  }
}
