// Seals the files that a board uses whole or not at all: see config/sealed.ts.

import { crc32 } from "node:zlib";

/** @returns the content with its CRC-32, that of its UTF-8, before it */
export function seal(content: string): string {
  return crc32(Buffer.from(content, "utf8")).toString(16).padStart(8, "0") + content;
}
