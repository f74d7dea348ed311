// Entry of a program for the interpreter, minified like the firmware: the ledger alone, over the board's flash. It recovers between the first two marks, and
// appends records of sessions between the next two.

import { openLedger } from "../../firmware/ledger/ledger.js";
import type { RecordType } from "../../firmware/ledger/records.js";
import { createHal } from "../../hal/espruino/hal.js";

/** From the bench: the number of records. */
declare const appends: number;
/** From the bench: marks a moment for callgrind. */
declare function mark(): void;

/** `RecordType.Session`. The build of an entry knows no constants of other files. */
const SESSION: RecordType = 4;

const hal = createHal();

mark();
const ledger = openLedger(hal, hal.store.read("key") || "", hal.random32);
mark();

mark();
for (let i = 0; i < appends; i++) ledger.append(SESSION, i * 1000, 1772411403 + i, '"00010","T-100001",0,5,12345');
mark();
