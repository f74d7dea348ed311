// One life of chaos: terminals, faulty links, and a receiver with its database. Terminals and receiver die now and then. At the end the database must have
// every record that was ever committed in a terminal's flash, once, with the same bytes, and no other.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLineReader, lineOf } from "../../firmware/tools/link/lines.js";
import type { Peer } from "../../firmware/tools/link/source.js";
import type { FlashGeometry } from "../chips/nor-flash.js";
import { randomFrom } from "../chips/random.js";
import { VirtualClock } from "../world/clock.js";
import { CounterTerminal } from "./counter-terminal.js";
import { type Dice, Direction, diceFrom, type FaultCounts, noFaults } from "./faults.js";
import { Hall } from "./hall.js";
import { LedgerTerminal } from "./ledger-terminal.js";
import type { ChaosTerminal } from "./terminal.js";

/** Small rings of flash like those of boards: one page, a few pages, and one with an alignment of 8 bytes. */
const RINGS: readonly FlashGeometry[] = [
  { pageCount: 3, pageBytes: 1024, alignBytes: 4 },
  { pageCount: 1, pageBytes: 4096, alignBytes: 4 },
  { pageCount: 8, pageBytes: 512, alignBytes: 8 },
];
/** Time between two looks at a terminal, in ms. */
const TICK_MS = 150;
/** Number of records that wait for an acknowledgement before a terminal stops writing. */
const MOST_WAITING = 8;
/** Time until a TCP link is opened again, in ms. */
const RECONNECT_MS = 3000;
/** Longest time for everything to arrive at the end, without faults, in ms. */
const HEAL_MS = 600_000;

export interface ChaosOptions {
  readonly seed: number;
  /** Number of lines in both directions together before the faults end. */
  readonly messages: number;
  /** Number of terminals that consist of ledger and uplink. */
  readonly ledgers: number;
  /** Number of whole terminals, with people. */
  readonly counters: number;
}

export interface ChaosResult {
  readonly seed: number;
  readonly faults: FaultCounts;
  /** Number of lines from terminals, and to them. */
  readonly messages: { readonly up: number; readonly down: number };
  /** Number of records that were committed in flash, and of those from whole terminals. */
  readonly written: number;
  readonly writtenByCounters: number;
  readonly stored: number;
  /** Number of records that came again and changed nothing. */
  readonly repeated: number;
  readonly commits: number;
  readonly lost: number;
  readonly doubled: number;
  /** Number of records in the database that no terminal has written. */
  readonly altered: number;
  /** Other faults, as sentences. */
  readonly problems: readonly string[];
  readonly alarms: ReadonlyMap<string, number>;
  readonly virtualSeconds: number;
  readonly seconds: number;
}

/** A terminal and its link to the hall. */
class Line {
  readonly terminal: ChaosTerminal;
  readonly up: Direction;
  readonly down: Direction;
  private peer: Peer | undefined;
  private read: (chunk: Uint8Array) => void = () => undefined;

  constructor(
    private readonly chaos: Chaos,
    private readonly number: number,
    /** Breaks the link. Both ends of a network connection may be told of it, or not; those of a cable are not told. */
    private readonly isNetwork: boolean,
    makeTerminal: (send: (line: string) => void) => ChaosTerminal,
  ) {
    const { clock, dice, faults } = chaos;
    this.terminal = makeTerminal((line) => this.up.send(line));
    this.up = new Direction({ clock, dice, faults, deliver: (bytes) => this.read(Buffer.from(bytes, "latin1")) });
    this.down = new Direction({ clock, dice, faults, deliver: (bytes) => this.terminal.hear(bytes) });
  }

  powerOn(): void {
    if (!this.terminal.isOn) this.terminal.start();
    if (!this.terminal.isOn) this.later(this.chaos.dice.between(500, 3000), () => this.powerOn());
    else if (this.isNetwork) this.later(10, () => this.connect());
    else {
      this.plug();
      this.later(10, () => this.terminal.setLink(true));
    }
  }

  powerOff(): void {
    this.terminal.stop();
    this.afterPowerOff();
  }

  afterPowerOff(): void {
    if (this.isNetwork) this.disconnect();
    this.later(this.chaos.dice.between(500, 5000), () => this.powerOn());
  }

  /** Opens a new connection at both ends. */
  plug(): void {
    const name = `line ${this.number}`;
    // The receiver has been told which terminal is at the cable.
    const peer: Peer = { name, device: this.isNetwork ? undefined : this.terminal.device, send: (text) => this.down.send(lineOf(text)) };
    this.peer = peer;
    this.read = createLineReader((message, text) => this.chaos.hall.hear(peer, message, text));
  }

  connect(): void {
    if (this.peer || !this.terminal.isOn) return;
    if (!this.chaos.hall.isOn) return this.later(RECONNECT_MS, () => this.connect());
    this.plug();
    this.terminal.setLink(true);
  }

  disconnect(): void {
    this.up.cut();
    this.down.cut();
    if (this.peer) this.chaos.hall.end(this.peer);
    this.peer = undefined;
    this.read = () => undefined;
    this.terminal.setLink(false);
    this.later(RECONNECT_MS, () => this.connect());
  }

  /** The receiver is dead, and its end of the connection too. */
  loseReceiver(): void {
    if (!this.isNetwork) return;
    this.peer = undefined;
    this.read = () => undefined;
    // Some terminals notice it at once. The others go on sending, in vain.
    const isTold = this.chaos.dice.isOneOf(700) || this.up.isHealed;
    this.later(isTold ? 1 : this.chaos.dice.between(2000, 30_000), () => this.disconnect());
  }

  misbehave(): void {
    const { dice, faults } = this.chaos;
    if (!this.terminal.isOn) return;
    const chance = dice.between(0, 999);
    if (chance < 2) {
      faults["terminal restarted"]++;
      this.powerOff();
    } else if (chance < 7) this.terminal.cutSoon();
    else if (chance < 9) {
      faults.halfOpened++;
      (dice.isOneOf(500) ? this.up : this.down).halfOpen(dice.between(1000, 20_000));
    } else if (chance < 11 && this.isNetwork) {
      faults.disconnected++;
      this.disconnect();
    }
  }

  heal(): void {
    this.up.isHealed = true;
    this.down.isHealed = true;
    this.up.cut();
    this.down.cut();
    if (!this.terminal.isOn) return;
    if (this.isNetwork) this.disconnect();
  }

  private later(ms: number, run: () => void): void {
    this.chaos.clock.at(this.chaos.clock.nowMs + ms, run);
  }
}

class Chaos {
  readonly clock = new VirtualClock();
  readonly dice: Dice;
  readonly faults = noFaults();
  readonly hall: Hall;
  readonly lines: Line[] = [];
  private isHealing = false;

  constructor(
    private readonly options: ChaosOptions,
    folder: string,
  ) {
    this.dice = diceFrom(randomFrom(options.seed, 0));
    this.hall = new Hall({
      clock: this.clock,
      dice: this.dice,
      file: path.join(folder, "chaos.sqlite"),
      onKilled: () => this.afterKill(),
    });
  }

  get messages(): { up: number; down: number } {
    let [up, down] = [0, 0];
    for (const line of this.lines) {
      up += line.up.sent;
      down += line.down.sent;
    }
    return { up, down };
  }

  private makeLines(): void {
    const { clock, dice, faults } = this;
    const { ledgers, counters } = this.options;
    for (let i = 0; i < ledgers + counters; i++) {
      const isCounter = i >= ledgers;
      const device = `${isCounter ? "hall" : "c"}-${i}`;
      const onCut = (): void => {
        faults["terminal cut"]++;
        line.afterPowerOff();
      };
      const line: Line = new Line(this, i, i % 2 === 0, (send) =>
        isCounter
          ? new CounterTerminal({ device, number: i, clock, dice, send, onCut, invite: (transaction) => this.invite(device, transaction) })
          : new LedgerTerminal({
              device,
              number: i,
              clock,
              dice,
              send,
              onCut,
              geometry: RINGS[i % RINGS.length] as FlashGeometry,
              onCommand: () => undefined,
            }),
      );
      this.lines.push(line);
    }
  }

  /** The hall asks for a rating with the real command, which is repeated until its answer comes. */
  private invite(device: string, transaction: string): void {
    // If the receiver dies meanwhile, nobody waits for the answer.
    this.hall.receiver?.commandTo(device, { do: "invite", transaction }, { timeoutMs: 20_000 }).catch(() => undefined);
  }

  private afterKill(): void {
    if (!this.isHealing) this.faults["receiver killed"]++;
    for (const line of this.lines) line.loseReceiver();
    this.clock.at(this.clock.nowMs + this.dice.between(100, 1500), () => this.startHall());
  }

  private startHall(): void {
    if (!this.hall.isOn) this.hall.start();
  }

  private tick(line: Line): void {
    if (!this.isHealing) {
      line.terminal.write(MOST_WAITING);
      line.misbehave();
    }
    this.clock.at(this.clock.nowMs + TICK_MS, () => this.tick(line));
  }

  private troubleHall(): void {
    if (this.isHealing) return;
    const { dice, faults } = this;
    if (this.hall.isOn) {
      const chance = dice.between(0, 999);
      if (chance < 300) {
        faults["receiver restarted"]++;
        this.hall.stop();
        for (const line of this.lines) line.loseReceiver();
        this.clock.at(this.clock.nowMs + dice.between(100, 1500), () => this.startHall());
      } else if (chance < 450) {
        faults["disk full"]++;
        this.hall.setDiskFull(true);
        this.clock.at(this.clock.nowMs + dice.between(200, 2000), () => this.hall.setDiskFull(false));
      } else this.hall.killSoon();
    }
    this.clock.at(this.clock.nowMs + dice.between(2000, 6000), () => this.troubleHall());
  }

  private async runUntil(isOver: () => boolean): Promise<void> {
    for (let turns = 0; !isOver(); turns++) {
      this.clock.runNext();
      // Answers to commands are promises.
      if (turns % 256 === 0) await undefined;
    }
  }

  /** Whether the database has every record in the flash of the terminals. */
  private isDone(): boolean {
    return this.lines.every(({ terminal }) => {
      const newest = terminal.newest();
      return terminal.isOn && (!newest || this.hall.headOf(terminal.device, newest.log) >= newest.sequence);
    });
  }

  async run(): Promise<ChaosResult> {
    const { messages, seed } = this.options;
    const beginMs = performance.now();
    this.makeLines();
    this.hall.start();
    this.lines.forEach((line, i) => {
      this.clock.at(i % TICK_MS, () => {
        line.powerOn();
        this.tick(line);
      });
    });
    this.clock.at(3000, () => this.troubleHall());
    // The sum takes long, so it is not computed for each message.
    let turns = 0;
    await this.runUntil(() => ++turns % 1024 === 0 && this.messages.up + this.messages.down >= messages);

    this.isHealing = true;
    this.hall.setDiskFull(false);
    this.startHall();
    for (const line of this.lines) line.heal();
    const endMs = this.clock.nowMs + HEAL_MS;
    await this.runUntil(() => (++turns % 1024 === 0 && this.isDone()) || this.clock.nowMs > endMs);
    this.hall.receiver?.flush();
    return { seed, ...this.judge(), virtualSeconds: this.clock.nowMs / 1000, seconds: (performance.now() - beginMs) / 1000 };
  }

  private judge(): Omit<ChaosResult, "seed" | "seconds" | "virtualSeconds"> {
    const problems: string[] = [];
    const digestOf = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("base64");
    const rows = new Map<string, string>();
    const seen = new Set<string>();
    let [stored, doubled, lost, written, writtenByCounters, found] = [0, 0, 0, 0, 0, 0];
    for (const { device, log, sequence, bytes, proof } of this.hall.records()) {
      stored++;
      const digest = digestOf(bytes);
      if (seen.has(`${device} ${digest}`)) doubled++;
      seen.add(`${device} ${digest}`);
      rows.set(`${device}/${log}/${sequence}`, digest);
      if (proof !== "verified" && problems.length < 10) problems.push(`record ${sequence} of ${device}, log ${log}, is ${proof}`);
    }
    let altered = 0;
    for (const { terminal } of this.lines) {
      for (const { log, sequence, bytes } of terminal.takeWritten()) {
        written++;
        if (terminal instanceof CounterTerminal) writtenByCounters++;
        const row = rows.get(`${terminal.device}/${log}/${sequence}`);
        if (row === undefined) lost++;
        else found++;
        if (row !== undefined && row !== digestOf(bytes)) altered++;
        if (row === undefined && problems.length < 10) problems.push(`record ${sequence} of ${terminal.device}, log ${log}, is lost`);
      }
      if (terminal instanceof CounterTerminal) problems.push(...terminal.problems);
    }
    // Records that nobody has written.
    altered += stored - found;
    const alarms = this.hall.alarms();
    for (const kind of ["fork", "badMac", "lost", "unreadable", "impostor", "gap", "unknownDevice", "sameCounter", "duplicateBadge"])
      if (alarms.has(kind)) problems.push(`${alarms.get(kind)} alarms of ${kind}, and nothing of it has happened`);
    this.hall.stop();
    const { faults, messages, hall } = this;
    const { commits, repeated } = hall;
    return { faults, messages, written, writtenByCounters, stored, repeated, commits, lost, doubled, altered, problems, alarms };
  }
}

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "chaos-"));
  try {
    return await new Chaos(options, folder).run();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether nothing failed. */
export function isWhole({ lost, doubled, altered, problems }: ChaosResult): boolean {
  return lost === 0 && doubled === 0 && altered === 0 && problems.length === 0;
}
