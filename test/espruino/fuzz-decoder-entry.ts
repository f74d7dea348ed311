// biome-ignore-all lint/suspicious/noExplicitAny: the entry's types are not checked, as it is compiled alone.
// biome-ignore-all lint/style/useTemplate: as in the firmware.
// Entry of a program for the interpreter, minified like the firmware: the line reader and the decoder alone, which are fast enough for a million lines in minutes. It reads
// the file `lines` in chunks, as a link brings them, and writes a character for each message that it hears to the file `progress`: `-` for what is no object, else the
// number of its fields. A crash leaves what was written before.

import { parseMessage } from "../../firmware/uplink/codec.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";

declare function print(text: string): void;

const lines = (E as any).openFile("lines", "r");
const progress = (E as any).openFile("progress", "w");
let heard = "";
const hear = createLineReader((text) => {
  const message = parseMessage(text);
  let fields = 0;
  for (const _ in message) fields++;
  heard += message ? Math.min(fields, 9) : "-";
}, E.CRC32);
// No divisor of the usual lengths of buffers, so that lines are cut everywhere.
for (let chunk = lines.read(211); chunk; chunk = lines.read(211)) {
  hear(chunk);
  progress.write(heard);
  heard = "";
}
progress.write("\n");
print("the fuzz has ended");
