// What memories on SPI have in common: the bus, the commands with an address, and the identification. The opcodes here are the same in the datasheets of Winbond
// (W25Q64JV, section 8.1.2, table 1), Fujitsu (MB85RS1MT, section "Op-code") and Infineon (FM25V10, table 1).

import { board } from "#board";
import { part } from "../part.js";

interface SpiMemoryWiring {
  readonly bus: string;
  readonly sck: string;
  readonly mosi: string;
  readonly miso: string;
  readonly cs: string;
  readonly bitrateHz: number;
  readonly id: readonly number[];
  readonly chipBytes: number;
  readonly pageBytes: number;
}

export const WRITE_ENABLE = 0x06;
/** Page Program of NOR flash, WRITE of FRAM. */
export const WRITE = 0x02;
const READ = 0x03;
/** JEDEC ID of NOR flash, RDID of FRAM. */
const IDENTIFY = 0x9f;
/** Memories up to this size take two bytes for an address, and larger ones three. */
const TWO_BYTE_ADDRESSES = 65536;

export const wiring = board.flash as unknown as SpiMemoryWiring;
export const cs = part<Pin>(wiring.cs);
export const bus = wiring.bus === "software" ? new SPI() : part<EspruinoSpi>(wiring.bus);

export function openBus(): void {
  digitalWrite(cs, 1);
  bus.setup({ sck: part(wiring.sck), mosi: part(wiring.mosi), miso: part(wiring.miso), baud: wiring.bitrateHz });
}

/** An opcode with its address. The bus takes the lowest eight bits of each number. */
export function command(opcode: number, address: number): number[] {
  return wiring.chipBytes > TWO_BYTE_ADDRESSES ? [opcode, address >> 16, address >> 8, address] : [opcode, address >> 8, address];
}

/** Sends a command. @returns so many bytes of its answer, in an array of their own */
export function receive(sent: readonly number[], count: number): Uint8Array {
  digitalWrite(cs, 0);
  bus.write(sent);
  const bytes = bus.send({ data: 0, count: count });
  digitalWrite(cs, 1);
  return bytes;
}

export function read(lengthBytes: number, address: number): Uint8Array {
  return receive(command(READ, address), lengthBytes);
}

/** Whether the chip is there, and is the one of the board file. A line that nothing drives gives bytes that are all alike. */
export function isRightChip(): boolean {
  try {
    openBus();
    return E.CRC32(receive([IDENTIFY], wiring.id.length)) === E.CRC32(wiring.id);
  } catch (_) {
    return false;
  }
}

/**
 * Permits one write or erase.
 * @throws Error where the chip was not there at the start, or is not there any more. It is not used again before the next start: the ledger was recovered without it, and
 * would erase what it holds
 */
export function enableWriting(isUsable: boolean): void {
  if (!isUsable) throw new Error("no answer");
  bus.write([WRITE_ENABLE], cs);
}
