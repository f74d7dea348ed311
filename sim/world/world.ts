// The world around one terminal: its flash, lamps, display and sounder as people see them, the keys and badges that they use, the host at the other
// end of the link, and virtual time. The world, and the trace that it writes, are the same for every engine that runs the firmware.

import type { Board } from "../../firmware/boards/board.js";
import type { KeyName } from "../../hal/keys.js";
import type { ClockChip } from "../chips/clock-chip.js";
import { Ds3231 } from "../chips/ds3231.js";
import { type ChipLoss, DEAF_MS, type LosingPart, type Loss } from "../chips/loss.js";
import { NorFlash, PowerCut } from "../chips/nor-flash.js";
import { Pcf8563 } from "../chips/pcf8563.js";
import type { SpiChip } from "../chips/spi.js";
import { SpiMemory } from "../chips/spi-memory.js";
import { signalOf } from "./badges.js";
import { VirtualClock } from "./clock.js";
import type { Costs, Work } from "./costs.js";
import { Broker } from "./network.js";
import { createPanel } from "./panel.js";
import type { Pixels } from "./pixels.js";

export type LampName = "pause" | "answer" | "rings" | "sign";

/** One event that can be seen, heard or measured from outside the terminal, with its time. */
export type TraceLine =
  | { readonly atMs: number; readonly power: "on" | "off" }
  | { readonly atMs: number; readonly lamp: LampName; readonly isLit: boolean }
  /** A tone begins, or ends with 0 Hz. `volume` in percent, where it is below 100. */
  | { readonly atMs: number; readonly toneHz: number; readonly volume?: number }
  /** A clip of a voice module begins. `volume` is 0 to 30. */
  | { readonly atMs: number; readonly clip: number; readonly volume: number }
  | { readonly atMs: number; readonly flash: "write" | "erase"; readonly offset: number; readonly data: string }
  | { readonly atMs: number; readonly sent: string }
  | { readonly atMs: number; readonly display: string };

/** The events that an engine passes on to its firmware. */
export interface Inputs {
  onKey(key: KeyName, isDown: boolean): void;
  /** The reader receives the signal of a badge, as `signalOf` makes it, or a garbled one. Readers that search for cards ask the world for them instead. */
  onBadge(signal: string): void;
  /** A line from the host, without its line end. */
  onHostLine(line: string): void;
  onLink(isUp: boolean): void;
  /** A chip loses its registers or its supply. */
  onLoss(part: LosingPart, loss: ChipLoss): void;
}

/** The firmware while it runs. */
export interface RunningFirmware {
  readonly inputs: Inputs;
  /** Switches the power off, at once. */
  stop(): void;
}

/** Runs the firmware of a board in a world. */
export interface Engine {
  readonly name: "node" | "bundle" | "espruino";
  /** Switches the power on. @throws PowerCut when the power goes during the start */
  start(world: World): RunningFirmware;
}

export interface WorldOptions {
  readonly board: Board;
  readonly engine: Engine;
  /** Files of the terminal's store. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Makes another chip in the place of the board's memory on SPI. Default: the one that the board file names. */
  readonly createMemory?: (region: NorFlash) => SpiChip;
  /** Whether the trace is kept in memory. Long runs do without it. Default true. */
  readonly isTraced?: boolean;
  /**
   * Whether the board has a watchdog, for which the firmware wakes up every 10 s. Without one it sleeps until something is due, which makes a simulated day several times
   * as fast. For the engine `node` alone. Default true.
   */
  readonly hasWatchdog?: boolean;
  /** What the firmware's work costs in time. Default: nothing. */
  readonly costs?: Costs | undefined;
}

/** A handler of the firmware that waits until the ones before it are done. */
interface Handler {
  readonly run: () => void;
  readonly timer: Timer | undefined;
}

/** A handler of the firmware that waits for its time. */
export interface Timer {
  readonly task: object;
  isCancelled: boolean;
}

const CLOCK_CHIPS: Readonly<Record<"ds3231" | "pcf8563", new (nowMs: () => number) => ClockChip>> = { ds3231: Ds3231, pcf8563: Pcf8563 };

export class World {
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly flash: NorFlash;
  readonly lamps: Record<LampName, boolean> = { pause: false, answer: false, rings: false, sign: false };
  readonly keysDown = new Set<KeyName>();
  /** The broker at the other end of a link that speaks MQTT. */
  readonly broker = new Broker();
  readonly trace: TraceLine[] = [];
  /** The lines of the terminal that arrived, in order. They are kept with the trace. */
  readonly sentLines: string[] = [];
  toneHz = 0;
  /** Every change of the tone. They are kept with the trace. */
  readonly tones: { atMs: number; toneHz: number }[] = [];
  readonly hasWatchdog: boolean;
  isLinkUp = true;
  /** Whether the cable of the display is plugged in. */
  isDisplayConnected = true;
  /** Whether the cable of the badge reader is plugged in. It matters for readers on a bus only. */
  isReaderConnected = true;
  /** Whether the cable of a memory on SPI is plugged in. */
  isMemoryConnected = true;
  /** Whether the cable of the clock chip is plugged in. */
  isClockConnected = true;
  /** The clock chip, on a board that has one: it goes on without the terminal's power. */
  readonly clockChip: ClockChip | undefined;
  /** Until when each chip hears nothing of its bus. */
  private readonly deafUntilMs: Record<LosingPart, number> = { display: 0, reader: 0, clock: 0 };
  isPowered = false;
  /** Time of the newest power-on. */
  poweredAtMs = 0;

  /** Cards in the field of a reader: UID, and the time at which the card is taken away. */
  private readonly cards = new Map<string, number>();
  private readonly engine: Engine;
  private readonly isTraced: boolean;
  private firmware: RunningFirmware | undefined;
  private isDisplayTouched = false;
  /** The picture in the newest line of the trace. */
  private shown: Buffer | undefined;
  private readonly listeners: ((line: TraceLine) => void)[] = [];
  /** State of the board's random numbers, which are the same in every run. */
  private seed = 0x2545f491;
  private readonly pixels: Pixels;
  /** The first refusal of a chip in this turn. */
  private refusal: Error | undefined;
  private drawLater: ((pixels: Pixels) => void) | undefined;
  /** What has drawn the picture that is there. */
  private drawn: ((pixels: Pixels) => void) | undefined;
  private readonly runNext = (): void => this.clock.runNext();
  private readonly costs: Costs | undefined;
  /** What the handler that runs has cost so far, in ms. */
  private spentMs = 0;
  private isHandling = false;
  private isDrawn = false;
  /** Until when the firmware works on what has happened. */
  private busyUntilMs = 0;
  /** Handlers whose turn has not come, in order. */
  private readonly interrupts: Handler[] = [];
  private readonly timers: Handler[] = [];

  constructor(private readonly options: WorldOptions) {
    this.board = options.board;
    this.pixels = createPanel(options.board.display);
    this.engine = options.engine;
    this.files = options.files;
    this.isTraced = options.isTraced ?? true;
    this.hasWatchdog = options.hasWatchdog ?? true;
    this.costs = options.costs;
    const chip = options.board.clock?.driver;
    this.clockChip = chip && new CLOCK_CHIPS[chip](() => this.clock.nowMs);
    this.flash = new NorFlash(options.board.flash, (kind, offset, data) => {
      this.spend(kind);
      if (this.isHeard) this.log({ atMs: this.nowMs, flash: kind, offset, data: Buffer.from(data).toString("hex") });
    });
  }

  /** Calls a listener with every line of the trace when it is written, also when the trace is not kept. */
  onTrace(listener: (line: TraceLine) => void): void {
    this.listeners.push(listener);
  }

  /** The time that the firmware sees, in ms since the world began: later than the clock by what its handler has cost so far. */
  get nowMs(): number {
    return this.clock.nowMs + this.spentMs;
  }

  /** Whether the firmware still works on what has happened. */
  get isBusy(): boolean {
    return this.busyUntilMs > this.clock.nowMs || this.interrupts.length > 0 || this.timers.length > 0;
  }

  /** Lets time pass until the firmware has done everything that it has begun, and what has happened meanwhile. */
  finishWork(): void {
    while (this.isPowered && this.isBusy) this.advanceTo(this.busyUntilMs);
  }

  // --- what people and hosts do ---

  powerOn(): void {
    if (this.isPowered) return;
    this.isPowered = true;
    this.poweredAtMs = this.clock.nowMs;
    this.clockChip?.getSupply();
    this.log({ atMs: this.clock.nowMs, power: "on" });
    this.turn(() => {
      this.handle(this.interrupts, () => {
        this.firmware = this.engine.start(this);
      });
    });
  }

  /** The firmware restarts the board. It happens after the current turn. */
  restart(): void {
    this.clock.at(this.nowMs, () => {
      this.powerOff();
      this.powerOn();
    });
  }

  powerOff(): void {
    if (!this.isPowered) return;
    this.isPowered = false;
    this.clockChip?.loseSupply();
    this.firmware?.stop();
    this.firmware = undefined;
    this.clock.clear();
    this.interrupts.length = 0;
    this.timers.length = 0;
    this.spentMs = 0;
    this.busyUntilMs = 0;
    for (const lamp of Object.keys(this.lamps) as LampName[]) this.lamps[lamp] = false;
    this.toneHz = 0;
    this.panel.clear();
    this.drawn = undefined;
    this.shown = undefined;
    this.isDisplayTouched = false;
    this.log({ atMs: this.clock.nowMs, power: "off" });
  }

  setKey(key: KeyName, isDown: boolean): void {
    if (this.keysDown.has(key) === isDown) return;
    if (isDown) this.keysDown.add(key);
    else this.keysDown.delete(key);
    this.turn(() => this.firmware?.inputs.onKey(key, isDown));
  }

  /**
   * Holds a badge to the reader.
   * @param badge as `BadgeListener.onBadge` reports it, or a signal, right or wrong
   * @param holdMs how long a card stays in the field
   */
  presentBadge(badge: string, holdMs = 150): void {
    const reader = this.board.badgeReader.driver;
    const signal = badge.includes(":") ? signalOf(reader, badge) : badge;
    if (reader === "mfrc522") this.cards.set(signal, this.clock.nowMs + holdMs);
    else this.turn(() => this.firmware?.inputs.onBadge(signal));
  }

  /** The board's memory on SPI, as it is at a start. @throws Error on a board without one */
  createMemory(): SpiChip {
    const { flash } = this.board;
    if (!flash.driver) throw new Error(`${this.board.name} has no memory on SPI`);
    return this.options.createMemory?.(this.flash) ?? new SpiMemory(flash, this.flash);
  }

  /** UIDs of the cards in the field, in hexadecimal digits. */
  cardsInField(): string[] {
    return [...this.cards].filter(([, untilMs]) => this.clock.nowMs < untilMs).map(([uid]) => uid);
  }

  /** A disturbance takes something from a chip. */
  disturb(part: LosingPart, loss: Loss): void {
    if (loss === "bytes") this.deafUntilMs[part] = this.clock.nowMs + DEAF_MS;
    else if (part === "clock") this.clockChip?.lose(loss);
    else this.turn(() => this.firmware?.inputs.onLoss(part, loss));
  }

  /** Whether a chip hears what is sent to it. */
  hears(part: LosingPart): boolean {
    const isConnected = { display: this.isDisplayConnected, reader: this.isReaderConnected, clock: this.isClockConnected };
    return isConnected[part] && this.clock.nowMs >= this.deafUntilMs[part];
  }

  /**
   * A transfer to the clock chip, without the address. Bytes that a disturbance takes are acknowledged.
   * @throws Error where it does not answer @throws ChipRefusal @throws PowerCut
   */
  writeClock(bytes: readonly number[]): void {
    const chip = this.reachClock();
    if (this.hears("clock")) chip.write(bytes, () => this.flash.losePower());
  }

  /** Reads registers of the clock chip. While a disturbance takes bytes nobody drives the line. @throws as `writeClock` does */
  readClock(lengthBytes: number): Uint8Array {
    const chip = this.reachClock();
    return this.hears("clock") ? chip.read(lengthBytes) : new Uint8Array(lengthBytes).fill(255);
  }

  private reachClock(): ClockChip {
    if (this.flash.hasLostPower) throw new PowerCut();
    if (!this.clockChip || !this.isClockConnected) throw new Error("I2C: no answer");
    return this.clockChip;
  }

  /** The host sends a line. It is lost while the link is down. */
  sendFromHost(line: string): void {
    if (this.isLinkUp) this.turn(() => this.firmware?.inputs.onHostLine(line));
  }

  setLink(isUp: boolean): void {
    if (this.isLinkUp === isUp) return;
    this.isLinkUp = isUp;
    this.turn(() => this.firmware?.inputs.onLink(isUp));
  }

  /** Lets time pass, and runs every task that is due meanwhile. */
  advanceTo(atMs: number): void {
    while (this.clock.nextMs <= atMs) this.turn(this.runNext);
    this.clock.skipTo(atMs);
  }

  // --- what the firmware does, called by engines ---

  /** The firmware is interrupted: its handler runs at once, or when those before it are done. Handlers of interrupts go before those of timers. */
  interrupt(run: () => void): void {
    this.handle(this.interrupts, run);
  }

  /** Runs a handler of the firmware after a time, at the earliest when those before it are done. */
  timer(ms: number, run: () => void): Timer {
    const timer: Timer = { isCancelled: false, task: this.clock.at(this.nowMs + ms, () => this.handle(this.timers, run, timer)) };
    return timer;
  }

  cancel(timer: Timer): void {
    timer.isCancelled = true;
    this.clock.cancel(timer.task);
  }

  /** The firmware has done a part of its work. What it sends to the display in one handler is one picture. */
  spend(work: Work): void {
    if (!this.costs || !this.isHandling || (work === "display" && this.isDrawn)) return;
    this.isDrawn ||= work === "display";
    this.spentMs += this.costs.of(work);
  }

  private handle(queue: Handler[], run: () => void, timer?: Timer): void {
    const isFree = !this.isHandling && this.spentMs === 0 && this.busyUntilMs <= this.clock.nowMs;
    if (isFree && !this.interrupts[0] && !this.timers[0]) this.work(run);
    else queue.push({ run, timer });
  }

  /** Runs a handler, and counts what it costs. */
  private work(run: () => void): void {
    const { costs } = this;
    if (!costs) return run();
    this.isHandling = true;
    this.isDrawn = false;
    this.spentMs = costs.begin();
    try {
      run();
      this.spentMs += costs.end();
    } finally {
      this.isHandling = false;
    }
  }

  /** The handler of this turn is over: the next one runs when its time has passed. */
  private endHandler(): void {
    if (!this.costs || !this.isPowered) return;
    this.busyUntilMs = Math.max(this.busyUntilMs, this.nowMs);
    this.spentMs = 0;
    if (this.interrupts[0] || this.timers[0]) this.clock.at(this.busyUntilMs, () => this.handleNext());
  }

  private handleNext(): void {
    if (this.busyUntilMs > this.clock.nowMs) return;
    const next = this.interrupts.shift() ?? this.timers.shift();
    if (next && !next.timer?.isCancelled) this.work(next.run);
  }

  setLamp(lamp: LampName, isLit: boolean): void {
    if (this.lamps[lamp] === isLit) return;
    this.lamps[lamp] = isLit;
    if (this.isHeard) this.log({ atMs: this.nowMs, lamp, isLit });
  }

  setTone(toneHz: number, volume = 100): void {
    if (this.toneHz === toneHz) return;
    this.toneHz = toneHz;
    if (this.isTraced) this.tones.push({ atMs: this.nowMs, toneHz });
    if (this.isHeard) this.log({ atMs: this.nowMs, toneHz, ...(volume < 100 && toneHz ? { volume } : {}) });
  }

  playClip(clip: number, volume: number): void {
    this.log({ atMs: this.nowMs, clip, volume });
  }

  /** The picture on the display's panel. */
  get panel(): Pixels {
    const draw = this.drawLater;
    this.drawLater = undefined;
    // The refresh of a display shows the picture that is there.
    if (draw && draw !== this.drawn) draw(this.pixels);
    this.drawn = draw ?? this.drawn;
    return this.pixels;
  }

  /** The panel shows another picture. It is drawn when somebody looks: a simulated day has thousands that nobody sees. */
  showPicture(draw: (pixels: Pixels) => void): void {
    this.drawLater = draw;
    this.touchDisplay();
  }

  /** A chip does not understand its input. The current turn fails then, even when the firmware takes the chip for a missing one. */
  refuse(refusal: Error): void {
    this.refusal ??= refusal;
  }

  /** The panel has changed. The trace gets the picture that it has at the end of the turn. */
  touchDisplay(): void {
    this.isDisplayTouched = true;
  }

  /** The terminal sends a line. It is lost while the link is down. */
  receiveLine(line: string): void {
    if (!this.isLinkUp) return;
    if (this.isTraced) this.sentLines.push(line);
    if (this.isHeard) this.log({ atMs: this.nowMs, sent: line });
  }

  random32(): number {
    // xorshift32 (Marsaglia 2003). The numbers need only be the same everywhere.
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return this.seed >>> 0;
  }

  /** Runs one turn: an event and all that follows from it at once. The power may go during it. */
  private turn(happen: () => void): void {
    try {
      happen();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    // A firmware on fake globals may have caught the power cut.
    if (this.flash.hasLostPower) {
      this.flash.cutAt(undefined);
      this.powerOff();
      return;
    }
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal) throw refusal;
    this.logDisplay();
    this.endHandler();
  }

  private logDisplay(): void {
    if (!this.isDisplayTouched) return;
    this.isDisplayTouched = false;
    if (!this.isHeard) return;
    const { bytes } = this.panel;
    // Most of what is sent to a display is its refresh.
    if (this.shown?.equals(bytes)) return;
    this.shown = Buffer.from(bytes);
    this.log({ atMs: this.nowMs, display: this.shown.toString("hex") });
  }

  /** Whether anybody reads the trace. Otherwise its lines, thousands in a simulated day, are not made. */
  private get isHeard(): boolean {
    return this.isTraced || this.listeners.length > 0;
  }

  private log(line: TraceLine): void {
    if (this.isTraced) this.trace.push(line);
    for (const listener of this.listeners) listener(line);
  }
}
