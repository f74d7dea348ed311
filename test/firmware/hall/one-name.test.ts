// Several boards under one name and key: a board was replaced or cloned, its flash was wiped or restored from an old copy. Whatever happens, no board lets go of a
// record that the hall has not got from it, byte for byte, and people are told.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { amount } from "../../depth.js";
import { seedFrom } from "../../seed.js";
import { continued, KEY, LOG, peerOf, ratings, recordMessage, type Sent, TestHall, type TestPeer } from "./test-hall.js";

const SEED = seedFrom("PROPERTY_SEED");
/** Ways to the hall: each connection is a peer of its own; a cable is one peer for whatever is plugged to it; so is a topic, and all its boards hear what is sent. */
const WAYS = ["tcp", "cable", "topic"] as const;
type Way = (typeof WAYS)[number];

let hall: TestHall;
let starts = 0;
/** Whether a chip has randomness: without it, a start may have the name of an earlier one. */
let isRandom = true;
beforeEach(() => {
  isRandom = true;
  hall = new TestHall();
});
afterEach(() => hall.remove());

/** A terminal's flash and its end of the link, by PROTOCOL.md. */
class Board {
  acknowledged = 0;
  start = 0;
  private peer: TestPeer | undefined;

  constructor(
    readonly records: readonly Buffer[],
    public last = records.length,
    readonly log = LOG,
  ) {}

  /** A board whose flash is a copy of this one's, and which goes on with other records. */
  copy(records: readonly Buffer[], last: number): Board {
    const copy = new Board(records, last, this.log);
    copy.acknowledged = this.acknowledged;
    return copy;
  }

  connect(peer: TestPeer): void {
    this.peer = peer;
    if (isRandom) starts++;
    this.start = starts;
    this.greet();
    this.send();
  }

  greet(): void {
    const { log, last, acknowledged, start } = this;
    this.say({ hello: { device: "a", counter: "8", firmware: "1", config: 1 }, log, last, acknowledged, start, signed: start });
  }

  send(): void {
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, this.last); seq++) {
      this.tell(seq);
    }
  }

  private tell(seq: number): void {
    this.say(recordMessage(seq, this.records, this.log));
  }

  private say(message: object): void {
    if (this.peer) hall.hear(this.peer, sealedText(KEY, message));
  }

  hear(message: Sent): void {
    const { do: what, seq, log = this.log, start = this.start } = message as { do?: string; seq: number; log?: number; start?: number };
    if (what === "resend" && seq <= this.last) this.tell(seq);
    if (!this.peer || what !== "acknowledge" || log !== this.log || start !== this.start) return;
    if (seq > this.acknowledged && seq <= this.last) this.acknowledged = seq;
  }

  disconnect(): void {
    this.peer = undefined;
  }

  /** Records that it has let go, and that are not in the database as it wrote them. */
  lost(): number[] {
    const gone = Array.from({ length: this.acknowledged }, (_, i) => i + 1);
    return gone.filter((seq) => !hall.store.find("a", this.log, seq)?.bytes.equals(this.records[seq - 1] as Buffer));
  }
}

/** How boards come to the hall. */
class Site {
  readonly boards = new Set<Board>();
  private shared: TestPeer | undefined;

  constructor(private readonly way: Way) {}

  plug(board: Board): void {
    this.boards.add(board);
    if (this.way === "tcp") return board.connect(peerOf(undefined, (message) => board.hear(message)));
    this.shared ??= peerOf("a", (message) => {
      for (const each of this.boards) each.hear(message);
    });
    board.connect(this.shared);
  }

  unplug(board: Board): void {
    board.disconnect();
    this.boards.delete(board);
  }

  /** The receiver has ended, and with it every connection. */
  forget(): void {
    if (this.way !== "cable") this.shared = undefined;
  }

  /** Everything is sent again until nothing moves any more. */
  settle(): void {
    for (let i = 0; i < 12; i++) {
      for (const board of this.boards) {
        if (i % 6 === 0) board.greet();
        board.send();
      }
      hall.pass(5000);
    }
  }
}

const other = (before: readonly Buffer[], count: number, log = LOG): Buffer[] => {
  const all = ratings(count, log);
  // The same beginning, and another end: as a copy goes on.
  return [...before, ...differing(before, count - before.length, all)];
};

/** Records that follow `before`, and differ from those that the first board wrote. */
function differing(before: readonly Buffer[], count: number, unlike: readonly Buffer[]): Buffer[] {
  const texts = Array.from({ length: count }, (_, i) => `"1024","U-${i}",0,1,2000`);
  return continued(before, texts).map((record, i) => {
    expect(record.equals(unlike[before.length + i] as Buffer)).toBe(false);
    return record;
  });
}

interface Case {
  readonly first: Board;
  readonly second: () => Board;
  /** What people are told, and what to do. */
  readonly words: RegExp;
  /** How many records of the second board end up in the database. */
  readonly taken: number;
}

const CASES: Readonly<Record<string, () => Case>> = {
  "an empty board with a log of its own": () => ({
    first: new Board(ratings(10)),
    second: () => new Board(ratings(6, 77), 6, 77),
    words: /a has begun a new log, 77/,
    taken: 6,
  }),
  "an empty board whose log has the same name, because its chip has no randomness": () => ({
    first: new Board(ratings(10)),
    second: () => new Board(other([], 12)),
    words: /another terminal sends under this name.*Export/s,
    taken: 0,
  }),
  "the same board with its flash as it was before, which goes on from there": () => {
    const first = new Board(ratings(10));
    return {
      first,
      second() {
        const board = first.copy(other(first.records.slice(0, 5), 12), 12);
        board.acknowledged = 3;
        return board;
      },
      words: /another terminal sends under this name, or its flash was restored.*Export/s,
      taken: 5,
    };
  },
  "the same board with its flash as it was before, whose start has the name of the one before, because its chip has no randomness": () => {
    isRandom = false;
    const first = new Board(ratings(10));
    return {
      first,
      second() {
        const board = first.copy(other(first.records.slice(0, 5), 12), 12);
        board.acknowledged = 3;
        return board;
      },
      words: /another terminal sends under this name, or its flash was restored/,
      taken: 5,
    };
  },
  "the same board with its flash as it was before, and nothing new": () => {
    const first = new Board(ratings(10));
    return {
      first,
      second() {
        const board = first.copy(first.records, 5);
        board.acknowledged = 3;
        return board;
      },
      words: /^$/,
      taken: 5,
    };
  },
};

describe.each(WAYS)("Over %s, a board that is replaced by", (way) => {
  describe.each(Object.keys(CASES))("%s", (name) => {
    it.each([
      ["runs", false],
      ["starts anew", true],
    ])("loses nothing while the receiver %s, and people are told", (_, restarts) => {
      const { first, second: makeSecond, words, taken } = (CASES[name] as () => Case)();
      const site = new Site(way);
      site.plug(first);
      site.settle();
      expect(first.acknowledged).toBe(10);
      site.unplug(first);
      if (restarts) {
        hall.restart();
        site.forget();
      }
      const second = makeSecond();
      site.plug(second);
      site.settle();
      expect([first.lost(), second.lost()]).toEqual([[], []]);
      expect(second.acknowledged).toBe(taken);
      const said = hall.store.alarms().map((alarm) => alarm.words);
      expect(said.filter((each) => words.test(each)).length).toBe(words.test("") ? 0 : 1);
      expect(hall.wordsOf("alarm")).toEqual(said);
    });
  });
});

describe.each(WAYS)("Over %s, two boards under one name, key and log", (way) => {
  it("keep what the hall has not got from them, in whatever order they come and send", () => {
    const step = fc.tuple(fc.constantFrom("first", "second"), fc.constantFrom("greet", "send", "write", "plug", "pass", "restart"));
    // All boards at a topic hear every acknowledgement: two whose starts have one name cannot be told apart there, so these need a chip with some randomness.
    const randomness = way === "topic" ? fc.constant(true) : fc.boolean();
    fc.assert(
      fc.property(randomness, fc.integer({ min: 0, max: 8 }), fc.array(step, { maxLength: 40 }), (hasRandomness, common, steps) => {
        isRandom = hasRandomness;
        const records = ratings(20);
        const first = new Board(records, common);
        const second = new Board(other(records.slice(0, common), 20), common);
        const site = new Site(way);
        /** A cable has one end, and a broker throws out the one of two clients with one id. */
        const plug = (board: Board): void => {
          if (way !== "tcp") for (const each of [...site.boards]) site.unplug(each);
          site.plug(board);
        };
        for (const [who, what] of [["first", "plug"], ["second", "plug"], ...steps] as const) {
          const board = who === "first" ? first : second;
          if (what === "write") board.last = Math.min(20, board.last + 1);
          else if (what === "pass") hall.pass(1000);
          else if (what === "plug") plug(board);
          else if (what === "restart") {
            hall.restart();
            for (const each of [first, second]) if (way === "tcp") each.disconnect();
            site.forget();
          } else board[what]();
        }
        for (const board of [first, second, first]) {
          plug(board);
          site.settle();
        }
        expect([first.lost(), second.lost()]).toEqual([[], []]);
        hall.remove();
        hall = new TestHall();
      }),
      { numRuns: amount(40, 400), seed: SEED },
    );
  });
});
