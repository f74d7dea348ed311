// Messages as lines: JSON, `*`, eight digits of a CRC-32, line feed. It was written from PROTOCOL.md alone, and shares no code with the firmware.

import { crc32 } from "node:zlib";

/** Longest line, without its end. */
export const MOST_LINE_BYTES = 512;
/** Length of `*` and the digits. */
const CRC_LENGTH = 9;
/** Longest text of a message in either direction, in characters. */
export const MOST_TEXT = MOST_LINE_BYTES - CRC_LENGTH;

/** @param text JSON in printable ASCII */
export function lineOf(text: string): string {
  return `${text}*${digitsOf(text)}\n`;
}

function digitsOf(text: string): string {
  return crc32(Buffer.from(text, "latin1")).toString(16).padStart(8, "0");
}

/** The message in a line; undefined where there is none. @param line without its line feed */
export function messageIn(line: string): object | undefined {
  const end = line.length - CRC_LENGTH;
  if (end < 2 || line[end] !== "*") return undefined;
  const text = line.slice(0, end);
  if (line.slice(end + 1).toLowerCase() !== digitsOf(text)) return undefined;
  return messageOf(text);
}

/** The object in a JSON text; undefined where there is none. */
export function messageOf(text: string): object | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes a function that takes bytes as they come. It drops every line that is no message, and begins again behind the next line feed.
 * @param onMessage gets each message, and its text as it came
 * @param onGarbage is called for each line that was dropped
 */
export function createLineReader(
  onMessage: (message: object, text: string) => void,
  onGarbage: () => void = () => undefined,
): (chunk: Uint8Array) => void {
  let pending = "";
  let isTooLong = false;

  function take(): void {
    const line = pending.endsWith("\r") ? pending.slice(0, -1) : pending;
    const message = isTooLong || line.length > MOST_LINE_BYTES ? undefined : messageIn(line);
    if (message) onMessage(message, line.slice(0, -CRC_LENGTH));
    else if (isTooLong || line !== "") onGarbage();
    pending = "";
    isTooLong = false;
  }

  return (chunk) => {
    const parts = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1").split("\n");
    parts.forEach((part, i) => {
      if (i > 0) take();
      if (!isTooLong) pending += part;
      if (pending.length > MOST_LINE_BYTES + 1) {
        pending = "";
        isTooLong = true;
      }
    });
  };
}
