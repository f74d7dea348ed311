// Makes random days: clerks who come early, late and twice, forget to sign out, go to lunch and take over; citizens with matters; pauses; power cut for the night, and
// a clock that comes late.

import type { KeyName } from "../../hal/keys.js";
import { type Command, DAY_MS, type Doing, type Hall, type Happening, type Life, MINUTE_MS } from "./life.js";
import { Timetable } from "./timetable.js";

const CLERKS = ["1024", "00010", "A-2077"];
/** The neighbours of some halls, the counter itself, and another one. */
const COUNTERS = ["7", "9", "8", "12"];
const REASONS = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];

/** The same periods on every day. */
const everyDay = (periods: string): readonly string[] => [periods, periods, periods, periods, periods, periods, periods];

const WEEKS: readonly (readonly string[])[] = [
  ["0830-1200 1300-1730", "0830-1200 1300-1730", "0830-1200 1300-1730", "0830-1200 1300-1730", "0830-1200 1300-1730", "", ""],
  ["0900-1200 1330-1700", "0900-1200 1330-1700", "0900-1200 1330-1700", "0900-1200 1330-1700", "0900-1200 1330-1700", "0900-1200", ""],
  ["0800-1800", "0800-1800", "0800-1800", "0800-1800", "0800-1800", "0800-1800", "0900-1600"],
  [],
];

/** Timetables that few halls have: before 4 o'clock, over midnight, always. */
const ODD_WEEKS: readonly (readonly string[])[] = [
  everyDay("0300-1100"),
  everyDay("0000-0200 1400-2400"),
  everyDay("0000-2400"),
  everyDay("1500-2330"),
];

/** The first days of lives: all weekdays. */
const DATES = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08", "2026-12-31"];

/** Random numbers that a seed repeats (mulberry32). */
export class Chance {
  constructor(private state: number) {}

  /** From 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item;
  }
}

export function randomHall(chance: Chance, date: string): Hall {
  const hours = chance.is(0.9) ? chance.of(WEEKS) : chance.of(ODD_WEEKS);
  const exceptions: Record<string, string> = {};
  if (chance.is(0.2)) {
    const day = new Date(Date.parse(`${date}T00:00:00Z`) + chance.whole(0, 6) * DAY_MS).toISOString().slice(0, 10);
    exceptions[day] = chance.of(["", "0900-1130", "1000-1200 1400-1530"]);
  }
  return {
    hours,
    exceptions,
    earlyMinutes: chance.of([3, 10]),
    opensEarly: chance.is(0.2),
    lunchDuty: chance.is(0.2),
    unattendedS: chance.of([60, 300]),
    pauseLimitMinutes: chance.of([10, 10, 5]),
    phoneLimitMinutes: chance.of([2, 3]),
    timeoutMs: chance.of([30000, 15000]),
    longTimeoutMs: 90000,
    longMode: chance.is(0.1),
    approvalMs: 15000,
    thanksMs: 3000,
    grades: [5, 4, 3, 2, 1],
    reasons: chance.is(0.3) ? [213, 214] : [],
    reasonMs: 10000,
    neighbours: chance.is(0.4) ? ["7", "9"] : [],
    attendMinutes: chance.of([10, 10, 2]),
  };
}

/** A life of some days. */
export function randomLife(seed: number, days: number): Life {
  const chance = new Chance(seed);
  const date = chance.of(DATES);
  const hall = randomHall(chance, date);
  const maker = new LifeMaker(chance, { hall, date, happenings: [] });
  for (let day = 0; day < days; day++) maker.day(day);
  return { hall, date, happenings: maker.happenings() };
}

/** Some minutes in which much happens: short gaps, few ids, and nothing in its place. */
export function denseLife(seed: number): Life {
  const chance = new Chance(seed);
  const date = chance.of(DATES);
  const hall = randomHall(chance, date);
  const maker = new LifeMaker(chance, { hall, date, happenings: [] });
  maker.crowd(chance.of([500, 530, 600, 710, 775, 1045, 235]) * MINUTE_MS);
  return { hall, date, happenings: maker.happenings() };
}

class LifeMaker {
  private readonly made: Happening[] = [];
  private readonly timetable: Timetable;
  private atMs = 0;
  private isOn = false;
  private onDuty: string | undefined;
  private isPaused = false;
  private matters = 0;

  constructor(
    private readonly chance: Chance,
    life: Life,
  ) {
    this.timetable = new Timetable(life);
  }

  happenings(): Happening[] {
    return this.made.sort((a, b) => a.atMs - b.atMs);
  }

  private add(doing: Doing, afterMs = 0): void {
    this.atMs += afterMs;
    this.made.push({ ...doing, atMs: Math.round(this.atMs) } as Happening);
    this.atMs += 1500;
  }

  private host(command: Command, afterMs = 0): void {
    this.add({ what: "host", command }, afterMs);
  }

  private seconds(least: number, most: number): number {
    return this.chance.whole(least * 1000, most * 1000);
  }

  private power(isOn: boolean): void {
    if (this.isOn === isOn) return;
    this.isOn = isOn;
    this.add({ what: "power", isOn });
    if (!isOn) return;
    const { chance } = this;
    if (chance.is(0.75)) this.add({ what: "clock" }, this.seconds(1, 20));
    else if (chance.is(0.7)) {
      const rest = this.atMs;
      this.atMs += chance.whole(1, 40) * MINUTE_MS;
      this.add({ what: "clock" });
      this.atMs = rest;
    }
  }

  /** One day: the morning, the hours, the evening, the night. */
  day(day: number): void {
    const { chance } = this;
    const midnight = day * DAY_MS;
    // The numbers of tickets begin anew in many halls.
    if (chance.is(0.5)) this.matters = 0;
    const periods = this.timetable.periods(day) ?? [{ fromMs: midnight + 9 * 60 * MINUTE_MS, toMs: midnight + 17 * 60 * MINUTE_MS }];
    const first = periods[0];
    if (!first) {
      // A holiday: sometimes somebody is there.
      if (!chance.is(0.3)) return;
      this.atMs = midnight + chance.whole(480, 900) * MINUTE_MS;
      this.power(true);
      this.arrive();
      this.serve(this.atMs + chance.whole(5, 60) * MINUTE_MS);
      this.goHome();
      return;
    }
    this.atMs = Math.max(this.atMs, first.fromMs - chance.whole(5, 60) * MINUTE_MS);
    this.power(true);
    periods.forEach(({ fromMs, toMs }, i) => {
      const comesMs = fromMs + chance.whole(-15, 10) * MINUTE_MS + chance.whole(0, 59_999);
      this.atMs = Math.max(this.atMs, comesMs);
      if (!this.onDuty || chance.is(0.2)) this.arrive();
      if (this.isPaused) this.resume();
      const leavesMs = chance.is(0.6) ? toMs + chance.whole(0, 30) * MINUTE_MS : toMs - chance.whole(0, 40) * MINUTE_MS;
      this.serve(leavesMs);
      this.atMs = Math.max(this.atMs, leavesMs + this.seconds(0, 60));
      if (i < periods.length - 1) this.goToLunch();
      else if (!chance.is(0.15)) this.goHome();
    });
    if (chance.is(0.8)) {
      this.atMs += chance.whole(0, 120) * MINUTE_MS;
      this.power(false);
    }
  }

  /** Many things in a short time. @param atMs when it begins */
  crowd(atMs: number): void {
    const { chance } = this;
    this.atMs = atMs;
    this.add({ what: "power", isOn: true });
    if (chance.is(0.8)) this.add({ what: "clock" }, this.seconds(0, 20));
    this.add({ what: "tap", who: chance.of(CLERKS) });
    for (let i = 0; i < 60; i++) {
      const way = chance.next();
      this.atMs += way < 0.6 ? this.seconds(0, 6) : way < 0.9 ? this.seconds(6, 40) : chance.whole(1, 15) * MINUTE_MS;
      this.deed();
    }
  }

  private deed(): void {
    const { chance } = this;
    const transaction = `T-${chance.whole(1, 6)}`;
    const way = chance.whole(0, 99);
    if (way < 9) this.key("invite");
    else if (way < 10) this.add({ what: "key", key: "invite", holdMs: 1500 });
    else if (way < 11) this.bothKeys();
    else if (way < 12) chance.of([() => this.office(transaction), () => this.neighbour()])();
    else if (way < 34) this.grade(0);
    else if (way < 37) this.add({ what: "both", keys: ["key1", chance.of(["key2", "key5"])] });
    else if (way < 44) this.host({ do: "invite", transaction, ...this.flags("long", 0.2) });
    else if (way < 52) this.host({ do: "open", transaction, ...this.flags("long", 0.2), ...this.flags("waited", 0.3) });
    else if (way < 53) this.host({ do: "refer", counter: chance.of(COUNTERS), ...(chance.is(0.5) ? { transaction } : {}) });
    else if (way < 60) this.host({ do: "finish", ...(chance.is(0.5) ? { transaction } : {}) });
    else if (way < 63) this.host({ do: "cancel", ...(chance.is(0.3) ? { transaction } : {}) });
    else if (way < 67) this.add({ what: "tap", who: chance.of(CLERKS) });
    else if (way < 70) this.add({ what: "tap", who: chance.of(["stranger", "9001", "9001"]) });
    else if (way < 78) this.pauseKey(chance.is(0.7) ? 0 : chance.whole(1, 6));
    else if (way < 82) this.host({ do: "pause", reason: chance.of(REASONS) });
    else if (way < 85) this.host({ do: "resume" });
    else if (way < 87) this.host({ do: "signOut" });
    else if (way < 91) this.host({ do: "approve", by: "9001" });
    else if (way < 94) this.host({ do: "waiting", count: chance.of([0, 0, 2]) });
    else if (way < 96) this.host({ do: "emergency", text: chance.of(["", "", "请疏散"]) });
    else if (way < 97) this.add({ what: "clock" });
    else {
      this.add({ what: "power", isOn: false });
      this.add({ what: "power", isOn: true }, chance.is(0.7) ? this.seconds(0, 10) : chance.whole(1, 30) * MINUTE_MS);
      if (chance.is(0.8)) this.add({ what: "clock" }, this.seconds(0, 5));
    }
  }

  /** A short press. Some contacts are worn. */
  private key(key: KeyName): void {
    this.add({ what: "key", key, holdMs: 120, ...(this.chance.is(0.2) ? { bounceMs: this.chance.whole(2, 25) } : {}) });
  }

  private arrive(): void {
    const { chance } = this;
    const who = chance.of(CLERKS);
    this.add({ what: "tap", who });
    this.onDuty = who;
    this.isPaused = false;
    // Once more by mistake: after 2.3 to 5.5 s.
    if (chance.is(0.15)) this.add({ what: "tap", who }, chance.whole(800, 4000));
  }

  private goHome(): void {
    const { chance } = this;
    if (!this.onDuty) return;
    if (chance.is(0.1)) this.host({ do: "signOut" });
    else if (chance.is(0.15)) this.bothKeys();
    else this.add({ what: "tap", who: this.onDuty });
    if (chance.is(0.3)) this.add({ what: "tap", who: "9001" }, this.seconds(1, 12));
    this.onDuty = undefined;
    this.isPaused = false;
  }

  private goToLunch(): void {
    const way = this.chance.whole(0, 5);
    if (way < 2) this.goHome();
    else if (way === 2) this.host({ do: "pause", reason: "lunch" });
    else if (way === 3) this.pauseKey(6);
    if (way === 2 || way === 3) this.isPaused = true;
  }

  private bothKeys(): void {
    this.add({ what: "clerkKeys", first: this.chance.of(["invite", "pause"]), gapMs: this.chance.whole(0, 250) });
  }

  private pauseKey(steps: number): void {
    this.add({ what: "key", key: "pause", holdMs: steps ? 1000 * steps + 500 : 120 });
  }

  private resume(): void {
    const way = this.chance.whole(0, 3);
    if (way === 0 && this.onDuty) this.add({ what: "tap", who: this.onDuty });
    else if (way === 1) this.host({ do: "resume" });
    else this.pauseKey(0);
    this.isPaused = false;
  }

  /** Citizens come, and the clerk goes and returns, until a time. */
  private serve(untilMs: number): void {
    const { chance } = this;
    while (this.atMs < untilMs) {
      this.atMs += chance.is(0.3) ? this.seconds(1, 60) : chance.whole(1, 60) * MINUTE_MS;
      if (this.atMs >= untilMs) return;
      const way = chance.whole(0, 99);
      if (way < 35) this.citizen();
      else if (way < 55) this.takeBreak(untilMs);
      else if (way < 62) this.errand();
      else if (way < 69) this.arrive();
      else if (way < 75) this.host({ do: "waiting", count: chance.of([0, 0, 1, 3]) });
      else if (way < 80) this.cutPower();
      else if (way < 83) this.add({ what: "tap", who: chance.of(["stranger", "9001"]) });
      else if (way < 86) this.add({ what: "clock" });
      else if (way < 90) this.neighbour();
      else this.anything();
    }
  }

  private citizen(): void {
    const { chance } = this;
    const transaction = `T-${++this.matters}`;
    const isOpened = chance.is(0.6);
    if (isOpened) this.host({ do: "open", transaction, ...this.flags("waited", 0.2), ...this.flags("long", 0.15) });
    if (chance.is(0.08)) {
      this.host({ do: "refer", counter: chance.of(COUNTERS), ...(isOpened && chance.is(0.5) ? { transaction } : {}) }, this.seconds(1, 60));
      if (chance.is(0.7)) return;
    }
    if (chance.is(0.8)) {
      const times = chance.is(0.2) ? 2 : 1;
      for (let i = 0; i < times; i++) {
        if (chance.is(0.5)) this.add({ what: "key", key: "invite", holdMs: chance.is(0.15) ? 1500 : 120 }, this.seconds(1, 200));
        else this.host({ do: "invite", transaction, ...this.flags("long", 0.1) }, this.seconds(1, 200));
        if (chance.is(0.75)) this.grade(this.seconds(1, 25));
        else if (chance.is(0.3)) this.host({ do: "cancel" }, this.seconds(1, 10));
        else this.atMs += this.seconds(30, 60);
      }
    }
    if (isOpened && chance.is(0.85)) this.host({ do: "finish", ...(chance.is(0.5) ? { transaction } : {}) }, this.seconds(1, 100));
    // A supervisor comes after a bad rating, or on any other way.
    if (chance.is(0.12)) this.add({ what: "tap", who: "9001" }, this.seconds(5, 900));
    if (chance.is(0.08)) this.office(`T-${chance.whole(1, this.matters)}`);
  }

  /** A supervisor enters a paper card, or voids what became of a matter. */
  private office(transaction: string): void {
    const { chance } = this;
    this.atMs += this.seconds(1, 200);
    if (chance.is(0.5)) this.add({ what: "void", transaction });
    else this.host({ do: "card", staff: chance.of([...CLERKS, "7777"]), transaction, grade: chance.whole(1, 5), by: "9001" });
  }

  /** A flag of a command, with a probability. */
  private flags(name: "long" | "waited", probability: number): Partial<Command> {
    return this.chance.is(probability) ? { [name]: true } : {};
  }

  /** The host tells what a neighbour does. Pauses of neighbours are not played here: of their notices the oracle knows nothing. */
  private neighbour(): void {
    this.host({ do: "neighbour", counter: this.chance.of(COUNTERS), state: this.chance.of(["open", "open", "closed", "unattended"]) });
  }

  private grade(afterMs: number): void {
    this.atMs += afterMs;
    this.key(`key${this.chance.whole(1, 5)}` as KeyName);
  }

  private takeBreak(untilMs: number): void {
    const { chance } = this;
    if (chance.is(0.5)) this.pauseKey(chance.is(0.6) ? 0 : chance.whole(1, 6));
    else this.host({ do: "pause", reason: chance.of(REASONS) });
    if (chance.is(0.15)) this.add({ what: "tap", who: "9001" }, this.seconds(1, 12));
    else if (chance.is(0.1)) this.host({ do: "approve", by: "9001" }, this.seconds(1, 12));
    this.atMs += chance.is(0.7) ? this.seconds(5, 900) : chance.whole(5, 100) * MINUTE_MS;
    this.isPaused = true;
    if (this.atMs < untilMs || chance.is(0.5)) this.resume();
  }

  private errand(): void {
    const who = this.onDuty;
    this.goHome();
    this.atMs += this.chance.whole(1, 30) * MINUTE_MS;
    if (who && this.chance.is(0.7)) {
      this.add({ what: "tap", who });
      this.onDuty = who;
    } else this.arrive();
  }

  private cutPower(): void {
    this.power(false);
    this.atMs += this.chance.is(0.6) ? this.seconds(1, 10) : this.chance.whole(1, 90) * MINUTE_MS;
    this.power(true);
  }

  /** Something that does not fit. */
  private anything(): void {
    const { chance } = this;
    switch (chance.whole(0, 7)) {
      case 0:
        return this.grade(0);
      case 1:
        return this.add({ what: "key", key: "invite", holdMs: 120 });
      case 2:
        return this.pauseKey(0);
      case 3:
        return this.host({ do: "finish" });
      case 4:
        return this.host({ do: "resume" });
      case 5:
        return this.host({ do: "signOut" });
      case 6:
        return this.host({ do: "approve", by: "9001" });
      default:
        return this.add({ what: "tap", who: chance.of(CLERKS) });
    }
  }
}
