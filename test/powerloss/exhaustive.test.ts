// The proof of `npm run powercut`: the power goes in every write and erase, in every way, and nothing is lost, doubled or altered. `npm test` tries one way in 37,
// `npm run test:all` every one.

import { describe, expect, it } from "vitest";
import { proveLedger } from "../../sim/powercut/exhaustive.js";
import { RINGS } from "../../sim/powercut/geometries.js";
import { lossesOf, type Proof, pointsOf } from "../../sim/powercut/proof.js";
import { LONG_RINGS, proveAgain } from "../../sim/powercut/repeated-cut.js";
import { proveSlots, SLOT_RINGS } from "../../sim/powercut/slots.js";
import { proveTerminal } from "../../sim/powercut/terminal.js";
import { amount, sampleOf } from "../depth.js";

/** More than the slowest machine takes for one ring. */
const TIMEOUT_MS = 300_000;
/** One way in so many to cut an operation is tried. */
const ONE_IN = amount(37, 1);
/** Points that are tried at the least, on all rings together. */
const LEAST_POINTS = amount(900, 100_000);

function hold(proof: Proof): void {
  expect(proof.failures.slice(0, 5)).toEqual([]);
  expect(lossesOf(proof)).toBe(0);
}

describe("A power cut loses, doubles and alters nothing", () => {
  let points = 0;

  it.each(RINGS.map((ring) => [ring.name, ring] as const))(
    "in any write or erase of the ledger on %s, and in any of the start after it",
    (_, ring) => {
      const proof = proveLedger({ rings: [ring], depth: 1, oneIn: ONE_IN });
      points += pointsOf(proof);
      hold(proof);
    },
    TIMEOUT_MS,
  );

  it(`at all of ${LEAST_POINTS} points or more`, () => {
    expect(points).toBeGreaterThanOrEqual(LEAST_POINTS);
  });

  it("however often it comes in the same record", () => hold(proveAgain(sampleOf(LONG_RINGS, 3))), TIMEOUT_MS);

  it.each(SLOT_RINGS.map((ring) => [ring.name, ring] as const))(
    "in any write or erase that replaces configuration, roster and pictures on %s, and in any of the start after it",
    (_, ring) => hold(proveSlots({ rings: [ring], oneIn: ONE_IN })),
    TIMEOUT_MS,
  );

  it("in any write or erase of a whole terminal in its day", () => hold(proveTerminal({ oneIn: ONE_IN })), TIMEOUT_MS);
});
