// A terminal whose flash forgets more than FORMAT.md promises for: the newest page, and the seal of the page before it. It gives numbers twice then, and nothing in its flash tells
// it so. The hall has the first records of these numbers, acknowledges none of the second ones, and is told.

import { afterEach, describe, expect, it } from "vitest";
import { board } from "../../../firmware/boards/linux.js";
import { readFlashImage } from "../../../firmware/tools/ledger/ledger-reader.js";
import { lineOf, MOST_TEXT, messageIn } from "../../../firmware/tools/link/lines.js";
import type { Peer } from "../../../firmware/tools/link/source.js";
import { parseSite } from "../../../firmware/tools/provision/site.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { contentsOf } from "../../../sim/scenario/files.js";
import { SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { World } from "../../../sim/world/world.js";
import { TestHall } from "./test-hall.js";

const SITE = `
counters: [{ device: sim-08, counter: "8", version: 1, grades: [5, 4, 3, 2, 1] }]
people: [{ badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }]
`;
const STEP_MS = 50;
const SEAL_AT = 32;
const SEAL_BYTES = 8;
const CRC_LENGTH = 9;

/** A terminal and its hall, in one time. */
class Both {
  readonly hall = new TestHall({ keys: () => SIMULATED_KEY });
  readonly world: World;
  private acknowledged = 0;

  constructor() {
    const site = parseSite(SITE, "site.yaml");
    this.world = new World({ board, engine: nodeEngine, files: contentsOf({ ...site.counters[0] }, site), isTraced: false });
    const peer: Peer = { name: "cable", device: "sim-08", send: (text) => this.world.sendFromHost(lineOf(text).trimEnd()) };
    this.world.onTrace((line) => {
      if (!("sent" in line)) return;
      const message = messageIn(line.sent);
      expect(line.sent.length).toBeLessThanOrEqual(MOST_TEXT + CRC_LENGTH);
      if (message && "hello" in message) this.acknowledged = (message as unknown as { acknowledged: number }).acknowledged;
      if (message) this.hall.receiver.hear(peer, message, line.sent.slice(0, -CRC_LENGTH));
    });
    this.world.powerOn();
    this.pass(5000);
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.world.advanceTo(this.world.clock.nowMs + STEP_MS);
      this.hall.pass(STEP_MS);
    }
  }

  rate(key: "key1" | "key5"): void {
    for (const each of ["invite", key] as const) {
      this.world.setKey(each, true);
      this.pass(100);
      this.world.setKey(each, false);
      this.pass(900);
    }
    this.pass(8000);
  }

  get records() {
    return readFlashImage(Buffer.from(this.world.flash.bytes.subarray(0, board.flash.pageBytes * board.flash.pageCount)), board.flash).records;
  }

  /** The power goes, and is back: the next hello says what the terminal takes for acknowledged. */
  startAgain(harm: () => void = () => undefined): void {
    this.world.powerOff();
    harm();
    this.world.powerOn();
    this.pass(5000);
  }

  /** Numbers that the terminal takes for acknowledged, and whose records the hall has otherwise or not at all. */
  get wronglyAcknowledged(): number[] {
    const stored = new Map([...this.hall.store.records("sim-08")].map(({ sequence, bytes }) => [sequence, bytes.subarray(-12, -8).toString("hex")]));
    return this.records.flatMap(({ sequence, mac }) => (sequence <= this.acknowledged && stored.get(sequence) !== mac ? [sequence] : []));
  }

  get alarms(): string[] {
    return this.hall.store.alarms().map(({ words }) => words);
  }

  end(): void {
    this.world.powerOff();
    this.hall.remove();
  }
}

let both: Both;
afterEach(() => both.end());

/** The page of the ring that holds the newest order, and the one before it. */
function newestPages(bytes: Uint8Array): [newest: Buffer, before: Buffer] {
  const { pageBytes, pageCount } = board.flash;
  const pages = Array.from({ length: pageCount }, (_, i) => Buffer.from(bytes.buffer, bytes.byteOffset + i * pageBytes, pageBytes));
  const used = pages.filter((page) => page.subarray(0, 4).equals(Buffer.from("CTL1"))).sort((one, two) => two.readUInt32LE(8) - one.readUInt32LE(8));
  return used.slice(0, 2) as [Buffer, Buffer];
}

/** What becomes of the newest page. */
const LOSSES: Readonly<Record<string, (page: Buffer) => unknown>> = {
  "is erased": (page) => page.fill(255),
  "is noise": (page) => page.set(page.map((_, i) => (i * 89 + 7) & 255)),
  "has lost its header": (page) => page.fill(0xa5, 0, 64),
};

describe.each(Object.entries(LOSSES))("The newest page %s", (_, lose) => {
  it.each([
    ["the seal of the page before it is lost as well: numbers come twice, and the hall is told", true],
    ["the seal of the page before it stands: no number comes twice", false],
  ])("and %s", (__, losesSeal) => {
    both = new Both();
    both.world.presentBadge("W26:1A2B3C");
    both.pass(4000);
    for (let i = 0; i < 20; i++) both.rate("key1");
    const [, before] = newestPages(both.world.flash.bytes);
    expect(before.readUInt32LE(8)).toBe(1);
    const known = [...both.hall.store.records("sim-08")].length;
    both.startAgain(() => {
      const [newest, sealed] = newestPages(both.world.flash.bytes);
      if (losesSeal) sealed.fill(255, SEAL_AT, SEAL_AT + SEAL_BYTES);
      lose(newest);
    });
    for (let i = 0; i < 20; i++) both.rate("key5");
    both.startAgain();
    expect(both.wronglyAcknowledged).toEqual([]);
    const rows = [...both.hall.store.records("sim-08")];
    // What the hall had it still has, once, and proven.
    expect(rows.slice(0, known).map(({ sequence }) => sequence)).toEqual(Array.from({ length: known }, (___, i) => i + 1));
    expect(rows.slice(0, known).every(({ proof }) => proof === "verified")).toBe(true);
    const told = both.alarms.filter((words) => /^Another record \d+ of sim-08.*has lost a page.*It is not stored and not acknowledged/s.test(words));
    expect(told.length).toBe(losesSeal ? 1 : 0);
    const bad = rows.filter(({ type, grade }) => type === "session" && grade === 1).length;
    expect(bad).toBe(losesSeal ? 0 : 20);
  });
});
