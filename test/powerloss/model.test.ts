// Random lives of a ledger against a plain list: power cuts of every kind, chips that break, and bits that change by themselves. POWERLOSS_RUNS and
// POWERLOSS_SEED, from the environment, say how many and which.

import fc from "fast-check";
import { describe, it } from "vitest";
import type { FlashGeometry } from "../../sim/chips/nor-flash.js";
import { ringOf } from "../../sim/powercut/geometries.js";
import { amount } from "../depth.js";
import { seedFrom } from "../seed.js";
import { type Fault, Life, type Work } from "./life.js";

const RUNS = amount(300, 3000, "POWERLOSS_RUNS");
const SEED = seedFrom("POWERLOSS_SEED");
const TIMEOUT_MS = 600_000;

const RINGS: readonly FlashGeometry[] = [ringOf(1, 1024, 4), ringOf(2, 512, 1), ringOf(3, 512, 4), ringOf(4, 512, 8), ringOf(2, 4096, 4)];
const ring = fc.constantFrom(...RINGS);

const work: fc.Arbitrary<Work> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), length: fc.constantFrom(1, 5, 20, 40, 90, 150, 200) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("begin" as const), length: fc.constantFrom(1, 4, 9, 20) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("end" as const), grade: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("acknowledge" as const), allBut: fc.constantFrom(0, 0, 1, 5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("tidy" as const, "tidy" as const, "restart" as const) }) },
);
const cut: fc.Arbitrary<Work> = fc.record({
  do: fc.constant("cut" as const),
  operations: fc.nat(6),
  choices: fc.array(fc.nat(400), { minLength: 1, maxLength: 4 }),
});
const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("stuck" as const),
      place: fc.nat(8191),
      bit: fc.nat(7),
      level: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("notErased" as const), page: fc.nat(3) }) },
);
const breaking: fc.Arbitrary<Work> = fc.record({ do: fc.constant("break" as const), fault });

function lifeOf(...others: readonly fc.Arbitrary<Work>[]): fc.Arbitrary<Work[]> {
  return fc.array(fc.oneof({ weight: 6, arbitrary: work }, ...others.map((arbitrary) => ({ weight: 1, arbitrary }))), { maxLength: 90, size: "max" });
}

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
