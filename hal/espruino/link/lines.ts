// Messages as lines, on serial ports and TCP connections.

import { textOf } from "../../../firmware/uplink/codec.js";
import { MAX_MESSAGE_BYTES } from "../../link.js";

/** Longest line in either direction, in bytes, without its line end. */
export const MAX_LINE_BYTES = MAX_MESSAGE_BYTES + 9;
/** Shortest line, in bytes: `{}`, `*` and eight digits. */
const MIN_LINE_BYTES = 11;

/**
 * Makes a function that takes chunks as they come, and calls `onMessage` for the text in each line whose CRC is right. A line ends with LF, or CR and LF. Lines longer
 * than `MAX_LINE_BYTES` are dropped whole, so garbage takes no memory, and the next line is not affected. Lines shorter than any message are skipped together: if a
 * Pico looked at each line feed, a stream of them would take more than all its time, even over a slow cable (`sim/bench/garbage.ts`).
 * @param crc32 as in `Hal`
 */
export function createLineReader(onMessage: (text: string) => void, crc32: (data: string) => number): (chunk: string) => void {
  let pending = "";
  return (chunk) => {
    let end = chunk.indexOf("\n");
    let line = pending + chunk.substr(0, end);
    while (end >= 0) {
      const last = line.length - 1;
      const text = last > MAX_LINE_BYTES ? "" : textOf(line.charAt(last) === "\r" ? line.substr(0, last) : line, crc32);
      if (text) onMessage(text);
      pending = "";
      end = chunk.indexOf("\n", end + 1 + MIN_LINE_BYTES);
      line = chunk.substring(chunk.lastIndexOf("\n", end - 1) + 1, end);
    }
    // A line that is too long is kept only as far as needed to know that it is.
    pending = (pending + chunk.substr(chunk.lastIndexOf("\n") + 1)).substr(0, MAX_LINE_BYTES + 2);
  };
}
