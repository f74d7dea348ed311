// Common parts of the chips of small OLED panels, SSD1306 and SH1106: 128x64 pixels, a byte for each column of eight, and the mark of commands and pixels.

import { sendTo } from "#display-bus";

export const WIDTH_PIXELS = 128;
export const HEIGHT_PIXELS = 64;
/** Whether a byte is a column of eight pixels, not a part of a line. */
export const IS_VERTICAL = true;

/** Marks for `sendTo`: commands or pixels follow. */
export const COMMANDS = 0x00;
export const PIXELS = 0x40;

/** Switches the display on. */
export function light(): void {
  sendTo(COMMANDS, [0xaf]);
}
