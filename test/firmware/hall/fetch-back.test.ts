// A hall that has gone on since its backup: after a restore everything comes back that terminals still hold, over any number of restarts and broken links, and what they
// no longer hold is told with its numbers.

import { rmSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backUp, restore } from "../../../firmware/hall/store/backup.js";
import { hashOfCommand, sealedText } from "../../../firmware/tools/link/signing.js";
import { amount, sampleOf } from "../../depth.js";
import { seedFrom } from "../../seed.js";
import { KEY, LOG, peerOf, RATING, recordMessage, recordsOf, type Sent, TestHall, type TestPeer } from "./test-hall.js";

const SEED = seedFrom("PROPERTY_SEED");
const WAYS = ["tcp", "cable", "topic"] as const;
type Way = (typeof WAYS)[number];
/** Most records that a terminal keeps behind their acknowledgement. */
const RING = 50;
const RECORDS = recordsOf(Array.from({ length: 600 }, (_, i) => ({ ...RATING, text: `"1024","T-${i}",0,5,1000` })));

let hall: TestHall;
let backup = "";
beforeEach(() => begin());
afterEach(() => hall.remove());

function begin(): void {
  hall = new TestHall({ tellsTime: false });
  backup = path.join(hall.folder, "backup.sqlite");
}

/** A terminal with a ring of flash, by PROTOCOL.md. */
class Board {
  last = 0;
  acknowledged = 0;
  start = 1;
  /** Numbers that its flash has lost. */
  readonly damaged = new Set<number>();
  /** Commands with a signature that it has taken, and the newest number of them. */
  readonly taken: Sent[] = [];
  signed = 0;
  /** Numbers that it was asked for. */
  readonly asked: number[] = [];
  /** How many of the next answers to `resend` are `busy`, and how many records get lost behind an answer. */
  busy = 0;
  swallowed = 0;
  /** Records that were acknowledged while they were not in the database. */
  readonly lies: number[] = [];
  private peer: TestPeer | undefined;
  private readonly answers = new Map<string, object>();

  constructor(
    private readonly way: Way,
    readonly ring = RING,
    readonly records: readonly Buffer[] = RECORDS,
    readonly log = LOG,
  ) {}

  /** Its oldest record that is still in flash. */
  get oldest(): number {
    return Math.max(1, Math.min(this.last - this.ring, this.acknowledged) + 1);
  }

  has(seq: number): boolean {
    return seq >= this.oldest && seq <= this.last && !this.damaged.has(seq);
  }

  connect(): void {
    const peer = peerOf(this.way === "tcp" ? undefined : "a", (message, text) => {
      if (this.peer === peer) this.hear(message, text);
    });
    this.peer = peer;
    this.greet();
    this.send();
  }

  disconnect(): void {
    const { peer } = this;
    this.peer = undefined;
    if (peer && this.way === "tcp") hall.receiver.end(peer);
  }

  restart(): void {
    this.start++;
    this.answers.clear();
    this.disconnect();
    this.connect();
  }

  greet(): void {
    const { log, last, acknowledged, start, signed } = this;
    this.say({ hello: { device: "a", counter: "8", firmware: "1", config: 1 }, log, last, acknowledged, start, signed });
  }

  send(): void {
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, this.last); seq++) this.tell(seq);
  }

  write(count: number): void {
    this.last = Math.min(this.records.length, this.last + count);
  }

  private tell(seq: number): void {
    this.say(this.has(seq) ? recordMessage(seq, this.records, this.log) : { log: this.log, seq, lost: true });
  }

  private say(message: object): void {
    if (this.peer) hall.hear(this.peer, sealedText(KEY, message));
  }

  private hear(message: Sent, text: string): void {
    const { id, do: what, seq, start = this.start, n } = message as { id?: string; do?: string; seq: number; start?: number; n?: number };
    if (what === "acknowledge") {
      if (start !== this.start || seq <= this.acknowledged || seq > this.last) return;
      for (let each = this.acknowledged + 1; each <= seq; each++) if (this.has(each) && !hall.store.find("a", this.log, each)) this.lies.push(each);
      this.acknowledged = seq;
      return this.send();
    }
    const known = this.answers.get(text);
    const outcome = known ?? this.carryOut(message, start, n ?? 0);
    this.answers.set(text, outcome);
    this.say({ answer: id, of: hashOfCommand(text), ...outcome });
  }

  private carryOut(message: Sent, start: number, n: number): object {
    if (message.do === "resend") return this.resend(message.seq as number);
    if (n > 0 && start !== this.start) return { error: "otherStart" };
    if (n > 0 && n <= this.signed) return { error: "replayed" };
    this.signed = Math.max(this.signed, n);
    this.taken.push(message);
    return { result: "ok" };
  }

  private resend(seq: number): object {
    this.asked.push(seq);
    if (!this.has(seq)) return { error: "gone" };
    if (this.busy > 0) {
      this.busy--;
      return { error: "busy" };
    }
    if (this.swallowed > 0) this.swallowed--;
    else this.tell(seq);
    return { result: "ok" };
  }
}

/** Time passes, and promises with it. */
async function live(board: Board, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 50; i++) {
    if (i % 1500 === 0) board.greet();
    if (i % 250 === 0) board.send();
    hall.pass(20);
    await setImmediate();
  }
}

/** Lives until a terminal has nothing more that the hall wants. */
async function settle(board: Board, mostSeconds = 120): Promise<void> {
  for (let i = 0; i < mostSeconds; i++) {
    await live(board, 1);
    const head = hall.store.head("a", board.log);
    if (board.acknowledged === board.last && head && head.floor >= head.sequence) return;
  }
}

/** Writes and has acknowledged. */
async function serve(board: Board, count: number): Promise<void> {
  board.write(count);
  board.send();
  hall.pass(5000);
  await live(board, 1);
}

/** The database is replaced by its backup, and the receiver starts on it. */
function takeBack(board: Board): void {
  hall.stop();
  restore(hall.file, backup, new Date(hall.clock.nowMs + 1e12));
  hall.open();
  board.disconnect();
  board.connect();
}

const numbers = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const rows = (): string[] => [...hall.store.records()].map(({ sequence, proof, bytes }) => `${sequence} ${proof} ${bytes.toString("base64")}`);
const rowsOf = (sequences: readonly number[]): string[] => sequences.map((seq) => `${seq} verified ${RECORDS[seq - 1]?.toString("base64")}`);
const gaps = (): string[] =>
  hall.store
    .alarms()
    .filter(({ kind }) => kind === "gap")
    .map(({ words }) => words);

describe.each(WAYS)("Over %s, after a restore", (way) => {
  it("everything that the terminal still holds comes back, over restarts of the receiver and the terminal and broken links", async () => {
    const board = new Board(way, 200);
    board.connect();
    await serve(board, 60);
    backUp(hall.store, backup);
    await serve(board, 80);
    expect(board.acknowledged).toBe(140);
    takeBack(board);
    board.write(5);
    for (const trouble of [
      () => hall.restart(),
      () => board.restart(),
      () => board.disconnect(),
      () => {
        hall.kill();
        hall.open();
      },
      () => hall.restart(),
    ]) {
      await live(board, 0.3);
      trouble();
      board.disconnect();
      board.connect();
    }
    expect(hall.numbers().length).toBeLessThan(145);
    await settle(board);
    expect(rows()).toEqual(rowsOf(numbers(1, 145)));
    expect(board.lies).toEqual([]);
    expect(gaps()).toEqual([expect.stringContaining("this database is older than that")]);
    // Nothing is asked for once more.
    const asked = board.asked.length;
    hall.restart();
    board.restart();
    await live(board, 2);
    expect(board.asked.length).toBe(asked);
  });

  it("what the terminal holds no more is told with its numbers, once, also where single records are gone", async () => {
    const board = new Board(way);
    board.connect();
    await serve(board, 60);
    backUp(hall.store, backup);
    await serve(board, 80);
    for (const seq of [100, 120]) board.damaged.add(seq);
    takeBack(board);
    await settle(board);
    expect(rows().map((row) => row.split(" ")[0])).toEqual(
      [...numbers(1, 60), ...numbers(91, 99), ...numbers(101, 119), ...numbers(121, 140)].map(String),
    );
    expect(gaps()).toEqual([expect.any(String), expect.stringContaining(`32 records of a, log ${LOG}, are lost here (61 to 90, 100, 120)`)]);
    hall.restart();
    board.restart();
    await settle(board);
    expect(gaps().length).toBe(2);
  });
});

describe("After a restore", () => {
  it("a terminal with many records is asked for those that it may have, and a few more", async () => {
    const board = new Board("cable");
    board.last = 600;
    board.acknowledged = 600;
    board.connect();
    await settle(board);
    expect(hall.numbers()).toEqual(numbers(551, 600));
    expect(board.asked.length).toBeLessThan(150);
    expect(gaps()[1]).toContain("550 records of a");
  });

  it("a record that flash has lost does not hide those before it, whichever it is", async () => {
    for (const bad of sampleOf(numbers(551, 600), 7)) {
      const board = new Board("cable");
      board.last = 600;
      board.acknowledged = 600;
      board.damaged.add(bad);
      board.connect();
      await settle(board);
      expect(hall.numbers()).toEqual(numbers(551, 600).filter((each) => each !== bad));
      hall.remove();
      begin();
    }
  });

  it("a busy terminal is asked again, and a record that gets lost on the way as well, if need be behind the next hello", async () => {
    const board = new Board("topic");
    board.last = 12;
    board.acknowledged = 12;
    board.busy = 3;
    board.swallowed = 17;
    board.connect();
    await settle(board);
    expect(rows()).toEqual(rowsOf(numbers(1, 12)));
  });

  it("a command is signed with a number that was never used, and not before the terminal has said which those are", async () => {
    const board = new Board("topic");
    board.connect();
    await serve(board, 3);
    const order = async (reason: string): Promise<unknown> => {
      const answer = hall.receiver.commandTo("a", { do: "void", seq: 1, by: "9001", reason }).catch((error: Error) => error.message);
      await live(board, 0.1);
      return answer;
    };
    await order("one");
    backUp(hall.store, backup);
    for (const reason of ["two", "three"]) expect(await order(reason)).toMatchObject({ result: "ok" });
    hall.stop();
    restore(hall.file, backup);
    hall.open();
    // The broker hands on a record before the hello.
    const given = hall.receiver.commandTo("a", { do: "void", seq: 1, by: "9001", reason: "four" });
    board.write(1);
    board.send();
    hall.pass(5000);
    expect(board.taken.map(({ reason }) => reason)).toEqual(["one", "two", "three"]);
    board.disconnect();
    board.connect();
    await live(board, 3);
    expect(await given).toMatchObject({ result: "ok" });
    expect(board.taken.map(({ reason, n }) => [reason, n])).toEqual([
      ["one", 1],
      ["two", 2],
      ["three", 3],
      ["four", 4],
    ]);
  });

  it("an emergency text of then is not shown again, and who is on duty is known from the records that came back", async () => {
    const duty = recordsOf([
      { type: 1, text: '"1",1,"","ok",0' },
      { type: 2, text: '"1024","W26:1A2B3C",""' },
      { type: 3, text: '"1024","",0' },
      { type: 2, text: '"1025","W26:0A0A0A",""' },
      { type: 5, text: '"1025","phone",""' },
      { type: 1, text: '"1",1,"","ok",0' },
    ]);
    const board = new Board("cable", 50, duty);
    board.connect();
    await serve(board, 2);
    const answer = hall.receiver.commandTo("a", { do: "emergency", text64: "5YGc55S1" });
    await live(board, 0.1);
    await answer;
    backUp(hall.store, backup);
    const over = hall.receiver.commandTo("a", { do: "emergency" });
    await live(board, 0.1);
    await over;
    await serve(board, 3);
    takeBack(board);
    expect(hall.store.device("a")).toMatchObject({ dutyStaff: "", emergency: "" });
    await settle(board);
    expect(hall.store.device("a")).toMatchObject({ dutyStaff: "1025", dutyBadge: "W26:0A0A0A", dutyPause: "phone" });
    await serve(board, 1);
    expect(board.taken.filter((each) => each.do === "emergency").length).toBe(2);
  });

  it("records of a log that the terminal has given up since are told as lost, and the new log comes back whole", async () => {
    const board = new Board("tcp");
    board.connect();
    await serve(board, 10);
    backUp(hall.store, backup);
    await serve(board, 10);
    takeBack(board);
    board.greet();
    hall.pass(5);
    board.disconnect();
    const another = new Board("tcp", 50, recordsOf([RATING, RATING, RATING], 77), 77);
    another.last = 3;
    another.acknowledged = 3;
    another.connect();
    await settle(another);
    expect(hall.store.logs().map(({ log, records }) => [log, records])).toEqual([
      [77, 3],
      [LOG, expect.any(Number)],
    ]);
    expect(gaps().join("\n")).toMatch(new RegExp(`records of a, log ${LOG}, are lost here`));
  });
});

describe.each(WAYS)("Over %s, whatever happens to hall, terminal and database", (way) => {
  it("no record is lost that is still in the terminal, none is invented, none is there twice, and none was acknowledged in vain", async () => {
    const step = fc.oneof(
      fc.nat(12).map((count) => ["write", count] as const),
      fc.integer({ min: 1, max: 3 }).map((seconds) => ["live", seconds] as const),
      fc
        .constantFrom(...(["back up", "restore", "kill", "restart", "restart the terminal", "break the link", "delete", "delete at work"] as const))
        .map((what) => [what, 0] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 60 }), fc.array(step, { maxLength: 25 }), async (ring, steps) => {
        const board = new Board(way, ring);
        board.connect();
        let hasBackup = false;
        const reconnect = (): void => {
          board.disconnect();
          board.connect();
        };
        const renew = (change: () => void): void => {
          hall.kill();
          change();
          hall.open();
          reconnect();
        };
        const remove = (): void => {
          for (const end of ["", "-wal", "-shm", "-witness"]) rmSync(hall.file + end, { force: true });
        };
        let restores = 0;
        for (const [what, much] of steps) {
          if (what === "write") board.write(much);
          else if (what === "live") await live(board, much);
          else if (what === "restart the terminal") board.restart();
          else if (what === "break the link") reconnect();
          else if (what === "kill") renew(() => undefined);
          else if (what === "restart") {
            hall.restart();
            reconnect();
          } else if (what === "delete") renew(remove);
          else if (what === "back up") {
            rmSync(backup, { force: true });
            backUp(hall.store, backup);
            hasBackup = true;
          } else if (what === "restore" && hasBackup) renew(() => restore(hall.file, backup, new Date(1e12 + 1000 * restores++)));
          else if (what === "delete at work") {
            rmSync(hall.file);
            await live(board, 1);
            expect(hall.lost.pop()?.isFinal).toBe(true);
            const rescued = path.join(hall.folder, `rescued-${restores}.sqlite`);
            backUp(hall.store, rescued);
            renew(() => restore(hall.file, rescued, new Date(1e12 + 1000 * restores++)));
          }
        }
        reconnect();
        await settle(board);
        const here = [...hall.store.records()];
        expect(board.lies).toEqual([]);
        expect(board.acknowledged).toBe(board.last);
        const held = numbers(board.oldest, board.last);
        expect(here.filter(({ sequence }) => sequence >= board.oldest).map(({ sequence }) => sequence)).toEqual(held);
        for (const { sequence, bytes } of here) expect(bytes.equals(RECORDS[sequence - 1] as Buffer)).toBe(true);
        expect(hall.alarms().filter((kind) => kind !== "gap" && kind !== "database")).toEqual([]);
        hall.remove();
        begin();
      }),
      { numRuns: amount(12, 200), seed: SEED },
    );
  }, 600_000);
});
