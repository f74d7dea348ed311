// The firmware's flash region on its medium, which the build puts behind `#flash`: the chip's own flash, or a memory on SPI. Each write and erase is read back.

import { chip } from "#flash";
import type { Flash, FlashStatus } from "../flash.js";

export interface FlashWiring {
  readonly address: number;
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly slotPages: number;
  readonly alignBytes: number;
}

/** Bytes that are read back at once after an erase. */
const CHECK_BYTES = 512;
/** CRC-32 of `CHECK_BYTES` erased bytes. */
const ERASED_CRC = 0xbd7bc39f;

export function createFlash(wiring: FlashWiring): Flash {
  const totalBytes = wiring.pageBytes * (wiring.pageCount + wiring.slotPages);

  function check(offset: number, lengthBytes: number): number {
    if (!(offset >= 0 && lengthBytes > 0 && offset + lengthBytes <= totalBytes)) throw new Error("outside the region");
    return wiring.address + offset;
  }

  /** A read threw. Nothing is written before the next start: the ledger may have taken what it could not read for erased, and would overwrite it. */
  let isLost = false;

  /** Trouble of the medium is a status: some boards throw where they cannot write, and so does a memory on SPI that does not answer. */
  function attempt(isDone: () => boolean): FlashStatus {
    try {
      if (!isLost && isDone()) return "ok";
    } catch (_) {
      // It is no reason to stop serving.
    }
    return "failed";
  }

  return {
    pageBytes: wiring.pageBytes,
    pageCount: wiring.pageCount,
    slotPages: wiring.slotPages,
    alignBytes: wiring.alignBytes,
    // There is no check: a start reads twenty times, and on a Pico the check would take longer than the reading. The simulator checks.
    read(offset, lengthBytes) {
      try {
        return chip.read(lengthBytes, wiring.address + offset);
      } catch (_) {
        check(offset, lengthBytes);
        isLost = true;
        // As a chip that is missing reads.
        return new Uint8Array(lengthBytes).fill(255);
      }
    },
    write(offset, data) {
      const address = check(offset, data.length);
      if (offset % wiring.alignBytes || data.length % wiring.alignBytes) throw new Error("not aligned");
      return attempt(() => {
        chip.write(data, address);
        return E.CRC32(chip.read(data.length, address)) === E.CRC32(data);
      });
    },
    erase(page) {
      const address = check(page * wiring.pageBytes, wiring.pageBytes);
      return attempt(() => {
        // The interpreter wants an integer here, and takes the result of a division for none.
        chip.erasePage(address | 0);
        let at = 0;
        while (at < wiring.pageBytes && E.CRC32(chip.read(CHECK_BYTES, address + at)) === ERASED_CRC) at += CHECK_BYTES;
        return at === wiring.pageBytes;
      });
    },
  };
}
