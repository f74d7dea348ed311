// Entry of a program for the interpreter, minified like the firmware: what listens to the line, alone. Between two marks each it hears some garbage.

import { parseMessage } from "../../firmware/uplink/codec.js";
import { createHal } from "../../hal/espruino/hal.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";

/** The bench's: what comes, by its kind, and in chunks of how many bytes. */
declare const garbage: readonly string[];
declare const chunkBytes: number;
/** The bench's: a moment for callgrind. */
declare function mark(): void;

const read = createLineReader((text) => parseMessage(text), createHal().crc32);

mark();
for (let kind = 0; kind < garbage.length; kind++) {
  const text = garbage[kind] as string;
  for (let i = 0; i < text.length; i += chunkBytes) read(text.substr(i, chunkBytes));
  mark();
}
