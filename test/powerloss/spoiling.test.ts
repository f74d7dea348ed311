// A commit that a broken chip does not take, and a power cut in any operation from there on: while the slots are spoiled, and while the record is written again.

import { describe, expect, it } from "vitest";
import { ringOf } from "../../sim/powercut/geometries.js";
import { amount } from "../depth.js";
import { Life, type Work } from "./life.js";

const RINGS = [ringOf(1, 1024, 4), ringOf(2, 1024, 1), ringOf(2, 1024, 8)];
/** One way in so many to cut an operation is tried. */
const ONE_IN = amount(61, 7);
/** One bit in so many does not clear. */
const BITS_APART = amount(5, 1);
const TIMEOUT_MS = 300_000;
const SLOT_BYTES = 64;

const SESSION: readonly Work[] = [
  { do: "begin", length: 1 },
  { do: "end", grade: 1 },
];
/** What is written from slot 1 on, with the number of its slots. */
const KINDS: readonly (readonly [name: string, slots: number, works: readonly Work[]])[] = [
  ["a record of one slot", 1, [{ do: "append", length: 5 }]],
  ["a begun record", 1, SESSION],
  ["a record of two slots", 2, [{ do: "append", length: 60 }]],
  ["a record of four slots", 4, [{ do: "append", length: 200 }]],
];

/** A bit of CRC and commit mark that does not clear. @param slots of the record @param bit of its last 8 bytes */
function stuck(slots: number, bit: number): Work {
  return { do: "break", fault: { kind: "stuck", place: (1 + slots) * SLOT_BYTES - 8 + (bit >> 3), bit: bit & 7, level: 1 } };
}

/** @returns whether the power went */
function live(ring: (typeof RINGS)[number], works: readonly Work[], choice: number, operations: number): boolean {
  const life = new Life(ring);
  // The header takes two operations.
  const plan: Work = { do: "cut", operations: 2 + operations, choices: [choice] };
  try {
    life.live([plan, ...works]);
  } catch (error) {
    throw new Error(`${JSON.stringify([plan, ...works])}: ${(error as Error).message}`);
  }
  return life.cuts > 0;
}

describe("A power cut behind a commit that a broken chip did not take", () => {
  it("leaves no number without its record, in a session that is invited again", () => {
    const works: readonly Work[] = [
      { do: "break", fault: { kind: "stuck", place: 2296, bit: 0, level: 1 } },
      { do: "end", grade: 1 },
      { do: "begin", length: 1 },
      { do: "cut", operations: 5, choices: [11, 0] },
      { do: "begin", length: 1 },
      { do: "end", grade: 1 },
    ];
    expect(() => new Life(RINGS[0] as (typeof RINGS)[number]).live(works)).not.toThrow();
  });

  it.each(KINDS)(
    "loses, doubles and alters nothing in %s, whichever bits of CRC and commit mark do not clear",
    (_, slots, works) => {
      let cuts = 0;
      for (const ring of RINGS) {
        for (let bit = 0; bit < 64; bit += BITS_APART) {
          // A second bit that is stuck leaves a record that no reader takes for whole.
          for (const other of [bit, (bit * 7 + 3) % 64]) {
            for (let operations = 0; operations < 12; operations++) {
              let choice = (bit + operations) % ONE_IN;
              while (choice < 60 && live(ring, [stuck(slots, bit), stuck(slots, other), ...works], choice, operations)) {
                cuts++;
                choice += ONE_IN;
              }
            }
          }
        }
      }
      expect(cuts).toBeGreaterThan(10_000 / ONE_IN / BITS_APART);
    },
    TIMEOUT_MS,
  );
});
