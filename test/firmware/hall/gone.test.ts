// A terminal that is not heard any more, whatever its link: people are told when it was heard last, nobody is sent there, and its return ends the alarm.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reportOf, reportText } from "../../../firmware/hall/reports/log-report.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { BEGIN_MS, hello, KEY, peerOf, ratings, recordMessage, type Sent, TestHall, type TestPeer } from "./test-hall.js";

let hall: TestHall;
beforeEach(() => {
  hall = new TestHall();
});
afterEach(() => hall.remove());

const MINUTE_MS = 60_000;
const status = (state: string): object => ({
  status: { online: true, state, clerk: "1024", pause: "", faults: [], config: 1, uptime: 7200, free: 2000, flags: [] },
});
const told = (messages: readonly Sent[]): string[] =>
  messages.filter((message) => message.do === "neighbour").map(({ counter, state }) => `${counter} ${state}`);
const last = (messages: readonly Sent[]): string | undefined => told(messages).at(-1);
const gone = (): string[] =>
  hall.store
    .alarms()
    .filter(({ kind }) => kind === "gone")
    .map(({ words, count, ended }) => `${count} ${ended > 0 ? "over" : "lasts"} ${words}`);
const standing = (): string => reportText(reportOf(hall.store));

/** A terminal says hello every half minute. */
function hearFor(minutes: number, ...terminals: readonly (readonly [TestPeer, object])[]): void {
  for (let half = 0; half < 2 * minutes; half++) {
    for (const [peer, message] of terminals) hall.hear(peer, sealedText(KEY, message));
    hall.pass(MINUTE_MS / 2);
  }
}

describe("A terminal on a cable that is heard no more", () => {
  it("is gone after five minutes: an alarm says since when, the report and its neighbours know, and its return ends it", () => {
    const [a, b] = [peerOf("a"), peerOf("b")];
    const asker = hello("a", {}, { neighbours: ["B"] });
    hall.say(a, asker);
    hall.say(b, hello("b", { log: 5 }), status("open"));
    hearFor(1, [a, asker], [b, hello("b", { log: 5 })]);
    expect(last(a.take())).toBe("B open");
    hearFor(4, [a, asker]);
    expect(gone()).toEqual([]);
    hearFor(1.5, [a, asker]);
    const since = new Date(BEGIN_MS + 30_000).toISOString().slice(0, 16).replace("T", " ");
    expect(gone()).toEqual([expect.stringMatching(new RegExp(`^1 lasts b \\(counter B\\) is gone: it was last heard at ${since}:\\d\\d UTC`))]);
    expect(hall.wordsOf("alarm")).toEqual([expect.stringContaining("b (counter B) is gone")]);
    expect(last(a.take())).toBe("B closed");
    expect(standing()).toMatch(new RegExp(`b \\(counter B\\): GONE, last heard at ${since}`));
    expect(reportOf(hall.store).gone.map(({ device }) => device)).toEqual(["b"]);
    hearFor(60, [a, asker]);
    expect(gone().length).toBe(1);
    a.take();

    hall.say(b, hello("b", { log: 5 }), status("open"));
    expect(last(a.take())).toBe("B open");
    expect(gone()).toEqual([expect.stringMatching(/^1 over/)]);
    expect(hall.wordsOf("status").filter((words) => words.includes("is heard again"))).toEqual([expect.stringContaining(`last heard at ${since}`)]);
    expect(standing()).toMatch(/b \(counter B\): open, 1024/);
    expect(standing()).toMatch(/is gone.*\(over since/);
    hearFor(6, [a, asker]);
    expect(gone()).toEqual([expect.stringMatching(/^2 lasts/)]);
  });

  it("that tells its state by records alone is gone as well, and back with a record", () => {
    const [a, b] = [peerOf("a"), peerOf("b")];
    const asker = hello("a", {}, { neighbours: ["B"] });
    const records = ratings(2, 5);
    hall.say(a, asker);
    hall.say(b, hello("b", { log: 5, last: 1 }), recordMessage(1, records, 5));
    hearFor(6, [a, asker]);
    expect([gone().length, last(a.take())]).toEqual([1, "B closed"]);
    hall.say(b, recordMessage(2, records, 5));
    expect([gone()[0]?.slice(0, 6), last(a.take())]).toEqual(["1 over", "B unattended"]);
  });

  it("stays gone while the receiver starts anew, and is told once", () => {
    hall.say(peerOf("b"), hello("b"));
    hall.pass(6 * MINUTE_MS);
    expect(gone().length).toBe(1);
    hall.restart();
    hall.pass(20 * MINUTE_MS);
    expect(gone()).toEqual([expect.stringMatching(/^1 lasts/)]);
    expect(standing()).toContain("GONE");
  });

  it("is not gone because the receiver was away, or the computer slept; who does not come back then is", () => {
    hall.say(peerOf("b"), hello("b"), status("open"));
    hall.stop();
    hall.clock.skipTo(hall.clock.nowMs + 3_600_000);
    hall.open();
    const a = peerOf("a");
    hall.pass(MINUTE_MS);
    // What it said an hour ago is no state to send citizens by.
    expect(told(hall.say(a, hello("a", { log: 5 }, { neighbours: ["B"] })))).toEqual([]);
    hearFor(3, [a, hello("a", { log: 5 })]);
    expect(gone()).toEqual([]);
    hall.sleptMs += 8 * 3_600_000;
    hearFor(3, [a, hello("a", { log: 5 })]);
    expect(gone()).toEqual([]);
    hearFor(3, [a, hello("a", { log: 5 })]);
    expect(gone()).toEqual([expect.stringContaining("b (counter B) is gone: it was last heard at 2026-03-02 01:00")]);
  });

  it("is not brought back by what its broker has kept of it, nor by a message without its key", () => {
    const b = peerOf("b");
    hall.say(b, hello("b"), status("open"));
    hall.pass(6 * MINUTE_MS);
    const text = sealedText(KEY, status("open"));
    hall.receiver.hear(b, JSON.parse(text), text, true);
    const forged = sealedText(Buffer.alloc(32, 1), status("open"));
    hall.receiver.hear(b, JSON.parse(forged), forged);
    hall.pass(5);
    expect([gone()[0]?.slice(0, 7), hall.store.device("b")?.isGone]).toEqual(["1 lasts", true]);
    expect(standing()).toContain("b (counter B): GONE");
  });
});

it.each([
  [60_000, 2],
  [0, 0],
])("The silence after which a terminal is gone is configured: %i ms", (goneMs, count) => {
  hall.remove();
  hall = new TestHall({ goneMs });
  hall.say(peerOf("a"), hello("a"));
  hall.say(peerOf("b"), hello("b", { log: 5 }));
  hall.pass(70_000);
  expect(gone().length).toBe(count);
  hall.pass(24 * 3_600_000);
  expect(gone().length).toBe(count);
});

it("A terminal that sends records all day without a hello is not gone", () => {
  const a = peerOf("a");
  const records = ratings(30);
  hall.say(a, hello("a"));
  for (let seq = 1; seq <= 30; seq++) {
    hall.say(a, recordMessage(seq, records));
    hall.pass(MINUTE_MS);
  }
  expect(gone()).toEqual([]);
});
