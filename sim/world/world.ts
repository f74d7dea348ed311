// The world around one terminal: its flash, lamps, display and sounder as people see them, the keys and badges that they use, the host at the other
// end of the link, and virtual time. Whichever engine runs the firmware, the world is the same, and it writes the same trace.

import type { Board } from "../../firmware/boards/board.js";
import type { KeyName } from "../../hal/keys.js";
import { NorFlash, PowerCut } from "../chips/nor-flash.js";
import { signalOf } from "./badges.js";
import { VirtualClock } from "./clock.js";
import { Broker } from "./network.js";
import { createPanel } from "./panel.js";
import type { Pixels } from "./pixels.js";

export type LampName = "pause" | "answer" | "rings" | "sign";

/** One thing that could be seen, heard or measured from outside, at a time of the world. */
export type TraceLine =
  | { readonly atMs: number; readonly power: "on" | "off" }
  | { readonly atMs: number; readonly lamp: LampName; readonly isLit: boolean }
  /** `volume` of a tone in percent, where it is below 100. */
  | { readonly atMs: number; readonly toneHz: number; readonly volume?: number }
  /** A clip of a voice module begins; `volume` is 0 to 30. */
  | { readonly atMs: number; readonly clip: number; readonly volume: number }
  | { readonly atMs: number; readonly flash: "write" | "erase"; readonly offset: number; readonly data: string }
  | { readonly atMs: number; readonly sent: string }
  | { readonly atMs: number; readonly display: string };

/** What an engine wants to hear of while its firmware runs. */
export interface Inputs {
  onKey(key: KeyName, isDown: boolean): void;
  /** A badge was held to the reader: what it gets, as `signalOf` makes it, so that a garbled one can be tried. A reader that looks for cards finds them in the world. */
  onBadge(signal: string): void;
  /** A line from the host, without its line end, as it comes out of the cable. */
  onHostLine(line: string): void;
  onLink(isUp: boolean): void;
}

/** The firmware, running. */
export interface RunningFirmware {
  readonly inputs: Inputs;
  /** Takes the power away, at once. */
  stop(): void;
}

/** Something that can run the firmware of a board in a world. */
export interface Engine {
  readonly name: "node" | "bundle" | "espruino";
  /** Power on. @throws PowerCut when the power goes while it starts */
  start(world: World): RunningFirmware;
}

export interface WorldOptions {
  readonly board: Board;
  readonly engine: Engine;
  /** Files of the terminal's store. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Keeps the trace in memory; off for long runs. Default true. */
  readonly isTraced?: boolean;
}

export class World {
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly flash: NorFlash;
  readonly lamps: Record<LampName, boolean> = { pause: false, answer: false, rings: false, sign: false };
  readonly keysDown = new Set<KeyName>();
  /** At the other end of a link that speaks MQTT. */
  readonly broker = new Broker();
  readonly trace: TraceLine[] = [];
  /** Lines that the terminal sent and that arrived, in order, while the trace is kept. */
  readonly sentLines: string[] = [];
  toneHz = 0;
  /** Every change of the tone, while the trace is kept. */
  readonly tones: { atMs: number; toneHz: number }[] = [];
  isLinkUp = true;
  /** Whether the display's cable is in. */
  isDisplayConnected = true;
  /** Whether the cable of a badge reader that can be asked is in. */
  isReaderConnected = true;
  isPowered = false;
  /** When the power came on last. */
  poweredAtMs = 0;

  /** Cards in the field of a reader, by their UIDs, until when. */
  private readonly cards = new Map<string, number>();
  private readonly engine: Engine;
  private readonly isTraced: boolean;
  private firmware: RunningFirmware | undefined;
  private isDisplayTouched = false;
  private shownDisplay = "";
  private readonly listeners: ((line: TraceLine) => void)[] = [];
  /** Where the random numbers of the board come from: the same in every run. */
  private seed = 0x2545f491;
  private readonly pixels: Pixels;
  /** What a chip did not understand first. */
  private refusal: Error | undefined;
  private drawLater: ((pixels: Pixels) => void) | undefined;
  private readonly runNext = (): void => this.clock.runNext();

  constructor(options: WorldOptions) {
    this.board = options.board;
    this.pixels = createPanel(options.board.display);
    this.engine = options.engine;
    this.files = options.files;
    this.isTraced = options.isTraced ?? true;
    this.flash = new NorFlash(options.board.flash, (kind, offset, data) => {
      if (this.isHeard) this.log({ atMs: this.clock.nowMs, flash: kind, offset, data: Buffer.from(data).toString("hex") });
    });
  }

  /** Hears every line of the trace as it is written, also when the trace is not kept. */
  onTrace(listener: (line: TraceLine) => void): void {
    this.listeners.push(listener);
  }

  // --- what people and hosts do ---

  powerOn(): void {
    if (this.isPowered) return;
    this.isPowered = true;
    this.poweredAtMs = this.clock.nowMs;
    this.log({ atMs: this.clock.nowMs, power: "on" });
    this.turn(() => {
      this.firmware = this.engine.start(this);
    });
  }

  /** The firmware starts the board afresh, behind what it does now. */
  restart(): void {
    this.clock.at(this.clock.nowMs, () => {
      this.powerOff();
      this.powerOn();
    });
  }

  powerOff(): void {
    if (!this.isPowered) return;
    this.isPowered = false;
    this.firmware?.stop();
    this.firmware = undefined;
    this.clock.clear();
    for (const lamp of Object.keys(this.lamps) as LampName[]) this.lamps[lamp] = false;
    this.toneHz = 0;
    this.panel.clear();
    this.shownDisplay = "";
    this.isDisplayTouched = false;
    this.log({ atMs: this.clock.nowMs, power: "off" });
  }

  setKey(key: KeyName, isDown: boolean): void {
    if (this.keysDown.has(key) === isDown) return;
    if (isDown) this.keysDown.add(key);
    else this.keysDown.delete(key);
    this.turn(() => this.firmware?.inputs.onKey(key, isDown));
  }

  /** Holds a badge to the reader. @param badge as `BadgeListener.onBadge` tells it, or a signal, right or wrong @param holdMs how long a card stays in the field */
  presentBadge(badge: string, holdMs = 150): void {
    const reader = this.board.badgeReader.driver;
    const signal = badge.includes(":") ? signalOf(reader, badge) : badge;
    if (reader === "mfrc522") this.cards.set(signal, this.clock.nowMs + holdMs);
    else this.turn(() => this.firmware?.inputs.onBadge(signal));
  }

  /** UIDs of the cards that are in the field now, in hexadecimal digits. */
  cardsInField(): string[] {
    return [...this.cards].filter(([, untilMs]) => this.clock.nowMs < untilMs).map(([uid]) => uid);
  }

  /** The host sends a line. A cable that is cut swallows it. */
  sendFromHost(line: string): void {
    if (this.isLinkUp) this.turn(() => this.firmware?.inputs.onHostLine(line));
  }

  setLink(isUp: boolean): void {
    if (this.isLinkUp === isUp) return;
    this.isLinkUp = isUp;
    this.turn(() => this.firmware?.inputs.onLink(isUp));
  }

  /** Lets time pass, and all that is due in it happen. */
  advanceTo(atMs: number): void {
    while (this.clock.nextMs <= atMs) this.turn(this.runNext);
    this.clock.skipTo(atMs);
  }

  // --- what the firmware does, called by engines ---

  setLamp(lamp: LampName, isLit: boolean): void {
    if (this.lamps[lamp] === isLit) return;
    this.lamps[lamp] = isLit;
    if (this.isHeard) this.log({ atMs: this.clock.nowMs, lamp, isLit });
  }

  setTone(toneHz: number, volume = 100): void {
    if (this.toneHz === toneHz) return;
    this.toneHz = toneHz;
    if (this.isTraced) this.tones.push({ atMs: this.clock.nowMs, toneHz });
    if (this.isHeard) this.log({ atMs: this.clock.nowMs, toneHz, ...(volume < 100 && toneHz ? { volume } : {}) });
  }

  playClip(clip: number, volume: number): void {
    this.log({ atMs: this.clock.nowMs, clip, volume });
  }

  /** What the display's panel shows now. */
  get panel(): Pixels {
    const draw = this.drawLater;
    this.drawLater = undefined;
    draw?.(this.pixels);
    return this.pixels;
  }

  /** The panel shows another picture, which is drawn when somebody looks: a simulated day has thousands that nobody sees. */
  showPicture(draw: (pixels: Pixels) => void): void {
    this.drawLater = draw;
    this.touchDisplay();
  }

  /** A chip was told what it does not understand: the step in which it happens fails, even where the firmware takes it for a chip that is away. */
  refuse(refusal: Error): void {
    this.refusal ??= refusal;
  }

  /** The panel changed; it goes into the trace at the end of the turn, when it has settled. */
  touchDisplay(): void {
    this.isDisplayTouched = true;
  }

  /** The terminal sent a line. A cable that is cut swallows it. */
  receiveLine(line: string): void {
    if (!this.isLinkUp) return;
    if (this.isTraced) this.sentLines.push(line);
    if (this.isHeard) this.log({ atMs: this.clock.nowMs, sent: line });
  }

  random32(): number {
    // xorshift32 (Marsaglia 2003): only to be the same everywhere.
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return this.seed >>> 0;
  }

  /** One thing happens, whole. The power may go in it. */
  private turn(happen: () => void): void {
    try {
      happen();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.flash.cutAt(undefined);
      this.powerOff();
      return;
    }
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal) throw refusal;
    if (!this.isDisplayTouched) return;
    this.isDisplayTouched = false;
    if (!this.isHeard) return;
    const display = Buffer.from(this.panel.bytes).toString("hex");
    if (display === this.shownDisplay) return;
    this.shownDisplay = display;
    this.log({ atMs: this.clock.nowMs, display });
  }

  /** Whether anybody wants lines of the trace: in a simulated day thousands need not be made. */
  private get isHeard(): boolean {
    return this.isTraced || this.listeners.length > 0;
  }

  private log(line: TraceLine): void {
    if (this.isTraced) this.trace.push(line);
    for (const listener of this.listeners) listener(line);
  }
}
