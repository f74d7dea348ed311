// Strangers: whoever has no key can neither fill the database, nor the operator's screen, nor make a terminal unknown.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keysIn } from "../../../firmware/hall/device-keys.js";
import { reportOf, reportText } from "../../../firmware/hall/reports/log-report.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { acknowledgedBy, hello, KEY, LOG, peerOf, ratings, recordMessage, recordsOf, TestHall } from "./test-hall.js";

const NO_KEY = Buffer.alloc(32, 9);
let hall: TestHall;
beforeEach(() => {
  hall = new TestHall();
});
afterEach(() => hall.remove());

describe("Refusals", () => {
  it("of ever new connections and names are few lines, which count the rest, and a terminal's own is told meanwhile", () => {
    const bad = { hello: { device: "x" }, mac: "x" };
    const flood = (): void => {
      for (let i = 0; i < 3000; i++) hall.hear(peerOf(i % 2 ? `x-${i}` : undefined), JSON.stringify(bad));
      hall.pass(5);
    };
    const a = peerOf();
    hall.say(a, hello("a"));
    flood();
    expect(hall.wordsOf("refused").length).toBe(20);
    expect(hall.wordsOf("refused").at(-1)).toContain("Refusals of further strangers are counted");
    hall.say(a, { status: { online: 1 } });
    expect(hall.wordsOf("refused").slice(20)).toEqual([expect.stringContaining("a status is not as it should be")]);
    hall.pass(60_000);
    flood();
    expect(hall.wordsOf("refused").slice(21)[0]).toBe("2980 more messages of strangers since this was last said. See who may reach the receiver");
    expect(hall.wordsOf("refused").length).toBe(20 + 1 + 1 + 20);
  });
});

describe("Alarms", () => {
  it("of invented names are few, whatever comes, and the last counts the rest", () => {
    const stranger = peerOf();
    for (let i = 0; i < 5000; i++) hall.hear(stranger, sealedText(NO_KEY, hello(`x-${i}`, {}, { counter: "8" })));
    hall.pass(5);
    const rows = hall.store.alarms();
    expect(rows.length).toBe(101);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
    expect(rows.at(-1)).toMatchObject({ device: "", count: 4900, words: expect.stringMatching(/ever more unknown names, now x-\d+.*who may reach/) });
    expect(hall.wordsOf("alarm").length).toBe(101);
    expect(hall.store.devices()).toEqual([]);
  });

  it("of invented names on the way of a terminal, and of messages without its MAC, are one row each, told once a day", () => {
    const way = peerOf("a");
    for (let hour = 0; hour < 48; hour++) {
      for (let i = 0; i < 20; i++) {
        hall.hear(way, sealedText(NO_KEY, hello("a")));
        hall.hear(way, sealedText(NO_KEY, hello(`x-${i}`, {}, { counter: "8" })));
      }
      hall.pass(3_600_000);
    }
    expect(hall.store.alarms().map(({ kind, count }) => [kind, count])).toEqual([
      ["forged", 960],
      ["impostor", 960],
    ]);
    expect(hall.wordsOf("alarm").length).toBe(6);
    expect(reportText(reportOf(hall.store))).toMatch(/without the MAC of its key.* \(960 times since 2026-03-02T01:00:00\.005Z\)/);
  });

  it("of one terminal, whose key somebody has, are few as well", () => {
    const a = peerOf();
    hall.say(a, hello("a"));
    const faults = recordsOf(Array.from({ length: 400 }, (_, i) => ({ type: 8, text: `"part${i}","x"` })));
    for (let i = 0; i < 400; i++) hall.hear(a, sealedText(KEY, recordMessage(i + 1, faults)));
    for (let i = 0; i < 400; i++) hall.hear(a, sealedText(KEY, hello("a", { log: i })));
    hall.pass(5);
    const rows = hall.store.alarms();
    expect(rows.length).toBeLessThanOrEqual(101 + 2);
    expect(rows.filter(({ kind }) => kind === "fault").reduce((sum, { count }) => sum + count, 0)).toBe(400);
    expect(rows.find(({ kind }) => kind === "newLog")).toMatchObject({ count: 400, words: expect.stringContaining("a new log, 399") });
  });
});

describe("The screen", () => {
  it("has a line a minute of what is wrong on one way", () => {
    const stranger = peerOf();
    for (let i = 0; i < 120; i++) {
      for (let each = 0; each < 50; each++) hall.receiver.hear(stranger, { hello: each }, "");
      hall.pass(1000);
    }
    expect(hall.wordsOf("refused").length).toBe(2);
    expect(hall.wordsOf("refused")[1]).toMatch(/\(and 2\d\d\d more messages/);
  });
});

describe("A key file", () => {
  const RECORDS = ratings(4);
  let keys: string;
  beforeEach(() => {
    keys = path.join(hall.folder, "keys");
    mkdirSync(keys);
    writeFileSync(path.join(keys, "a.key"), KEY.toString("hex"));
    hall.keys = keysIn(keys);
  });

  it.each<[string, () => void, RegExp]>([
    [
      "that cannot be read any more",
      () => {
        rmSync(path.join(keys, "a.key"));
        mkdirSync(path.join(keys, "a.key"));
      },
      /a\.key: cannot be read.*stays in use/,
    ],
    [
      "that is a pipe now",
      () => {
        rmSync(path.join(keys, "a.key"));
        spawnSync("mkfifo", [path.join(keys, "a.key")]);
      },
      /a\.key: cannot be read.*stays in use/,
    ],
    ["that holds something else now", () => writeFileSync(path.join(keys, "a.key"), "half"), /holds no device key.*stays in use/],
    ["whose folder is not there any more", () => rmSync(keys, { recursive: true }), /no such folder of keys.*stays in use.*Put the folder there/],
  ])("%s makes no terminal unknown, and is told", (_, spoil, words) => {
    const a = peerOf();
    hall.say(a, hello("a", { last: 4 }), recordMessage(1, RECORDS));
    spoil();
    expect(acknowledgedBy(hall.say(a, hello("a", { last: 4, acknowledged: 1 }), recordMessage(2, RECORDS)))).toEqual([2]);
    expect(acknowledgedBy(hall.say(peerOf(), hello("a", { last: 4, acknowledged: 2 }), recordMessage(3, RECORDS)))).toEqual([3]);
    expect(hall.store.alarms().map((alarm) => alarm.words)).toEqual([expect.stringMatching(words)]);
  });

  it("that somebody has taken away makes its terminal unknown with its next hello", () => {
    const a = peerOf();
    hall.say(a, hello("a", { last: 4 }), recordMessage(1, RECORDS));
    rmSync(path.join(keys, "a.key"));
    expect(hall.say(a, hello("a", { last: 4, acknowledged: 1 }), recordMessage(2, RECORDS))).toEqual([]);
    expect(hall.numbers()).toEqual([1]);
    expect(hall.store.alarms()[0]?.words).toContain("a is unknown");
  });

  it("that is corrected counts from the next hello", () => {
    writeFileSync(path.join(keys, "a.key"), NO_KEY.toString("hex"));
    const a = peerOf();
    expect(hall.say(a, hello("a"))).toEqual([]);
    writeFileSync(path.join(keys, "a.key"), KEY.toString("hex"));
    expect(acknowledgedBy(hall.say(a, hello("a"), recordMessage(1, RECORDS)))).toEqual([1]);
    expect(hall.store.find("a", LOG, 1)?.proof).toBe("verified");
  });
});
