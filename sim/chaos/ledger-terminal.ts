// A terminal without people: the firmware's ledger on a flash chip, and the firmware's uplink. It writes records as fast as they are acknowledged, loses its
// power within writes, and keeps a list of all records that were ever committed in its flash.

import type { Ledger } from "../../firmware/ledger/ledger.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { lineOf } from "../../firmware/uplink/codec.js";
import { createGuard } from "../../firmware/uplink/command-authentication.js";
import { startUplink, type Uplink } from "../../firmware/uplink/uplink.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";
import type { Hal } from "../../hal/hal.js";
import type { Link, LinkListener } from "../../hal/link.js";
import { type FlashGeometry, flashOver, NorFlash, PowerCut } from "../chips/nor-flash.js";
import type { VirtualClock } from "../world/clock.js";
import { crc32, sha256, toBase64, toBytes } from "../world/native.js";
import { openSimulatedLedger } from "../world/simulated-key.js";
import type { Dice } from "./faults.js";
import type { ChaosTerminal, Written } from "./terminal.js";

export interface LedgerTerminalOptions {
  readonly device: string;
  readonly number: number;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly geometry: FlashGeometry;
  /** Sends a line, with its line end. */
  readonly send: (line: string) => void;
  /** Is called when the power went within a write. */
  readonly onCut: () => void;
  /** Carries out a command of the host. */
  readonly onCommand: () => void;
}

export class LedgerTerminal implements ChaosTerminal {
  readonly device: string;
  private readonly chip: NorFlash;
  private readonly written = new Map<number, Buffer[]>();
  private readonly options: LedgerTerminalOptions;
  private ledger: Ledger | undefined;
  private uplink: Uplink | undefined;
  private listener: LinkListener | undefined;
  private hearBytes: (bytes: string) => void = () => undefined;
  private wake: object | undefined;
  private wakeMs = 0;
  private isUp = false;
  private payload = 0;

  constructor(options: LedgerTerminalOptions) {
    this.options = options;
    this.device = options.device;
    this.chip = new NorFlash(options.geometry, () => undefined);
  }

  get isOn(): boolean {
    return this.ledger !== undefined;
  }

  start(): void {
    const { clock, dice, device, number } = this.options;
    this.survive(() => {
      const ledger = openSimulatedLedger(flashOver(this.chip), () => dice.between(1, 0x7fffffff));
      this.ledger = ledger;
      this.capture();
      const link: Link = {
        start: (_, listener) => {
          this.listener = listener;
          this.hearBytes = createLineReader(listener.onMessage, crc32);
        },
        send: (_, text) => {
          if (!this.isUp) return "down";
          this.options.send(`${lineOf(text, crc32)}\n`);
          return "sent";
        },
      };
      const hal = {
        clock: { nowMs: () => clock.nowMs },
        crc32,
        sha256,
        toBytes,
        toBase64,
        random32: () => dice.between(1, 0x7fffffff),
        link,
      } as unknown as Hal;
      this.uplink = startUplink({
        hal,
        config: { device, host: "", wifi: [] },
        lostMs: 60_000,
        ledger,
        identity: { device, counter: `${number}`, firmware: "chaos", config: 1 },
        guard: createGuard(hal, ledger, true, (type, fields, atMs) => {
          const isDone = ledger.append(type, atMs, 0, JSON.stringify(fields).slice(1, -1)) === "ok";
          this.capture();
          return isDone;
        }),
        onCommand: () => {
          this.options.onCommand();
          return "ok";
        },
        onAcknowledged: () => undefined,
        onLost: () => undefined,
        onHeard: () => this.settle(),
      });
    });
  }

  /** Switches the power off. */
  stop(): void {
    if (this.wake) this.options.clock.cancel(this.wake);
    this.wake = undefined;
    this.ledger = undefined;
    this.uplink = undefined;
    this.listener = undefined;
    this.isUp = false;
  }

  setLink(isUp: boolean): void {
    if (!this.isOn || isUp === this.isUp) return;
    this.isUp = isUp;
    this.survive(() => {
      this.listener?.onState(isUp, "");
      this.settle();
    });
  }

  hear(bytes: string): void {
    if (this.isOn && this.isUp) this.survive(() => this.hearBytes(bytes));
  }

  /** Plans a power cut within one of the next writes. */
  cutSoon(): void {
    this.chip.cutAt({ operations: this.options.dice.between(0, 8), bytes: this.options.dice.between(0, 64) });
  }

  /** Writes records until so many wait for an acknowledgement. */
  write(most: number): void {
    this.survive(() => {
      const { ledger } = this;
      if (!ledger) return;
      ledger.tidy(true);
      while (ledger.last() - ledger.acknowledged() < most) {
        const status = this.append(ledger);
        // Without room for the record, the one that was begun before may have been completed nevertheless.
        this.capture();
        if (status !== "ok") break;
      }
      this.settle();
    });
  }

  private append(ledger: Ledger): string {
    const { clock, dice } = this.options;
    const name = `${this.device}-${++this.payload}`;
    if (dice.isOneOf(50)) return ledger.append(RecordType.FaultBegan, clock.nowMs, 0, `"display","${name} ${"x".repeat(dice.between(0, 150))}"`);
    if (dice.isOneOf(300)) ledger.begin(RecordType.Session, clock.nowMs, 0, `"1024","${name}",`);
    // Now and then another record comes before the end of the begun one.
    if (dice.isOneOf(20)) return ledger.append(RecordType.PauseBegan, clock.nowMs, 0, `"1024","brief","${name}"`);
    return ledger.append(RecordType.Session, clock.nowMs, 0, `"1024","${name}",0,${dice.between(1, 5)},${dice.between(300, 30_000)}`);
  }

  newest(): Pick<Written, "log" | "sequence"> | undefined {
    const { ledger } = this;
    return ledger && ledger.last() > 0 ? { log: ledger.logId(), sequence: ledger.last() } : undefined;
  }

  takeWritten(): readonly Written[] {
    return [...this.written].flatMap(([log, records]) => records.map((bytes, i) => ({ log, sequence: i + 1, bytes })));
  }

  /** Adds new committed records to the list, from its flash alone. */
  private capture(): void {
    const { ledger } = this;
    if (!ledger || ledger.last() === 0) return;
    const log = ledger.logId();
    const known = this.written.get(log) ?? [];
    this.written.set(log, known);
    for (let sequence = known.length + 1; sequence <= ledger.last(); sequence++) {
      const record = ledger.read(sequence);
      if (!record) throw new Error(`${this.device}: record ${sequence} cannot be read right after it was written`);
      known.push(Buffer.from(record.bytes));
    }
  }

  private settle(): void {
    const { clock } = this.options;
    if (!this.uplink) return;
    this.uplink.pump(clock.nowMs);
    const deadlineMs = this.uplink.deadlineMs();
    if (this.wake && deadlineMs === this.wakeMs) return;
    if (this.wake) clock.cancel(this.wake);
    this.wakeMs = deadlineMs;
    this.wake = Number.isFinite(deadlineMs) ? clock.at(deadlineMs, () => this.onWake()) : undefined;
  }

  private onWake(): void {
    this.wake = undefined;
    this.survive(() => this.settle());
  }

  private survive(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.chip.cutAt(undefined);
      this.stop();
      this.options.onCut();
    }
  }
}
