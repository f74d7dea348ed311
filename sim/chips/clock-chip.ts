// The common part of the clock chips on I2C: registers that count in BCD, on a battery also without the terminal's power.

import type { ChipLoss } from "./loss.js";
import { ChipRefusal } from "./spi.js";

/** Where a chip has its registers. */
export interface ClockLayout {
  readonly name: string;
  readonly registers: number;
  readonly seconds: number;
  readonly minutes: number;
  readonly hours: number;
  readonly weekday: number;
  readonly day: number;
  /** Its bit 7 is that of the next century. */
  readonly month: number;
  readonly year: number;
  /** The number of a Sunday. */
  readonly sunday: number;
  /** The register whose bit 7 tells that the oscillator has stood still. */
  readonly flag: number;
}

/** What a chip shows that was never set: a date like any other. */
const NEVER_SET_MS = Date.UTC(2024, 4, 6, 7, 8, 9);
const DAY_MS = 86_400_000;

const bcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
const isBcd = (byte: number): boolean => (byte & 15) < 10 && byte >> 4 < 10;
const decimal = (byte: number): number => (byte >> 4) * 10 + (byte & 15);

export abstract class ClockChip {
  /** Whether there is a battery that is not empty. */
  hasBattery = true;
  /** The power goes after so many bytes of the next transfers to the chip; undefined: it stays. */
  cutAfterBytes: number | undefined;
  /** Bits outside a mask are undefined, which is tested as ones here and there. */
  protected readonly registers: Uint8Array;
  protected pointer = -1;
  /** When the second began that the registers show. */
  private secondAtMs = 0;

  /** @param nowMs time of the world */
  constructor(
    protected readonly layout: ClockLayout,
    private readonly nowMs: () => number,
  ) {
    this.registers = new Uint8Array(layout.registers);
    this.forget();
  }

  /** Whether the oscillator runs, by the control registers. */
  protected abstract isRunning(hasSupply: boolean): boolean;
  /** What becomes of a register outside the time when a byte is written to it. @throws ChipRefusal where a real chip would do something unknown */
  protected abstract take(register: number, byte: number): number;
  /** The control registers after the first supply. */
  protected abstract reset(): void;

  /**
   * Takes a transfer, without the address.
   * @param onCut makes the error for a power cut
   * @throws ChipRefusal
   */
  write(bytes: readonly number[], onCut: () => Error): void {
    const { layout } = this;
    this.catchUp(true);
    const written = new Set<number>();
    bytes.forEach((byte, i) => {
      const left = this.cutAfterBytes;
      this.cutAfterBytes = left ? left - 1 : undefined;
      if (left === 0) throw onCut();
      if (i === 0) {
        if (byte >= layout.registers) this.refuse(`there is no register ${byte}`);
        this.pointer = byte;
        return;
      }
      if (this.pointer >= layout.registers) this.refuse("a transfer reaches beyond the last register");
      this.registers[this.pointer] = this.isTime(this.pointer) ? byte : this.take(this.pointer, byte);
      if (this.pointer === layout.seconds) this.secondAtMs = this.nowMs();
      written.add(this.pointer++);
    });
    if ([...written].some((register) => this.isTime(register)) && this.time() === undefined) this.refuse(`${this.words()} is no date and time`);
  }

  /** Sends registers from the one on that the last transfer has named. @throws ChipRefusal */
  read(lengthBytes: number): Uint8Array {
    if (this.pointer < 0) this.refuse("no register was named");
    if (this.pointer + lengthBytes > this.layout.registers) this.refuse("a transfer reaches beyond the last register");
    this.catchUp(true);
    return this.registers.slice(this.pointer, this.pointer + lengthBytes);
  }

  /** The supply of the terminal goes. */
  loseSupply(): void {
    this.catchUp(true);
    this.pointer = -1;
    if (!this.hasBattery) this.forget();
    else if (!this.isRunning(false)) this.raiseFlag();
  }

  /** The supply of the terminal comes again. */
  getSupply(): void {
    this.catchUp(this.hasBattery);
  }

  /** `register`: the month becomes 0. `registers`: as after the first supply. `supply`: nothing with a battery, otherwise as `registers`. */
  lose(loss: ChipLoss): void {
    this.catchUp(true);
    if (loss === "register") this.registers[this.layout.month] = 0;
    else if (loss === "registers" || !this.hasBattery) this.forget();
  }

  /** The chip goes wrong by some seconds, and does not notice it. */
  shift(seconds: number): void {
    this.catchUp(true);
    const time = this.time();
    if (time !== undefined) this.store(time + seconds * 1000);
  }

  protected refuse(what: string): never {
    throw new ChipRefusal(`${this.layout.name}: ${what}`);
  }

  protected raiseFlag(): void {
    this.registers[this.layout.flag] = (this.registers[this.layout.flag] as number) | 0x80;
  }

  private at(register: number, mask: number): number {
    return (this.registers[register] as number) & mask;
  }

  private isTime(register: number): boolean {
    const { seconds, minutes, hours, weekday, day, month, year } = this.layout;
    return [seconds, minutes, hours, weekday, day, month, year].includes(register);
  }

  private words(): string {
    return [...this.registers.slice(0, 9)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  }

  /** Date and time in the registers as ms since 1970 UTC; undefined where there is no such date or time. */
  private time(): number | undefined {
    const { seconds, minutes, hours, weekday, day, month, year, sunday } = this.layout;
    // Bit 6 of the hours would be the 12-hour mode of a DS3231, which no driver uses.
    const parts = [
      this.at(year, 0xff),
      this.at(month, 0x1f),
      this.at(day, 0x3f),
      this.at(hours, 0x7f),
      this.at(minutes, 0x7f),
      this.at(seconds, 0x7f),
    ];
    const days = this.at(weekday, 0x07) - sunday;
    if (!parts.every(isBcd) || days < 0 || days > 6) return undefined;
    const [y, mo, d, h, mi, s] = parts.map(decimal) as [number, number, number, number, number, number];
    const ms = Date.UTC(2000 + y + (this.at(month, 0x80) ? 100 : 0), mo - 1, d, h, mi, s);
    const date = new Date(ms);
    const isReal = date.getUTCMonth() === mo - 1 && date.getUTCDate() === d && date.getUTCHours() === h && date.getUTCMinutes() === mi;
    return isReal && date.getUTCSeconds() === s ? ms : undefined;
  }

  private store(ms: number): void {
    const { seconds, minutes, hours, weekday, day, month, year, sunday } = this.layout;
    const before = this.time();
    const passedDays = before === undefined ? 0 : Math.floor(ms / DAY_MS) - Math.floor(before / DAY_MS);
    const date = new Date(ms);
    const put = (register: number, mask: number, value: number): void => {
      this.registers[register] = ((this.registers[register] as number) & ~mask) | value;
    };
    put(seconds, 0x7f, bcd(date.getUTCSeconds()));
    put(minutes, 0x7f, bcd(date.getUTCMinutes()));
    put(hours, 0x3f, bcd(date.getUTCHours()));
    put(weekday, 0x07, ((((this.at(weekday, 0x07) - sunday + passedDays) % 7) + 7) % 7) + sunday);
    put(day, 0x3f, bcd(date.getUTCDate()));
    put(month, 0x9f, bcd(date.getUTCMonth() + 1) | (date.getUTCFullYear() >= 2100 ? 0x80 : 0));
    put(year, 0xff, bcd(date.getUTCFullYear() % 100));
  }

  /** Counts the seconds that have passed. What a chip counts from an impossible date on is not specified: here it stands still. */
  private catchUp(hasSupply: boolean): void {
    const passed = Math.floor((this.nowMs() - this.secondAtMs) / 1000);
    this.secondAtMs += passed * 1000;
    const time = this.time();
    if (passed > 0 && time !== undefined && this.isRunning(hasSupply)) this.store(time + passed * 1000);
  }

  /** The registers after the first supply. The datasheets leave the time open. */
  private forget(): void {
    this.registers.fill(0);
    this.registers[this.layout.weekday] = this.layout.sunday + 1;
    this.store(NEVER_SET_MS);
    this.registers[this.layout.weekday] = this.layout.sunday + 1;
    this.reset();
    this.raiseFlag();
    this.pointer = -1;
    this.secondAtMs = this.nowMs();
  }
}
