// Holds the invariants of the rules over random events. The number of runs is PROPERTY_RUNS. PROPERTY_SEED, a number
// or "new", says which lives; it is printed. PROPERTY_ONLY=3 looks at one invariant alone.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { board as pico } from "../../firmware/boards/pico.js";
import { enginesFor } from "../../sim/engines/index.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { compareTraces } from "../../sim/scenario/scenario.js";
import type { TraceLine } from "../../sim/world/world.js";
import { amount } from "../depth.js";
import { seedFrom } from "../seed.js";
import { anyConfig, anyEvents, hastyEvents, tidyEvents } from "./events.js";
import { Life, TINY_BOARD } from "./run.js";

const RUNS = amount(200, 10_000, "PROPERTY_RUNS");
const SEED = seedFrom("PROPERTY_SEED");
const ONLY = process.env.PROPERTY_ONLY;
const TIMEOUT_MS = 600_000;

function hold<T>(name: string, runs: number, property: fc.IPropertyWithHooks<T>): void {
  it(
    `${name}, over ${runs} random lives with seed ${SEED}`,
    () => {
      const beginMs = performance.now();
      try {
        fc.assert(property, { numRuns: runs, seed: SEED, verbose: 0 });
      } finally {
        console.log(`${name}: ${runs} runs, seed ${SEED} (PROPERTY_SEED), ${Math.round(performance.now() - beginMs)} ms`);
      }
    },
    TIMEOUT_MS,
  );
}

function violationsOf(life: Life): string {
  return life.violations
    .filter((violation) => !ONLY || violation.startsWith(`(${ONLY})`))
    .slice(0, 4)
    .join("\n");
}

/** As `compareTraces`, and fast where they are equal. */
function difference(one: readonly TraceLine[], two: readonly TraceLine[], names: readonly [string, string]): string | undefined {
  if (JSON.stringify(one) === JSON.stringify(two)) return undefined;
  return compareTraces({ name: names[0], trace: one }, { name: names[1], trace: two });
}

/** What the public sees and hears. */
function publicOf(trace: readonly TraceLine[]): readonly TraceLine[] {
  return trace.filter((line) => !("flash" in line) && !("sent" in line));
}

describe("the terminal", () => {
  hold(
    "keeps the invariants",
    RUNS,
    fc.property(anyConfig, anyEvents, (config, events) => {
      expect(violationsOf(new Life(nodeEngine, config).live(events))).toBe("");
    }),
  );

  hold(
    "keeps them although its work takes time",
    Math.ceil(RUNS / 10),
    fc.property(anyConfig, fc.oneof(anyEvents, hastyEvents), fc.nat(), (config, events, costSeed) => {
      expect(violationsOf(new Life(nodeEngine, config, { costSeed }).live(events))).toBe("");
    }),
  );

  hold(
    "shows whom its records name",
    Math.ceil(RUNS / 40),
    fc.property(anyConfig, anyEvents, (config, events) => {
      expect(violationsOf(new Life(nodeEngine, config, { isWatched: true }).live(events))).toBe("");
    }),
  );

  hold(
    "comes back from a full ledger",
    Math.ceil(RUNS / 20),
    fc.property(anyConfig, anyEvents, (config, events) => {
      // What could not be written cannot be read: only what does not lean on the records is held here.
      const life = new Life(nodeEngine, config, { board: TINY_BOARD }).live(events);
      expect(life.violations.filter((violation) => /^\([789]\)/.test(violation)).join("\n")).toBe("");
    }),
  );

  hold(
    "shows and sounds the same whatever the grade",
    Math.ceil(RUNS / 20),
    fc.property(anyConfig, tidyEvents, fc.nat(), (any, events, turn) => {
      // In a list of reasons the keys mean something else, and an exchange would choose another: scenarios of E7 have the list.
      const config = { ...any, reasons: [] };
      const count = config.grades.length;
      const by = 1 + (turn % (count - 1));
      const same = [0, 1, 2, 3, 4];
      const other = same.map((key) => (key < count ? (key + by) % count : key));
      const [one, two] = [same, other].map((exchange) => new Life(nodeEngine, config, { isTraced: true, exchange }).live(events).world.trace);
      expect(difference(publicOf(one ?? []), publicOf(two ?? []), ["a grade", "another"])).toBeUndefined();
    }),
  );

  it(
    "does the same as a bundle",
    async () => {
      const [bundle] = (await enginesFor(pico, "bundle")).engines;
      const runs = Math.ceil(RUNS / 200);
      const beginMs = performance.now();
      try {
        fc.assert(
          fc.property(anyConfig, anyEvents, (config, events) => {
            const [one, two] = [nodeEngine, bundle ?? nodeEngine].map((engine) =>
              new Life(engine, config, { board: pico, isTraced: true }).live(events),
            );
            expect(difference(one?.world.trace ?? [], two?.world.trace ?? [], ["node", "bundle"])).toBeUndefined();
            expect(violationsOf(two as Life)).toBe("");
          }),
          { numRuns: runs, seed: SEED },
        );
      } finally {
        console.log(`does the same as a bundle: ${runs} runs, seed ${SEED} (PROPERTY_SEED), ${Math.round(performance.now() - beginMs)} ms`);
      }
    },
    TIMEOUT_MS,
  );
});
