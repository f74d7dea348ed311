// Random lives of a ledger against a plain list: power cuts of every kind, chips that break, and bits that change by themselves. POWERLOSS_RUNS and
// POWERLOSS_SEED, from the environment, say how many and which.

import fc from "fast-check";
import { describe, it } from "vitest";
import type { FlashGeometry } from "../../sim/chips/nor-flash.js";
import { ringOf } from "../../sim/powercut/geometries.js";
import { amount } from "../depth.js";
import { seedFrom } from "../seed.js";
import { Life } from "./life.js";
import { breaking, cut, lifeOf } from "./works.js";

const RUNS = amount(100, 3000, "POWERLOSS_RUNS");
const SEED = seedFrom("POWERLOSS_SEED");
const TIMEOUT_MS = 600_000;

const RINGS: readonly FlashGeometry[] = [ringOf(1, 1024, 4), ringOf(2, 512, 1), ringOf(3, 512, 4), ringOf(4, 512, 8), ringOf(2, 4096, 4)];
const ring = fc.constantFrom(...RINGS);

function hold<T>(name: string, property: fc.IPropertyWithHooks<T>): void {
  it(
    `${name}, over ${RUNS} random lives with seed ${SEED}`,
    () => {
      const beginMs = performance.now();
      try {
        fc.assert(property, { numRuns: RUNS, seed: SEED });
      } finally {
        console.log(`${name}: ${RUNS} runs, seed ${SEED} (POWERLOSS_SEED), ${Math.round(performance.now() - beginMs)} ms`);
      }
    },
    TIMEOUT_MS,
  );
}

describe("the ledger", () => {
  hold(
    "loses, doubles and alters nothing when the power goes",
    fc.property(ring, lifeOf(cut), (geometry, works) => {
      new Life(geometry).live(works);
    }),
  );

  hold(
    "loses, doubles and alters nothing when the chip breaks",
    fc.property(ring, lifeOf(breaking), (geometry, works) => {
      new Life(geometry).live(works);
    }),
  );

  hold(
    "loses, doubles and alters nothing when the chip breaks and the power goes",
    fc.property(ring, lifeOf(cut, breaking), (geometry, works) => {
      new Life(geometry).live(works);
    }),
  );

  hold(
    "gives nobody a record in which a bit has changed",
    fc.property(ring, lifeOf(cut), fc.nat(8191), fc.nat(7), (geometry, works, place, bit) => {
      new Life(geometry).live(works).flip(place, bit);
    }),
  );
});
