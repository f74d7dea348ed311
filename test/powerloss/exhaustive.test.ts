// What npm run powercut proves, in npm test: the power goes in every write and erase, in every way, and nothing is lost, doubled or altered.

import { describe, expect, it } from "vitest";
import { proveLedger } from "../../sim/powercut/exhaustive.js";
import { RINGS } from "../../sim/powercut/geometries.js";
import { lossesOf, type Proof, pointsOf } from "../../sim/powercut/proof.js";
import { proveAgain } from "../../sim/powercut/repeated-cut.js";
import { proveSlots, SLOT_RINGS } from "../../sim/powercut/slots.js";
import { proveTerminal } from "../../sim/powercut/terminal.js";

/** More than the slowest machine takes for one ring. */
const TIMEOUT_MS = 300_000;
/** Points that are tried at the least, on all rings together. */
const LEAST_POINTS = 100_000;

function hold(proof: Proof): void {
  expect(proof.failures.slice(0, 5)).toEqual([]);
  expect(lossesOf(proof)).toBe(0);
}

describe("A power cut loses, doubles and alters nothing", () => {
  let points = 0;

  it.each(RINGS.map((ring) => [ring.name, ring] as const))(
    "in any write or erase of the ledger on %s, and in any of the start after it",
    (_, ring) => {
      const proof = proveLedger({ rings: [ring], depth: 1 });
      points += pointsOf(proof);
      hold(proof);
    },
    TIMEOUT_MS,
  );

  it("at all of 100 000 points", () => {
    expect(points).toBeGreaterThanOrEqual(LEAST_POINTS);
  });

  it("however often it comes in the same record", () => hold(proveAgain()), TIMEOUT_MS);

  it.each(SLOT_RINGS.map((ring) => [ring.name, ring] as const))(
    "in any write or erase that replaces configuration, roster and pictures on %s, and in any of the start after it",
    (_, ring) => hold(proveSlots({ rings: [ring] })),
    TIMEOUT_MS,
  );

  it("in any write or erase of a whole terminal in its day", () => hold(proveTerminal()), TIMEOUT_MS);
});
