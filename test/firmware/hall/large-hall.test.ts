// A hall of thousands of terminals: what one of them says costs as much as in a small hall.

import { afterEach, beforeEach, expect, it } from "vitest";
import { StorageError } from "../../../firmware/hall/store/store.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { hello, KEY, peerOf, recordMessage, recordsOf, TestHall } from "./test-hall.js";

const TERMINALS = 1500;
/** So many of the first terminals, and of the last ones, are measured. */
const MEASURED = 200;
/** How much dearer the last ones may be. Where each message looks through all terminals, they are 10 times dearer. */
const MOST_TIMES = 4;

let hall: TestHall;
beforeEach(() => {
  hall = new TestHall({ tellsTime: true });
  hall.keys = () => KEY;
});
afterEach(() => hall.remove());

/** Processor time since the process began, in ms: that of other processes does not count. */
function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

it("a hello, a sign-in and a status take no longer when thousands are connected", { timeout: 120_000 }, () => {
  const status = { status: { online: true, state: "paused", clerk: "1024", pause: "", faults: [], uptime: 1, free: 1, config: 1, flags: [] } };
  const come = (i: number): void => {
    const way = { ...peerOf(), send: () => undefined };
    const neighbours = [`${i - 1}`, `${i + 1}`];
    const records = recordsOf([{ type: 2, text: `"1024","W26:${i}",""` }], i);
    for (const message of [hello(`d${i}`, { log: i, last: 1 }, { counter: `${i}`, neighbours }), recordMessage(1, records, i), status])
      hall.hear(way, sealedText(KEY, message));
    if (i % 50 === 0) hall.receiver.flush();
  };
  let first = 0;
  let last = 0;
  for (let i = 1; i <= TERMINALS; i++) {
    const beginMs = usedMs();
    come(i);
    if (i <= MEASURED) first += usedMs() - beginMs;
    else if (i > TERMINALS - MEASURED) last += usedMs() - beginMs;
  }
  hall.receiver.flush();
  expect(hall.receiver.online()).toHaveLength(TERMINALS);
  expect(hall.numbers()).toHaveLength(TERMINALS);
  expect(last / first, `${first} ms, then ${last} ms`).toBeLessThan(MOST_TIMES);
});

it("of terminals that have one counter's number each raises one alarm, however many they are", () => {
  const ways = ["a", "b", "c", "d"].map((device) => ({ device, way: peerOf() }));
  const sayHello = (): void => {
    for (const { device, way } of ways) hall.say(way, hello(device, { log: device.charCodeAt(0) }, { counter: "8" }));
  };
  sayHello();
  const rows = (): string[] => hall.store.alarms().map(({ words, count }) => `${words.slice(0, words.indexOf(" both"))}, ${count}`);
  expect(rows()).toEqual(["a and b, 1", "a and c, 1", "a and d, 1"]);
  sayHello();
  expect(rows()).toEqual(["a and b, 3", "a and c, 2", "a and d, 2"]);
});

it("a terminal that changes its counter or its neighbours is found by the new ones alone, also behind a batch that failed", () => {
  const [a, b, c] = [peerOf(), peerOf(), peerOf()];
  const status = (state: string): object => ({
    status: { online: true, state, clerk: "", pause: "", faults: [], uptime: 1, free: 1, config: 1, flags: [] },
  });
  /** What `a` is told until its commands, which nobody answers, are given up. */
  const told = (): Set<string> => {
    hall.pass(60_000);
    return new Set(a.take().flatMap(({ do: what, counter, state }) => (what === "neighbour" ? [`${counter} ${state}`] : [])));
  };
  hall.say(a, hello("a", { log: 1 }, { counter: "1", neighbours: ["2"] }));
  hall.say(b, hello("b", { log: 2 }, { counter: "2" }));
  expect(told()).toEqual(new Set(["2 unattended"]));
  hall.say(b, status("open"));
  expect(told()).toEqual(new Set(["2 open"]));
  hall.say(b, hello("b", { log: 2 }, { counter: "3" }));
  hall.say(b, status("paused"));
  expect(told()).toEqual(new Set());
  hall.say(a, hello("a", { log: 1 }, { counter: "1", neighbours: ["3"] }));
  a.take();
  hall.say(b, status("open"));
  expect(told()).toEqual(new Set(["3 open"]));
  hall.say(c, hello("c", { log: 3 }, { counter: "2" }));
  expect(hall.alarms()).toEqual([]);
  const { store } = hall;
  const commit = store.commit.bind(store);
  store.commit = () => {
    throw new StorageError("full", "");
  };
  hall.say(b, hello("b", { log: 2 }, { counter: "4" }));
  store.commit = commit;
  hall.say(b, status("paused"));
  expect(told()).toEqual(new Set(["3 paused"]));
  hall.say(c, hello("c", { log: 3 }, { counter: "3" }));
  expect(hall.alarms()).toEqual(["sameCounter"]);
});
