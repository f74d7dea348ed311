// Display controllers with a memory of pixels, as a driver sees them. They take commands and data from their bus as their datasheets say, and refuse what
// the real chip does not know. I2C and SPI with four wires differ only in how they tell commands from data.

import type { Pixels } from "../world/pixels.js";
import type { ChipLoss } from "./loss.js";
import { ChipRefusal, type SpiChip } from "./spi.js";

export interface PixelChip {
  readonly name: string;
  /** Highest clock on SPI with four wires, in Hz, from the datasheet. */
  readonly mostHz: number;
  /** Shortest reset pulse, in ms, from the datasheet. */
  readonly resetMs: number;
  /** Resets the registers. The memory stays. */
  reset(): void;
  /** A disturbance takes something from the chip. */
  lose(loss: ChipLoss): void;
  /** Takes a byte of a command: with D/C low, or in an I2C transfer behind 0x00. @throws ChipRefusal */
  command(byte: number): void;
  /** Takes a byte of data: with D/C high, or in an I2C transfer behind 0x40. @throws ChipRefusal */
  data(byte: number): void;
  /** A transfer ends. @throws ChipRefusal when a command is incomplete */
  end(): void;
  /** The picture on the panel. */
  draw(panel: Pixels): void;
}

export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** Commands of one byte, each with the number of its arguments. */
export class CommandTable {
  private readonly counts = new Map<number, number>();

  constructor(private readonly chip: string) {}

  /** Adds the commands from `first` to `last`. */
  add(first: number, last: number, argumentCount: number): this {
    for (let code = first; code <= last; code++) this.counts.set(code, argumentCount);
    return this;
  }

  /** @throws ChipRefusal when the chip has no such command */
  argumentsOf(code: number): number {
    const count = this.counts.get(code);
    if (count === undefined) throw new ChipRefusal(`${this.chip}: unknown command ${hex(code)}`);
    return count;
  }
}

/** Collects a command and its arguments, byte by byte. */
export class CommandReader {
  private code: number | undefined;
  private given: number[] = [];

  constructor(
    private readonly chip: string,
    private readonly table: CommandTable,
    private readonly obey: (code: number, given: readonly number[]) => void,
  ) {}

  get isComplete(): boolean {
    return this.code === undefined;
  }

  take(byte: number): void {
    if (this.code === undefined) this.code = byte;
    else this.given.push(byte);
    const { code, given } = this;
    if (given.length < this.table.argumentsOf(code)) return;
    this.drop();
    this.obey(code, given);
  }

  /** @throws ChipRefusal when arguments are missing */
  end(): void {
    const { code, given } = this;
    if (code === undefined) return;
    this.drop();
    throw new ChipRefusal(`${this.chip}: command ${hex(code)} lacks ${this.table.argumentsOf(code) - given.length} argument(s)`);
  }

  drop(): void {
    this.code = undefined;
    if (this.given.length > 0) this.given = [];
  }
}

/** A chip on I2C. Its module resets it when it gets power. It acknowledges every byte. */
export class I2cPixelChip {
  private isDisturbed = false;

  constructor(readonly chip: PixelChip) {
    chip.reset();
  }

  /** Takes a transfer, without the address. A disturbed chip ignores what it does not understand. @throws ChipRefusal */
  write(bytes: readonly number[]): void {
    const { chip } = this;
    const control = bytes[0];
    if (control !== 0x00 && control !== 0x40) throw new ChipRefusal(`${chip.name}: control byte ${control} is neither 0x00 nor 0x40`);
    try {
      for (let i = 1; i < bytes.length; i++) control === 0x00 ? chip.command(bytes[i] as number) : chip.data(bytes[i] as number);
      if (control === 0x00) chip.end();
    } catch (error) {
      if (!this.isDisturbed || !(error instanceof ChipRefusal)) throw error;
    }
  }

  lose(loss: ChipLoss): void {
    this.isDisturbed = true;
    this.chip.lose(loss);
  }
}

/** A chip on SPI with four wires. After power-up it needs a reset. */
export class SpiPixelChip implements SpiChip {
  readonly modes = [0, 3];
  readonly name: string;
  readonly mostHz: number;
  private isData = false;
  private resetLevel: number | undefined;
  private isReset = false;
  /** Since a disturbance the chip ignores what it does not understand, until it is reset. */
  private isDisturbed = false;

  constructor(
    private readonly chip: PixelChip,
    private readonly onChange: () => void,
  ) {
    this.name = chip.name;
    this.mostHz = chip.mostHz;
  }

  /** The pin D/C. */
  dc(level: number): void {
    this.isData = level === 1;
  }

  /** The pin RES. @param heldMs time that it had the level before, where that is known */
  res(level: number, heldMs: number): void {
    if (this.resetLevel === 0 && level === 1) {
      if (heldMs < this.chip.resetMs) throw new ChipRefusal(`${this.name}: RES low for ${heldMs} ms, the least is ${this.chip.resetMs} ms`);
      this.chip.reset();
      this.isReset = true;
      this.isDisturbed = false;
    }
    this.resetLevel = level;
  }

  lose(loss: ChipLoss): void {
    this.isDisturbed = true;
    if (loss === "supply") this.isReset = false;
    this.chip.lose(loss);
    this.onChange();
  }

  select(isSelected: boolean): void {
    if (isSelected) return;
    this.onChange();
  }

  exchange(byte: number): number {
    try {
      return this.take(byte);
    } catch (error) {
      if (!this.isDisturbed || !(error instanceof ChipRefusal)) throw error;
      return 0xff;
    }
  }

  private take(byte: number): number {
    if (this.resetLevel === 0) throw new ChipRefusal(`${this.name}: ${hex(byte)} while RES is low`);
    if (!this.isReset) throw new ChipRefusal(`${this.name}: ${hex(byte)} before it was reset after power-up`);
    if (this.isData) {
      this.chip.data(byte);
    } else this.chip.command(byte);
    return 0xff;
  }
}
