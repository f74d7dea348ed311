// Functions that the interpreter has natively, by Node's own means: checksums, hashes, byte strings and Base64, each as in `Hal`. They are called
// thousands of times in a simulated day. So they allocate little: a typed array of more than 64 bytes costs V8 more than to fill it.

import { hash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";

const HASH_BYTES = 32;
/** Up to so many bytes a loop in JavaScript is faster than a call of a native function. */
const FEW_BYTES = 24;

/** Node's own way from a string to bytes and back, without a new `Buffer` each time. */
const { latin1Write, base64Slice } = Buffer.prototype as unknown as {
  latin1Write(this: Uint8Array, text: string, offset: number, lengthBytes: number): number;
  base64Slice(this: Uint8Array, start: number, end: number): string;
};

// --- CRC-32 ---

/** CRC-32 of each byte. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Memory for the bytes of a string while its CRC is computed, and the beginning of it for each length. */
const scratch = Buffer.alloc(640);
const beginnings = Array.from({ length: scratch.length + 1 }, (_, lengthBytes) => scratch.subarray(0, lengthBytes));

/** The CRCs of the last two longer strings: both ends of a link compute it for the same line, and most hellos equal the one before. */
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
  newest = { text: data, crc: zlibCrc32(scratchBytes(data)) };
  return newest.crc;
}

/** The bytes of a string. They hold until the next call. */
function scratchBytes(text: string): Uint8Array {
  if (text.length > scratch.length) return Buffer.from(text, "latin1");
  latin1Write.call(scratch, text, 0, text.length);
  return beginnings[text.length] as Buffer;
}

// --- SHA-256 ---

/** Inputs up to this length are remembered. */
const MOST_REMEMBERED_BYTES = 512;

/** An input of SHA-256 and its hash, as a byte string. */
interface Hashed {
  readonly memory: ArrayBuffer;
  data: Uint8Array;
  hash: string;
}

/** The last inputs. Most hellos, and their acknowledgements, are authenticated by the same hashes as those before. */
const remembered: readonly Hashed[] = Array.from({ length: 8 }, () => ({
  memory: new ArrayBuffer(MOST_REMEMBERED_BYTES),
  data: new Uint8Array(),
  hash: "",
}));
/** The place in `remembered` that is used next. */
let nextRemembered = 0;

export function sha256(data: Uint8Array): Uint8Array {
  const text = rememberedHash(data) ?? newHash(data);
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function rememberedHash(data: Uint8Array): string | undefined {
  const last = data[data.length - 1];
  for (const each of remembered) {
    if (each.data.length === data.length && each.data[data.length - 1] === last && Buffer.compare(each.data, data) === 0) return each.hash;
  }
  return undefined;
}

function newHash(data: Uint8Array): string {
  // As a string it comes without an object for the garbage collector.
  const text = hash("sha256", data, "binary");
  if (data.length === 0 || data.length > MOST_REMEMBERED_BYTES) return text;
  const place = remembered[nextRemembered] as Hashed;
  nextRemembered = (nextRemembered + 1) % remembered.length;
  place.data = new Uint8Array(place.memory, 0, data.length);
  place.data.set(data);
  place.hash = text;
  return text;
}

// --- byte strings and Base64 ---

const POOL_BYTES = 65536;
/** Memory for the arrays that `toBytes` returns, and how much of it is used. No byte of it is given twice. */
let pool = new ArrayBuffer(POOL_BYTES);
let poolUsedBytes = 0;

export function toBytes(text: string): Uint8Array {
  const { length } = text;
  if (poolUsedBytes + length > pool.byteLength) {
    pool = new ArrayBuffer(Math.max(POOL_BYTES, length));
    poolUsedBytes = 0;
  }
  const bytes = new Uint8Array(pool, poolUsedBytes, length);
  poolUsedBytes += length;
  if (length > FEW_BYTES) latin1Write.call(bytes, text, 0, length);
  else for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function toBase64(data: Uint8Array): string {
  return base64Slice.call(data, 0, data.length);
}

export function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}
