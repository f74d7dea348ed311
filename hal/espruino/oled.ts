// Common parts of the chips of small OLED panels, SSD1306 and SH1106: 128x64 pixels, a byte for each column of eight, and the marks of commands and pixels.

export const WIDTH_PIXELS = 128;
export const HEIGHT_PIXELS = 64;
/** Whether a byte is a column of eight pixels, not a part of a line. */
export const IS_VERTICAL = true;

/** Marks for `sendTo`: commands or pixels follow. */
export const COMMANDS = 0x00;
export const PIXELS = 0x40;
