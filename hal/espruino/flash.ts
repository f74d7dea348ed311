// Raw flash through require("Flash"), each write and erase read back.

import type { Flash } from "../flash.js";

export interface FlashWiring {
  readonly address: number;
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly slotPages: number;
  readonly alignBytes: number;
}

/** How much is read back at once after an erase, in bytes. */
const CHECK_BYTES = 512;
/** CRC-32 of `CHECK_BYTES` erased bytes. */
const ERASED_CRC = 0xbd7bc39f;

export function createFlash(wiring: FlashWiring): Flash {
  const chip = require("Flash");
  const totalBytes = wiring.pageBytes * (wiring.pageCount + wiring.slotPages);

  function check(offset: number, lengthBytes: number): number {
    if (!(offset >= 0 && lengthBytes > 0 && offset + lengthBytes <= totalBytes)) throw new Error("outside the region");
    return wiring.address + offset;
  }

  return {
    pageBytes: wiring.pageBytes,
    pageCount: wiring.pageCount,
    slotPages: wiring.slotPages,
    alignBytes: wiring.alignBytes,
    // A start reads twenty times, and a check each time would take a Pico longer than the reading: the simulator checks it.
    read: (offset, lengthBytes) => chip.read(lengthBytes, wiring.address + offset),
    write(offset, data) {
      const address = check(offset, data.length);
      if (offset % wiring.alignBytes || data.length % wiring.alignBytes) throw new Error("not aligned");
      chip.write(data, address);
      return E.CRC32(chip.read(data.length, address)) === E.CRC32(data) ? "ok" : "failed";
    },
    erase(page) {
      const address = check(page * wiring.pageBytes, wiring.pageBytes);
      // Only an integer will do: what comes of a division is none to the interpreter.
      chip.erasePage(address | 0);
      for (let at = 0; at < wiring.pageBytes; at += CHECK_BYTES) {
        if (E.CRC32(chip.read(CHECK_BYTES, address + at)) !== ERASED_CRC) return "failed";
      }
      return "ok";
    },
  };
}
