// What follows when the host sets the wall clock: after a start the past finds its place, and who may not be there any more is signed out.

import { reviewDay, reviewRoster } from "./admission.js";
import { placeInTime } from "./attendance.js";
import { addPunctuality } from "./duty.js";
import { placePause } from "./pause.js";
import type { State } from "./state.js";
import { setWallClock } from "./wall-clock.js";

/** @cold @param unix seconds since 1970 UTC */
export function takeTime(state: State, unix: number, atMs: number): void {
  const isFirst = !state.wallOffsetMs;
  setWallClock(state, unix, atMs);
  if (isFirst) {
    placeInTime(state);
    placePause(state);
    addPunctuality(state);
    reviewRoster(state, atMs);
  }
  reviewDay(state, atMs);
}
