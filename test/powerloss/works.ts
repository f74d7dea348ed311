// What happens in random lives of a ledger.

import fc from "fast-check";
import type { Fault, Work } from "./life.js";

const work: fc.Arbitrary<Work> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), length: fc.constantFrom(1, 5, 20, 40, 90, 150, 200) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("begin" as const), length: fc.constantFrom(1, 4, 9, 20) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("end" as const), grade: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("acknowledge" as const), allBut: fc.constantFrom(0, 0, 1, 5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("tidy" as const, "tidy" as const, "restart" as const) }) },
);
export const cut: fc.Arbitrary<Work> = fc.record({
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
export const breaking: fc.Arbitrary<Work> = fc.record({ do: fc.constant("break" as const), fault });

export function lifeOf(...others: readonly fc.Arbitrary<Work>[]): fc.Arbitrary<Work[]> {
  return fc.array(fc.oneof({ weight: 6, arbitrary: work }, ...others.map((arbitrary) => ({ weight: 1, arbitrary }))), { maxLength: 90, size: "max" });
}
