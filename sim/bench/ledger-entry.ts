// Entry of a program for the interpreter, minified like the firmware: the ledger alone, over the board's flash. Between two marks it recovers, between the next
// two it appends records of sessions.

import { openLedger } from "../../firmware/ledger/ledger.js";
import type { RecordType } from "../../firmware/ledger/records.js";
import { createHal } from "../../hal/espruino/hal.js";

/** The bench's: how many. */
declare const appends: number;
/** The bench's: a moment for callgrind. */
declare function mark(): void;

/** `RecordType.Session`: constants of other files are not known here. */
const SESSION: RecordType = 4;

const hal = createHal();

mark();
const ledger = openLedger(hal, hal.store.read("key") || "");
mark();

mark();
for (let i = 0; i < appends; i++) ledger.append(SESSION, i * 1000, 1772411403 + i, '"00010","T-100001",0,5,12345');
mark();
