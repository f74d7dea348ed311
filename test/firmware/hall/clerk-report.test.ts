// What each clerk did, counted from the records of a hall.

import { describe, expect, it } from "vitest";
import { clerkRows, clerkTable } from "../../../firmware/hall/reports/clerk-report.js";
import type { RecordRow } from "../../../firmware/hall/store/rows.js";
import type { RecordText } from "../ledger/ledger-encoder.js";
import { LOG, recordsOf } from "./test-hall.js";

/** 2026-03-02, 09:00 at the counter. */
const NINE = Date.parse("2026-03-02T09:00:00+08:00") / 1000;
const [SIGN_IN, SIGN_OUT, SESSION, NOT_INVITED, CARD, VOIDED, OPENED, ENDED, ARRIVAL, REFERRED, ATTENDED, STARTED] = [
  2, 3, 4, 11, 16, 17, 21, 25, 26, 27, 28, 1,
];

/** A record so many minutes after nine, on a terminal that started at nine. */
function at(minute: number, type: number | undefined, ...fields: readonly (string | number)[]): RecordText {
  const text = JSON.stringify(fields).slice(1, -1);
  return { type: type as number, text, uptimeMs: minute * 60000, wallSeconds: NINE + minute * 60 };
}

function stored(device: string, texts: readonly RecordText[]): RecordRow[] {
  const none = { type: "", staff: null, transaction: null, outcome: null, grade: null, at: null, wall: null };
  return recordsOf(texts).map((bytes, i) => ({ ...none, device, log: LOG, sequence: i + 1, proof: "verified", receivedAt: 0, bytes }));
}

/** Counts as they are where nothing happened, but for these. */
function row(staff: string, changes: object): object {
  const none = {
    matters: 0,
    notInvited: 0,
    referred: 0,
    finished: 0,
    ratings: 0,
    bad: 0,
    attended: 0,
    early: 0,
    onTime: 0,
    late: 0,
    leftEarly: 0,
    forgotten: 0,
  };
  return { staff, ...none, ...changes };
}

describe("The report on clerks", () => {
  it("has matters with their lengths, for who began them and who ended them", () => {
    const rows = stored("sim-08", [
      at(0, SIGN_IN, "1024", "W26:1A2B3C", "early", -12),
      at(1, OPENED, "1024", "T-1"),
      at(8, SESSION, "1024", "T-1", 0, 5, 1000),
      at(9, ENDED, "1024", "T-1"),
      at(10, OPENED, "1024", "T-2"),
      at(14, SIGN_OUT, "1024", "00010", 0),
      at(14, SIGN_IN, "00010", "W26:2C4D5E", ""),
      at(14, NOT_INVITED, "1024", "T-2", "00010"),
      // Its beginning is not known.
      at(20, ENDED, "00010", "T-3"),
    ]);
    expect(clerkRows(rows, undefined, 480)).toEqual([
      row("00010", { matters: 1, finished: 1 }),
      row("1024", { matters: 2, notInvited: 1, meanMinutes: 6, longestMinutes: 8, ratings: 1, early: 1 }),
    ]);
  });

  it("has whom a clerk sent to another counter, with a matter and without", () => {
    const rows = stored("sim-08", [
      at(0, OPENED, "1024", "T-1"),
      at(2, REFERRED, "1024", "T-1", "8", "12", "00010"),
      at(5, REFERRED, "00010", "", "8", "12"),
    ]);
    expect(clerkRows(rows, undefined, 480)).toEqual([
      row("00010", { referred: 1, finished: 1 }),
      row("1024", { matters: 1, referred: 1, meanMinutes: 2, longestMinutes: 2 }),
    ]);
  });

  it("measures a matter by the terminal's own clock, and over a start of the terminal by the wall clock", () => {
    const rows = stored("sim-08", [
      at(0, OPENED, "1024", "T-1"),
      // The host has set the clock back by an hour.
      { ...at(5, ENDED, "1024", "T-1"), wallSeconds: NINE - 3300 },
      at(10, OPENED, "1024", "T-2"),
      { ...at(20, STARTED, "1", 1, "-", "ok", 0), uptimeMs: 0 },
      { ...at(22, ENDED, "1024", "T-2"), uptimeMs: 120000 },
      at(30, OPENED, "1024", "T-3"),
      { ...at(40, STARTED, "1", 1, "-", "ok", 0), uptimeMs: 0, wallSeconds: 0 },
      // Nobody has told the time since.
      { ...at(41, ENDED, "1024", "T-3"), uptimeMs: 60000, wallSeconds: 0 },
    ]);
    expect(clerkRows(rows, undefined, 480)).toEqual([row("1024", { matters: 3, meanMinutes: 8.5, longestMinutes: 12 })]);
  });

  it("has coming and going, also where the clock came after the sign-in", () => {
    const rows = stored("sim-08", [
      { ...at(0, SIGN_IN, "1024", "W26:1A2B3C", ""), wallSeconds: 0 },
      at(1, ARRIVAL, "1024", "late", 5),
      at(60, SIGN_OUT, "1024", "", 0, 30),
      at(90, SIGN_IN, "1024", "W26:1A2B3C", "onTime", -2),
      at(900, SIGN_OUT, "1024", "", 0, 0, "forgotten"),
    ]);
    expect(clerkRows(rows, undefined, 480)).toEqual([row("1024", { onTime: 1, late: 1, leftEarly: 1, forgotten: 1 })]);
  });

  it("counts ratings and paper cards, and none that is void", () => {
    const rows = stored("sim-08", [
      at(1, SESSION, "1024", "T-1", 0, 2, 1000),
      at(2, SESSION, "1024", "T-2", 0, 1, 1000),
      at(3, SESSION, "1024", "T-3", 1, 0, 30000),
      at(4, CARD, "1024", "T-3", 4, "9001"),
      at(5, VOIDED, 2, "9001", "wrong"),
      at(6, ATTENDED, "9001", 1),
    ]);
    expect(clerkRows(rows, undefined, 480)).toEqual([row("1024", { ratings: 2, bad: 1, attended: 1 })]);
  });

  it("has one month by local time, and takes terminals and logs apart", () => {
    const rows = [
      ...stored("sim-08", [at(0, OPENED, "1024", "T-1")]),
      // Another terminal, with a matter of the same number.
      ...stored("sim-09", [
        at(3, ENDED, "1024", "T-1"),
        { ...at(4, ENDED, "1024", "T-2"), wallSeconds: Date.parse("2026-03-31T23:59:00+08:00") / 1000 },
        { ...at(5, ENDED, "1024", "T-3"), wallSeconds: Date.parse("2026-04-01T00:01:00+08:00") / 1000 },
        { ...at(6, ENDED, "1024", "T-4"), wallSeconds: 0 },
      ]),
    ];
    expect(clerkRows(rows, "2026-03", 480)).toEqual([row("1024", { matters: 2 })]);
    expect(clerkRows(rows, "2026-04", 480)).toEqual([row("1024", { matters: 1 })]);
    expect(clerkRows(rows, undefined, 480)).toEqual([row("1024", { matters: 4 })]);
  });

  it("counts nothing that did not verify, or that cannot be read", () => {
    const [first, second, third] = stored("sim-08", [
      at(1, SESSION, "1024", "T-1", 0, 5, 1000),
      at(2, SESSION, "1024", "T-2", 0, 5, 1000),
      at(3, SESSION, "1024", "T-3", 0, 5, 1000),
    ]) as [RecordRow, RecordRow, RecordRow];
    const rows = [{ ...first, proof: "badMac" as const }, { ...second, bytes: Buffer.alloc(0) }, third];
    expect(clerkRows(rows, undefined, 480)).toEqual([row("1024", { ratings: 1 })]);
  });

  it("is a table for people", () => {
    const rows = stored("sim-08", [at(0, OPENED, "", "T-1"), at(3, NOT_INVITED, "", "T-1")]);
    const lines = clerkTable(clerkRows(rows, undefined, 480)).split("\n");
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 6))).toEqual([
      ["clerk", "matters", "not invited", "sent on", "mean min", "longest min"],
      ["nobody", "1", "1", "0", "3", "3"],
    ]);
    expect(clerkTable([])).toBe("nothing has been recorded then");
  });
});
