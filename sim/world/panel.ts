// The panel that hangs on a board's display chip.

import type { DisplayWiring } from "../../firmware/boards/board.js";
import { DISPLAY_SIZES, type DisplaySize, sizeOf } from "../../firmware/display/layouts.js";
import { Pixels } from "./pixels.js";
import { SegmentPanel } from "./segments.js";

/** A dark panel. */
export function createPanel(display: DisplayWiring): Pixels {
  if (display.driver === "max7219") return new SegmentPanel(display.digits);
  const { width, height } = sizeOf(display.driver) as DisplaySize;
  return new Pixels(width, height);
}

/** A panel with these bytes: which one it is can be told from their number. */
export function panelOf(bytes: Uint8Array): Pixels {
  const size = DISPLAY_SIZES.find(({ width, height }) => (width * height) / 8 === bytes.length);
  return size ? new Pixels(size.width, size.height, bytes) : new SegmentPanel(bytes.length / new SegmentPanel(1).bytes.length, bytes);
}

/** Whether the firmware can tell that the display is not there: a chip on I2C answers, and one on SPI where a line comes back. */
export function canAnswer(display: DisplayWiring): boolean {
  return display.bus === "I2C1" || (display.driver === "max7219" && display.miso !== undefined);
}
