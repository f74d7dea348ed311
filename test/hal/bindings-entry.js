// Entry of a test bundle: hands out the Espruino bindings themselves instead of starting the app over them.

import { createHal } from "../../hal/espruino/hal.js";

global.createHal = createHal;
