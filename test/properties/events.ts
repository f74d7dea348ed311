// Random events around a terminal, and random configurations: what people, hosts and the mains may do, sensible or not.

import fc from "fast-check";

export const KEYS = ["key1", "key2", "key3", "key4", "key5"] as const;

export type RandomEvent =
  /** A citizen's key, or the clerk's: down, bounces, held, up. */
  | { readonly kind: "press"; readonly key: number; readonly holdMs: number; readonly bounceMs: number }
  /** Two keys, the second so much later, let go together. */
  | { readonly kind: "chord"; readonly first: number; readonly second: number; readonly gapMs: number; readonly holdMs: number }
  /** A contact moves once and stays there. */
  | { readonly kind: "contact"; readonly key: number; readonly isDown: boolean }
  | { readonly kind: "badge"; readonly badge: string }
  | { readonly kind: "host"; readonly says: Readonly<Record<string, unknown>> }
  /** The host acknowledges all that it has received, or all but so many. */
  | { readonly kind: "acknowledge"; readonly allBut: number }
  /** From now on the host acknowledges whatever it receives, or does not. */
  | { readonly kind: "host is"; readonly isPrompt: boolean }
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "link"; readonly isUp: boolean }
  | { readonly kind: "power"; readonly change: "off" | "on" | "cycle" }
  | { readonly kind: "cut"; readonly operations: number; readonly bytes: number }
  | { readonly kind: "display"; readonly isConnected: boolean }
  /** The power is cycled, and the store has another roster or configuration then. */
  | { readonly kind: "provision"; readonly roster: "whole" | "withoutFirstClerk" | "damaged"; readonly isConfigRight: boolean };

export const INVITE = 5;
export const PAUSE = 6;

export const FIRST_CLERK = { badge: "W26:1A2B3C", number: "1024" };
export const SECOND_CLERK = { badge: "W26:2C4D5E", number: "00010" };
export const SUPERVISOR = { badge: "W26:0F0F0F", number: "9001" };
export const EXPIRED_BADGE = "W26:0E0E0E";
export const BADGES = [FIRST_CLERK.badge, SECOND_CLERK.badge, SUPERVISOR.badge, "W26:ABCDEF", EXPIRED_BADGE, "W34:0BADBEEF", "1010110"];

/** 2026-03-02, a Monday, 00:00 at the counter (UTC+8). */
export const MONDAY = Date.UTC(2026, 2, 2) / 1000 - 8 * 3600;
export const OPENING_HOURS = MONDAY + 10 * 3600;
export const REASON_WORDS = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];

const transaction = fc.constantFrom("T1", "T2", "T3", "T-0000000000099");
const flag = fc.constantFrom(undefined, true, false);
const ms = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 120 }) },
  { weight: 6, arbitrary: fc.integer({ min: 100, max: 5000 }) },
  { weight: 6, arbitrary: fc.integer({ min: 5000, max: 40000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 40000, max: 700000 }) },
  { weight: 2, arbitrary: fc.constantFrom(59, 60, 61, 300, 500, 1500, 3000, 10000, 15000, 30000, 1000) },
);
const time = fc.oneof(
  // Around the edges of periods, midnight, a month's end and a year's.
  fc
    .tuple(fc.constantFrom(0, 8, 9, 12, 13, 17, 18, 24, 24 * 30, 24 * 30 - 15, 24 * 5), fc.integer({ min: -90, max: 90 }))
    .map(([hours, seconds]) => MONDAY + hours * 3600 + seconds),
  fc.integer({ min: -40 * 86400, max: 400 * 86400 }).map((seconds) => MONDAY + seconds),
  fc.constantFrom(OPENING_HOURS, 1577836800, 4294967294, 1767196799 - 28800),
);
const nonsense = fc.constantFrom<unknown>(
  undefined,
  null,
  true,
  "",
  "a b",
  "x".repeat(17),
  "13800138000",
  -1,
  0.5,
  1e300,
  "7",
  [],
  [3],
  {},
  "__proto__",
  "工",
);

const says: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(transaction, flag).map(([id, long]) => ({ do: "invite", transaction: id, long })) },
  { weight: 1, arbitrary: fc.constant({ do: "cancel" }) },
  {
    weight: 3,
    arbitrary: fc.tuple(transaction, flag, flag).map(([id, waited, long]) => ({ do: "open", transaction: id, waited, long })),
  },
  { weight: 2, arbitrary: fc.constant({ do: "finish" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("refer"),
      counter: fc.constantFrom("7", "9", "55", "8"),
      transaction: fc.constantFrom(undefined, undefined, "T1"),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom(0, 0, 1, 12).map((count) => ({ do: "waiting", count })) },
  { weight: 4, arbitrary: time.map((unix) => ({ do: "time", unix })) },
  { weight: 3, arbitrary: fc.constantFrom(...REASON_WORDS).map((reason) => ({ do: "pause", reason })) },
  { weight: 2, arbitrary: fc.constant({ do: "resume" }) },
  { weight: 2, arbitrary: fc.constant({ do: "signOut" }) },
  { weight: 3, arbitrary: fc.constant({ do: "approve", by: "9001" }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("neighbour"),
      counter: fc.constantFrom("7", "9", "55"),
      state: fc.constantFrom("open", "paused", "unattended", "closed", "odd"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("火警", "", "Zzz", "请疏散").map((text) => ({ do: "emergency", text64: Buffer.from(text).toString("base64") })),
  },
  { weight: 1, arbitrary: fc.constant({ do: "duplicateBadge", counter: "9" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("card"),
      staff: fc.constant("1024"),
      transaction,
      grade: fc.integer({ min: 1, max: 5 }),
      by: fc.constant("9001"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("void"), seq: fc.integer({ min: 1, max: 9 }), by: fc.constant("9001"), reason: fc.constant("wrong") }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "selfTest" }) },
  // Every command with a field that is not what it should be.
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          "invite",
          "cancel",
          "open",
          "finish",
          "refer",
          "waiting",
          "time",
          "pause",
          "resume",
          "signOut",
          "approve",
          "neighbour",
          "emergency",
          "card",
          "void",
          "duplicateBadge",
          "sing",
        ),
        nonsense,
        nonsense,
      )
      .map(([what, a, b]) => ({
        do: what,
        transaction: a,
        count: a,
        unix: a,
        reason: a,
        by: b,
        counter: a,
        state: b,
        text64: a,
        staff: a,
        grade: b,
        seq: a,
        waited: b,
        long: a,
      })),
  },
);

const key = fc.integer({ min: 0, max: 6 });
const citizenKey = fc.integer({ min: 0, max: 4 });
const holdMs = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }) }, { weight: 1, arbitrary: fc.integer({ min: 400, max: 26000 }) });
const bounceMs = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) });

const citizen: fc.Arbitrary<RandomEvent> = fc.record({ kind: fc.constant("press"), key: citizenKey, holdMs, bounceMs });
const chord: fc.Arbitrary<RandomEvent> = fc.record({
  kind: fc.constant("chord"),
  first: key,
  second: key,
  gapMs: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(59, 60, 61, 300)),
  holdMs,
});

/** What happens at a counter with the power on. */
const calm: readonly fc.WeightedArbitrary<RandomEvent>[] = [
  { weight: 10, arbitrary: citizen },
  { weight: 2, arbitrary: chord },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("press"), key: fc.constant(INVITE), holdMs, bounceMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("press"), key: fc.constant(PAUSE), holdMs, bounceMs }) },
  {
    weight: 7,
    arbitrary: fc.record({ kind: fc.constant("badge"), badge: fc.constantFrom(...BADGES.slice(0, 3), ...BADGES.slice(0, 3), ...BADGES) }),
  },
  { weight: 18, arbitrary: fc.record({ kind: fc.constant("host"), says }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("wait"), ms }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("acknowledge"), allBut: fc.constantFrom(0, 0, 0, 1, 2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link"), isUp: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("host is"), isPrompt: fc.boolean() }) },
];

const rough: readonly fc.WeightedArbitrary<RandomEvent>[] = [
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("contact"), key, isDown: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("line"),
      text: fc.constantFrom("", "{", "{}*00000000", '{"do":"invite","transaction":"T1"}*12345678', "\u00ff\u0000", "x".repeat(600)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("power"), change: fc.constantFrom("off", "on", "cycle", "cycle") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("cut"),
      operations: fc.integer({ min: 0, max: 5 }),
      bytes: fc.constantFrom(0, 1, 4, 5, 7, 8, 24, 40, 200),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("display"), isConnected: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("provision"),
      roster: fc.constantFrom("whole", "whole", "withoutFirstClerk", "damaged"),
      isConfigRight: fc.constantFrom(true, true, false),
    }),
  },
  // An acknowledgement of something that is no number of a record.
  {
    weight: 1,
    arbitrary: fc
      .oneof(nonsense, fc.constantFrom("2", "3", [2], 1.5, 2.5))
      .map((seq) => ({ kind: "host", says: { do: "acknowledge", log: "THE LOG", seq } }) as const),
  },
];

const beginnings: fc.Arbitrary<readonly RandomEvent[]> = fc.constantFrom<readonly RandomEvent[]>(
  [],
  [{ kind: "badge", badge: FIRST_CLERK.badge }],
  [
    { kind: "badge", badge: FIRST_CLERK.badge },
    { kind: "wait", ms: 2000 },
    { kind: "host", says: { do: "invite", transaction: "T1" } },
  ],
  [
    { kind: "host", says: { do: "time", unix: OPENING_HOURS } },
    { kind: "badge", badge: SECOND_CLERK.badge },
    { kind: "wait", ms: 2000 },
  ],
);

function eventsOf(kinds: readonly fc.WeightedArbitrary<RandomEvent>[], maxLength: number): fc.Arbitrary<readonly RandomEvent[]> {
  const manners = fc.constantFrom(false, true, true, true).map((isPrompt) => ({ kind: "host is", isPrompt }) as const);
  // Seldom hours: they take long to live through.
  const long = fc.oneof(
    { weight: 40, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([{ kind: "wait", ms: 3 * 3600_000 } as const]) },
  );
  return fc
    .tuple(
      manners,
      beginnings,
      fc.array(fc.oneof(...kinds), { maxLength, size: "max" }),
      long,
      fc.array(fc.oneof(...kinds), { maxLength: 6, size: "max" }),
    )
    .map(([first, ...then]) => [first, ...then.flat()]);
}

/** Everything that can happen. */
export const anyEvents = eventsOf([...calm, ...rough], 36);

/** People and a host that give the terminal no time: keys that go down and up within milliseconds of each other, of messages and of badges. */
export const hastyEvents = eventsOf(
  [
    { weight: 30, arbitrary: fc.record({ kind: fc.constant("contact"), key, isDown: fc.boolean() }) },
    { weight: 10, arbitrary: citizen },
    { weight: 6, arbitrary: chord },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("press"), key: fc.constantFrom(INVITE, PAUSE), holdMs, bounceMs }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("badge"), badge: fc.constantFrom(...BADGES.slice(0, 3)) }) },
    { weight: 24, arbitrary: fc.record({ kind: fc.constant("host"), says }) },
    { weight: 24, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.integer({ min: 1, max: 120 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait"), ms }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("power"), change: fc.constantFrom("off", "on", "cycle", "cycle") }) },
  ],
  60,
);

/**
 * What can happen without a test of the keys (it looks at single keys), an emergency text (it covers the reasons) or a power cut inside a write (it counts
 * writes), with presses that are over
 * when the next event begins.
 */
export const tidyEvents = eventsOf(
  [
    ...calm,
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("press"), key: citizenKey, holdMs: fc.constant(80), bounceMs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("power"), change: fc.constantFrom("off", "on", "cycle", "cycle") }) },
  ],
  36,
).map((events) => events.filter((event) => !(event.kind === "host" && (event.says.do === "selfTest" || event.says.do === "emergency"))));

const TIMETABLE = ["0900-1200 1300-1700", "0800-1800", "0900-1200 1300-1700", "0830-1730", "0900-1200 1300-1700", "", ""];

export type RandomConfig = Readonly<Record<string, unknown>> & { readonly grades: readonly number[]; readonly hours: readonly string[] };

export const anyConfig: fc.Arbitrary<RandomConfig> = fc.record({
  version: fc.constant(1),
  device: fc.constant("sim-08"),
  counter: fc.constant("8"),
  grades: fc.constantFrom([5, 4, 3, 2, 1], [1, 2, 3, 4, 5], [5, 3, 1], [5, 4, 2, 1]),
  hours: fc.constantFrom<readonly string[]>([], TIMETABLE),
  exceptions: fc.constantFrom({}, { "2026-03-02": "", "2026-03-03": "1000-1100" }),
  reasons: fc.constantFrom<readonly number[]>([], [213, 214], [213, 214, 209, 207, 212, 115, 110]),
  longMode: fc.constantFrom(false, false, true),
  reminderMs: fc.constantFrom(15000, 0, 60000),
  timeoutMs: fc.constantFrom(30000, 5000),
  opensEarly: fc.boolean(),
  lunchDuty: fc.boolean(),
  neighbours: fc.constantFrom<readonly string[]>([], ["7"], ["7", "9"]),
  quietMs: fc.constantFrom(50, 5, 100),
  unattendedS: fc.constantFrom(300, 10),
  linkLostS: fc.constantFrom(60, 10),
  phoneLimitMinutes: fc.constantFrom(3, 2, 1),
  pauseLimitMinutes: fc.constantFrom(10, 1),
}) as fc.Arbitrary<RandomConfig>;
