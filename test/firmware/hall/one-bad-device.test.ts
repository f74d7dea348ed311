// One device that sends what cannot be stored hurts itself alone: the others' records, in the same batch, are stored and acknowledged.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import type { RecordText } from "../ledger/ledger-encoder.js";
import { acknowledgedBy, hello, KEY, LOG, peerOf, RATING, ratings, recordMessage, recordsOf, TestHall } from "./test-hall.js";

let hall: TestHall;
beforeEach(() => {
  hall = new TestHall();
});
afterEach(() => hall.remove());

const huge = "9".repeat(60);

describe("A record of a key holder", () => {
  it.each<[string, RecordText]>([
    ["a grade of 4.5", { ...RATING, text: '"1024","T-1",0,4.5,1000' }],
    ["a grade of 6", { ...RATING, text: '"1024","T-1",0,6,1000' }],
    ["a grade of 2^53", { ...RATING, text: '"1024","T-1",0,9007199254740993,1000' }],
    ["a grade of 1e308", { ...RATING, text: '"1024","T-1",0,1e308,1000' }],
    ["a number of 60 digits", { ...RATING, text: `"1024","T-1",0,5,${huge}` }],
    ["an outcome of -1", { ...RATING, text: '"1024","T-1",-1,5,1000' }],
    ["an outcome of __proto__", { ...RATING, text: '"1024","T-1","__proto__",5,1000' }],
    ["an object as staff number", { ...RATING, text: '{"a":1},"T-1",0,5,1000' }],
    ["no end of brackets", { ...RATING, text: "[".repeat(100) }],
    ["a staff number of 100 letters", { ...RATING, text: `"${"x".repeat(100)}","T-1",0,5,1000` }],
    ["half a pair of surrogates", { ...RATING, text: '"\\ud800","T-1",0,5,1000' }],
    ["a NUL", { ...RATING, text: '"10\\u000024","T-1",0,5,1000' }],
    ["a paper card of grade 0", { type: 16, text: '"1024","T-1",0,"9001"' }],
  ])("with %s is stored as unreadable, with one alarm, and hurts nobody else", (_, text) => {
    const bad = recordsOf([RATING, text, RATING]);
    const others = ratings(3, 5);
    const [a, b] = [peerOf(), peerOf()];
    hall.say(a, hello("a", { last: 3 }));
    hall.say(b, hello("b", { log: 5, last: 3 }));
    for (const sequence of [1, 2, 2, 3]) {
      hall.hear(a, sealedText(KEY, recordMessage(sequence, bad)));
      hall.hear(b, sealedText(KEY, recordMessage(sequence, others, 5)));
    }
    hall.pass(5);
    expect([acknowledgedBy(a.take()), acknowledgedBy(b.take())]).toEqual([[3], [3]]);
    expect([...hall.store.records("a")].map(({ type }) => type)).toEqual(["session", "unreadable", "session"]);
    expect(hall.store.find("a", LOG, 2)?.bytes).toEqual(bad[1]);
    expect(hall.alarms()).toEqual(["unreadable"]);
  });

  it("that the database refuses, whatever the checks let through, is stored as unreadable, and the batch of the others is stored", () => {
    const bad = recordsOf([RATING, { ...RATING, text: '"1024","T-2",0,4,1000' }]);
    const others = ratings(2, 5);
    const [a, b] = [peerOf(), peerOf()];
    hall.say(a, hello("a"));
    hall.say(b, hello("b", { log: 5 }));
    const insert = hall.store.insert.bind(hall.store);
    hall.store.insert = (row) => insert(row.grade === 4 ? { ...row, grade: 4.5 } : row);
    for (const sequence of [1, 2]) {
      hall.hear(b, sealedText(KEY, recordMessage(sequence, others, 5)));
      hall.hear(a, sealedText(KEY, recordMessage(sequence, bad)));
    }
    hall.pass(5);
    expect([acknowledgedBy(a.take()).at(-1), acknowledgedBy(b.take()).at(-1)]).toEqual([2, 2]);
    expect([...hall.store.records("a")].map(({ type }) => type)).toEqual(["session", "unreadable"]);
    expect(hall.store.alarms().map(({ device, kind }) => `${device} ${kind}`)).toEqual(["a unreadable"]);
  });
});

describe("A hello of a key holder that the database refuses", () => {
  it("is left out with an alarm, and everything else of its batch is stored", () => {
    const others = ratings(1, 5);
    const [a, b] = [peerOf(), peerOf()];
    hall.say(b, hello("b", { log: 5 }));
    const save = hall.store.saveDevice.bind(hall.store);
    hall.store.saveDevice = (row) => save(row.device === "a" && row.firmware === "9" ? { ...row, configuration: 0.5 } : row);
    hall.hear(a, sealedText(KEY, hello("a", {}, { firmware: "9" })));
    hall.hear(b, sealedText(KEY, recordMessage(1, others, 5)));
    hall.pass(5);
    expect(acknowledgedBy(b.take())).toEqual([1]);
    expect(hall.store.alarms().map(({ device, words }) => `${device} ${words}`)).toEqual([
      expect.stringMatching(/^a A hello of a cannot be taken in/),
    ]);
  });
});
