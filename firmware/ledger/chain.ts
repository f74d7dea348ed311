// The keyed chain: a code over each record and the code of the record before, which only the holder of the device key can make (rule R3).
// HMAC-SHA-256 (RFC 2104, FIPS 180-4), its first 32 bits. Hashing is native; here only blocks are put together.

import type { Hal } from "../../hal/hal.js";

/** Length of a block of SHA-256, and of a hash, in bytes. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Length of a key file: the two blocks that HMAC begins with, so that they need not be made at every start. */
export const KEY_BYTES = 2 * BLOCK_BYTES;

export interface Chain {
  /** What is hashed: records are put together in `bytes.buffer` from here on, so that nothing has to be copied. */
  readonly recordAt: number;
  readonly bytes: Uint8Array;
  /**
   * @param previous code of the record before; for the first of a log its log id
   * @param lengthBytes of the record without its end
   * @returns its code, 0 to 2^32-1
   */
  code(previous: number, lengthBytes: number): number;
  /** HMAC-SHA-256 of a byte string with the device key: 32 bytes. */
  mac(text: string): Uint8Array;
}

/**
 * @param parts of a board
 * @param key the key file, a byte string: the device key, padded with zeros to a block, exclusive or 0x36 in every byte, and the same with 0x5c
 * @param mostBytes of a record
 */
export function createChain(parts: Pick<Hal, "sha256" | "toBytes">, key: string, mostBytes: number): Chain {
  const recordAt = BLOCK_BYTES + 4;
  const inner = new Uint8Array(recordAt + mostBytes);
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  const view = new DataView(inner.buffer);
  inner.set(parts.toBytes(key.substr(0, BLOCK_BYTES)));
  outer.set(parts.toBytes(key.substr(BLOCK_BYTES, BLOCK_BYTES)));
  return {
    recordAt,
    bytes: inner,
    code(previous, lengthBytes) {
      view.setUint32(BLOCK_BYTES, previous, true);
      outer.set(parts.sha256(new Uint8Array(inner.buffer, 0, recordAt + lengthBytes)), BLOCK_BYTES);
      return new DataView(parts.sha256(outer).buffer).getUint32(0, true);
    },
    mac(text) {
      outer.set(parts.sha256(parts.toBytes(key.substr(0, BLOCK_BYTES) + text)), BLOCK_BYTES);
      return parts.sha256(outer);
    },
  };
}
