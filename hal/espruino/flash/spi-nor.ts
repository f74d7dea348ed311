// NOR flash on SPI, such as Winbond's W25Q series. A page of the ledger is a sector of the chip, 4 kB. Commands are by the datasheet W25Q64JV, sections "Page Program (02h)"
// (at most 256 bytes, behind which the address wraps), "Sector Erase (20h)", "Read Status Register-1 (05h)" and "Release Power-down (ABh)"; times are by its table "AC
// Electrical Characteristics".

import { bus, command, cs, enableWriting, isRightChip, openBus, read, receive, WRITE } from "./spi-memory.js";

const READ_STATUS = 0x05;
const RELEASE_POWER_DOWN = 0xab;
const ERASE_SECTOR = 0x20;
/** A bit of the status: a write or an erase is still going on. */
const BUSY = 1;
/** The status that a line shows where no chip drives it. A chip with all its blocks protected shows it too, and takes no write either. */
const NOBODY = 0xff;

const PROGRAM_BYTES = 256;

/** A sector is erased within 400 ms, and a page written within 3 ms (tSE and tPP). */
const MOST_SECONDS = 0.5;
/** So many reads of the status take longer, on the fastest board too. */
const MOST_READS = 30000;

let isUsable = true;

/**
 * Waits for the end of a write or an erase. A chip with which that takes too long, or a line that nobody drives, is not used again: the ledger would try page after page, for
 * longer than the watchdog waits.
 */
function settle(): void {
  const untilSeconds = getTime() + MOST_SECONDS;
  let status = BUSY;
  for (let reads = 0; isUsable && status & BUSY; reads++) {
    status = receive([READ_STATUS], 1)[0] as number;
    isUsable = status !== NOBODY && reads < MOST_READS && getTime() < untilSeconds;
  }
}

try {
  openBus();
  // A chip that is asleep takes no other command. It is awake 3 us later (tRES1), which is sooner than the next one.
  bus.write([RELEASE_POWER_DOWN], cs);
  // A restart without a power cut may find it busy, and then it takes nothing but the question for its status.
  settle();
} catch (_) {
  // The bus throws: the next question has no answer either.
}
isUsable = isUsable && isRightChip();

export const chip: EspruinoFlash = {
  read,
  write(data, address) {
    for (let done = 0; done < data.length; ) {
      const from = address + done;
      const count = Math.min(PROGRAM_BYTES - (from & (PROGRAM_BYTES - 1)), data.length - done);
      enableWriting(isUsable);
      bus.write(command(WRITE, from), new Uint8Array(data.buffer, data.byteOffset + done, count), cs);
      settle();
      done += count;
    }
  },
  erasePage(address) {
    enableWriting(isUsable);
    bus.write(command(ERASE_SECTOR, address), cs);
    settle();
  },
};
