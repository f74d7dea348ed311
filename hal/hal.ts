// All parts of a board, in one interface. The bindings for real boards are in hal/espruino, those of the simulator in sim/hal.

import type { BadgeReader } from "./badge.js";
import type { Clock } from "./clock.js";
import type { ClockChip } from "./clock-chip.js";
import type { Flash } from "./flash.js";
import type { Keys } from "./keys.js";
import type { Lamps } from "./lamps.js";
import type { Link } from "./link.js";
import type { Sound } from "./sound.js";
import type { Store } from "./store.js";
import type { Watchdog } from "./watchdog.js";

/** @typeParam Display `PixelDisplay` or `SegmentDisplay`. Only the screen needs to know which one the board has. */
export interface Hal<Display = unknown> {
  readonly clock: Clock;
  /** The clock chip, on boards that have one. */
  readonly clockChip: ClockChip | undefined;
  readonly keys: Keys;
  readonly badgeReader: BadgeReader;
  readonly display: Display;
  readonly lamps: Lamps;
  readonly sound: Sound;
  readonly flash: Flash;
  readonly store: Store;
  readonly link: Link;
  readonly watchdog: Watchdog;
  /** Restarts the board, as after a power cut. On Linux the interpreter ends, and a service or loop has to start it again. */
  restart(): void;
  /** Opens the console, which the lock has closed, for service. It closes again after ten minutes, or at a start. Without a lock it is always open. */
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
  /** A whole number, 0 to 2^32-1, as random as the chip allows: on most of them it can be guessed. So it is only one of the things that name a log and a start. */
  random32(): number;
  /** The state of the interpreter. */
  vitals(): Vitals;
}

export interface Vitals {
  /** Free variables of the interpreter. */
  readonly free: number;
  /** Error flags of the interpreter since the last call, such as `FIFO_FULL` (edges or bytes were lost) and `LOW_MEMORY`: see `E.getErrorFlags`. */
  readonly flags: readonly string[];
}
