// Seals files with a CRC-32, so that a board uses them whole or not at all: see config/sealed.ts.

import { crc32 } from "node:zlib";

/** @returns the content behind the CRC-32 of its UTF-8 */
export function seal(content: string): string {
  return digitsOf(Buffer.from(content, "utf8")) + content;
}

/** @returns the content behind its CRC-32 */
export function sealBytes(content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(digitsOf(content), "latin1"), content]);
}

function digitsOf(content: Uint8Array): string {
  return crc32(content).toString(16).padStart(8, "0");
}
