// A badge that is held on the reader is read again and again, and counts as one presentation.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BADGE_AWAY_MS, createBadgeFilter } from "../../../firmware/input/badge-filter.js";

const A = "W26:1A2B3C";
const B = "W34:00C0FFEE";

/** One reading: its time in ms, the badge, and whether it is a new presentation. */
type Row = readonly [atMs: number, badge: string, isNew?: "new"];

const TABLES: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  ["read once is presented once", [[1000, A, "new"]]],
  ["read when the terminal starts is presented", [[0, A, "new"]]],
  [
    "read every quarter of a second is held, not presented again",
    [
      [1000, A, "new"],
      [1250, A],
      [1500, A],
      [1750, A],
      [2000, A],
    ],
  ],
  [
    "held for longer than the time it has to be away is still held",
    [
      [1000, A, "new"],
      [2000, A],
      [3000, A],
      [4000, A],
      [5000, A],
    ],
  ],
  [
    "away for long enough is presented again",
    [
      [1000, A, "new"],
      [1250, A],
      [1250 + BADGE_AWAY_MS, A, "new"],
    ],
  ],
  [
    "away for a millisecond less is not",
    [
      [1000, A, "new"],
      [1250, A],
      [1249 + BADGE_AWAY_MS, A],
    ],
  ],
  [
    "shown right after another is presented",
    [
      [1000, A, "new"],
      [1001, B, "new"],
    ],
  ],
  [
    "that lies beside another is one presentation of each, though they are read in turn",
    [
      [1000, A, "new"],
      [1300, B, "new"],
      [1600, A],
      [1900, B],
      [3799, A],
      [4100, B, "new"],
    ],
  ],
  [
    "that only begins like the one before is another",
    [
      [1000, "W26:1A2B3", "new"],
      [1100, A, "new"],
    ],
  ],
];

describe("A number that readers invent", () => {
  it.each(["EM:0000000000", "EM:FFFFFFFFFF", "W26:000000", "W34:FFFFFFFF", "UID:00000000"])("is no badge: %s", (badge) => {
    expect(createBadgeFilter()(badge, 1000)).toBe(false);
  });
  it.each(["EM:0000000001", "EM:FFFFFFFFF0", "W26:00000F", "W34:0FFFFFFF"])("is like a badge, and not one: %s", (badge) => {
    expect(createBadgeFilter()(badge, 1000)).toBe(true);
  });
});

describe("A badge", () => {
  it.each(TABLES)("%s", (_, rows) => {
    const isNew = createBadgeFilter();
    expect(rows.map(([atMs, badge]) => [atMs, badge, ...(isNew(badge, atMs) ? ["new"] : [])])).toEqual(rows);
  });

  it("is presented once however long it is held, and whenever it comes back", () => {
    const readings = fc.array(fc.integer({ min: 1, max: BADGE_AWAY_MS - 1 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100_000), readings), { maxLength: 10 }), (presentations) => {
        const isNew = createBadgeFilter();
        let atMs = 0;
        let count = 0;
        for (const [moreMs, gapsMs] of presentations) {
          atMs += BADGE_AWAY_MS + moreMs;
          if (isNew(A, atMs)) count++;
          for (const gapMs of gapsMs) {
            atMs += gapMs;
            if (isNew(A, atMs)) count++;
          }
        }
        expect(count).toBe(presentations.length);
      }),
    );
  });

  it("of somebody else is remembered by its own reader only", () => {
    const here = createBadgeFilter();
    const there = createBadgeFilter();
    expect([here(A, 1000), there(A, 1000), here(A, 1100), there(A, 1100)]).toEqual([true, true, false, false]);
  });
});
