// Flash wears evenly, and slowly enough: what npm run powercut -- --wear prints for five years, for a few weeks.

import { expect, it } from "vitest";
import { boardNames, readBoard } from "../../firmware/tools/build/build.js";
import { FIVE_YEARS, isWornOut, simulateWear } from "../../sim/powercut/wear.js";

const WORK = { days: 28, sessions: FIVE_YEARS.sessions };

// Every turn of the ring erases each page once. Two more come from a turn that is under way and from the last free page, erased ahead; and each start, one a day,
// erases the free page again, whichever it is.
const uneven = (pageCount: number): number => 2 + Math.ceil(WORK.days / pageCount);

const FRAM = "test/boards/pico-fram.ts";

it.each([...boardNames(), FRAM])("the flash of %s has a rating, unless it is a file", (name) => {
  const board = readBoard(name);
  expect(simulateWear(board, { days: 1, sessions: 1 }).rating !== undefined).toBe(board.flash.storageFile === undefined);
});

it.each([...boardNames(), FRAM])("on %s the pages take turns, and none wears out in five years", { timeout: 120_000 }, (name) => {
  const board = readBoard(name);
  const wear = simulateWear(board, WORK);
  expect(wear.leastErases).toBeGreaterThan(0);
  expect(wear.mostErases - wear.leastErases).toBeLessThanOrEqual(uneven(board.flash.pageCount));
  const ofFiveYears = Math.ceil((wear.mostErases * FIVE_YEARS.days) / WORK.days);
  expect(isWornOut({ ...wear, mostErases: ofFiveYears }), `${ofFiveYears} erases`).toBe(false);
});
