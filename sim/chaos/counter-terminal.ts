// A whole terminal in the chaos: the firmware in a simulated world, with a clerk, citizens, and a host that asks them. Its records are read from its flash by
// a reader that shares no code with the firmware.

import { board as linux } from "../../firmware/boards/linux.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { findRecords, readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { parseSite, type Site } from "../../firmware/tools/provision/site.js";
import type { KeyName } from "../../hal/keys.js";
import { nodeEngine } from "../engines/node.js";
import { contentsOf } from "../scenario/files.js";
import type { VirtualClock } from "../world/clock.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import { World } from "../world/world.js";
import type { Dice } from "./faults.js";
import type { ChaosTerminal, Written } from "./terminal.js";

/** Step of the world's time, in ms. */
const STEP_MS = 50;
const GRADE_KEYS: readonly KeyName[] = ["key1", "key2", "key3", "key4", "key5"];

function badgeOf(number: number): string {
  return `W26:${(0x100000 + number).toString(16).toUpperCase()}`;
}

/** A clerk for each counter, because one badge at two counters is a fault. */
function siteOf(number: number): Site {
  const clerk = `{ badge: "${badgeOf(number)}", number: "${1000 + number}", name: 王小明, post: 综合受理, role: clerk }`;
  return parseSite(`counters: [{}]\npeople: [${clerk}]\n`, "chaos");
}

export interface CounterTerminalOptions {
  readonly device: string;
  readonly number: number;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly send: (line: string) => void;
  readonly onCut: () => void;
  /** The host asks for a rating. */
  readonly invite: (transaction: string) => void;
}

export class CounterTerminal implements ChaosTerminal {
  readonly device: string;
  readonly problems: string[] = [];
  private readonly world: World;
  private readonly options: CounterTerminalOptions;
  private isStarted = false;
  private isStepping = false;
  private busyUntilMs = 0;
  private matter = 0;
  private isOver = false;

  constructor(options: CounterTerminalOptions) {
    this.options = options;
    this.device = options.device;
    const { device, number } = options;
    const isNetwork = number % 2 === 0;
    const base = isNetwork ? linux : pico;
    // The flash has room for all records of a life, so that all can be compared at the end.
    const board = { ...base, flash: { ...base.flash, pageBytes: 131_072, pageCount: 2 } };
    const config = { version: 1, device, counter: `${number % 1000}`, ...(isNetwork ? { host: "10.0.0.5:4000" } : {}) };
    this.world = new World({ board, engine: nodeEngine, files: contentsOf(config, siteOf(number)), isTraced: false });
    this.world.isLinkUp = !isNetwork;
    this.world.onTrace((line) => {
      if ("sent" in line) options.send(`${line.sent}\n`);
      else if ("power" in line && line.power === "off" && this.isStepping) this.isOver = true;
    });
  }

  get isOn(): boolean {
    return this.world.isPowered;
  }

  start(): void {
    this.act(() => this.world.powerOn());
    if (this.isStarted) return;
    this.isStarted = true;
    this.run();
  }

  stop(): void {
    this.world.flash.cutAt(undefined);
    this.world.powerOff();
  }

  cutSoon(): void {
    this.world.flash.cutAt({ operations: this.options.dice.between(0, 4), bytes: this.options.dice.between(0, 64) });
  }

  setLink(isUp: boolean): void {
    // A terminal on a cable takes the link for up at its start.
    if (this.options.number % 2 === 0) this.act(() => this.world.setLink(isUp));
  }

  hear(bytes: string): void {
    if (this.isOn) for (const line of bytes.split("\n")) if (line) this.act(() => this.world.sendFromHost(line));
  }

  write(): void {
    const { clock, dice } = this.options;
    if (!this.isOn || clock.nowMs < this.busyUntilMs) return;
    // The steps of people: sign in, be asked, press, pause.
    const chance = dice.between(0, 99);
    if (chance < 10) this.act(() => this.world.presentBadge(badgeOf(this.options.number)));
    else if (chance < 20) this.tap("pause");
    else if (chance < 55) this.options.invite(`${this.device}-${++this.matter}`);
    else this.tap(GRADE_KEYS[dice.between(0, 4)] as KeyName);
    this.busyUntilMs = clock.nowMs + dice.between(500, 4000);
  }

  newest(): Pick<Written, "log" | "sequence"> | undefined {
    const { logId, records } = readFlashImage(this.world.flash.bytes, this.world.board.flash);
    const sequence = records.at(-1)?.sequence;
    return logId === undefined || sequence === undefined ? undefined : { log: logId, sequence };
  }

  takeWritten(): readonly Written[] {
    const { flash } = this.world.board;
    const image = readFlashImage(this.world.flash.bytes, flash, { key: SIMULATED_KEY });
    for (const { words } of image.problems) this.problems.push(`${this.device}: ${words}`);
    const outcomes = new Map<string, number>();
    for (const record of image.records)
      if (record.type === "session" && record.outcome === "rated") outcomes.set(record.transaction, (outcomes.get(record.transaction) ?? 0) + 1);
    for (const [transaction, count] of outcomes)
      if (transaction !== "" && count > 1) this.problems.push(`${this.device}: ${transaction} was rated ${count} times`);
    return findRecords(this.world.flash.bytes, flash).records.map(({ sequence, offset, lengthBytes }) => ({
      log: image.logId as number,
      sequence,
      bytes: Buffer.from(this.world.flash.bytes.subarray(offset, offset + lengthBytes)),
    }));
  }

  private tap(key: KeyName): void {
    const { clock } = this.options;
    this.act(() => this.world.setKey(key, true));
    clock.at(clock.nowMs + 150, () => this.act(() => this.world.setKey(key, false)));
  }

  private run(): void {
    const { clock } = this.options;
    this.act(() => undefined);
    clock.at(clock.nowMs + STEP_MS, () => this.run());
  }

  /** Does something at the world's present time. The power may go in it. */
  private act(run: () => void): void {
    this.isStepping = true;
    this.world.advanceTo(this.options.clock.nowMs);
    run();
    this.isStepping = false;
    if (!this.isOver) return;
    this.isOver = false;
    this.world.flash.cutAt(undefined);
    this.options.onCut();
  }
}
