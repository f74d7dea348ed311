// The recorded uses of names, by which the build orders the declarations: they are those of this program, or nearly.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { board } from "../../firmware/boards/pico.js";
import { NAME_USES_FILE } from "../../firmware/tools/build/bundle.js";
import { comparisons, type NameUses, nameUses } from "../../sim/bench/name-uses.js";
import { readableFirmware } from "../../sim/bench/statements.js";

/** So much longer may a search for a name be than with uses that were recorded now. */
const MOST_STALE = 1.25;

it("orders names about as well as uses that are recorded now: else run `npm run bench -- --record-names`", { timeout: 120_000 }, async () => {
  const recorded = JSON.parse(readFileSync(NAME_USES_FILE, "utf8")) as NameUses;
  const now = nameUses(await readableFirmware(board.name), board);
  const names = [...new Set([...Object.keys(now), ...Object.keys(recorded)])].sort();
  const orderBy = (uses: NameUses): string[] => [...names].sort((a, b) => (uses[b] ?? 0) - (uses[a] ?? 0));
  const ideal = comparisons(orderBy(now), now);
  expect(ideal).toBeGreaterThan(0);
  expect(comparisons(orderBy(recorded), now) / ideal).toBeLessThan(MOST_STALE);
  // The order by the alphabet would be several times as long: the uses are worth something.
  expect(comparisons(names, now) / ideal).toBeGreaterThan(2);
});
