// SH1106, 128x64 pixels of its 132x64, on I2C or SPI. Commands by Sino Wealth's datasheet SH1106 v2.3, section "Commands". It knows page addressing
// only, and the panel hangs on the middle of its columns: the first is number 2.

import { sendTo } from "#display-bus";
import { COMMANDS } from "../oled.js";

export { fill, HEIGHT_PIXELS, IS_VERTICAL, light, WIDTH_PIXELS } from "../oled.js";

/** Every page is addressed. */
export const GOES_ON = false;

export function start(): void {
  sendTo(COMMANDS, [
    0xae, // display off
    0xd5,
    0x80, // clock: divide ratio 1, oscillator 8
    0xa8,
    0x3f, // multiplex ratio: 64 lines
    0xd3,
    0x00, // no display offset
    0x40, // start line 0
    0xad,
    0x8b, // DC-DC converter on with the display
    0x33, // its voltage: 9 V
    0xa1,
    0xc8, // columns and rows from the other end: the usual way round of the modules
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

/** Page, then the low and the high half of the column. */
export function address(part: number): void {
  sendTo(COMMANDS, [0xb0 + part, 0x02, 0x10]);
}
