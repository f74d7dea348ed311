// The keyed chain: a code over each record and the code of the record before, which only the holder of the device key can make (rule R3).
// HMAC-SHA-256 (RFC 2104, FIPS 180-4), its first 32 bits. Hashing is native; here only blocks are put together.

/** Length of a block of SHA-256, and of a hash, in bytes. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Digits of a device key: 32 bytes, hexadecimal. */
export const KEY_DIGITS = 64;

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
}

/**
 * @param sha256 as in `Hal`
 * @param key `KEY_DIGITS` hexadecimal digits
 * @param mostBytes of a record
 */
export function createChain(sha256: (data: Uint8Array) => Uint8Array, key: string, mostBytes: number): Chain {
  const recordAt = BLOCK_BYTES + 4;
  const inner = new Uint8Array(recordAt + mostBytes);
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  const view = new DataView(inner.buffer);
  inner.fill(0x36);
  outer.fill(0x5c);
  for (let i = 0; i < KEY_DIGITS / 2; i++) {
    const byte = parseInt(key.substr(i * 2, 2), 16);
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  return {
    recordAt,
    bytes: inner,
    code(previous, lengthBytes) {
      view.setUint32(BLOCK_BYTES, previous, true);
      outer.set(sha256(new Uint8Array(inner.buffer, 0, recordAt + lengthBytes)), BLOCK_BYTES);
      return new DataView(sha256(outer).buffer).getUint32(0, true);
    },
  };
}
