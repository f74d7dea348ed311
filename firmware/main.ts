// What runs on a board: the app over its hardware.

import { createHal } from "../hal/espruino/hal.js";
import { startApp } from "./app.js";

startApp(createHal());
