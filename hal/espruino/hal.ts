// The hardware abstraction layer of the board that is built. The board file states the pins and names the drivers, which the build puts behind `#display`, `#keys`,
// `#lamps`, `#badge-reader`, `#flash`, `#sound`, `#link`, `#clock-chip` and `#watchdog`.

import { createBadgeReader } from "#badge-reader";
import { board } from "#board";
import { createClockChip } from "#clock-chip";
import { createDisplay } from "#display";
import { createKeys } from "#keys";
import { createLamps } from "#lamps";
import { createLink } from "#link";
import { createSound } from "#sound";
import { kickMs, seconds } from "#watchdog";
import type { Board, ClockChipWiring } from "../../firmware/boards/board.js";
import type { Hal } from "../hal.js";
import { createClock } from "./clock.js";
import { createFlash } from "./flash.js";
import { lampWirings } from "./lamp-wirings.js";
import { random32 } from "./random.js";
import { createStore } from "./store.js";

/** How long the console stays open for service, in ms. */
const UNLOCK_MS = 600_000;

export function createHal(): Hal<ReturnType<typeof createDisplay>> {
  const clock = createClock();
  const crypto = require("crypto");
  return {
    clock,
    clockChip: createClockChip((board as Board).clock as ClockChipWiring),
    keys: createKeys(clock, board.keys),
    badgeReader: createBadgeReader(clock, board.badgeReader),
    display: createDisplay(),
    lamps: createLamps(lampWirings),
    sound: createSound(board.sound),
    flash: createFlash(board.flash),
    store: createStore(),
    link: createLink(board.link),
    watchdog: { kickMs, start: () => E.enableWatchdog(seconds, false), kick: E.kickWatchdog },
    // These are the native functions themselves: a function around each would cost memory and time.
    restart: E.reboot,
    unlock() {
      const lock = (global as { "lock"?: { "open"(forMs: number): void } })["lock"];
      if (lock) lock["open"](UNLOCK_MS);
    },
    crc32: E.CRC32,
    sha256: (data) => new Uint8Array(crypto.SHA256(data)),
    toBytes: E.toUint8Array,
    toBase64: btoa,
    fromBase64: atob,
    random32,
    // Without collecting garbage, because nobody may wait for that.
    vitals: () => ({ free: process.memory(false).free, flags: E.getErrorFlags() }),
  };
}
