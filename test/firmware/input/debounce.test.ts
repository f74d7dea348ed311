// Contacts that bounce, as tables of edges: the first edge of a press counts at once, and no other edge counts until the contact has been quiet.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHATTER_MS, createDebounce, type Debounce, type KeyListener, numberOf, REST_MS } from "../../../firmware/input/debounce.js";
import { EventKind } from "../../../firmware/terminal/events.js";
import type { KeyName } from "../../../hal/keys.js";

const KEYS: readonly KeyName[] = ["key1", "key2", "key3", "key4", "key5", "invite", "pause"];
const NAMES: Readonly<Record<number, KeyName>> = Object.fromEntries(KEYS.map((key) => [numberOf(key), key]));

/** One edge: its time in ms, the key, its direction, and whether it is reported as a press. */
type Row = readonly [atMs: number, key: KeyName, way: "down" | "up", press?: "press"];

const WORDS = { [EventKind.KeyPressed]: "down", [EventKind.KeyReleased]: "up", [EventKind.KeyChattered]: "chatters" };

/** An event of a key in words. */
function wordsOf(...[kind, key, atMs]: Parameters<KeyListener>): string {
  return `${NAMES[key]} ${WORDS[kind]} at ${atMs}`;
}

function debounceOf(quietMs: number, onKey: KeyListener): Debounce {
  return createDebounce(
    quietMs,
    () => undefined,
    () => undefined,
    onKey,
    () => undefined,
  );
}

/** The presses that are reported in a terminal that has no time to wake up before the last edge. */
function pressesOf(quietMs: number, rows: readonly Row[]): string[] {
  const presses: string[] = [];
  const debounce = debounceOf(quietMs, (kind, key, atMs) => kind === EventKind.KeyPressed && presses.push(`${NAMES[key]} at ${atMs}`));
  for (const [atMs, key, way] of rows) debounce.onEdge(key, way === "down", atMs);
  debounce.settle(1e9);
  return presses;
}

/** Everything that is reported about the keys, in a terminal that wakes whenever the debounce asks for it. */
function toldOf(quietMs: number, rows: readonly Row[], untilMs = Infinity): string[] {
  const told: string[] = [];
  const debounce = debounceOf(quietMs, (...event) => told.push(wordsOf(...event)));
  for (const [atMs, key, way] of rows) {
    settleUntil(debounce, atMs);
    debounce.onEdge(key, way === "down", atMs);
  }
  settleUntil(debounce, untilMs);
  return told;
}

function settleUntil(debounce: Debounce, atMs: number): void {
  for (let wakes = 0; debounce.deadlineMs() < Infinity && debounce.deadlineMs() <= atMs; wakes++) {
    expect(wakes).toBeLessThan(8);
    debounce.settle(debounce.deadlineMs());
  }
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

describe("Each key has a number of its own", () => {
  it("the citizens' from the left, then the clerk's two", () => {
    expect(KEYS.map(numberOf)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe("A release", () => {
  it.each<[title: string, rows: readonly Row[], told: readonly string[]]>([
    [
      "is told when the contact has been quiet for long enough, at the time of its last edge",
      [
        [1000, "key1", "down"],
        [1300, "key1", "up"],
        [1301, "key1", "down"],
        [1303, "key1", "up"],
      ],
      ["key1 down at 1000", "key1 up at 1303"],
    ],
    [
      "is told also when the key was let go sooner than the bounces end",
      [
        [1000, "key1", "down"],
        [1010, "key1", "up"],
      ],
      ["key1 down at 1000", "key1 up at 1010"],
    ],
    [
      "comes before the next press",
      [
        [1000, "pause", "down"],
        [1200, "pause", "up"],
        [1250, "pause", "down"],
      ],
      ["pause down at 1000", "pause up at 1200", "pause down at 1250"],
    ],
    [
      "is not told of a key that bounces and stays down",
      [
        [1000, "key1", "down"],
        [1004, "key1", "up"],
        [1008, "key1", "down"],
      ],
      ["key1 down at 1000"],
    ],
    ["is not told of a key whose press nobody saw", [[1000, "key1", "up"]], []],
    [
      "makes no press of a bounce, but of a key that then stays down",
      [
        [1000, "key1", "down"],
        [1100, "key1", "up"],
        [1150, "key1", "up"],
        [1160, "key1", "down"],
      ],
      ["key1 down at 1000", "key1 up at 1100", "key1 down at 1160"],
    ],
  ])("%s", (_, rows, told) => {
    expect(toldOf(50, rows)).toEqual(told);
  });

  it("is waited for no longer than the contact is quiet, and not at all while nothing is owed", () => {
    const told: string[] = [];
    const debounce = debounceOf(50, (...event) => told.push(wordsOf(...event)));
    expect(debounce.deadlineMs()).toBe(Infinity);
    debounce.onEdge("key2", true, 100);
    expect(debounce.deadlineMs()).toBe(Infinity);
    debounce.onEdge("key2", false, 300);
    debounce.onEdge("key2", false, 310);
    expect(debounce.deadlineMs()).toBe(360);
    debounce.settle(359);
    expect(told).toEqual(["key2 down at 100"]);
    debounce.settle(360);
    expect(told).toEqual(["key2 down at 100", "key2 up at 310"]);
    expect(debounce.deadlineMs()).toBe(Infinity);
  });

  it("is asked to be waited for at every edge that leaves something owed", () => {
    const asked: number[] = [];
    let nowMs = 0;
    const debounce = createDebounce(
      50,
      () => undefined,
      () => undefined,
      () => undefined,
      () => asked.push(nowMs),
    );
    for (nowMs of [100, 300, 310]) debounce.onEdge("key2", nowMs === 100, nowMs);
    expect(asked).toEqual([300, 310]);
  });

  it("that nobody had time to tell of comes right before the next press", () => {
    const told: string[] = [];
    const debounce = debounceOf(50, (...event) => told.push(wordsOf(...event)));
    debounce.onEdge("key1", true, 100);
    debounce.onEdge("key1", false, 200);
    debounce.onEdge("key1", true, 400);
    expect(told).toEqual(["key1 down at 100", "key1 up at 200", "key1 down at 400"]);
  });

  it("that nobody had time to tell of comes before what another key does, and not while its contact may still bounce", () => {
    const told: string[] = [];
    const debounce = debounceOf(50, (...event) => told.push(wordsOf(...event)));
    debounce.onEdge("pause", true, 100);
    debounce.onEdge("pause", false, 200);
    debounce.onEdge("key1", true, 249);
    expect(told).toEqual(["pause down at 100", "key1 down at 249"]);
    debounce.onEdge("key1", false, 250);
    expect(told).toEqual(["pause down at 100", "key1 down at 249", "pause up at 200"]);
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
        const presses = pressesOf(quietMs, edges);
        expect(presses).toEqual(expect.arrayContaining(expected.map(([atMs, key]) => `${key} at ${atMs}`)));
        // Any other one came too soon, and was told when its contact had been quiet.
        const late = edges.filter(([atMs, key, way], i) => {
          const next = edges.slice(i + 1).find(([, other]) => other === key);
          return way === "down" && (!next || next[0] - atMs >= quietMs);
        });
        expect([...expected, ...late].map(([atMs, key]) => `${key} at ${atMs}`)).toEqual(expect.arrayContaining(presses));
      }),
    );
  });

  it("the presses are the same where the terminal has no time to wake up", () => {
    fc.assert(
      fc.property(quiet, rows, (quietMs, edges) => {
        const told = toldOf(quietMs, edges)
          .filter((each) => each.includes(" down "))
          .map((each) => each.replace(" down", ""));
        expect(pressesOf(quietMs, edges).sort()).toEqual(told.sort());
      }),
    );
  });

  it("presses and releases of a key take turns, and the last one is how the contact stands", () => {
    fc.assert(
      fc.property(quiet, rows, (quietMs, edges) => {
        const told = toldOf(quietMs, edges);
        for (const key of KEYS) {
          const ways = told.filter((each) => each.startsWith(`${key} `)).map((each) => each.split(" ")[1]);
          expect(ways).toEqual(ways.map((_, i) => (i % 2 === 0 ? "down" : "up")));
          const last = edges.filter(([, other]) => other === key).pop();
          expect(ways[ways.length - 1] ?? "up").toBe(last?.[2] ?? "up");
        }
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

describe("Contacts that are sampled", () => {
  /** The edges that a terminal sees which scans its contacts every so many ms: at the next scan, and only changes. */
  function sampled(rows: readonly Row[], everyMs: number): Row[] {
    const levels = new Map<KeyName, string>();
    const endMs = (rows[rows.length - 1] as Row)[0];
    const seen: Row[] = [];
    for (let atMs = 0, next = 0; atMs < endMs + everyMs; atMs += everyMs) {
      const now = new Map(levels);
      for (; next < rows.length && (rows[next] as Row)[0] <= atMs; next++) now.set((rows[next] as Row)[1], (rows[next] as Row)[2]);
      for (const [key, way] of now) {
        if ((levels.get(key) ?? "up") !== way) seen.push([atMs, key, way as "down" | "up"]);
        levels.set(key, way);
      }
    }
    return seen;
  }

  /** A press that bounces for some ms, is held, and bounces again when it is let go: 1 ms open, 2 ms closed, 1 ms open, 3 ms closed … */
  function badPress(beginMs: number, bounceMs: number, holdMs: number): Row[] {
    return (["down", "up"] as const).flatMap((way) => {
      const from = way === "down" ? beginMs : beginMs + holdMs;
      const rows: Row[] = [[from, "key2", way]];
      for (let at = 1, stay = 2; at + 1 <= bounceMs; at += 1 + stay, stay++) {
        rows.push([from + at, "key2", way === "down" ? "up" : "down"], [from + at + 1, "key2", way]);
      }
      return rows;
    });
  }

  const RATES = [1, 2, 5, 10, 20];
  const BOUNCES = [0, 2, 5, 10, 20, 35, 50];

  it.each(RATES.flatMap((rate) => BOUNCES.map((bounce) => [rate, bounce] as const)))(
    "every %i ms, with %i ms of bounces: one press each",
    (rate, bounce) => {
      const rows = [1000, 1400, 1900].flatMap((beginMs) => badPress(beginMs, bounce, 200));
      const told = toldOf(50, sampled(rows, rate));
      expect(told.map((each) => each.split(" ")[1])).toEqual(["down", "up", "down", "up", "down", "up"]);
      const presses = told.filter((each) => each.includes("down")).map((each) => Number(each.split(" at ")[1]));
      // The first edge answers at the scan that sees it, or at the next one if the contact was open just then.
      presses.forEach((atMs, i) => {
        expect(atMs - ([1000, 1400, 1900][i] as number)).toBeGreaterThanOrEqual(0);
        expect(atMs - ([1000, 1400, 1900][i] as number)).toBeLessThanOrEqual(2 * rate);
      });
    },
  );
});

describe("A contact that does not come to rest", () => {
  /** Edges of key 1 every so many ms. */
  function chatter(fromMs: number, untilMs: number, everyMs: number): Row[] {
    const rows: Row[] = [];
    for (let atMs = fromMs; atMs <= untilMs; atMs += everyMs) rows.push([atMs, "key1", rows.length % 2 ? "up" : "down"]);
    return rows;
  }

  it.each([1, 7, 20, 49])("with an edge every %i ms is one press at most, and chatters after its bound", (everyMs) => {
    const rows = chatter(1000, 9000, everyMs);
    const told = toldOf(50, rows);
    expect(told[0]).toBe("key1 down at 1000");
    expect(told.slice(1).filter((each) => each.includes("chatters"))).toHaveLength(1);
    expect(told.filter((each) => each.includes("down"))).toHaveLength(1);
    const [, chattersAt] = /chatters at (\d+)/.exec(told.join()) ?? [];
    expect(Number(chattersAt)).toBeGreaterThanOrEqual(1000 + CHATTER_MS);
    expect(Number(chattersAt)).toBeLessThan(1000 + CHATTER_MS + everyMs);
  });

  it("does not chatter just before the bound", () => {
    expect(toldOf(50, chatter(1000, 1000 + CHATTER_MS - 1, 20)).join()).not.toContain("chatters");
  });

  it("means nothing until it has rested, and then counts again", () => {
    const noisy = chatter(0, 4000, 20);
    const last = (noisy[noisy.length - 1] as Row)[0];
    const rows: Row[] = [...noisy, [last + 20, "key1", "up"], [last + 1000, "key1", "down"], [last + 1100, "key1", "up"]];
    const restedMs = last + 1100 + REST_MS;
    const told = toldOf(50, [...rows, [restedMs + 10, "key1", "down"]]);
    expect(told).toEqual(["key1 down at 0", "key1 chatters at 3000", `key1 up at ${restedMs}`, `key1 down at ${restedMs + 10}`]);
  });

  it("that rests pressed is no press, and its release is told", () => {
    const rows = chatter(0, 4000, 20);
    expect((rows[rows.length - 1] as Row)[2]).toBe("down");
    expect(toldOf(50, [...rows, [50_000, "key1", "up"]])).toEqual(["key1 down at 0", "key1 chatters at 3000", "key1 up at 50000"]);
  });

  it("leaves the other keys alone", () => {
    const rows = [...chatter(0, 6000, 20), [5000, "key2", "down"], [5200, "key2", "up"]] as Row[];
    rows.sort((a, b) => a[0] - b[0]);
    expect(toldOf(50, rows)).toContain("key2 down at 5000");
  });
});

describe("A press that bounces", () => {
  it("and that nobody had time to look at is told before its release", () => {
    const told: string[] = [];
    const debounce = debounceOf(50, (...event) => told.push(wordsOf(...event)));
    debounce.onEdge("key1", false, 90);
    debounce.onEdge("key1", true, 100);
    debounce.onEdge("key1", false, 200);
    debounce.settle(250);
    expect(told).toEqual(["key1 down at 100", "key1 up at 200"]);
  });
});

describe("an answer", () => {
  it("comes to every press, before anything is told of the key, and to nothing else", () => {
    const told: string[] = [];
    const debounce = createDebounce(
      50,
      (key, atMs) => told.push(`${NAMES[key]} answered at ${atMs}`),
      () => undefined,
      (...event) => told.push(wordsOf(...event)),
      () => undefined,
    );
    debounce.onEdge("key1", true, 100);
    debounce.onEdge("key1", true, 103);
    debounce.onEdge("key1", false, 200);
    debounce.onEdge("key1", true, 400);
    debounce.onEdge("key1", false, 600);
    debounce.settle(650);
    // It bounces before it is down for good.
    debounce.onEdge("key1", false, 690);
    debounce.onEdge("key1", true, 700);
    debounce.settle(750);
    expect(told).toEqual([
      "key1 answered at 100",
      "key1 down at 100",
      "key1 up at 200",
      "key1 answered at 400",
      "key1 down at 400",
      "key1 up at 600",
      "key1 answered at 700",
      "key1 down at 700",
    ]);
  });
});
