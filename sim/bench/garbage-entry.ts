// Entry of a program for the interpreter, minified like the firmware: the reader of lines alone. It gets some garbage between each two marks.

import { parseMessage } from "../../firmware/uplink/codec.js";
import { createHal } from "../../hal/espruino/hal.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";

/** From the bench: the garbage of each kind, and the size of its chunks in bytes. */
declare const garbage: readonly string[];
declare const chunkBytes: number;
/** From the bench: marks a moment for callgrind. */
declare function mark(): void;

const read = createLineReader((text) => parseMessage(text), createHal().crc32);

mark();
for (let kind = 0; kind < garbage.length; kind++) {
  const text = garbage[kind] as string;
  for (let i = 0; i < text.length; i += chunkBytes) read(text.substr(i, chunkBytes));
  mark();
}
