// Everything that the firmware asks of a board, in one record. Bindings for real boards are in hal/espruino, simulated ones in sim/hal.

import type { BadgeReader } from "./badge.js";
import type { Clock } from "./clock.js";
import type { Flash } from "./flash.js";
import type { Keys } from "./keys.js";
import type { Lamps } from "./lamps.js";
import type { Link } from "./link.js";
import type { Sound } from "./sound.js";
import type { Store } from "./store.js";
import type { Watchdog } from "./watchdog.js";

/** @typeParam Display `PixelDisplay` or `SegmentDisplay`, whichever the board has: only its screen wants to know */
export interface Hal<Display = unknown> {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly badgeReader: BadgeReader;
  readonly display: Display;
  readonly lamps: Lamps;
  readonly sound: Sound;
  readonly flash: Flash;
  readonly store: Store;
  readonly link: Link;
  readonly watchdog: Watchdog;
  /** Starts the board afresh, as if the power had gone. On Linux the interpreter ends, and whatever watches over it starts it again. */
  restart(): void;
  /** Opens the console for service, which the board's lock has closed: it closes again after ten minutes, and at a start. Without a lock it is open already. */
  unlock(): void;
  /** CRC-32 (IEEE 802.3, reflected, as in zlib; "123456789" gives 0xCBF43926) of bytes or of a byte string, 0 to 2^32-1. */
  crc32(data: Uint8Array | string): number;
  /** SHA-256 (FIPS 180-4) of bytes: 32 bytes, in a buffer of their own. */
  sha256(data: Uint8Array): Uint8Array;
  /** The bytes of a byte string. */
  toBytes(text: string): Uint8Array;
  /** Base64 (RFC 4648, with padding) of bytes. */
  toBase64(data: Uint8Array): string;
  /** The bytes of a Base64 text, as a byte string. */
  fromBase64(text: string): string;
  /** A random whole number, 0 to 2^32-1, from the hardware where it has a source: names a ledger, guards nothing secret. */
  random32(): number;
  /** How the interpreter does. */
  vitals(): Vitals;
}

export interface Vitals {
  /** Variables of the interpreter that are free. */
  readonly free: number;
  /** Its error flags since the last call, such as `FIFO_FULL` (edges or bytes were lost) and `LOW_MEMORY`: the reference of `E.getErrorFlags` has them. */
  readonly flags: readonly string[];
}
