// The totals on the board (rule R2): they always equal a count of the records that the host has received, at every moment, after restarts, and on rings that have gone
// round.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Board } from "../../../firmware/boards/board.js";
import { board as pico } from "../../../firmware/boards/pico.js";
import { type LedgerRecord, readFlashImage, readRecord } from "../../../firmware/tools/ledger/ledger-reader.js";
import { checkTotals, type Tally, totalsOf } from "../../../firmware/tools/ledger/totals.js";
import { encodeLine } from "../../../firmware/uplink/codec.js";
import { CLERK_BADGE, sampleFiles } from "../../../sim/bench/day.js";
import { randomFrom } from "../../../sim/chips/random.js";
import { ENGINE_NAMES, enginesFor } from "../../../sim/engines/index.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { Signer } from "../../../sim/world/signer.js";
import { SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { type Engine, World } from "../../../sim/world/world.js";

const crcOf = (text: string): number => crc32(Buffer.from(text, "latin1"));
/** 2026-03-30, 09:00 at the counter. */
const BEGIN_SECONDS = Date.UTC(2026, 2, 30, 1) / 1000;
const CLERKS = ["00010", "1024", "A-2077"];

/** A terminal whose host stores everything, and enters ratings from paper cards, which make many records quickly. */
class Hall {
  readonly world: World;
  /** Records by their numbers. */
  readonly records = new Map<number, LedgerRecord>();
  private readonly signer = new Signer();
  private lastId = 0;
  private answered: Record<string, unknown> = {};
  private transaction = 0;

  constructor(pageCount: number, pageBytes: number, engine: Engine = nodeEngine) {
    const board: Board = engine === nodeEngine ? { ...pico, flash: { ...pico.flash, pageBytes, pageCount } } : pico;
    this.world = new World({ board, engine, files: sampleFiles(), isTraced: false });
    this.world.onTrace((line) => {
      if ("sent" in line) this.hear(JSON.parse(line.sent.slice(0, line.sent.lastIndexOf("*"))) as Record<string, unknown>);
    });
  }

  start(seconds?: number): void {
    this.world.powerOn();
    this.pass(1000);
    if (seconds !== undefined) this.say({ do: "time", unix: seconds });
  }

  pass(ms: number): void {
    this.world.advanceTo(this.world.clock.nowMs + ms);
    for (let before = -1; before !== this.records.size; ) {
      before = this.records.size;
      this.world.sendFromHost(encodeLine(this.signer.acknowledgement(before), crcOf));
      this.world.advanceTo(this.world.clock.nowMs + 100);
    }
  }

  say(command: Readonly<Record<string, unknown>>): Record<string, unknown> {
    this.world.sendFromHost(encodeLine(this.signer.message({ id: ++this.lastId, ...command }), crcOf));
    this.pass(200);
    return this.answered;
  }

  badge(): void {
    this.world.presentBadge(CLERK_BADGE);
    this.pass(5000);
  }

  card(staff: string, grade: number): Record<string, unknown> {
    return this.say({ do: "card", staff, transaction: `T-${++this.transaction}`, grade, by: "9001" });
  }

  row(name: string): { readonly since: number; readonly counts: readonly number[] } {
    return this.say({ do: "totals", row: name }).result as ReturnType<Hall["row"]>;
  }

  stored(): LedgerRecord[] {
    return [...this.records.values()].sort((a, b) => a.sequence - b.sequence);
  }

  private hear(message: Record<string, unknown>): void {
    this.signer.hear(message);
    if ("answer" in message) this.answered = message;
    if (!("record" in message)) return;
    this.records.set(message.seq as number, readRecord(Buffer.from(message.record as string, "base64")));
  }
}

function countsOf(tally: Tally | undefined): readonly number[] {
  if (!tally) return [];
  const { grades, timeouts, cancelled, staffLeft, notInvited, cards, voided } = tally;
  return [grades[1], grades[2], grades[3], grades[4], grades[5], timeouts, cancelled, staffLeft, notInvited, cards, voided];
}

/** Compares each row by the host's records with the terminal's, unless it is older than the terminal keeps rows. @returns the first record that is counted */
function compare(hall: Hall): number {
  const first = hall.row("").since;
  const records = hall.stored().filter(({ sequence }) => sequence >= first);
  const day = dayOf(hall.stored().at(-1)?.wallSeconds);
  for (const name of rowsOf(records, day)) {
    const [period, staff] = name.split(" ") as [string, string];
    const isDay = period.length === 10;
    const counted = totalsOf(records.filter((record) => isDay || !("staff" in record) || record.staff === staff || record.type === "voided"));
    expect(hall.row(name), name).toEqual({ since: first, counts: countsOf((isDay ? counted.byDay : counted.byMonth)[period]) });
  }
  return first;
}

function rowsOf(records: readonly LedgerRecord[], today: string | undefined): Set<string> {
  const names = new Set<string>();
  for (const record of records) {
    if (record.type !== "session" && record.type !== "card" && record.type !== "notInvited") continue;
    const day = dayOf(record.wallSeconds);
    names.add(`${day?.slice(0, 7) ?? "unknown"} ${record.staff}`);
    if (day === today && day) names.add(`${day} `);
  }
  return names;
}

function dayOf(wallSeconds: number | undefined): string | undefined {
  return wallSeconds === undefined ? undefined : new Date((wallSeconds + 480 * 60) * 1000).toISOString().slice(0, 10);
}

/** Days with cards, sessions, voids and power cuts. */
function play(pageCount: number, pageBytes: number, cards: number): Hall {
  const hall = new Hall(pageCount, pageBytes);
  const random = randomFrom(pageCount, pageBytes);
  const below = (limit: number): number => random() % limit;
  for (let day = 0; day < 4; day++) {
    // On the second day the time is unknown.
    hall.start(day === 1 ? undefined : BEGIN_SECONDS + day * 86_400);
    hall.badge();
    for (let i = 0; i < cards; i++) {
      hall.card(CLERKS[below(3)] as string, 1 + below(5));
      if (below(12) === 0) hall.say({ do: "void", seq: 1 + below(hall.records.size), by: "9001", reason: "wrongKey" });
      if (below(20) === 0) {
        hall.say({ do: "invite", transaction: `S-${day}-${i}` });
        hall.say({ do: "cancel" });
        hall.pass(5000);
      }
      if (below(60) === 0) compare(hall);
    }
    hall.say({ do: "open", transaction: `M-${day}` });
    hall.say({ do: "finish" });
    hall.badge();
    // However often the ring has gone round, nothing is forgotten.
    expect(compare(hall)).toBe(1);
    hall.world.powerOff();
  }
  return hall;
}

describe("The totals of a terminal", () => {
  // Rings like those of a Pico, an Espruino WiFi and an ESP32, with shorter pages, so that they go round.
  it.each([
    [1, 65_536, 160],
    [1, 16_384, 90],
    [3, 16_384, 200],
    [2, 16_384, 130],
    [16, 4096, 300],
  ])("are what its records give, on %i pages of %i bytes", { timeout: 240_000 }, (pageCount, pageBytes, cards) => {
    const hall = play(pageCount, pageBytes, cards);
    const { records, problems } = readFlashImage(hall.world.flash.bytes, hall.world.board.flash, { key: SIMULATED_KEY });
    expect(problems).toEqual([]);
    expect(hall.stored().some(({ type }) => type === "totals")).toBe(true);
    const check = checkTotals(hall.stored());
    expect(check.problems).toEqual([]);
    expect(check.recounted).toBeGreaterThan(0);
    expect(checkTotals(records).problems).toEqual([]);
  });

  it.each([
    [1, 16_384],
    [2, 16_384],
    [3, 16_384],
    [12, 4096],
  ])(
    "forget nothing where one clerk relieves another and somebody is always on duty, on %i pages of %i bytes",
    { timeout: 120_000 },
    (pageCount, pageBytes) => {
      const hall = new Hall(pageCount, pageBytes);
      hall.start(BEGIN_SECONDS);
      hall.badge();
      for (let i = 0; i < 800; i++) hall.card(CLERKS[i % 3] as string, 1 + (i % 5));
      expect(hall.world.flash.wear[0]).toBeGreaterThan(0);
      expect(compare(hall)).toBe(1);
      // The totals reach flash before the records that they count are erased.
      hall.world.powerOff();
      hall.start();
      expect(compare(hall)).toBe(1);
      expect(checkTotals(hall.stored()).problems).toEqual([]);
    },
  );

  it("count from the oldest record on after a power cut has taken what an erased page left behind", () => {
    const hall = new Hall(1, 16_384);
    hall.start(BEGIN_SECONDS);
    hall.badge();
    // Each is two records.
    for (let i = 0; i < 100; i++) hall.card("1024", 5);
    const erases = (): number => hall.world.flash.wear[0] as number;
    const before = erases();
    hall.world.presentBadge(CLERK_BADGE);
    // The header of the page is the first write after the erase. The totals of the erased records follow.
    const cut = ((): boolean => {
      for (let operations = 1; operations < 12; operations++) {
        hall.world.flash.cutAt({ operations, bytes: 0 });
        try {
          hall.pass(5000);
        } catch {
          return true;
        }
        if (!hall.world.isPowered) return true;
      }
      return false;
    })();
    expect(cut).toBe(true);
    expect(erases()).toBeGreaterThanOrEqual(before);
    hall.world.flash.cutAt(undefined);
    if (hall.world.isPowered) hall.world.powerOff();
    hall.records.clear();
    hall.start(BEGIN_SECONDS + 3600);
    hall.card("1024", 3);
    const { since, counts } = hall.row("2026-03 1024");
    const { records } = readFlashImage(hall.world.flash.bytes, hall.world.board.flash);
    expect(counts).toEqual(countsOf(totalsOf(records.filter(({ sequence }) => sequence >= since)).byMonth["2026-03"]));
  });

  it.each(ENGINE_NAMES)("are written down and found again after a restart, on %s", { timeout: 120_000 }, async (name) => {
    const [engine] = (await enginesFor(pico, name)).engines;
    if (!engine) return console.warn("SKIPPED: the totals on the real interpreter: set ESPRUINO=/path/to/espruino");
    const hall = new Hall(pico.flash.pageCount, pico.flash.pageBytes, engine);
    hall.start(BEGIN_SECONDS);
    hall.badge();
    for (let i = 0; i < 130; i++) hall.card(CLERKS[i % 3] as string, 1 + (i % 5));
    hall.say({ do: "void", seq: 100, by: "9001", reason: "wrongKey" });
    hall.badge();
    expect(hall.stored().filter(({ type }) => type === "totals")).toHaveLength(4);
    hall.card("1024", 5);
    hall.world.powerOff();
    hall.start();
    compare(hall);
    expect(checkTotals(hall.stored())).toEqual({ recounted: 1, problems: [] });
    // One rating more or less is noticed, in a row or among the records.
    const falsified = hall
      .stored()
      .map((record) => (record.type === "totals" && record.row.endsWith("1024") ? { ...record, rated1: record.rated1 + 1 } : record));
    expect(checkTotals(falsified).problems).toHaveLength(1);
    expect(checkTotals(hall.stored().filter(({ sequence }) => sequence !== 50)).problems).toHaveLength(1);
    hall.world.powerOff();
  });

  it.each([
    ["before anything of it is", 0],
    ["when five words of it are", 20],
  ])("are right whichever of their writes the power goes in, %s in flash", { timeout: 120_000 }, (_, bytes) => {
    const before = new Hall(3, 16_384);
    before.start(BEGIN_SECONDS);
    before.badge();
    for (let i = 0; i < 130; i++) before.card(CLERKS[i % 3] as string, 1 + (i % 5));
    before.world.powerOff();
    let cuts = 0;
    for (let operations = 0; ; operations++) {
      const hall = new Hall(3, 16_384);
      hall.world.flash.bytes.set(before.world.flash.bytes);
      for (const [sequence, record] of before.records) hall.records.set(sequence, record);
      hall.start(BEGIN_SECONDS + 3600);
      hall.world.flash.cutAt({ operations, bytes });
      hall.badge();
      const isCut = !hall.world.isPowered;
      hall.world.flash.cutAt(undefined);
      if (isCut) {
        cuts++;
        hall.start(BEGIN_SECONDS + 7200);
      }
      hall.card("1024", 5);
      compare(hall);
      expect(checkTotals(hall.stored()).problems).toEqual([]);
      if (!isCut) break;
    }
    // At least signing out, four rows and a state are cut, each of which takes two writes.
    expect(cuts).toBeGreaterThanOrEqual(12);
  });

  it("are not told while a citizen is asked", () => {
    const hall = new Hall(3, 16_384);
    hall.start(BEGIN_SECONDS);
    hall.badge();
    hall.say({ do: "invite", transaction: "T-1" });
    expect(hall.say({ do: "totals", row: "2026-03 00010" })).toMatchObject({ answer: expect.any(Number), error: "busy" });
  });

  it("let a record be voided once, and only while it is in flash", () => {
    const hall = new Hall(1, 16_384);
    hall.start(BEGIN_SECONDS);
    hall.badge();
    hall.card("1024", 1);
    const seq = hall.stored().at(-1)?.sequence as number;
    const voiding = { do: "void", seq, by: "9001", reason: "wrongKey" };
    expect(hall.say(voiding)).toMatchObject({ answer: expect.any(Number), result: "ok" });
    expect(hall.say(voiding)).toMatchObject({ answer: expect.any(Number), error: "voided" });
    expect(hall.row("2026-03 1024").counts).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    for (let i = 0; i < 240; i++) hall.card("1024", 5);
    hall.badge();
    expect(hall.say({ ...voiding, seq: seq + 2 })).toMatchObject({ answer: expect.any(Number), error: "gone" });
  });
});
