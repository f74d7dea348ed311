// How much the tests try that are random or exhaustive. `npm test` tries a sample of it; `npm run test:all` runs these tests again, and tries all of it.

/** The files whose tests depend on the mode: all of those that import this one or boards.ts. */
export const DEEP_FILES: readonly string[] = [
  "test/attack/counters.test.ts",
  "test/attack/hall-mutations.test.ts",
  "test/attack/halls.test.ts",
  "test/attack/mutations.test.ts",
  "test/attack/packages.test.ts",
  "test/bundle/gate.test.ts",
  "test/espruino/fuzz.test.ts",
  "test/firmware/hall/fetch-back.test.ts",
  "test/firmware/hall/one-name.test.ts",
  "test/firmware/ledger/broken-flash.test.ts",
  "test/firmware/ledger/ledger.test.ts",
  "test/firmware/tools/build/random-programs.test.ts",
  "test/firmware/tools/build/source-place.test.ts",
  "test/firmware/tools/device/hardware-test.test.ts",
  "test/firmware/tools/device/ledger-copies.test.ts",
  "test/firmware/tools/output.test.ts",
  "test/firmware/tools/provision/storage-room.test.ts",
  "test/hal/latency.test.ts",
  "test/oracle/oracle.test.ts",
  "test/package.test.ts",
  "test/powerloss/bit-flips.test.ts",
  "test/powerloss/exhaustive.test.ts",
  "test/powerloss/lost-pages.test.ts",
  "test/powerloss/memories.test.ts",
  "test/powerloss/model.test.ts",
  "test/powerloss/spoiling.test.ts",
  "test/properties/invariants.test.ts",
  "test/sim/bench.test.ts",
  "test/sim/busy-hall.test.ts",
  "test/sim/chaos.test.ts",
  "test/sim/gallery.test.ts",
  "test/sim/scenarios.test.ts",
];

/** True in `npm run test:all`. */
export const IS_DEEP = process.env.TEST_DEPTH === "deep";

/**
 * A number of random lives, messages, cuts and the like.
 * @param sample in `npm test`
 * @param all in `npm run test:all`
 * @param variable of the environment, which sets another number for both
 * @throws Error when the variable holds no whole number
 */
export function amount(sample: number, all: number, variable?: string): number {
  const wanted = variable === undefined ? undefined : process.env[variable];
  if (wanted === undefined) return IS_DEEP ? all : sample;
  if (!/^\d{1,9}$/.test(wanted)) throw new Error(`${variable} must be a whole number, not ${JSON.stringify(wanted)}`);
  return Number(wanted);
}

/** A list in `npm run test:all`, and every so many-th of it in `npm test`, from the first on. */
export function sampleOf<Item>(list: readonly Item[], every: number): readonly Item[] {
  return IS_DEEP ? list : list.filter((_, i) => i % every === 0);
}
