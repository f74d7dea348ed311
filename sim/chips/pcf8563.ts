// PCF8563: control registers 00h and 01h, time from 02h on, alarm from 09h on, clock output 0Dh, timer 0Eh and 0Fh. Bits that it does not have are read as ones here.

import { ClockChip, type ClockLayout } from "./clock-chip.js";

const CONTROL_1 = 0x00;
const SECONDS = 0x02;
/** Bits of the first control register: a test mode, and the clock stands still. */
const TEST1 = 0x80;
const STOP = 0x20;

const LAYOUT: ClockLayout = {
  name: "PCF8563",
  registers: 0x10,
  seconds: SECONDS,
  minutes: 3,
  hours: 4,
  day: 5,
  weekday: 6,
  month: 7,
  year: 8,
  sunday: 0,
  flag: SECONDS,
};

/** Bits that the registers of the time do not have, from the seconds on. */
const UNUSED = [0x00, 0x80, 0xc0, 0xc0, 0xf8, 0x60, 0x00];

export class Pcf8563 extends ClockChip {
  constructor(nowMs: () => number) {
    super(LAYOUT, nowMs);
  }

  override read(lengthBytes: number): Uint8Array {
    const bytes = super.read(lengthBytes);
    return bytes.map((byte, i) => byte | (UNUSED[this.pointer + i - SECONDS] ?? 0));
  }

  protected override isRunning(): boolean {
    return !((this.registers[CONTROL_1] as number) & STOP);
  }

  protected override reset(): void {
    this.registers[CONTROL_1] = 0x08;
    // The alarm is off.
    for (let register = 0x09; register <= 0x0c; register++) this.registers[register] = 0x80;
  }

  protected override take(register: number, byte: number): number {
    if (register === CONTROL_1 && byte & TEST1) this.refuse("a test mode");
    return byte;
  }
}
