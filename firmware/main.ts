// The entry of the firmware: starts the app on the hardware of the board, with the screen for its kind of display.

import { createOwnClock } from "#own-clock";
import { createScreen } from "#screen";
import { openSlots } from "#slots";
import { createStatus } from "#status";
import { createHal } from "../hal/espruino/hal.js";
import { startApp } from "./app.js";

const hal = createHal();
startApp(hal, createScreen(hal.display, hal.store, hal.crc32, hal.clock.nowMs), openSlots, createStatus, createOwnClock);
