// DS3231: clock chip with a crystal of its own that is corrected for temperature, on I2C at 68h. Registers are by Maxim's datasheet DS3231, 19-5170 rev 10, figure 1
// (timekeeping registers) and sections "Control Register (0Eh)" and "Status Register (0Fh)".

import type { ClockChip } from "../../clock-chip.js";
import { type ClockRegisters, type ClockWiring, createBcdClock } from "../bcd-clock.js";

export const REGISTERS: ClockRegisters = {
  time: 0x00,
  // Hours with the bit of the 12-hour mode, and months with that of the next century: neither may be set.
  masks: [0x7f, 0x7f, 0x7f, 0x07, 0x3f, 0x9f, 0xff],
  weekday: 3,
  day: 4,
  sunday: 1,
  // OSF in the status register.
  flag: 0x0f,
  // The seconds of alarm 1.
  mark: 0x07,
  control: 0x0e,
  // The oscillator runs on the battery too, and no alarm and no square wave is on; OSF and the 32 kHz output are cleared.
  controls: [0x1c, 0x00],
};

export function createClockChip(wiring: ClockWiring): ClockChip {
  return createBcdClock(wiring, REGISTERS);
}
