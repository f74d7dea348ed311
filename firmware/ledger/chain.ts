// The keyed chain: each record has a code over itself and the code of the record before, which nobody can make without the device key (rule R3). A code is the
// first 32 bits of HMAC-SHA-256 (RFC 2104, FIPS 180-4). Hashing is native; this file only puts the blocks together.

import type { Hal } from "../../hal/hal.js";

/** Length of a block of SHA-256, and of a hash, in bytes. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Length of a key file, in bytes. It holds the two blocks that HMAC begins with, so that a start need not make them. */
export const KEY_BYTES = 2 * BLOCK_BYTES;

export interface Chain {
  /** Offset in `bytes.buffer` at which a record is put together, so that it need not be copied to be hashed. */
  readonly recordAt: number;
  readonly bytes: Uint8Array;
  /**
   * The code of the record in `bytes`.
   * @param previous code of the record before, or the id of the log for its first record
   * @param lengthBytes of the part of the record before its code
   * @returns 0 to 2^32-1
   */
  code(previous: number, lengthBytes: number): number;
  /** HMAC-SHA-256 of a byte string with the device key: 32 bytes. */
  mac(text: string): Uint8Array;
  /** The first 4 bytes of the same, as a number, 0 to 2^32-1. */
  word(text: string): number;
}

/**
 * @param parts of a board
 * @param key the key file, a byte string: the device key, padded with zeros to a block, XOR 0x36 in every byte, and the same with 0x5c
 * @param mostBytes length of the longest record
 */
export function createChain(parts: Pick<Hal, "sha256" | "toBytes">, key: string, mostBytes: number): Chain {
  const recordAt = BLOCK_BYTES + 4;
  const inner = new Uint8Array(recordAt + mostBytes);
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  const view = new DataView(inner.buffer);
  inner.set(parts.toBytes(key.substr(0, BLOCK_BYTES)));
  outer.set(parts.toBytes(key.substr(BLOCK_BYTES, BLOCK_BYTES)));
  function mac(text: string): Uint8Array {
    outer.set(parts.sha256(parts.toBytes(key.substr(0, BLOCK_BYTES) + text)), BLOCK_BYTES);
    return parts.sha256(outer);
  }

  return {
    recordAt,
    bytes: inner,
    code(previous, lengthBytes) {
      view.setUint32(BLOCK_BYTES, previous, true);
      outer.set(parts.sha256(new Uint8Array(inner.buffer, 0, recordAt + lengthBytes)), BLOCK_BYTES);
      return new DataView(parts.sha256(outer).buffer).getUint32(0, true);
    },
    mac,
    word: (text) => new DataView(mac(text).buffer).getUint32(0, true),
  };
}
