// The memories on SPI that a board file may name for its ledger: what they answer to the command 9Fh, their sizes and limits. Sources: the datasheets of Winbond's
// W25Q16JV to W25Q128JV (sections "Features" and "Device ID and Instruction Set Tables"), Fujitsu's MB85RS series (sections "Features" and "RDID") and Infineon's FM25V
// series (sections "Features" and "Device ID").

/** A memory on SPI. */
export interface MemoryChip {
  readonly driver: "spi-nor" | "fram";
  /** The first bytes that it answers to 9Fh. */
  readonly id: readonly number[];
  readonly bytes: number;
  /** Highest clock for the command Read Data (03h), in Hz. */
  readonly mostHz: number;
  /** Erases that a page is rated for; of an FRAM how often a byte may be read or written. */
  readonly erases: number;
}

const KILOBYTE = 1024;

function w25q(code: number, megabytes: number): MemoryChip {
  return { driver: "spi-nor", id: [0xef, 0x40, code], bytes: megabytes * KILOBYTE * KILOBYTE, mostHz: 50_000_000, erases: 100_000 };
}

function fram(id: readonly number[], kilobytes: number, mostHz: number, erases: number): MemoryChip {
  return { driver: "fram", id, bytes: kilobytes * KILOBYTE, mostHz, erases };
}

/** Infineon's bank number, in front of its product id. */
const INFINEON = [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0xc2];

/** By the names without package and grade. */
export const MEMORY_CHIPS: Readonly<Record<string, MemoryChip>> = {
  W25Q16JV: w25q(0x15, 2),
  W25Q32JV: w25q(0x16, 4),
  W25Q64JV: w25q(0x17, 8),
  W25Q128JV: w25q(0x18, 16),
  MB85RS64V: fram([0x04, 0x7f, 0x03, 0x02], 8, 20_000_000, 1e12),
  MB85RS256B: fram([0x04, 0x7f, 0x05, 0x09], 32, 25_000_000, 1e12),
  MB85RS512T: fram([0x04, 0x7f, 0x26, 0x03], 64, 25_000_000, 1e13),
  MB85RS1MT: fram([0x04, 0x7f, 0x27, 0x03], 128, 25_000_000, 1e13),
  MB85RS2MTA: fram([0x04, 0x7f, 0x48, 0x03], 256, 25_000_000, 1e13),
  FM25V02A: fram([...INFINEON, 0x22, 0x08], 32, 40_000_000, 1e14),
  FM25V05: fram([...INFINEON, 0x23, 0x00], 64, 40_000_000, 1e14),
  FM25V10: fram([...INFINEON, 0x24, 0x00], 128, 40_000_000, 1e14),
};

/** Length of a sector of NOR flash, the smallest part that it erases. */
export const SECTOR_BYTES = 4096;
