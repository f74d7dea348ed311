// Stands in the place of the driver on boards without a clock chip.

import type { ClockChip } from "../../clock-chip.js";

export function createClockChip(): ClockChip | undefined {
  return undefined;
}
