// PCF8563: clock chip with an outer crystal, on I2C at 51h. Registers are by NXP's datasheet PCF8563 rev 11, section 8.2 (register organization) and the tables of
// section 8.4 (time and date registers).

import type { ClockChip } from "../../clock-chip.js";
import { type ClockRegisters, type ClockWiring, createBcdClock } from "../bcd-clock.js";

export const REGISTERS: ClockRegisters = {
  time: 0x02,
  // The month with the bit of the next century, which may not be set. The other bits outside these are undefined.
  masks: [0x7f, 0x7f, 0x3f, 0x3f, 0x07, 0x9f, 0xff],
  weekday: 4,
  day: 3,
  sunday: 0,
  // VL in the seconds. It is cleared with them.
  flag: 0x02,
  // The minutes of the alarm, whose bit 7 keeps it off.
  mark: 0x09,
  control: 0x00,
  // The clock runs, no test mode; no alarm, no timer.
  controls: [0x00, 0x00],
};

export function createClockChip(wiring: ClockWiring): ClockChip {
  return createBcdClock(wiring, REGISTERS);
}
