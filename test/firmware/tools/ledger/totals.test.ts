// The totals of a month are what the records give, however often and by whatever parts they are counted (rule R2).

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../../../firmware/tools/ledger/ledger-reader.js";
import { type Grade, type Tally, totalsOf } from "../../../../firmware/tools/ledger/totals.js";

/** 2026-03-31 23:59:59 in Beijing. */
const LAST_OF_MARCH = Date.parse("2026-03-31T23:59:59+08:00") / 1000;

type Fields<Type> = Type extends { type: string } ? Omit<Type, "sequence" | "uptimeMs" | "wallSeconds" | "backlog" | "mac"> : never;

/** Numbers records from 1, all at the same time where they do not say another. */
function log(records: readonly (Fields<LedgerRecord> & { readonly wallSeconds?: number | undefined })[]): LedgerRecord[] {
  return records.map(
    (record, i) => ({ uptimeMs: 0, backlog: 0, mac: "00000000", wallSeconds: LAST_OF_MARCH, ...record, sequence: i + 1 }) as LedgerRecord,
  );
}

function session(staff: string, outcome: "rated" | "timeout" | "cancelled" | "staffLeft" | "pending", grade: number): Fields<LedgerRecord> {
  return { type: "session", staff, transaction: "", outcome, grade, elapsedMs: 1000, suspect: 0, begunBy: "" } as Fields<LedgerRecord>;
}

function voided(record: number): Fields<LedgerRecord> {
  return { type: "voided", record, supervisor: "9001", reason: "wrongKey" } as Fields<LedgerRecord>;
}

function graded(counts: Partial<Record<Grade, number>>): Record<Grade, number> {
  return { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, ...counts };
}

function tally(changes: Partial<Tally>): Tally {
  return { grades: graded({}), cards: 0, timeouts: 0, cancelled: 0, staffLeft: 0, notInvited: 0, voided: 0, ...changes };
}

describe("Totals", () => {
  it("count every outcome once, by clerk", () => {
    const totals = totalsOf(
      log([
        session("1024", "rated", 5),
        session("1024", "pending", 0),
        session("1024", "timeout", 0),
        session("00010", "rated", 2),
        session("10", "cancelled", 0),
        { type: "notInvited", staff: "1024", transaction: "T-3", present: "" },
        { type: "card", staff: "00010", transaction: "T-4", grade: 2, supervisor: "9001" },
      ]),
    );
    expect(totals.byClerk).toEqual({
      "1024": tally({ grades: graded({ 5: 1 }), timeouts: 1, notInvited: 1 }),
      "00010": tally({ grades: graded({ 2: 2 }), cards: 1 }),
      "10": tally({ cancelled: 1 }),
    });
  });

  it("leave out what is voided, and say how much that is", () => {
    const records = log([session("1024", "rated", 1), session("1024", "rated", 4), voided(1)]);
    expect(totalsOf(records).all).toEqual(tally({ grades: graded({ 4: 1 }), voided: 1 }));
  });

  it("end a day and a month at midnight of the counter", () => {
    const rated = session("1024", "rated", 5);
    const totals = totalsOf(
      log([
        { ...rated, wallSeconds: LAST_OF_MARCH },
        { ...rated, wallSeconds: LAST_OF_MARCH + 1 },
        { ...rated, wallSeconds: undefined },
      ]),
    );
    expect(Object.keys(totals.byDay)).toEqual(["2026-03-31", "2026-04-01", "unknown"]);
    expect(Object.keys(totals.byMonth)).toEqual(["2026-03", "2026-04", "unknown"]);
  });

  it("refuse a grade that no key has", () => {
    expect(() => totalsOf(log([session("1024", "rated", 0)]))).toThrow("grade 0");
  });
});

describe("Totals of any records", () => {
  const staff = fc.constantFrom("1024", "00010", "10", "A-2077", "__proto__", "");
  const grade = fc.integer({ min: 1, max: 5 });
  const anyFields: fc.Arbitrary<Fields<LedgerRecord>> = fc.oneof(
    fc.tuple(staff, grade).map(([who, what]) => session(who, "rated", what)),
    fc.tuple(staff, fc.constantFrom("timeout", "cancelled", "staffLeft", "pending")).map(([who, outcome]) => session(who, outcome as "timeout", 0)),
    fc
      .tuple(staff, grade)
      .map(([who, what]): Fields<LedgerRecord> => ({ type: "card", staff: who, transaction: "T-1", grade: what, supervisor: "9001" })),
    staff.map((who): Fields<LedgerRecord> => ({ type: "notInvited", staff: who, transaction: "T-1", present: "" })),
    fc.integer({ min: 1, max: 60 }).map(voided),
    staff.map((who): Fields<LedgerRecord> => ({ type: "signOut", staff: who, relievedBy: "", lateMinutes: 0, earlyMinutes: 0, why: "" })),
  );
  const wallSeconds = fc.option(fc.integer({ min: LAST_OF_MARCH - 5_000_000, max: LAST_OF_MARCH + 5_000_000 }), { nil: undefined });
  const anyLog = fc
    .array(fc.tuple(anyFields, wallSeconds), { maxLength: 60 })
    .map((rows) => log(rows.map(([fields, wall]) => ({ ...fields, wallSeconds: wall }))));

  function sum(tallies: Readonly<Record<string, Tally>>): Tally {
    const all = tally({});
    return Object.values(tallies).reduce(
      (a, b) => ({
        grades: {
          1: a.grades[1] + b.grades[1],
          2: a.grades[2] + b.grades[2],
          3: a.grades[3] + b.grades[3],
          4: a.grades[4] + b.grades[4],
          5: a.grades[5] + b.grades[5],
        },
        cards: a.cards + b.cards,
        timeouts: a.timeouts + b.timeouts,
        cancelled: a.cancelled + b.cancelled,
        staffLeft: a.staffLeft + b.staffLeft,
        notInvited: a.notInvited + b.notInvited,
        voided: a.voided + b.voided,
      }),
      all,
    );
  }

  it("are the sum of their clerks, of their days and of their months", () => {
    fc.assert(
      fc.property(anyLog, (records) => {
        const { all, byClerk, byDay, byMonth } = totalsOf(records);
        expect(sum(byClerk)).toEqual(all);
        expect(sum(byDay)).toEqual(all);
        expect(sum(byMonth)).toEqual(all);
      }),
    );
  });

  it("are the same in whatever order the records are counted", () => {
    const shuffled = anyLog.chain((records) => fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })));
    fc.assert(
      fc.property(shuffled, ([records, others]) => {
        expect(totalsOf(others)).toEqual(totalsOf(records));
      }),
    );
  });

  it("hold every outcome exactly once, voided or not", () => {
    fc.assert(
      fc.property(anyLog, (records) => {
        const { grades, timeouts, cancelled, staffLeft, notInvited, voided } = totalsOf(records).all;
        const outcomes = records.filter(({ type }) => type === "session" || type === "card" || type === "notInvited");
        const pending = outcomes.filter((record) => record.type === "session" && record.outcome === "pending");
        const counted = Object.values(grades).reduce((a, b) => a + b) + timeouts + cancelled + staffLeft + notInvited + voided;
        expect(counted).toBe(outcomes.length - pending.length);
      }),
    );
  });
});
