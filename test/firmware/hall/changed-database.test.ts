// Somebody has changed rows in the database while no receiver ran: report and export say so, and nothing counts twice.

import Database from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reportOf, reportText } from "../../../firmware/hall/reports/log-report.js";
import { exportLines } from "../../../firmware/hall/reports/record-export.js";
import { hello, KEY, peerOf, ratings, recordMessage, TestHall } from "./test-hall.js";

const RECORDS = ratings(8);

let hall: TestHall;
beforeEach(() => {
  hall = new TestHall();
  const a = peerOf();
  hall.say(a, hello("a", { last: 8 }));
  for (let seq = 1; seq <= 8; seq++) hall.say(a, recordMessage(seq, RECORDS));
  hall.stop();
});
afterEach(() => hall.remove());

function change(sql: string): void {
  const other = new Database(hall.file);
  other.exec(sql);
  other.close();
  hall.open();
}

const rows = (): Record<string, unknown>[] =>
  [...exportLines(hall.store.records(), "jsonl")].map((line) => JSON.parse(line) as Record<string, unknown>);
const report = () => reportOf(hall.store, () => KEY);

describe("A row", () => {
  it("that was not changed has no problem", () => {
    hall.open();
    expect(report()).toMatchObject({ isGood: true, logs: [{ problems: [], missing: 0 }] });
  });

  it("with the bytes of another record is exported as unreadable, and not as a second rating", () => {
    change("UPDATE records SET bytes = (SELECT bytes FROM records WHERE sequence = 5) WHERE sequence = 4");
    expect(
      rows()
        .map(({ sequence, type, transaction, proof }) => [sequence, type, transaction, proof])
        .slice(3, 5),
    ).toEqual([
      [4, "unreadable", undefined, "badMac"],
      [5, "session", "T-4", "verified"],
    ]);
    expect(report().isGood).toBe(false);
  });

  it.each([
    ["grade = 1", /Record 3 says grade 5, and its row in the database 1/],
    ["staff = '2048'", /Record 3 says staff 1024, and its row in the database 2048/],
    ["grade = NULL", /Record 3 says grade 5, and its row in the database none/],
    ["type = 'card'", /Record 3 says type session, and its row in the database card/],
  ])("whose columns were changed by %s is told by the report, and exported as the record says", (what, words) => {
    change(`UPDATE records SET ${what} WHERE sequence = 3`);
    expect(report().logs[0]?.problems).toEqual([expect.stringMatching(words)]);
    expect(report().isGood).toBe(false);
    expect(rows()[2]).toMatchObject({ sequence: 3, staff: "1024", grade: 5 });
  });
});

describe("Records that were deleted", () => {
  it.each([
    ["in the middle", "sequence = 6", 1],
    ["at the end", "sequence > 5", 3],
  ])("%s are missing in the report, with and without keys", (_, which, missing) => {
    change(`DELETE FROM records WHERE ${which}`);
    for (const each of [reportOf(hall.store), report()]) expect(each).toMatchObject({ isGood: false, logs: [{ missing }] });
    expect(reportText(reportOf(hall.store))).toContain(`${missing} MISSING`);
  });
});
