// Contacts that bounce, as tables of edges: the first edge of a press counts at once, and nothing else does until the contact has been quiet.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDebounce } from "../../firmware/input/debounce.js";
import type { KeyName } from "../../hal/keys.js";

/** One edge: its time in ms, the key, which way, and whether it is reported as a press. */
type Row = readonly [atMs: number, key: KeyName, way: "down" | "up", press?: "press"];

function pressesOf(quietMs: number, rows: readonly Row[]): string[] {
  const presses: string[] = [];
  const onEdge = createDebounce(quietMs, (key, atMs) => presses.push(`${key} at ${atMs}`));
  for (const [atMs, key, way] of rows) onEdge(key, way === "down", atMs);
  return presses;
}

const TABLES: readonly (readonly [title: string, quietMs: number, rows: readonly Row[]])[] = [
  [
    "a clean press is one press, at its first edge",
    50,
    [
      [1000, "key1", "down", "press"],
      [1200, "key1", "up"],
    ],
  ],
  ["a press in the first millisecond counts", 50, [[0, "key1", "down", "press"]]],
  [
    "bounces of the press count for nothing",
    50,
    [
      [1000, "key1", "down", "press"],
      [1001, "key1", "up"],
      [1002, "key1", "down"],
      [1005, "key1", "up"],
      [1006, "key1", "down"],
      [1300, "key1", "up"],
    ],
  ],
  [
    "bounces of the release count for nothing",
    50,
    [
      [1000, "key1", "down", "press"],
      [1300, "key1", "up"],
      [1301, "key1", "down"],
      [1303, "key1", "up"],
      [1304, "key1", "down"],
      [1307, "key1", "up"],
    ],
  ],
  [
    "a press as soon as the contact was quiet long enough counts",
    50,
    [
      [1000, "key1", "down", "press"],
      [1020, "key1", "up"],
      [1070, "key1", "down", "press"],
    ],
  ],
  [
    "a press one millisecond too soon does not",
    50,
    [
      [1000, "key1", "down", "press"],
      [1020, "key1", "up"],
      [1069, "key1", "down"],
    ],
  ],
  [
    "every bounce prolongs the wait",
    50,
    [
      [1000, "key1", "down", "press"],
      [1040, "key1", "up"],
      [1080, "key1", "down"],
      [1120, "key1", "up"],
      [1160, "key1", "down"],
      [1209, "key1", "up"],
      [1259, "key1", "down", "press"],
    ],
  ],
  [
    "a release counts for nothing, however long the key was held",
    50,
    [
      [1000, "key1", "down", "press"],
      [61_000, "key1", "up"],
      [61_100, "key1", "down", "press"],
    ],
  ],
  [
    "a key that was down when the terminal started counts from its next press on",
    50,
    [
      [1000, "key1", "up"],
      [1002, "key1", "down"],
      [1003, "key1", "up"],
      [1100, "key1", "down", "press"],
    ],
  ],
  [
    "an edge that got lost between two presses costs no press",
    50,
    [
      [1000, "key1", "down", "press"],
      [1500, "key1", "down", "press"],
      [1600, "key1", "up"],
      [1700, "key1", "up"],
    ],
  ],
  [
    "each key waits for itself",
    50,
    [
      [1000, "key1", "down", "press"],
      [1001, "key2", "down", "press"],
      [1002, "key1", "up"],
      [1003, "invite", "down", "press"],
      [1004, "key2", "up"],
      [1005, "pause", "down", "press"],
      [1006, "key1", "down"],
      [1060, "key2", "down", "press"],
    ],
  ],
  [
    "a good contact may be quiet after 5 ms",
    5,
    [
      [1000, "key1", "down", "press"],
      [1004, "key1", "up"],
      [1009, "key1", "down", "press"],
      [1013, "key1", "down"],
    ],
  ],
];

describe("A contact", () => {
  it.each(TABLES)("%s", (_, quietMs, rows) => {
    const expected = rows.filter(([, , , press]) => press).map(([atMs, key]) => `${key} at ${atMs}`);
    expect(pressesOf(quietMs, rows)).toEqual(expected);
  });
});

describe("Whatever the contacts do", () => {
  const keys = fc.constantFrom<KeyName>("key1", "key2", "pause");
  const quiet = fc.integer({ min: 5, max: 100 });
  const rows: fc.Arbitrary<Row[]> = fc
    .array(fc.tuple(fc.nat(120), keys, fc.constantFrom<"down" | "up">("down", "up")), { maxLength: 80, size: "max" })
    .map((gaps) => {
      let atMs = 0;
      return gaps.map(([gapMs, key, way]) => {
        atMs += gapMs;
        return [atMs, key, way];
      });
    });

  it("a press is an edge down, at its own time, after the key was quiet for long enough, and no such edge is left out", () => {
    fc.assert(
      fc.property(quiet, rows, (quietMs, edges) => {
        const expected = edges.filter(([atMs, key, way], i) => {
          const before = edges.slice(0, i).filter(([, other]) => other === key);
          const last = before[before.length - 1];
          return way === "down" && (!last || atMs - last[0] >= quietMs);
        });
        expect(pressesOf(quietMs, edges)).toEqual(expected.map(([atMs, key]) => `${key} at ${atMs}`));
      }),
    );
  });

  it("what one key does changes nothing for another", () => {
    fc.assert(
      fc.property(quiet, rows, (quietMs, edges) => {
        const alone = edges.filter(([, key]) => key === "key1");
        expect(pressesOf(quietMs, edges).filter((press) => press.startsWith("key1"))).toEqual(pressesOf(quietMs, alone));
      }),
    );
  });
});
