// Replaces own-clock.ts on boards without a clock chip: the wall time is the host's alone.

import type { ClockChip } from "../../hal/clock-chip.js";
import type { State } from "../terminal/state.js";
import type { OwnClock } from "./own-clock.js";
import type { Append } from "./recorder.js";

export function createOwnClock(
  _chip: ClockChip | undefined,
  _state: State,
  _append: Append,
  _act: unknown,
  carryOut: OwnClock["carryOut"],
): OwnClock {
  return {
    look: () => undefined,
    carryOut,
    note: () => undefined,
    source: () => "",
    isDown: () => false,
  };
}
