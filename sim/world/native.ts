// What an interpreter has natively, by Node's own means: checksums, hashes, byte strings and Base64, each as in `Hal`.

import { hash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";

const HASH_BYTES = 32;
/** A call of zlib costs more than so few bytes by a table. */
const FEW_BYTES = 24;

/** CRC-32 of each byte. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Where the bytes of a text are put to be counted, and its beginnings by their length: neither is made again for each text. */
const scratch = Buffer.alloc(640);
const beginnings = Array.from({ length: scratch.length + 1 }, (_, lengthBytes) => scratch.subarray(0, lengthBytes));

/** The two longer texts that were counted last: both ends of a link count the same line, and a hello is mostly the one before. */
let newest = { text: "", crc: 0 };
let older = newest;

export function crc32(data: Uint8Array | string): number {
  if (typeof data !== "string") return zlibCrc32(data);
  if (data.length <= FEW_BYTES) {
    let crc = -1;
    for (let i = 0; i < data.length; i++) crc = (TABLE[(crc ^ data.charCodeAt(i)) & 255] as number) ^ (crc >>> 8);
    return ~crc >>> 0;
  }
  if (data === newest.text) return newest.crc;
  if (data === older.text) return older.crc;
  older = newest;
  newest = { text: data, crc: zlibCrc32(bytesOf(data)) };
  return newest.crc;
}

/** The bytes of a text, until the next one is asked for. */
function bytesOf(text: string): Uint8Array {
  if (text.length > scratch.length) return Buffer.from(text, "latin1");
  scratch.write(text, 0, "latin1");
  return beginnings[text.length] as Buffer;
}

export function sha256(data: Uint8Array): Uint8Array {
  // As a text it comes without an object to be collected.
  const text = hash("sha256", data, "binary");
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function toBase64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString("base64");
}

export function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}
