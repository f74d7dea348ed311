// Messages as lines, which serial ports and TCP connections carry.

import { textOf } from "../../../firmware/uplink/codec.js";
import { MAX_MESSAGE_BYTES } from "../../link.js";

/** Longest line in either direction, in bytes, without its line end. */
export const MAX_LINE_BYTES = MAX_MESSAGE_BYTES + 9;

/**
 * Makes a function that takes chunks as they come and calls `onMessage` for the text in each whole line whose CRC is right. Line ends are LF, with or
 * without CR. Longer lines than `MAX_LINE_BYTES` are dropped whole, so garbage costs no memory and the next line is clean.
 * @param crc32 as in `Hal`
 */
export function createLineReader(onMessage: (text: string) => void, crc32: (data: string) => number): (chunk: string) => void {
  let pending = "";
  let isDropping = false;
  return (chunk) => {
    const parts = chunk.split("\n");
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) {
        const end = pending.length - 1;
        const text = isDropping ? "" : textOf(pending.charAt(end) === "\r" ? pending.substr(0, end) : pending, crc32);
        if (text) onMessage(text);
        pending = "";
        isDropping = false;
      }
      if (!isDropping) pending += parts[i];
      if (pending.length > MAX_LINE_BYTES + 1) {
        pending = "";
        isDropping = true;
      }
    }
  };
}
