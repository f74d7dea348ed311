// The driver of a memory on SPI for the technician's tool, which reads, tests and erases the ledger over the console: tools/device/device-flash.ts is the other end. It may
// run beside the firmware, because each call has ended before another one begins.

import { chip } from "#flash";
import { isRightChip } from "../hal/espruino/flash/spi-memory.js";

(global as Record<string, unknown>)["ledgerFlash"] = { read: chip.read, write: chip.write, erasePage: chip.erasePage, "isThere": isRightChip };
