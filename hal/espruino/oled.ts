// What the chips of small OLED panels, SSD1306 and SH1106, have in common: 128x64 pixels, a byte a column of eight, and how pixels are told from commands.

import { sendTo } from "#display-bus";

export const WIDTH_PIXELS = 128;
export const HEIGHT_PIXELS = 64;
/** A byte is a column of eight pixels. */
export const IS_VERTICAL = true;

/** As `sendTo` wants it: what follows are commands, or pixels. */
export const COMMANDS = 0x00;
export const PIXELS = 0x40;

/** Display on. */
export function light(): void {
  sendTo(COMMANDS, [0xaf]);
}
