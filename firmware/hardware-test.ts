// The hardware test runs on a board instead of the firmware while a technician tries its parts by hand. The console calls the firmware's own drivers by the names
// here; tools/device/hardware-test.ts is the other end.

import { createBadgeReader } from "#badge-reader";
import { board } from "#board";
import { createClockChip } from "#clock-chip";
import { createDisplay } from "#display";
import { createKeys } from "#keys";
import { createLamps } from "#lamps";
import { createSound } from "#sound";
import type { ClockChip } from "../hal/clock-chip.js";
import type { PixelDisplay, SegmentDisplay } from "../hal/display.js";
import { createClock } from "../hal/espruino/clock.js";
import { lampWirings } from "../hal/espruino/lamp-wirings.js";
import type { Board, ClockChipWiring } from "./boards/board.js";

const clock = createClock();
const lamps = createLamps(lampWirings);
const display = createDisplay() as unknown as PixelDisplay & SegmentDisplay;
const sound = createSound(board.sound);
/** Keys that went down, and badges and faults that the reader reported, since the last look. */
let pressed: string[] = [];
let read: string[] = [];

const downKeys = createKeys(clock, board.keys).start((key, isDown) => {
  if (isDown) pressed.push(key);
});
createBadgeReader(clock, board.badgeReader).start({
  onBadge: (badge) => {
    read.push(badge);
  },
  onFault: (fault) => {
    read.push(fault);
  },
});

(global as Record<string, unknown>)["hands"] = {
  "down": downKeys,
  "pressed": () => {
    const seen = pressed;
    pressed = [];
    return seen;
  },
  "read": () => {
    const seen = read;
    read = [];
    return seen;
  },
  "lamps": lamps.show,
  /** Lights the whole display. */
  "display": () => {
    if ((board as Board).display.driver === "max7219") return display.show("8.8.8.8.8.8.8.8.");
    display.fill(0, 0, display.widthPixels, display.heightPixels);
    return display.flush();
  },
  /** What the clock chip gives, on a board that has one. */
  "clock": () => (createClockChip((board as Board).clock as ClockChipWiring) as ClockChip).read(),
  "sound": () => sound.play("invite", 100),
};
