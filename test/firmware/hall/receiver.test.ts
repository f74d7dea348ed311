// The receiver: what it stores, when it acknowledges, what it alarms about, how it commands. It is led by hand: time, messages and death are the test's.

import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceiverEvent } from "../../../firmware/hall/receiver/hall-state.js";
import { createReceiver, type Receiver } from "../../../firmware/hall/receiver/receiver.js";
import { reportOf, reportText } from "../../../firmware/hall/reports/log-report.js";
import { exportLines, replacedRows } from "../../../firmware/hall/reports/record-export.js";
import { claim } from "../../../firmware/hall/store/receiver-claim.js";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { StorageError } from "../../../firmware/hall/store/store.js";
import { MOST_TEXT } from "../../../firmware/tools/link/lines.js";
import { hashOfCommand, sealedText } from "../../../firmware/tools/link/signing.js";
import type { Peer } from "../../../firmware/tools/link/source.js";
import { ToolError } from "../../../firmware/tools/tool-error.js";
import { VirtualClock } from "../../../sim/world/clock.js";
import { encodeRecord, type RecordText, u32 } from "../ledger/ledger-encoder.js";

const KEY = Buffer.alloc(32, 0x5a);
const LOG = 3777279546;
const START = 77;
const BEGIN_MS = Date.UTC(2026, 2, 2, 1);
const RATING: RecordText = { type: 4, text: '"1024","T-1",0,5,1000', wallSeconds: BEGIN_MS / 1000 };

/** Records of a log, chained. */
function recordsOf(texts: readonly RecordText[], log = LOG, key = KEY): Buffer[] {
  let before: Buffer = u32(log);
  return texts.map((text, i) => {
    const record = encodeRecord(key, before, i + 1, text);
    before = record.subarray(-12, -8);
    return record;
  });
}
const RATINGS = recordsOf(Array.from({ length: 8 }, () => RATING));

let folder = "";
let file = "";
let store: SqliteStore;
let clock: VirtualClock;
let receiver: Receiver;
/** Ids that were given to commands. */
let ids = 0;
/** The hash of the newest command with each id. */
const hashes = new Map<unknown, string>();
let events: ReceiverEvent[];
/** Devices that have a key. */
let known: string[];

function open(tellsTime = false): void {
  store = SqliteStore.open(file);
  receiver = createReceiver({
    store,
    keys: (device) => (known.includes(device) ? KEY : undefined),
    onEvent: (event) => events.push(event),
    newId: () => `t-${++ids}`,
    tellsTime,
    clock: {
      nowMs: () => BEGIN_MS + clock.nowMs,
      after(ms, run) {
        const task = clock.at(clock.nowMs + ms, run);
        return () => clock.cancel(task);
      },
    },
  });
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "receive-"));
  file = path.join(folder, "hall.sqlite");
  clock = new VirtualClock();
  events = [];
  known = ["a", "b", "c"];
  open();
});
afterEach(() => {
  receiver.close();
  store.close();
  rmSync(folder, { recursive: true });
});

function pass(ms: number): void {
  const endMs = clock.nowMs + ms;
  while (clock.nextMs <= endMs) clock.runNext();
  clock.skipTo(endMs);
}

interface TestPeer extends Peer {
  /** What came since, taken out of its envelope. */
  take(): Record<string, unknown>[];
  takeEnvelopes(): Record<string, unknown>[];
}

/** What a terminal makes of an envelope. */
function opened(message: Record<string, unknown>): Record<string, unknown> {
  const { id, signed, mac } = message;
  if (signed === undefined) return message;
  expect(mac).toBe(createHmac("sha256", KEY).update(`command:${signed}`).digest("base64"));
  return { ...(id === undefined ? {} : { id }), ...(JSON.parse(signed as string) as object) };
}

function peer(device?: string): TestPeer {
  let sent: Record<string, unknown>[] = [];
  return {
    name: "test",
    device,
    send(text) {
      const message = JSON.parse(text) as Record<string, unknown>;
      hashes.set(message.id, hashOfCommand(text));
      sent.push(message);
    },
    take() {
      return this.takeEnvelopes().map(opened);
    },
    takeEnvelopes() {
      const taken = sent;
      sent = [];
      return taken;
    },
  };
}

/** A message of a terminal. An answer names the newest command with its id. */
function sealed(key: Uint8Array, message: object): string {
  const of = "answer" in message ? { of: hashes.get(message.answer) ?? "A".repeat(16) } : {};
  return sealedText(key, { ...of, ...message });
}

function hello(device: string, more: object = {}, identity: object = {}): object {
  return {
    hello: { device, counter: device.toUpperCase(), firmware: "1", config: 1, ...identity },
    log: LOG,
    last: 0,
    acknowledged: 0,
    start: START,
    signed: 0,
    ...more,
  };
}

function record(sequence: number, records = RATINGS, log = LOG): object {
  return { log, seq: sequence, record: (records[sequence - 1] as Buffer).toString("base64") };
}

function hear(from: TestPeer, text: string): void {
  receiver.hear(from, JSON.parse(text), text);
}

/** What a broker says of a terminal that it has lost. */
function sayLost(from: TestPeer): void {
  hear(from, '{"status":{"online":false}}');
  pass(5);
}

/** Messages come, are stored, and whatever is owed for them is sent. */
function say(from: TestPeer, ...messages: object[]): Record<string, unknown>[] {
  for (const message of messages) hear(from, sealed(KEY, message));
  pass(5);
  return from.take();
}

function acknowledgedBy(messages: readonly Record<string, unknown>[]): unknown[] {
  return messages.filter((message) => message.do === "acknowledge").map(({ seq }) => seq);
}

function numbers(): number[] {
  return [...store.records()].map(({ sequence }) => sequence);
}

function alarms(): string[] {
  return store.alarms().map(({ kind }) => kind);
}

/** Records as `receive export` prints them. */
function exported(rows: Parameters<typeof exportLines>[0]): Record<string, unknown>[] {
  return [...exportLines(rows, "jsonl")].map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("Records", () => {
  it("are stored and proven, and then acknowledged once for all that came together", () => {
    const a = peer();
    expect(acknowledgedBy(say(a, hello("a", { last: 3 }), record(1), record(2), record(3)))).toEqual([3]);
    expect(
      [...store.records()].map(({ sequence, type, staff, transaction, outcome, grade, proof }) => [
        sequence,
        type,
        staff,
        transaction,
        outcome,
        grade,
        proof,
      ]),
    ).toEqual([1, 2, 3].map((sequence) => [sequence, "session", "1024", "T-1", "rated", 5, "verified"]));
    expect(store.head("a", LOG)).toMatchObject({ sequence: 3, mac: (RATINGS[2] as Buffer).subarray(-12, -8).toString("hex") });
    expect(alarms()).toEqual([]);
  });

  it("that come again are acknowledged again, and stored once", () => {
    const a = peer();
    say(a, hello("a"), record(1));
    expect(acknowledgedBy(say(a, record(1), record(1)))).toEqual([1]);
    expect(numbers()).toEqual([1]);
    expect(receiver.counts).toMatchObject({ stored: 1, repeated: 2 });
  });

  it("are acknowledged up to the first that is missing, in whatever order they come", () => {
    const a = peer();
    expect(acknowledgedBy(say(a, hello("a"), record(2), record(4)))).toEqual([0]);
    expect(acknowledgedBy(say(a, record(1)))).toEqual([2]);
    expect(acknowledgedBy(say(a, record(3)))).toEqual([4]);
    expect([...store.records()].map(({ proof }) => proof)).toEqual(Array(4).fill("verified"));
  });

  it("are not acknowledged while nobody knows whose they are, nor where the log begins", () => {
    const a = peer();
    expect(say(a, record(3))).toEqual([]);
    expect(events.at(-1)?.words).toContain("has not said yet who it is");
    expect(numbers()).toEqual([]);
    const named = peer("b");
    expect(acknowledgedBy(say(named, record(3)))).toEqual([]);
    expect(numbers()).toEqual([3]);
    // Its hello says what was acknowledged before: by another receiver, which is worth an alarm. What came before it may be of another start.
    expect(acknowledgedBy(say(named, hello("b", { last: 3, acknowledged: 2 })))).toEqual([2]);
    expect(acknowledgedBy(say(named, record(3)))).toEqual([3]);
    expect(alarms()).toEqual(["gap"]);
  });

  it("of a log that is known are taken without a hello, after the receiver was restarted", () => {
    say(peer(), hello("a"), record(1), record(2));
    receiver.close();
    store.close();
    open();
    expect(acknowledgedBy(say(peer(), record(2), record(3)))).toEqual([3]);
    expect(numbers()).toEqual([1, 2, 3]);
  });

  it("that somebody else has sent in a terminal's name are not acknowledged to the terminal before it has sent its own", () => {
    say(peer(), hello("a"), ...[1, 2, 3, 4].map((sequence) => record(sequence)));
    const real = peer();
    expect(acknowledgedBy(say(real, hello("a", { last: 4 }), record(1)))).toEqual([1]);
    expect(acknowledgedBy(say(real, record(3)))).toEqual([1]);
    expect(acknowledgedBy(say(real, record(2)))).toEqual([3]);
  });

  it("that flash has lost count as received, raise an alarm, and are replaced when they come after all", () => {
    const a = peer();
    expect(acknowledgedBy(say(a, hello("a"), record(1), { log: LOG, seq: 2, lost: true }, record(3)))).toEqual([3]);
    expect([...store.records()].map(({ proof }) => proof)).toEqual(["verified", "lost", "unverified"]);
    expect(alarms()).toEqual(["lost"]);
    say(a, record(2));
    expect([...store.records()].map(({ proof }) => proof)).toEqual(["verified", "verified", "verified"]);
  });

  it("of a terminal without a key file are left to it, with one alarm, until the file is there", () => {
    const x = peer();
    expect(say(x, hello("x"), record(1))).toEqual([]);
    expect(say(x, hello("x"), record(1))).toEqual([]);
    expect([numbers(), store.devices(), receiver.online()]).toEqual([[], [], []]);
    expect(store.alarms().map(({ words }) => words)).toEqual([expect.stringMatching(/x is unknown.*keeps its records.*Put x.key into/)]);
    known.push("x");
    expect(acknowledgedBy(say(x, hello("x"), record(1)))).toEqual([1]);
    expect([...store.records()].map(({ proof }) => proof)).toEqual(["verified"]);
  });

  it("with a wrong MAC are stored, marked and alarmed about; the true one takes its place when it comes", () => {
    const forged = recordsOf([RATING, { ...RATING, text: '"1024","T-1",0,1,1000' }], LOG, Buffer.alloc(32, 1));
    const a = peer();
    say(a, hello("a"), record(1), record(2, forged));
    expect(store.find("a", LOG, 2)?.proof).toBe("badMac");
    expect(alarms()).toEqual(["badMac"]);
    say(a, record(2), record(3));
    expect(store.find("a", LOG, 2)).toMatchObject({ proof: "verified", bytes: RATINGS[1] });
    expect(store.find("a", LOG, 3)?.proof).toBe("verified");
    expect(alarms()).toEqual(["badMac", "fork"]);
    expect(store.alarms()[1]?.evidence).toBe((forged[1] as Buffer).toString("base64"));
    // The one before can be looked at, and counts for nobody.
    expect(exported(replacedRows(store))).toEqual([
      expect.objectContaining({ device: "a", sequence: 2, outcome: "rated", grade: 1, proof: "replaced" }),
    ]);
    expect(exported(replacedRows(store, "b"))).toEqual([]);
    expect(exported(store.records()).filter(({ sequence }) => sequence === 2)).toHaveLength(1);
  });

  it("that are two of one number, both proven, are a fork: the first stays, and the other stands in the alarm", () => {
    const other = recordsOf([RATING, { ...RATING, text: '"1024","T-1",0,1,1000' }]);
    const a = peer();
    say(a, hello("a"), record(1), record(2));
    expect(acknowledgedBy(say(a, record(2, other)))).toEqual([2]);
    expect(store.find("a", LOG, 2)?.bytes).toEqual(RATINGS[1]);
    expect(alarms()).toEqual(["fork"]);
    say(a, record(2, other));
    expect(alarms()).toEqual(["fork"]);
    expect(store.alarms()[0]?.evidence).toBe((other[1] as Buffer).toString("base64"));
  });

  it("whose own number is another are refused", () => {
    const a = peer();
    expect(acknowledgedBy(say(a, hello("a"), { ...record(1), seq: 2 }))).toEqual([0]);
    expect(numbers()).toEqual([]);
  });

  it("of a new log raise an alarm, and both logs stay", () => {
    const again = recordsOf([RATING], 77);
    say(peer(), hello("a"), record(1));
    say(peer(), hello("a", { log: 77 }), record(1, again, 77));
    expect(alarms()).toEqual(["newLog"]);
    expect(store.logs().map(({ log, records }) => [log, records])).toEqual([
      [77, 1],
      [LOG, 1],
    ]);
  });

  it("that do not come for a minute, while later ones are here, are a gap", () => {
    const a = peer();
    say(a, hello("a"), record(2));
    pass(40_000);
    say(a, record(2));
    pass(21_000);
    say(a, record(2), record(3));
    expect(alarms()).toEqual(["gap"]);
  });
});

describe("What a stranger sends in a terminal's name", () => {
  const ANOTHER = Buffer.alloc(32, 1);
  const forged = recordsOf([RATING, RATING, RATING], LOG, ANOTHER);

  it("while it is away, records and losses, lets none of its own go", () => {
    const way = peer("a");
    say(way, hello("a", { last: 1 }), record(1));
    for (const key of [ANOTHER, undefined]) {
      for (const message of [
        record(2, forged),
        { log: LOG, seq: 2, lost: true },
        { log: LOG, seq: 3, lost: true },
        hello("a", { acknowledged: 3, last: 3 }),
      ])
        hear(way, key ? sealed(key, message) : JSON.stringify({ ...message, mac: `${"A".repeat(43)}=` }));
    }
    pass(5);
    expect(way.take()).toEqual([]);
    expect(numbers()).toEqual([1]);
    expect(store.alarms().map(({ kind, words }) => [kind, words])).toEqual([
      ["forged", expect.stringMatching(/in the name of a .*a.key is not this terminal's/)],
    ]);
    // It is back, and has written three.
    expect(acknowledgedBy(say(way, hello("a", { last: 3, acknowledged: 1 })))).toEqual([1]);
    expect(acknowledgedBy(say(way, record(2), record(3)))).toEqual([3]);
    expect([...store.records()].map(({ proof }) => proof)).toEqual(["verified", "verified", "verified"]);
  });

  it("is no alert, no status, no answer and no way to it, and a message that was altered is none", () => {
    const a = peer();
    say(a, hello("a"));
    events = [];
    const stranger = peer();
    const answer = receiver.commandTo("a", { do: "selfTest" }).catch((error: Error) => error.message);
    const [{ id } = {}] = a.take();
    for (const message of [hello("a"), status("paused"), { alert: "badRating", detail: "1024" }, { answer: id, result: "ok" }]) {
      hear(stranger, sealed(ANOTHER, message));
      hear(a, sealed(KEY, message).replace('"1024"', '"1025"').replace('"A"', '"B"').replace('"result":"ok"', '"error":"busy"'));
    }
    pass(5);
    expect(stranger.take()).toEqual([]);
    expect(events.map(({ kind, words }) => (kind === "refused" ? words.slice(0, 47) : kind))).toEqual([
      "alarm",
      "a terminal sends that has not said yet who it i",
    ]);
    pass(2000);
    expect(a.take()).toMatchObject([{ id, do: "selfTest" }]);
    pass(40_000);
    return expect(answer).resolves.toContain("has not answered");
  });

  it("is told once a day", () => {
    for (let hour = 0; hour < 48; hour++) {
      hear(peer("a"), sealed(ANOTHER, hello("a")));
      pass(3_600_000);
    }
    expect(store.alarms().map(({ kind, count }) => [kind, count])).toEqual([["forged", 48]]);
    expect(events.filter(({ kind }) => kind === "alarm").length).toBe(3);
  });

  it("from an older hello brings back no number of a signed command", async () => {
    const a = peer("a");
    say(a, hello("a", { signed: 5000 }));
    say(a, hello("a", { signed: 41 }));
    void receiver.commandTo("a", { do: "signOut" }).catch(() => undefined);
    await undefined;
    expect(a.take().at(-1)).toMatchObject({ do: "signOut", n: 5001 });
  });
});

describe("A number that does not come", () => {
  it("is a gap too where nothing but the same later ones comes again and again, also after the receiver was restarted", () => {
    const a = peer();
    say(a, hello("a", { last: 4 }));
    const repeat = (from: TestPeer, ms: number): void => {
      for (const endMs = clock.nowMs + ms; clock.nowMs < endMs; pass(5000)) say(from, record(2), record(3), record(4));
    };
    repeat(a, 55_000);
    expect(alarms()).toEqual([]);
    repeat(a, 10_000);
    expect(alarms()).toEqual(["gap"]);
    expect(acknowledgedBy(say(a, record(1)))).toEqual([4]);
    const other = peer();
    say(other, hello("b", { log: 5 }), record(2, recordsOf([RATING, RATING], 5), 5));
    receiver.close();
    store.close();
    open();
    for (let i = 0; i < 14; i++) {
      say(other, hello("b", { log: 5 }), record(2, recordsOf([RATING, RATING], 5), 5));
      pass(5000);
    }
    expect(alarms()).toEqual(["gap", "gap"]);
  });

  it("is none where the terminal was away meanwhile", () => {
    const a = peer();
    say(a, hello("a", { last: 2 }), record(2));
    pass(8 * 3_600_000);
    say(a, record(2), hello("a", { last: 2 }));
    expect(acknowledgedBy(say(a, record(1)))).toEqual([2]);
    expect(alarms()).toEqual(["gone"]);
  });
});

describe("A hello", () => {
  it("of another device on the way of one is refused", () => {
    const a = peer("a");
    expect(say(a, hello("b"))).toEqual([]);
    expect(alarms()).toEqual(["impostor"]);
  });

  it("is answered with the time and an acknowledgement, so that the terminal knows that somebody is there", () => {
    receiver.close();
    open(true);
    const sent = say(peer(), hello("a"));
    expect(sent).toEqual([
      { do: "acknowledge", start: START, seq: 0 },
      { id: expect.any(String), do: "time", unix: BEGIN_MS / 1000, n: 1, start: START },
    ]);
  });
});

describe("The time", () => {
  beforeEach(() => {
    receiver.close();
    open(true);
  });
  const started: RecordText = { type: 1, text: '"1",1,"","ok",0' };
  const times = (messages: readonly Record<string, unknown>[]): unknown[] =>
    messages.filter((message) => message.do === "time").map(({ unix }) => unix);

  it("is told again with each hello to a terminal that does not answer", () => {
    const a = peer();
    expect(times(say(a, hello("a")))).toEqual([BEGIN_MS / 1000]);
    pass(31_000);
    const repeated = times(a.take());
    expect([repeated.length > 10, repeated[0]], "each time it is the time of then").toEqual([true, BEGIN_MS / 1000 + 2]);
    expect(times(say(a, hello("a")))).toEqual([BEGIN_MS / 1000 + 31]);
  });

  it("is told once to a terminal that takes it, for a correction is a record, and again after a restart or on another connection", async () => {
    const a = peer();
    const { id } = say(a, hello("a")).find((message) => message.do === "time") as { id: string };
    say(a, { answer: id, result: "ok" });
    await undefined;
    for (let i = 0; i < 10; i++) {
      pass(30_000);
      expect(times(say(a, hello("a")))).toEqual([]);
    }
    const [again] = say(a, record(1, recordsOf([started]))).filter((message) => message.do === "time");
    say(a, { answer: again?.id, result: "ok" });
    await undefined;
    receiver.end(a);
    expect(times(say(peer(), hello("a")))).toHaveLength(1);
  });
});

describe("Two brokers of one cluster", () => {
  it("are told, and a terminal is told the time once, on one way", async () => {
    receiver.close();
    open(true);
    const [one, two] = ["mqtt://one", "mqtt://two"].map((name) => ({ ...peer("a"), name, isTopic: true })) as [TestPeer, TestPeer];
    const times = (from: TestPeer): number => from.take().filter((message) => message.do === "time").length;
    const answered = (from: TestPeer): void => {
      const time = from.takeEnvelopes().find((message) => "signed" in message && "id" in message);
      if (time) hear(from, sealed(KEY, { answer: time.id, result: "ok" }));
    };
    for (let i = 0; i < 10; i++) {
      for (const each of [one, two]) hear(each, sealed(KEY, hello("a")));
      pass(5);
      if (i === 0) answered(one);
      pass(30_000);
    }
    expect([times(one), times(two)]).toEqual([0, 0]);
    expect(store.alarms().map(({ words }) => words)).toEqual([
      expect.stringMatching(/mqtt:\/\/one and mqtt:\/\/two bring the same messages.*one of them alone/),
    ]);
    expect(events.filter(({ kind }) => kind === "online").length).toBe(2);
    // A terminal that connects anew says what it said before, and is reached there.
    const [old, anew] = [peer(), peer()];
    const again = hello("b", { log: 5 });
    hear(old, sealed(KEY, again));
    hear(anew, sealed(KEY, again));
    pass(5);
    void receiver.commandTo("b", { do: "selfTest" }).catch(() => undefined);
    await undefined;
    expect(anew.take().some((message) => message.do === "selfTest")).toBe(true);
  });
});

describe("An emergency text", () => {
  const started: RecordText = { type: 1, text: '"1",1,"","ok",0' };
  const texts = (messages: readonly Record<string, unknown>[]): unknown[] =>
    messages.filter((message) => message.do === "emergency").map(({ text64 }) => text64);

  /** Gives the command, and has the terminal answer. */
  async function command(a: ReturnType<typeof peer>, text64: string | undefined, answer: object): Promise<void> {
    const given = receiver.commandTo("a", { do: "emergency", ...(text64 ? { text64 } : {}) });
    const message = a.take().find((each) => each.do === "emergency");
    say(a, { answer: message?.id, ...answer });
    await given;
  }

  /** The terminal has started anew, is told the text, and shows it. */
  async function takeAgain(a: ReturnType<typeof peer>, start: object): Promise<void> {
    const [told] = say(a, start).filter((message) => message.do === "emergency");
    expect(told?.text64).toBe("5YGc55S1");
    say(a, { answer: told?.id, result: "ok" });
    await undefined;
  }

  it("is told again to a terminal that has started anew, until it is cleared, also by a receiver that has", async () => {
    const a = peer();
    const lives = recordsOf(Array.from({ length: 4 }, () => started));
    say(a, hello("a", { last: 4 }));
    await command(a, "5YGc55S1", { result: "ok" });
    await takeAgain(a, record(1, lives));
    await command(a, "8J+rqA==", { error: "missingGlyph" });
    receiver.close();
    open();
    const again = peer();
    expect(texts(say(again, hello("a", { last: 4 }))), "it has not started anew").toEqual([]);
    await takeAgain(again, record(2, lives));
    await command(again, undefined, { result: "ok" });
    expect(texts(say(again, record(3, lives)))).toEqual([]);
  });
});

describe("When the database takes nothing", () => {
  it("nothing is acknowledged, it is said once, and everything is stored when it comes again", () => {
    const a = peer();
    say(a, hello("a"), record(1));
    store.limitPages(1);
    const long = recordsOf(
      Array.from({ length: 400 }, () => ({ type: 8, text: `"display","${"x".repeat(200)}"` })),
      5,
    );
    const b = peer();
    const messages = [hello("b", { log: 5 }), ...long.map((_, i) => record(i + 1, long, 5))];
    expect(say(b, ...messages)).toEqual([]);
    expect(say(b, ...messages)).toEqual([]);
    expect(events.filter(({ kind }) => kind === "storage").map(({ words }) => words)).toEqual([
      expect.stringContaining("the disk is full. Make room."),
    ]);
    expect(numbers()).toEqual([1]);
    store.limitPages(1_000_000);
    expect(acknowledgedBy(say(b, ...messages))).toEqual([400]);
    expect(events.at(-1)).not.toMatchObject({ kind: "alarm" });
  });

  it("at the very commit nothing is acknowledged either", () => {
    const a = peer();
    say(a, hello("a"));
    const commit = store.commit.bind(store);
    store.commit = () => {
      throw new StorageError("full", "database or disk is full");
    };
    expect(say(a, record(1))).toEqual([]);
    store.commit = commit;
    expect(acknowledgedBy(say(a, record(1)))).toEqual([1]);
  });

  it("a second receiver on it is refused, and told what to do", () => {
    const claimed = claim(file);
    expect(() => claim(file)).toThrow(/another receiver is at work on it/);
    claimed.release();
    claim(file).release();
  });

  it("because it is none, or in no folder, whoever starts it is told", () => {
    expect(() => SqliteStore.open(path.join(folder, "nowhere", "x.sqlite"))).toThrow(/there is no folder/);
    expect(() => SqliteStore.read(path.join(folder, "none.sqlite"))).toThrow(/there is no such database/);
  });
});

describe("A database of another form", () => {
  function alter(sql: string): void {
    store.close();
    const database = new Database(file);
    database.exec(sql);
    database.close();
  }

  it.each([
    ["a later one", "PRAGMA user_version = 6", /written by another version of this program \(form 6, and this one knows 5\)/],
    ["an earlier one", "PRAGMA user_version = 2", /written by another version of this program \(form 2, and this one knows 5\)/],
    ["none of this program", "PRAGMA application_id = 7; PRAGMA user_version = 5", /is the database of another program/],
    ["none of this program, without a number", "PRAGMA application_id = 0; PRAGMA user_version = 0", /is the database of another program/],
  ])("is refused where it is %s, and left as it is", (_, sql, words) => {
    receiver.close();
    alter(sql);
    const before = readFileSync(file);
    expect(() => SqliteStore.open(file)).toThrow(words);
    expect(readFileSync(file).equals(before)).toBe(true);
    rmSync(file);
    rmSync(`${file}-witness`);
    open();
  });
});

describe("One badge", () => {
  const signIn = (wall: number): RecordText => ({ type: 2, text: '"1024","W26:1A2B3C",""', wallSeconds: wall });
  const signOut = (wall: number): RecordText => ({ type: 3, text: '"1024","",0', wallSeconds: wall });
  const from = BEGIN_MS / 1000;

  it("at two counters at once is an alarm, and both terminals are told", () => {
    const [a, b] = [peer(), peer()];
    const here = recordsOf([signIn(from)]);
    say(a, hello("a", { last: 1 }), record(1, here));
    const toB = say(b, hello("b", { log: 5, last: 1 }), record(1, recordsOf([signIn(from + 60)], 5), 5));
    expect(alarms()).toEqual(["duplicateBadge"]);
    expect(toB).toContainEqual({ id: expect.any(String), do: "duplicateBadge", counter: "A", n: 1, start: START });
    expect(a.take()).toContainEqual({ id: expect.any(String), do: "duplicateBadge", counter: "B", n: 1, start: START });
  });

  it("that has moved on is none, also when the sign-out comes late", () => {
    const [a, b] = [peer(), peer()];
    const here = recordsOf([signIn(from), signOut(from + 30)]);
    // The first counter has written a sign-out that has not come yet.
    say(a, hello("a", { last: 2 }), record(1, here));
    say(b, hello("b", { log: 5, last: 1 }), record(1, recordsOf([signIn(from + 60)], 5), 5));
    say(a, record(2, here));
    expect(alarms()).toEqual([]);
  });

  it("whose sign-out came after the sign-in elsewhere was at two", () => {
    const [a, b] = [peer(), peer()];
    const here = recordsOf([signIn(from), signOut(from + 90)]);
    say(a, hello("a", { last: 2 }), record(1, here));
    say(b, hello("b", { log: 5, last: 1 }), record(1, recordsOf([signIn(from + 60)], 5), 5));
    expect(alarms()).toEqual([]);
    say(a, record(2, here));
    expect(alarms()).toEqual(["duplicateBadge"]);
  });
});

const status = (state: string, more: object = {}): object => ({
  status: { online: true, state, clerk: "1024", pause: "", faults: [], config: 1, uptime: 7200, free: 2000, flags: [], ...more },
});

describe("A status", () => {
  const wordsOf = (kind: ReceiverEvent["kind"]): string[] => events.filter((event) => event.kind === kind).map(({ words }) => words);
  const standing = (): string => reportText(reportOf(store)).split("\n\n")[1] ?? "";

  it("is told when its words change, not when its figures do, and stands in the report", () => {
    const a = peer("a");
    say(a, hello("a"));
    events = [];
    say(a, status("paused", { pause: "phone" }));
    say(a, status("paused", { pause: "phone", uptime: 7230, free: 1900 }));
    say(a, status("open", { faults: ["display", "key2"], flags: ["FIFO_FULL"] }));
    expect(wordsOf("status")).toEqual(["paused (phone), 1024", "open, 1024, FAULTS: display key2, its interpreter says FIFO_FULL"]);
    expect(standing()).toBe("a (counter A): open, 1024, FAULTS: display key2, its interpreter says FIFO_FULL; up 2 h, 2000 variables free");
  });

  it("of a terminal that its broker has lost makes it offline, and is no way to it, also when it is heard again", () => {
    const a = peer("a");
    say(a, hello("a"), status("open"));
    expect(receiver.online()).toEqual(["a"]);
    events = [];
    sayLost(a);
    sayLost(a);
    expect(receiver.online()).toEqual([]);
    expect(events.map(({ kind, words }) => `${kind} ${words}`)).toEqual(["status offline"]);
    expect(standing()).toBe("a (counter A): offline");
    say(a, hello("a"), status("open"));
    expect(receiver.online()).toEqual(["a"]);
  });

  it("that comes behind the news that its broker has lost it makes it online again", () => {
    const a = peer("a");
    say(a, hello("a"), status("open"));
    sayLost(a);
    say(a, status("open"));
    expect(receiver.online()).toEqual(["a"]);
    expect(standing()).toContain("a (counter A): open");
  });

  it("with a ledger that takes no records is an alarm, each time that it begins", () => {
    const a = peer("a");
    const down = status("open", { faults: ["ledger"] });
    say(a, hello("a"), down, down);
    expect(alarms()).toEqual(["fault"]);
    pass(1000);
    say(a, status("open"), down);
    expect(store.alarms().map(({ kind, count }) => [kind, count])).toEqual([["fault", 2]]);
    expect(wordsOf("alarm").length).toBe(2);
    expect(wordsOf("alarm")[0]).toContain("can write no records");
  });
});

describe("A fault", () => {
  it("that a record tells of is an alarm, once, but for one of the link, which is over", () => {
    const faults = recordsOf([
      { type: 8, text: '"link","host not heard"' },
      { type: 8, text: '"key","key2 stuck"' },
    ]);
    const a = peer("a");
    say(a, hello("a", { last: 2 }), record(1, faults), record(2, faults), record(2, faults));
    expect(store.alarms().map(({ words }) => words)).toEqual(["a reports a fault: key, key2 stuck."]);
  });
});

describe("Neighbours", () => {
  it("hear of each other when one changes, and when one comes", () => {
    const [a, b] = [peer(), peer()];
    say(a, hello("a", {}, { neighbours: ["B"] }));
    say(b, hello("b", { log: 5 }), status("open"));
    const told = (from: TestPeer): unknown[] =>
      from
        .take()
        .filter((message) => message.do === "neighbour")
        .map(({ counter, state }) => `${counter} ${state}`);
    // Until it says how it stands, its records do.
    expect(told(a)).toEqual(["B unattended", "B open"]);
    say(b, status("asking"));
    expect(told(a)).toEqual([]);
    say(b, status("paused"));
    // What came before is not repeated any more.
    pass(4000);
    expect(new Set(told(a))).toEqual(new Set(["B paused"]));
    receiver.end(b);
    pass(5);
    expect(told(a)).toEqual(["B closed"]);
    const again = peer();
    say(again, hello("a", {}, { neighbours: ["B"] }));
    pass(2000);
    expect(new Set(told(again))).toEqual(new Set(["B closed"]));
  });
});

describe("A counter's number", () => {
  it("that two terminals have at the same time is an alarm, once a day, and none where one has gone", () => {
    const [a, b] = [peer(), peer()];
    const kinds = (): string[] => store.alarms().map(({ kind, words }) => `${kind} ${words}`);
    say(a, hello("a", {}, { counter: "8" }));
    receiver.end(a);
    pass(5);
    say(b, hello("b", { log: 5 }, { counter: "8" }));
    expect(kinds()).toEqual([]);
    say(peer(), hello("a", {}, { counter: "8" }));
    say(b, hello("b", { log: 5 }, { counter: "8" }));
    expect(kinds()).toEqual([expect.stringMatching(/^sameCounter a and b both say to be counter 8: /)]);
    expect(events.filter(({ kind }) => kind === "alarm").length).toBe(1);
  });
});

describe("Neighbours of a terminal that does not say how it stands", () => {
  it("hear it from its records", () => {
    const duty = recordsOf(
      [
        { type: 1, text: '"1",1,"","ok",0' },
        { type: 2, text: '"1024","W26:1A2B3C",""' },
        RATING,
        { type: 5, text: '"1024","phone",""' },
        { type: 6, text: '"1024",60,"phone"' },
        // What cannot be read tells nothing.
        { type: 2, text: '"\u001b[2J","W26:1A2B3C",""' },
        { type: 3, text: '"1024","",0' },
      ],
      5,
    );
    const [a, b] = [peer(), peer()];
    say(a, hello("a", {}, { neighbours: ["B"] }));
    say(b, hello("b", { log: 5 }));
    const told = (): unknown[] =>
      a
        .take()
        .filter((message) => message.do === "neighbour")
        .map(({ counter, state }) => `${counter} ${state}`);
    expect(told()).toEqual(["B unattended"]);
    const states = duty.map((_, i) => {
      say(b, record(i + 1, duty, 5));
      return told();
    });
    expect(states).toEqual([[], ["B open"], [], ["B paused"], ["B open"], [], ["B unattended"]]);
    expect(events.filter(({ kind, words }) => kind === "status" && words.startsWith("open")).map(({ words }) => words)).toEqual([
      "open, 1024",
      "open, 1024",
    ]);
    receiver.end(b);
    pass(5);
    expect(told()).toEqual(["B closed"]);
    say(peer(), hello("b", { log: 5, last: 5, acknowledged: 5 }));
    expect(told()).toEqual(["B unattended"]);
  });
});

describe("A command", () => {
  it("is sent again until its answer comes, with the same id", async () => {
    const a = peer();
    say(a, hello("a"));
    const answer = receiver.commandTo("a", { do: "invite", transaction: "T-1" });
    pass(4000);
    const sent = a.take().filter((message) => message.do === "invite");
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    say(a, { answer: sent[0]?.id, error: "notServing" });
    expect(await answer).toMatchObject({ error: "notServing", text: expect.stringContaining("Nobody is on duty") });
    pass(10_000);
    expect(a.take().filter((message) => message.do === "invite")).toEqual([]);
  });

  /** Sends a signed command. @returns its number once it is on the way */
  function give(
    from: TestPeer,
    reason: string,
  ): { readonly n: () => number; readonly message: () => Record<string, unknown>; answer: Promise<unknown> } {
    const answer = receiver.commandTo("a", { do: "void", seq: 1, by: "9001", reason }).catch((error: Error) => error.message);
    const sent: Record<string, unknown>[] = [];
    const message = (): Record<string, unknown> => {
      sent.push(...from.takeEnvelopes().filter((each) => "signed" in each && "id" in each));
      return sent.at(-1) as Record<string, unknown>;
    };
    return { n: () => (JSON.parse(message().signed as string) as { n: number }).n, message, answer };
  }

  it("is signed where it has to be, with a number that grows, also when the receiver starts again", async () => {
    const a = peer();
    say(a, hello("a", { signed: 41 }));
    const sent: Record<string, unknown>[] = [];
    for (let i = 0; i < 2; i++) {
      const { message, answer } = give(a, "test");
      sent.push(message());
      say(a, { answer: message().id, result: "ok" });
      await answer;
      receiver.close();
      store.close();
      open();
      // On this way somebody has said whose it is, so that no hello is needed.
      say(a, record(1));
    }
    const texts = sent.map(({ signed }) => JSON.parse(signed as string) as object);
    expect(texts).toEqual([42, 43].map((n) => ({ do: "void", seq: 1, by: "9001", reason: "test", n, start: START })));
    for (const { signed, mac } of sent) expect(mac).toBe(createHmac("sha256", KEY).update(`command:${signed}`).digest("base64"));
  });

  it("that is signed waits for the one before, and keeps its number when it is repeated, also to a terminal that has restarted", async () => {
    const a = peer();
    say(a, hello("a", { signed: 41 }));
    const [one, two] = [give(a, "one"), give(a, "two")];
    pass(4000);
    expect(one.n()).toBe(42);
    expect(one.message().signed).toContain("one");
    say(a, hello("a", { signed: 50 }));
    expect(one.n()).toBe(42);
    hear(a, sealed(KEY, { answer: one.message().id, error: "replayed" }));
    pass(5);
    expect(await one.answer).toMatchObject({ error: "replayed", text: expect.stringContaining("look at the records") });
    await undefined;
    expect(two.message().signed).toContain("two");
    expect(two.n()).toBe(51);
    say(a, { answer: two.message().id, result: "ok" });
    await two.answer;
  });

  it("that is signed has a number that a terminal takes after its start, also when the hello of that got lost", async () => {
    const lives = recordsOf([
      { type: 1, text: '"1",1,"","ok",0' },
      { type: 1, text: '"1",1,"","ok",0' },
    ]);
    const a = peer();
    say(a, hello("a", { last: 1, signed: 1007 }), record(1, lives), record(2, lives));
    expect(give(a, "test").n()).toBe(2001);
  });

  it("that is signed leaves its number to the next where it was not used", async () => {
    const a = peer();
    say(a, hello("a", { signed: 41 }));
    for (const [error, n] of [
      ["badMac", 42],
      ["notServing", 42],
      ["otherStart", 43],
      [undefined, 43],
      ["bad by", 43],
    ] as const) {
      const { message, answer, n: number } = give(a, "test");
      expect(number()).toBe(n);
      if (error) say(a, { answer: message().id, error });
      else pass(30_000);
      await answer;
    }
  });

  it("that has to be signed is refused where the key file has gone", async () => {
    const a = peer();
    say(a, hello("a"));
    known = [];
    say(a, hello("a"));
    await expect(receiver.commandTo("a", { do: "restart", by: "9001" })).rejects.toThrow(/restart has to be signed, and there is no key file a.key/);
  });

  it("that was never sent, because the terminal is not connected, says so", async () => {
    const a = peer();
    say(a, hello("a"));
    receiver.end(a);
    pass(5);
    const failure = expect(receiver.commandTo("a", { do: "invite", transaction: "T-1" })).rejects.toMatchObject({
      message: "a is not connected.",
      state: "Nothing was sent to the terminal.",
    });
    pass(30_000);
    await failure;
    const again = peer();
    expect(say(again, hello("a")).filter((message) => message.do === "invite")).toEqual([]);
  });

  it("that is none, is too long, is for nobody, or is not answered, says so", async () => {
    await expect(receiver.commandTo("a", { do: "selfTest" })).rejects.toThrow(/a: no such terminal was ever here/);
    const a = peer();
    say(a, hello("a"));
    await expect(receiver.commandTo("a", { do: "invite", transaction: "13800138000" })).rejects.toThrow(/transaction: /);
    await expect(receiver.commandTo("a", { do: "sing" } as never)).rejects.toThrow(ToolError);
    const foreign = { do: "emergency", texts: "x" } as never;
    await expect(receiver.commandTo("a", foreign)).rejects.toMatchObject({
      message: expect.stringContaining("texts: emergency has no such field"),
      todo: "Its fields are: do, text64.",
    });
    const text64 = Buffer.from("火".repeat(MOST_TEXT)).toString("base64");
    await expect(receiver.commandTo("a", { do: "emergency", text64 })).rejects.toThrow(/503 is the most/);
    const answer = receiver.commandTo("a", { do: "selfTest" });
    const failure = expect(answer).rejects.toThrow(/a has not answered within 30 s/);
    pass(30_000);
    await failure;
  });

  it("for a terminal that is away is sent when it comes", async () => {
    const a = peer();
    say(a, hello("a"));
    receiver.end(a);
    const answer = receiver.commandTo("a", { do: "selfTest" });
    const again = peer();
    const { id } = say(again, hello("a")).find((message) => message.do === "selfTest") as { id: string };
    say(again, { answer: id, result: "ok" });
    expect(await answer).toMatchObject({ result: "ok" });
  });
});

describe("A message that is none of PROTOCOL.md", () => {
  it.each([
    [null],
    [5],
    ["x"],
    [[]],
    [{}],
    [{ hello: 1 }],
    [{ log: 1, seq: 0, record: "" }],
    [{ log: 1, seq: 1, record: "!" }],
    [{ status: {} }],
    [{ answer: [] }],
  ])("%j is refused, and changes nothing", (message) => {
    const a = peer("a");
    receiver.hear(a, message, JSON.stringify(message));
    pass(5);
    expect(a.take()).toEqual([]);
    expect(receiver.counts).toMatchObject({ messages: 1, notUnderstood: 1, stored: 0 });
  });
});

describe("The report", () => {
  it("has each log with its head and what is wrong, proven again with the keys", () => {
    say(peer(), hello("a", { last: 2 }), record(1), record(2));
    const mac = (RATINGS[1] as Buffer).subarray(-12, -8).toString("hex");
    const report = reportOf(store, () => KEY);
    expect(reportText(report)).toBe(`a (counter A), log ${LOG}: 2 records, 2 verified; head 2:${mac}\n\na (counter A): unattended`);
    expect(report).toMatchObject({ isGood: true, alarms: [] });
    expect(reportOf(store, () => Buffer.alloc(32, 1)).isGood).toBe(false);
    say(peer(), hello("a"), record(4));
    const gap = reportOf(store, () => KEY);
    expect(gap).toMatchObject({ isGood: false, logs: [{ missing: 1 }] });
    expect(reportText(gap)).toContain("1 MISSING");
  });
});
