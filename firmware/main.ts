// What runs on a board: the app over its hardware.

import { openSlots } from "#slots";
import { createHal } from "../hal/espruino/hal.js";
import { startApp } from "./app.js";

startApp(createHal(), openSlots);
