// A small life of chaos, see sim/chaos. `npm run chaos` plays many, with a million messages.

import { expect, it } from "vitest";
import { isWhole, runChaos } from "../../sim/chaos/chaos.js";
import { amount } from "../depth.js";
import { seedFrom } from "../seed.js";

/** Number of messages. `npm run chaos` has a million. */
const MESSAGES = amount(15_000, 40_000, "CHAOS_MESSAGES");
const SEED = seedFrom("CHAOS_SEED");

it("every record is in the database once, over links that go wrong, with terminals and a receiver that die", async () => {
  const result = await runChaos({ seed: SEED, messages: MESSAGES, ledgers: 150, counters: 4 });
  const { faults, written, writtenByCounters, stored, lost, doubled, altered, problems } = result;
  console.log(
    `chaos: ${MESSAGES} messages, seed ${SEED} (CHAOS_SEED), ${written} records, ${lost} lost, ${doubled} doubled, ${result.seconds.toFixed(0)} s`,
  );
  expect({ lost, doubled, altered, problems }).toEqual({ lost: 0, doubled: 0, altered: 0, problems: [] });
  expect(isWhole(result)).toBe(true);
  expect(stored).toBe(written);
  expect(writtenByCounters).toBeGreaterThan(10);
  // There were faults.
  for (const [fault, count] of Object.entries(faults)) expect(count, fault).toBeGreaterThan(0);
}, 120_000);
