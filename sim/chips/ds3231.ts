// DS3231: time from register 00h on, alarms from 07h on, control 0Eh, status 0Fh, then aging and temperature.

import { ClockChip, type ClockLayout } from "./clock-chip.js";

const CONTROL = 0x0e;
const STATUS = 0x0f;
const TEMPERATURE = 0x11;
/** Bit 7 of the control register stops the oscillator on the battery, bit 7 of the status tells that it has stood still. */
const EOSC = 0x80;
const OSF = 0x80;

const LAYOUT: ClockLayout = {
  name: "DS3231",
  registers: 0x13,
  seconds: 0,
  minutes: 1,
  hours: 2,
  weekday: 3,
  day: 4,
  month: 5,
  year: 6,
  sunday: 1,
  flag: STATUS,
};

export class Ds3231 extends ClockChip {
  constructor(nowMs: () => number) {
    super(LAYOUT, nowMs);
  }

  protected override isRunning(hasSupply: boolean): boolean {
    return hasSupply || !((this.registers[CONTROL] as number) & EOSC);
  }

  protected override reset(): void {
    this.registers[CONTROL] = 0x1c;
    this.registers[STATUS] = 0x08;
  }

  protected override take(register: number, byte: number): number {
    if (register >= TEMPERATURE) this.refuse("the temperature cannot be written");
    if (register === STATUS && byte & OSF && !((this.registers[STATUS] as number) & OSF)) this.refuse("OSF can only be cleared");
    return byte;
  }
}
