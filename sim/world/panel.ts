// The panel of a board's display.

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

/** A panel with these bytes. Their number tells the kind of panel. */
export function panelOf(bytes: Uint8Array): Pixels {
  const size = DISPLAY_SIZES.find(({ width, height }) => (width * height) / 8 === bytes.length);
  return size ? new Pixels(size.width, size.height, bytes) : new SegmentPanel(bytes.length / new SegmentPanel(1).bytes.length, bytes);
}

/** Whether the firmware can notice a missing display. A chip on I2C answers; a chip on SPI answers when it has a line back to the board. */
export function canAnswer(display: DisplayWiring): boolean {
  return display.bus === "I2C1" || (display.driver === "max7219" && display.miso !== undefined);
}
