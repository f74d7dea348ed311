// Seals the files that a board uses whole or not at all: see config/sealed.ts.

import { crc32 } from "node:zlib";

/** @returns the content with its CRC-32, that of its UTF-8, before it */
export function seal(content: string): string {
  return digitsOf(Buffer.from(content, "utf8")) + content;
}

/** @returns the content with its CRC-32 before it */
export function sealBytes(content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(digitsOf(content), "latin1"), content]);
}

function digitsOf(content: Uint8Array): string {
  return crc32(content).toString(16).padStart(8, "0");
}
