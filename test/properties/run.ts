// Carries out random events in a world, and holds the invariants against what can be seen from outside: lamps, panel, flash and link.
// What the rules want is written here once more, from rules.md and the records alone, so that the firmware is checked and not repeated.

import { crc32 } from "node:zlib";
import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { type LedgerRecord, readFlashImage, readRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { parseSite, rosterText, type Site } from "../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import type { KeyName } from "../../hal/keys.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { contactEdges } from "../../sim/scenario/keys.js";
import { readScreen } from "../../sim/scenario/screen.js";
import { randomCosts } from "../../sim/world/costs.js";
import { Signer } from "../../sim/world/signer.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { type Engine, type TraceLine, World } from "../../sim/world/world.js";
import { SEVEN_REASONS } from "../reasons.js";
import { EXPIRED_BADGE, FIRST_CLERK, KEYS, OPENING_HOURS, type RandomConfig, type RandomEvent, SECOND_CLERK, SUPERVISOR } from "./events.js";

const SITE: Site = parseSite(
  `
counters: [{}]
people:
  - { badge: "${FIRST_CLERK.badge}", number: "${FIRST_CLERK.number}", name: 王小明, post: 综合受理, role: clerk }
  - { badge: "${SECOND_CLERK.badge}", number: "${SECOND_CLERK.number}", name: 欧阳静怡, post: 社会保障, role: clerk, party: true, stars: 3 }
  - { badge: "${SUPERVISOR.badge}", number: "${SUPERVISOR.number}", name: 陈敏, post: 首席代表, role: supervisor }
  - { badge: "${EXPIRED_BADGE}", number: "3003", name: 李国强, post: 税务登记, role: clerk, until: "2026-02-28" }
${SEVEN_REASONS}`,
  "site",
);
const ROSTERS = {
  whole: Buffer.from(rosterText(SITE.people), "utf8"),
  withoutFirstClerk: Buffer.from(rosterText(SITE.people.filter(({ number }) => number !== FIRST_CLERK.number)), "utf8"),
  damaged: Buffer.from("00000000 no roster", "utf8"),
};
const NUMBERS = [FIRST_CLERK.number, SECOND_CLERK.number, SUPERVISOR.number, "3003"];

/** Keys pressed within so many ms of each other count as none (rule E13). */
const CHORD_MS = 60;
/** A frame of 34 bits, and the silence that ends it. */
const BADGE_MS = 120;
/** With costs events wait in a queue: none waits longer than this, in ms. */
const LAG_MS = 30_000;
/** More wake-ups than this in one millisecond never end. */
const MOST_TURNS = 500;
/** The answer light is lit for half a second from a press on. */
const ANSWER_MOST_MS = 1000;
/** Commands that may end a rating before its time. Of whatever else people and hosts do, none ends one within `CHORD_MS` of a press: a badge takes longer. */
const CLOSING = ["cancel", "approve", "emergency", "time"];
const NAMES: readonly KeyName[] = [...KEYS, "invite", "pause"];

const crcOf = (text: string): number => crc32(Buffer.from(text, "latin1"));

export interface Seen {
  readonly atMs: number;
  readonly start: number;
  readonly record: LedgerRecord;
}
interface Edge {
  readonly atMs: number;
  readonly isDown: boolean;
  /** Nothing had moved the contact for longer than it bounces. */
  readonly isClean: boolean;
}

export interface RunOptions {
  /** Looks at the pixels too: slow. */
  readonly isWatched?: boolean;
  /** Default: `SMALL_BOARD`. */
  readonly board?: Board;
  /** Keeps the trace of the world. */
  readonly isTraced?: boolean;
  /** The firmware's work takes time, drawn from this seed. */
  readonly costSeed?: number;
  /** Which key a citizen presses instead, by the number of the key, unless a reason is asked for. */
  readonly exchange?: readonly number[];
}

/** A Pico with less flash: so much is never full in a life, and faster to make and to read. */
export const SMALL_BOARD: Board = { ...pico, flash: { ...pico.flash, pageBytes: 32768, pageCount: 1 } };
/** And one that is soon full when nobody acknowledges. */
export const TINY_BOARD: Board = { ...pico, flash: { ...pico.flash, pageBytes: 1024, pageCount: 2 } };

/**
 * What may become of a matter on one day: two invites, of which the second may be rated, and a paper card where there is no grade. What was rated or entered
 * stands.
 */
const ONE_OUTCOME =
  /^(notInvited ?)?((timeout|cancelled|staffLeft) ?)?(notInvited ?)?(rated|((timeout|cancelled|staffLeft) ?)?(notInvited ?)?(card)?)$/;

/** One random life of a terminal. */
export class Life {
  readonly world: World;
  /** What is not as the rules say, the number of the invariant first. */
  readonly violations: string[] = [];
  readonly records: Seen[] = [];
  private readonly config: RandomConfig;
  private readonly files: Record<string, Buffer>;
  private readonly configText: Buffer;
  private readonly options: RunOptions;
  private readonly edges: Edge[][] = NAMES.map(() => []);
  private readonly inviteCauses: number[] = [];
  /** When the host said what may end a rating before its time. */
  private readonly closings: number[] = [];
  private isConfigRight = true;
  private roster: keyof typeof ROSTERS = "whole";
  private starts = 0;

  // who is where, by the records
  private signedIn = "";
  /** Number of citizens who wait, as the host has said. */
  private waiting = 0;
  private pause = "";
  /** Wall clock minus the world's, in ms, or undefined. */
  private wallOffsetMs: number | undefined;
  private readonly signer = new Signer();
  private lastId = 0;
  private log = 0;
  private readonly received = new Set<number>();
  /** Everything up to here has been received. */
  private contiguous = 0;
  /** The host acknowledges whatever it receives. */
  private isHostPrompt = false;
  /** When a key last went down, and since when the answer light is lit. A test of the keys answers all of them. */
  private pressedAtMs = 0;
  private litSinceMs = 0;
  private isPanelTrusted = true;
  private isPanelChanged = true;
  private shownBefore: readonly string[] = [];
  private recordsBefore = 0;

  constructor(engine: Engine, config: RandomConfig, options: RunOptions = {}) {
    this.config = config;
    this.options = options;
    this.files = { ...contentsOf(config, SITE), roster: ROSTERS.whole };
    this.configText = this.files.config as Buffer;
    this.world = new World({
      board: options.board ?? SMALL_BOARD,
      engine,
      files: this.files,
      isTraced: options.isTraced ?? false,
      costs: options.costSeed === undefined ? undefined : randomCosts(options.costSeed),
    });
    this.world.onTrace((line) => this.note(line));
  }

  private fail(invariant: number, what: string): void {
    this.violations.push(`(${invariant}) at ${this.world.clock.nowMs} ms: ${what}`);
  }

  /** Carries out everything, then leads the terminal back to serving. */
  live(events: readonly RandomEvent[]): this {
    try {
      this.powerOn();
      this.letPass(0);
      for (const event of events) {
        this.happen(event);
        this.letPass(0);
      }
      this.world.flash.cutAt(undefined);
      this.recover();
      this.checkLedger();
    } catch (error) {
      this.fail(9, `it threw ${(error as Error).stack ?? String(error)}`);
    }
    this.checkOutcomes();
    return this;
  }

  // --- what happens ---

  private powerOn(): void {
    if (this.world.isPowered) return;
    this.starts++;
    this.wallOffsetMs = undefined;
    this.waiting = 0;
    this.isPanelTrusted = true;
    // A session that was open goes on from here.
    this.inviteCauses.push(this.world.clock.nowMs);
    this.world.powerOn();
  }

  /** The start whose hello the host has heard last. What it signs for another one is refused. */
  private greetedStart = 0;
  /** The terminal waits for an answer to its hello. */
  private isGreeted = false;

  private letPass(ms: number): void {
    const endMs = this.world.clock.nowMs + ms;
    // A prompt host looks once a second, whatever goes on inside the terminal: so it is the same on every engine.
    while (this.isHostPrompt && Math.floor(this.world.clock.nowMs / 1000) < Math.floor(endMs / 1000)) {
      this.pass((Math.floor(this.world.clock.nowMs / 1000) + 1) * 1000);
      while (this.world.isPowered && this.world.isLinkUp && (this.isGreeted || this.received.has(this.contiguous + 1))) {
        this.isGreeted = false;
        this.acknowledge(0);
      }
    }
    this.pass(endMs);
  }

  /** Lets time pass, at least so much, until the terminal has done everything that it has begun. */
  private rest(ms: number): void {
    this.letPass(ms);
    while (this.world.isPowered && this.world.isBusy) this.letPass(100);
  }

  private pass(endMs: number): void {
    let turns = 0;
    let lastMs = -1;
    this.check();
    while (this.world.clock.nextMs <= endMs) {
      const nextMs = this.world.clock.nextMs;
      turns = nextMs === lastMs ? turns + 1 : 0;
      lastMs = nextMs;
      if (turns > MOST_TURNS) throw new Error(`it wakes again and again at ${nextMs} ms`);
      this.runMillisecond(nextMs);
      this.check();
    }
    this.world.advanceTo(endMs);
  }

  /** As `World.advanceTo`, for one millisecond, and it ends in any case. */
  private runMillisecond(atMs: number): void {
    let guard = 0;
    const clock = this.world.clock;
    const next = clock.runNext.bind(clock);
    clock.runNext = () => {
      if (++guard > MOST_TURNS) throw new Error(`it wakes again and again at ${atMs} ms`);
      next();
    };
    try {
      this.world.advanceTo(atMs);
    } finally {
      clock.runNext = next;
    }
  }

  private move(key: number, isDown: boolean): void {
    const name = NAMES[key] as KeyName;
    if (this.world.keysDown.has(name) === isDown) return;
    const nowMs = this.world.clock.nowMs;
    const edges = this.edges[key] as Edge[];
    const last = edges.at(-1);
    edges.push({ atMs: nowMs, isDown, isClean: !last || nowMs - last.atMs >= (this.config.quietMs as number) });
    if (isDown && key === 5) this.inviteCauses.push(nowMs);
    if (isDown) this.pressedAtMs = nowMs;
    this.world.setKey(name, isDown);
  }

  private wireOf(key: number): number {
    const exchange = this.options.exchange;
    if (!exchange || key > 4 || exchange[key] === key) return key;
    return this.isAskedForReason() ? key : (exchange[key] as number);
  }

  private get sinceRatingMs(): number {
    const last = this.records.filter(({ record }) => record.type === "session" && record.outcome === "rated").at(-1);
    return this.world.clock.nowMs - (last?.atMs ?? -Infinity);
  }

  /** Of two lives to be compared none begins to press a grade and ends by pressing a reason: where that would be, both press later. */
  private awaitReasons(takesMs: number): void {
    const sinceMs = this.sinceRatingMs;
    if (this.options.exchange && sinceMs < 3100 && sinceMs + takesMs >= 2800) this.letPass(3100 - sinceMs);
  }

  private isAskedForReason(): boolean {
    const sinceMs = this.sinceRatingMs;
    if (!(this.config.reasons as readonly number[]).length || sinceMs < 2800 || sinceMs > 14000) return false;
    const screen = readScreen(this.world.panel);
    return screen.shows("1 业务不熟练") || screen.shows("1 重复取号排队");
  }

  private say(says: Readonly<Record<string, unknown>>): void {
    this.lastId++;
    const isHeard = this.world.isLinkUp && this.world.isPowered;
    const nowMs = this.world.clock.nowMs;
    const message = says.log === "THE LOG" ? { ...says, log: this.log } : says;
    const isTime = says.do === "time" && Number.isInteger(says.unix) && (says.unix as number) >= 1577836800 && (says.unix as number) <= 4294967294;
    if (isHeard && isTime && !this.isOutOfOrder && this.greetedStart === this.starts) this.wallOffsetMs = (says.unix as number) * 1000 - nowMs;
    if (isHeard && says.do === "invite") this.inviteCauses.push(nowMs);
    if (isHeard && CLOSING.includes(says.do as string)) this.closings.push(nowMs);
    const { count } = says;
    if (isHeard && says.do === "waiting" && Number.isInteger(count) && (count as number) >= 0 && (count as number) <= 9999 && !this.isOutOfOrder)
      this.waiting = count as number;
    const whole = { id: this.lastId, ...message };
    // A number that got lost would spoil those behind it.
    this.world.sendFromHost(encodeLine(isHeard ? this.signer.message(whole) : whole, crcOf));
  }

  private acknowledge(allBut: number): void {
    let seq = this.contiguous;
    while (this.received.has(seq + 1)) seq++;
    this.contiguous = seq;
    if (seq - allBut > 0) this.world.sendFromHost(encodeLine(this.signer.acknowledgement(seq - allBut), crcOf));
  }

  /** Who is on duty: only somebody whom the roster knows can be. */
  private get clerk(): string {
    const isGone = this.roster === "damaged" || (this.roster === "withoutFirstClerk" && this.signedIn === FIRST_CLERK.number);
    return isGone ? "" : this.signedIn;
  }

  private get isOutOfOrder(): boolean {
    return !this.isConfigRight || this.roster === "damaged";
  }

  happen(event: RandomEvent): void {
    switch (event.kind) {
      case "press": {
        this.awaitReasons(event.bounceMs);
        const key = this.wireOf(event.key);
        this.bounce(key, true, event.bounceMs);
        this.letPass(event.holdMs);
        this.bounce(key, false, event.bounceMs);
        if (this.options.exchange) this.letPass(100);
        return;
      }
      case "chord": {
        this.awaitReasons(event.gapMs);
        const first = this.wireOf(event.first);
        const second = this.wireOf(event.second);
        this.move(first, true);
        this.letPass(event.gapMs);
        this.move(second, true);
        this.letPass(event.holdMs);
        this.move(first, false);
        this.move(second, false);
        if (this.options.exchange) this.letPass(100);
        return;
      }
      case "contact":
        return this.move(event.key, event.isDown);
      case "badge":
        this.world.presentBadge(event.badge);
        // No second badge is there before the wires are quiet.
        return this.letPass(BADGE_MS);
      case "host":
        return this.say(event.says);
      case "host is":
        this.isHostPrompt = event.isPrompt;
        return;
      case "acknowledge":
        return this.acknowledge(event.allBut);
      case "line":
        return this.world.sendFromHost(event.text);
      case "wait":
        return this.letPass(event.ms);
      case "link":
        return this.world.setLink(event.isUp);
      case "power":
        if (event.change !== "on") this.world.powerOff();
        if (event.change === "cycle") this.letPass(3000);
        if (event.change !== "off") this.powerOn();
        return;
      case "cut":
        return this.world.flash.cutAt({ operations: event.operations, bytes: event.bytes });
      case "display":
        this.world.isDisplayConnected = event.isConnected;
        this.isPanelTrusted = false;
        return;
      case "provision":
        return this.provision(event.roster, event.isConfigRight);
    }
  }

  private provision(roster: keyof typeof ROSTERS, isConfigRight: boolean): void {
    this.world.powerOff();
    this.roster = roster;
    this.isConfigRight = isConfigRight;
    this.files.roster = ROSTERS[roster];
    this.files.config = isConfigRight ? this.configText : Buffer.from('{"version":1}');
    this.powerOn();
  }

  private bounce(key: number, isDown: boolean, bounceMs: number): void {
    const beginMs = this.world.clock.nowMs;
    for (const edge of contactEdges(NAMES[key] as KeyName, isDown, 0, Math.min(bounceMs, this.config.quietMs as number))) {
      this.letPass(beginMs + edge.atMs - this.world.clock.nowMs);
      this.move(key, edge.isDown);
    }
  }

  /** Invariant 7: the known way back to serving. */
  private recover(): void {
    for (let key = 0; key < 7; key++) this.move(key, false);
    this.letPass(1000);
    this.world.isDisplayConnected = true;
    if (this.isOutOfOrder || this.roster !== "whole") this.provision("whole", true);
    this.powerOn();
    this.world.setLink(true);
    // The longest session, its thanks and reasons, approvals and self-tests are over by then.
    this.rest(125000);
    this.say({ do: "time", unix: OPENING_HOURS + 7 * 86400 });
    this.isHostPrompt = true;
    this.acknowledge(0);
    if (this.world.board === TINY_BOARD) this.letPass(20000);
    this.say({ do: "waiting", count: 0 });
    this.say({ do: "finish" });
    this.say({ do: "emergency", text64: "" });
    this.world.presentBadge(SUPERVISOR.badge);
    this.rest(2000);
    this.say({ do: "resume" });
    if (!this.clerk) this.world.presentBadge(SECOND_CLERK.badge);
    this.rest(5000);
    // A key that a self-test missed is out of order until somebody presses it.
    for (let key = 0; key < this.config.grades.length; key++) {
      this.happen({ kind: "press", key, holdMs: 100, bounceMs: 0 });
      this.letPass(200);
    }
    let isRated = this.serve("LAST");
    // A ring that has turned round since the sign-in has nobody on duty after a power cut: then the badge is wanted once more.
    if (!isRated && this.world.board === TINY_BOARD) {
      this.happen({ kind: "badge", badge: SECOND_CLERK.badge });
      this.rest(3000);
      isRated = this.serve("LAST2");
    }
    if (!isRated) this.fail(7, `no way back to serving: ${JSON.stringify(this.records.slice(-3).map(({ record }) => record))}`);
    // Past the thanks and the reasons.
    this.letPass(15000);
  }

  /** One invite, one press. @returns whether the rating is in a record */
  private serve(transaction: string): boolean {
    const before = this.records.length;
    this.say({ do: "invite", transaction });
    this.rest(1000);
    if (this.options.isWatched && !readScreen(this.world.panel).shows("请对我的服务")) this.fail(7, "the citizen is not asked, and should be");
    this.happen({ kind: "press", key: 0, holdMs: 100, bounceMs: 0 });
    this.rest(1000);
    return this.records
      .slice(before)
      .some(({ record }) => record.type === "session" && record.outcome === "rated" && record.transaction === transaction);
  }

  // --- what is seen ---

  private note(line: TraceLine): void {
    if ("lamp" in line) {
      if (line.lamp === "answer" && line.isLit) this.litSinceMs = line.atMs;
    } else if ("sent" in line) {
      // What is looked for stands at fixed places: decoding every line takes longer than all the rest.
      if (this.options.isWatched && !decodeLine(line.sent, crcOf)) this.fail(9, `a line that is no message was sent: ${line.sent}`);
      if (line.sent.startsWith('{"hello"')) {
        this.isGreeted = true;
        this.greetedStart = this.starts;
        this.signer.hear(decodeLine(line.sent, crcOf) ?? {});
      }
      const record = /^\{"log":(\d+),"seq":([^,]*),"(record|lost)"/.exec(line.sent);
      if (record) {
        this.log = Number(record[1]);
        if (!/^\d+$/.test(record[2] as string)) this.fail(8, `the number of a record on the link is ${record[2]}`);
        // What the host has may be gone from flash: an acknowledgement reaches flash only with the next record.
        else if (record[3] === "lost" && !this.received.has(Number(record[2])))
          this.fail(8, `record ${record[2]} is told as lost, and the flash is whole`);
        this.received.add(Number(record[2]));
      }
    } else if ("display" in line) {
      this.isPanelTrusted = this.world.isDisplayConnected;
      this.isPanelChanged = true;
    } else if ("flash" in line && line.flash === "write" && line.data.length === 16 && line.data.endsWith("00000000")) this.commit(line.offset + 8);
  }

  /** A record was committed: it ends at a place of flash. */
  private commit(end: number): void {
    for (let slots = 1; slots <= 4; slots++) {
      const start = end - slots * 64;
      if (start < 64 || this.world.flash.bytes[start] !== slots) continue;
      let record: LedgerRecord;
      try {
        record = readRecord(this.world.flash.read(start, slots * 64));
      } catch {
        continue;
      }
      this.take({ atMs: this.world.nowMs, start: this.starts, record });
      return;
    }
  }

  private take(seen: Seen): void {
    const record = seen.record;
    this.checkTimes(seen);
    this.records.push(seen);
    // Who has left the roster is signed out at the next start.
    const before = this.clerk || (this.isOutOfOrder ? "" : this.signedIn);
    switch (record.type) {
      case "signIn":
        this.signedIn = record.staff;
        return;
      case "signOut":
        if (record.staff !== before) this.fail(3, `${record.staff} signs out, and ${before || "nobody"} is on duty`);
        // Nobody knows when that clerk left, or how long the pause was.
        if (record.why === "forgotten") this.pause = "";
        if (this.pause) this.fail(6, `${record.staff} signs out in the pause ${this.pause}, which has no end`);
        this.signedIn = record.relievedBy;
        return;
      case "session":
        // A session that the power cut is told of by the next start, whoever is in the roster by then.
        if (record.staff !== (record.outcome === "pending" ? this.signedIn : before))
          this.fail(3, `a session of ${record.staff}, and ${before || "nobody"} is on duty`);
        if (record.outcome === "rated") this.checkRated(seen, record.grade, record.elapsedMs);
        else if (record.grade !== 0) this.fail(1, `a grade in the outcome ${record.outcome}`);
        if (this.pause && record.outcome === "rated") this.fail(6, `rated in the pause ${this.pause}`);
        return;
      case "pauseBegan":
        if (record.staff !== before) this.fail(3, `a pause of ${record.staff}, and ${before || "nobody"} is on duty`);
        if (this.pause) this.fail(6, `the pause ${record.reason} begins in the pause ${this.pause}, which has no end`);
        this.pause = record.reason;
        return;
      case "pauseEnded":
        if (record.staff !== before) this.fail(3, `the end of a pause of ${record.staff}, and ${before || "nobody"} is on duty`);
        if (this.pause !== record.reason) this.fail(6, `the pause ${record.reason} ends, and ${this.pause || "none"} runs`);
        this.pause = "";
        return;
      case "reason":
        if ((record.present || record.staff) !== before) this.fail(3, `reason names ${record.staff}, and ${before || "nobody"} is on duty`);
        return;
      case "notApproved":
        if (record.staff !== before) this.fail(3, `${record.type} names ${record.staff || "nobody"}, and ${before || "nobody"} is on duty`);
        return;
    }
  }

  /** Invariant 10: time never goes back, and nothing takes less than no time. */
  private checkTimes({ record }: Seen): void {
    const before = this.records.at(-1);
    if (before && record.type !== "started" && before.record.uptimeMs > record.uptimeMs)
      this.fail(10, `${record.type} at an uptime of ${record.uptimeMs} ms, behind ${before.record.type} at ${before.record.uptimeMs} ms`);
    for (const [field, value] of Object.entries(record)) {
      // Minutes of punctuality are negative before the opening.
      if (typeof value === "number" && value < 0 && field !== "minutes") this.fail(10, `${field} of ${record.type} is ${value}`);
    }
  }

  /** Invariant 1: a grade is the grade of a key that a citizen pressed, alone, after the invite. */
  private checkRated(seen: Seen, grade: number, elapsedMs: number): void {
    const grades = this.config.grades;
    const key = grades.indexOf(grade);
    const story = `a grade ${grade}, ${elapsedMs} ms after the invite`;
    if (key < 0) return this.fail(1, `${story}: there is no such key`);
    if (this.lagMs && this.isRightLater(seen.atMs, key, elapsedMs)) return;
    const invitedMs = this.inviteCauses.filter((atMs) => {
      const pressedMs = atMs + elapsedMs;
      return pressedMs <= seen.atMs && seen.atMs - pressedMs <= CHORD_MS;
    });
    if (!invitedMs.length) return this.fail(1, `${story}: nobody invited then`);
    const isRight = invitedMs.some((atMs) => this.isPressAlone(key, atMs, atMs + elapsedMs));
    if (!isRight)
      this.fail(
        1,
        `${story}: key ${key + 1} was not pressed then, or not alone: ${JSON.stringify(this.edges.slice(0, 5).map((edges) => edges.slice(-4)))}`,
      );
  }

  /** With costs the host's invite is heard later than it is said, and a press is recorded later than it is made. */
  private isRightLater(recordedMs: number, key: number, elapsedMs: number): boolean {
    return (this.edges[key] as Edge[]).some(({ isDown, atMs }) => {
      if (!isDown || atMs > recordedMs || recordedMs - atMs > this.lagMs + CHORD_MS) return false;
      const invitedMs = atMs - elapsedMs;
      const isInvited = this.inviteCauses.some((causeMs) => invitedMs >= causeMs && invitedMs - causeMs <= this.lagMs);
      return isInvited && this.isPressAlone(key, invitedMs, atMs);
    });
  }

  private isPressAlone(key: number, invitedMs: number, pressedMs: number): boolean {
    const quietMs = this.config.quietMs as number;
    const downs = (this.edges[key] as Edge[]).filter(({ isDown }) => isDown);
    // The press itself, or one that came in the bounces of another and was told when the contact was quiet.
    if (!downs.some(({ atMs }) => atMs >= invitedMs && atMs <= pressedMs && pressedMs - atMs <= quietMs)) return false;
    for (let other = 0; other < this.config.grades.length; other++) {
      if (other === key) continue;
      for (const edge of this.edges[other] as Edge[]) {
        // Where a session ends before its time, a press was alone if no other key had gone down until then.
        if (this.lagMs && this.closings.some((atMs) => atMs >= pressedMs && atMs <= edge.atMs)) continue;
        if (edge.isDown && edge.isClean && edge.atMs > invitedMs && Math.abs(edge.atMs - pressedMs) < CHORD_MS) return false;
      }
    }
    return true;
  }

  /** What has to hold whenever the terminal has come to rest. */
  private check(): void {
    if (!this.world.isPowered || this.world.isBusy) return;
    if (this.signedIn && !this.clerk && !this.isOutOfOrder) this.fail(3, `${this.signedIn} is on duty, and not in the roster`);
    if (this.world.lamps.answer && this.world.clock.nowMs - Math.max(this.litSinceMs, this.pressedAtMs) > ANSWER_MOST_MS)
      this.fail(4, `the answer light is lit since ${this.litSinceMs} ms`);
    const isLit = this.world.lamps.pause;
    const nowMs = this.world.clock.nowMs;
    // With costs the clock of the terminal was set later than the host said, and is behind.
    if (isLit !== this.isPauseLightWanted(nowMs) && isLit !== this.isPauseLightWanted(nowMs - this.lagMs))
      this.fail(
        4,
        `the pause light is ${isLit ? "lit" : "dark"}: on duty ${this.clerk || "nobody"}, pause ${this.pause || "none"}, hours ${this.hours(nowMs)}`,
      );
    if (this.options.isWatched) this.watch();
  }

  /** How late the terminal may be. */
  private get lagMs(): number {
    return this.options.costSeed === undefined ? 0 : LAG_MS;
  }

  /** Rule P2, from the records and the commands alone. */
  private isPauseLightWanted(atMs: number): boolean {
    if (this.isOutOfOrder) return true;
    if (this.clerk) return this.pause !== "";
    const hours = this.hours(atMs);
    return hours === "unknown" || hours === "open";
  }

  private hours(atMs: number): "unknown" | "open" | "shut" {
    const week = this.config.hours;
    if (this.wallOffsetMs === undefined || this.isOutOfOrder) return "unknown";
    // The night up to 4 o'clock belongs to the day before: no timetable here begins earlier.
    const sinceFour = new Date(atMs + this.wallOffsetMs + 4 * 3600_000);
    const date = sinceFour.toISOString().slice(0, 10);
    const text = (this.config.exceptions as Record<string, string>)[date] ?? week[(sinceFour.getUTCDay() + 6) % 7];
    // A day that no timetable tells of.
    if (text === undefined) return "unknown";
    const minute = (sinceFour.getUTCHours() + 4) * 60 + sinceFour.getUTCMinutes();
    const toMinute = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(2));
    const periods = text ? text.split(" ").map((period) => period.split("-").map(toMinute) as [number, number]) : [];
    if (periods.some(([from, to]) => minute >= from && minute < to)) return "open";
    const isBreak = periods.length > 0 && minute >= (periods[0] as [number, number])[0] && minute < (periods.at(-1) as [number, number])[1];
    if (isBreak && this.config.lunchDuty) return "open";
    // Nobody who waits is told that service is over.
    const isOver = periods.every(([, to]) => minute >= to);
    return isOver && this.waiting > 0 ? "open" : "shut";
  }

  /** Invariant 3: whoever's number is on the panel is who the records name. */
  private watch(): void {
    if (!this.isPanelChanged && this.recordsBefore === this.records.length) return;
    this.isPanelChanged = false;
    const fresh = this.records.slice(this.recordsBefore);
    this.recordsBefore = this.records.length;
    const screen = readScreen(this.world.panel);
    const shown = this.isPanelTrusted ? NUMBERS.slice(0, 3).filter((number) => screen.shows(number)) : [];
    const isChange = fresh.some(({ record }) => record.type === "signIn" || record.type === "signOut" || record.type === "started");
    for (const number of shown) if (number !== this.clerk) this.fail(3, `the panel shows ${number}, and ${this.clerk || "nobody"} is on duty`);
    if (!isChange) {
      for (const { record } of fresh) {
        // Where a record is about another than who is there, it names both.
        const staff = "present" in record && record.present ? record.present : "staff" in record ? record.staff : undefined;
        const others = [...shown, ...this.shownBefore].filter((number) => number !== staff);
        if (staff && others.length && record.type !== "card") this.fail(3, `${record.type} names ${staff}, and the panel shows ${others}`);
      }
    }
    this.shownBefore = shown;
  }

  /** Invariant 2: one outcome for one transaction. */
  private checkOutcomes(): void {
    let outcomes = new Map<string, string[]>();
    let day = 0;
    for (const { record } of this.records) {
      // The numbers of a day may come again on the next one.
      const today = Math.floor(((record.wallSeconds ?? 0) + 8 * 3600) / 86400);
      if (record.wallSeconds && today !== day) {
        if (day) outcomes = new Map();
        day = today;
      }
      const id = "transaction" in record ? record.transaction : "";
      if (record.type === "voided") {
        const target = this.records[record.record - 1]?.record;
        if (target && "transaction" in target) outcomes.delete(target.transaction);
      }
      let outcome: string | undefined;
      if (record.type === "session" && record.outcome !== "pending") outcome = record.outcome;
      else if (record.type === "notInvited" || record.type === "card") outcome = record.type;
      if (!outcome || !id) continue;
      const all = [...(outcomes.get(id) ?? []), outcome];
      outcomes.set(id, all);
      if (!ONE_OUTCOME.test(all.join(" "))) this.fail(2, `${id} has the outcomes ${all.join(", ")}`);
    }
  }

  /** Invariant 8: the ledger reads well, the chain proves it, and it has what was seen. */
  private checkLedger(): void {
    const image = readFlashImage(this.world.flash.bytes, this.world.board.flash, { key: SIMULATED_KEY, head: this.records.at(-1)?.record });
    for (const { words } of image.problems) this.fail(8, words);
    this.records.forEach(({ record }, i) => {
      if (record.sequence !== i + 1) this.fail(8, `record ${record.sequence} was written where ${i + 1} should`);
    });
    const first = image.records[0]?.sequence ?? 1;
    const last = image.records.at(-1)?.sequence ?? 0;
    if (last !== this.records.length) this.fail(8, `the newest record in flash is ${last}, and ${this.records.length} were written`);
    if (image.records.length !== last - first + 1) this.fail(8, `${image.records.length} records in flash, from ${first} to ${last}`);
  }
}
