// Cuts a stream of bytes into lines. Longer lines than `MAX_LINE_BYTES` are dropped whole, so garbage costs no memory and the next line is clean.

import { MAX_LINE_BYTES } from "../../link.js";

/** Makes a function that takes chunks as they come and calls `onLine` for each whole line. Line ends are LF, with or without CR. */
export function createLineCutter(onLine: (line: string) => void): (chunk: string) => void {
  let pending = "";
  let isDropping = false;
  return (chunk) => {
    const parts = chunk.split("\n");
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) {
        if (!isDropping && pending) onLine(pending.charAt(pending.length - 1) === "\r" ? pending.substr(0, pending.length - 1) : pending);
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
