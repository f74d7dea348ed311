// A memory on SPI, as a driver sees it: Winbond's W25Q (datasheet W25Q64JV, sections "Page Program (02h)", "Sector Erase (20h)", "Write Enable (06h)", "Read Status
// Register-1 (05h)", "Power-down (B9h)") or an FRAM (datasheets MB85RS1MT and FM25V10, sections "WREN", "WRITE", "READ", "RDSR", "RDID"). A command takes effect when chip
// select rises. The ledger's region lies in a `NorFlash`, which also loses power, wears and counts; nothing has any business with the rest.

import type { SpiMemoryWiring } from "../../firmware/boards/board.js";
import { MEMORY_CHIPS, type MemoryChip } from "../../firmware/tools/boards/memory-chips.js";
import type { NorFlash } from "./nor-flash.js";
import { ChipRefusal, type SpiChip } from "./spi.js";

const WRITE = 0x02;
const READ = 0x03;
const WRITE_DISABLE = 0x04;
const READ_STATUS = 0x05;
const WRITE_ENABLE = 0x06;
const ERASE_SECTOR = 0x20;
const IDENTIFY = 0x9f;
const WAKE = 0xab;
const SLEEP = 0xb9;

/** Bits of the status register. */
const BUSY = 1;
const ENABLED = 2;

const PROGRAM_BYTES = 256;
const SECTOR_BYTES = 4096;
/** Number of reads of the status for which NOR flash is busy: a read takes a fraction of the time of a page, and far less than that of a sector. */
const PROGRAM_READS = 1;
const ERASE_READS = 3;

export class SpiMemory implements SpiChip {
  readonly name: string;
  readonly mostHz: number;
  readonly modes = [0, 3];
  private readonly kind: MemoryChip;
  private isEnabled = false;
  private isAsleep = false;
  /** Number of reads of the status until it is ready. */
  private busyReads = 0;
  /** The bytes since chip select went low. */
  private received: number[] = [];

  /** @param memory of the ledger's region @throws Error for a chip that nobody knows */
  constructor(
    private readonly wiring: Pick<SpiMemoryWiring, "chip" | "address">,
    private readonly memory: NorFlash,
  ) {
    const kind = MEMORY_CHIPS[wiring.chip];
    if (!kind) throw new Error(`no chip ${wiring.chip}`);
    this.kind = kind;
    this.name = wiring.chip;
    this.mostHz = kind.mostHz;
  }

  /** Puts it to sleep, or makes it busy, as a restart without a power cut may find it. @param reads of the status until it is ready */
  leave(isAsleep: boolean, reads: number): void {
    this.isAsleep = isAsleep;
    this.busyReads = reads;
  }

  select(isSelected: boolean): void {
    const bytes = this.received;
    this.received = [];
    if (!isSelected && bytes.length > 0) this.carryOut(bytes[0] as number, bytes);
  }

  exchange(byte: number): number {
    const place = this.received.push(byte) - 1;
    const [opcode] = this.received;
    if (place === 0 || this.isAsleep) return 0xff;
    if (opcode === READ_STATUS) return this.status();
    if (this.busyReads > 0) return 0xff;
    if (opcode === IDENTIFY) return this.kind.id[place - 1] ?? 0;
    return opcode === READ && place > this.addressBytes ? this.at(this.addressOf(this.received) + place - 1 - this.addressBytes) : 0xff;
  }

  private get isFlash(): boolean {
    return this.kind.driver === "spi-nor";
  }

  /** FRAM of up to 64 kB takes two bytes. */
  private get addressBytes(): number {
    return this.kind.bytes > 65536 ? 3 : 2;
  }

  private status(): number {
    const status = (this.busyReads > 0 ? BUSY : 0) | (this.isEnabled ? ENABLED : 0);
    if (this.busyReads > 0 && --this.busyReads === 0) this.isEnabled = false;
    return status;
  }

  private at(address: number): number {
    return this.memory.bytes[this.offsetOf(address, 1)] as number;
  }

  private addressOf(bytes: readonly number[]): number {
    if (bytes.length <= this.addressBytes) throw new ChipRefusal(`${this.name}: a command without its address`);
    return bytes.slice(1, 1 + this.addressBytes).reduce((address, byte) => address * 256 + byte, 0);
  }

  private carryOut(opcode: number, bytes: readonly number[]): void {
    if (this.isAsleep && opcode !== WAKE) throw new ChipRefusal(`${this.name}: asleep, and it hears command 0x${opcode.toString(16)}`);
    // A real one ignores what it hears while it is busy, and what it was waked with does no harm.
    if (opcode === READ_STATUS || (this.busyReads > 0 && opcode === WAKE)) return;
    if (this.busyReads > 0) throw new ChipRefusal(`${this.name}: busy, and it hears command 0x${opcode.toString(16)}`);
    if (opcode === READ || opcode === IDENTIFY) return;
    if (opcode === WRITE_ENABLE) this.isEnabled = true;
    else if (opcode === WRITE_DISABLE) this.isEnabled = false;
    else if (this.isFlash && (opcode === WAKE || opcode === SLEEP)) this.isAsleep = opcode === SLEEP;
    else if (opcode === WRITE) this.write(this.addressOf(bytes), bytes.slice(1 + this.addressBytes));
    else if (opcode === ERASE_SECTOR && this.isFlash) this.erase(this.addressOf(bytes));
    else throw new ChipRefusal(`${this.name}: command 0x${opcode.toString(16)} is used by no driver here`);
  }

  private requireEnabled(): void {
    // A real one ignores it.
    if (!this.isEnabled) throw new ChipRefusal(`${this.name}: a write or an erase without Write Enable`);
    // Flash forgets it at the end of the operation, when its status shows that.
    if (!this.isFlash) this.isEnabled = false;
  }

  private write(address: number, data: readonly number[]): void {
    this.requireEnabled();
    if (data.length === 0) throw new ChipRefusal(`${this.name}: a write without data`);
    if (!this.isFlash) {
      this.store(address, data);
      return;
    }
    this.busyReads = PROGRAM_READS;
    // The buffer has 256 bytes: what goes beyond the end of a page comes to its beginning, and the last 256 bytes count.
    const page = address - (address % PROGRAM_BYTES);
    const buffer = new Map<number, number>();
    data.forEach((byte, i) => {
      const at = (address + i) % PROGRAM_BYTES;
      buffer.delete(at);
      buffer.set(at, byte);
    });
    const places = [...buffer.keys()].sort((a, b) => a - b);
    for (let i = 0; i < places.length; ) {
      let end = i + 1;
      while (end < places.length && places[end] === (places[end - 1] as number) + 1) end++;
      const run = places.slice(i, end);
      this.memory.write(
        this.offsetOf(page + (run[0] as number), run.length),
        Uint8Array.from(run, (place) => buffer.get(place) as number),
      );
      i = end;
    }
  }

  /** FRAM keeps each byte at once, whatever was there. Where a whole page is set, that is an erase of the ledger. */
  private store(address: number, data: readonly number[]): void {
    const offset = this.offsetOf(address, data.length);
    const { pageBytes } = this.memory.geometry;
    if (data.length === pageBytes && offset % pageBytes === 0 && data.every((byte) => byte === 0xff)) this.memory.erase(offset / pageBytes);
    else this.memory.overwrite(offset, Uint8Array.from(data));
  }

  private erase(address: number): void {
    this.requireEnabled();
    this.busyReads = ERASE_READS;
    const sector = address - (address % SECTOR_BYTES);
    this.memory.erase(this.offsetOf(sector, SECTOR_BYTES) / this.memory.geometry.pageBytes);
  }

  private offsetOf(address: number, lengthBytes: number): number {
    const offset = address - this.wiring.address;
    if (offset < 0 || offset + lengthBytes > this.memory.bytes.length)
      throw new ChipRefusal(`${this.name}: ${lengthBytes} bytes at ${address} are outside the region of the ledger`);
    return offset;
  }
}
