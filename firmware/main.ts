// What runs on a board: the app over its hardware, and the screen for its kind of display.

import { createScreen } from "#screen";
import { openSlots } from "#slots";
import { createStatus } from "#status";
import { createHal } from "../hal/espruino/hal.js";
import { startApp } from "./app.js";

const hal = createHal();
startApp(hal, createScreen(hal.display, hal.store, hal.crc32), openSlots, createStatus);
