// The world around one terminal: its flash, lamps, display and sounder as people see them, the keys and badges that they use, the host at the other
// end of the link, and virtual time. Whichever engine runs the firmware, the world is the same, and it writes the same trace.

import type { Board } from "../firmware/boards/board.js";
import type { KeyName } from "../hal/keys.js";
import { NorFlash, PowerCut } from "./chips/nor-flash.js";
import { VirtualClock } from "./clock.js";
import { Pixels } from "./pixels.js";

export type LampName = "pause" | "answer";

/** One thing that could be seen, heard or measured from outside, at a time of the world. */
export type TraceLine =
  | { readonly atMs: number; readonly power: "on" | "off" }
  | { readonly atMs: number; readonly lamp: LampName; readonly isLit: boolean }
  | { readonly atMs: number; readonly toneHz: number }
  | { readonly atMs: number; readonly flash: "write" | "erase"; readonly offset: number; readonly data: string }
  | { readonly atMs: number; readonly sent: string }
  | { readonly atMs: number; readonly display: string };

/** What an engine wants to hear of while its firmware runs. */
export interface Inputs {
  onKey(key: KeyName, isDown: boolean): void;
  /** A badge was held to the reader. `bits` of the frame are given, so that a garbled one can be tried. */
  onBadge(bits: string): void;
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

const DISPLAY_WIDTH = 128;
const DISPLAY_HEIGHT = 64;

export class World {
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly flash: NorFlash;
  readonly lamps: Record<LampName, boolean> = { pause: false, answer: false };
  readonly keysDown = new Set<KeyName>();
  readonly trace: TraceLine[] = [];
  /** Lines that the terminal sent and that arrived, in order, while the trace is kept. */
  readonly sentLines: string[] = [];
  toneHz = 0;
  /** Every change of the tone, while the trace is kept. */
  readonly tones: { atMs: number; toneHz: number }[] = [];
  isLinkUp = true;
  /** Set by the bundle and the interpreter: an I2C display that does not answer. */
  isDisplayConnected = true;
  isPowered = false;
  /** When the power came on last. */
  poweredAtMs = 0;

  private readonly engine: Engine;
  private readonly isTraced: boolean;
  private firmware: RunningFirmware | undefined;
  private isDisplayTouched = false;
  private shownDisplay = "";
  private readonly listeners: ((line: TraceLine) => void)[] = [];
  /** Where the random numbers of the board come from: the same in every run. */
  private seed = 0x2545f491;
  private readonly pixels = new Pixels(DISPLAY_WIDTH, DISPLAY_HEIGHT);
  private drawLater: ((pixels: Pixels) => void) | undefined;

  constructor(options: WorldOptions) {
    this.board = options.board;
    this.engine = options.engine;
    this.files = options.files;
    this.isTraced = options.isTraced ?? true;
    this.flash = new NorFlash(options.board.flash, (kind, offset, data) => {
      if (this.isTraced || this.listeners.length > 0)
        this.log({ atMs: this.clock.nowMs, flash: kind, offset, data: Buffer.from(data).toString("hex") });
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
    this.lamps.pause = false;
    this.lamps.answer = false;
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

  /** Holds a badge to the reader. @param badge as `BadgeListener.onBadge` tells it, or the bits of a frame */
  presentBadge(badge: string): void {
    const bits = /^[01]+$/.test(badge) ? badge : wiegandBits(badge);
    this.turn(() => this.firmware?.inputs.onBadge(bits));
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
    while (this.clock.nextMs <= atMs) this.turn(() => this.clock.runNext());
    this.clock.skipTo(atMs);
  }

  // --- what the firmware does, called by engines ---

  setLamp(lamp: LampName, isLit: boolean): void {
    if (this.lamps[lamp] === isLit) return;
    this.lamps[lamp] = isLit;
    this.log({ atMs: this.clock.nowMs, lamp, isLit });
  }

  setTone(toneHz: number): void {
    if (this.toneHz === toneHz) return;
    this.toneHz = toneHz;
    if (this.isTraced) this.tones.push({ atMs: this.clock.nowMs, toneHz });
    this.log({ atMs: this.clock.nowMs, toneHz });
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

  /** The panel changed; it goes into the trace at the end of the turn, when it has settled. */
  touchDisplay(): void {
    this.isDisplayTouched = true;
  }

  /** The terminal sent a line. A cable that is cut swallows it. */
  receiveLine(line: string): void {
    if (!this.isLinkUp) return;
    if (this.isTraced) this.sentLines.push(line);
    this.log({ atMs: this.clock.nowMs, sent: line });
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
    if (!this.isDisplayTouched) return;
    this.isDisplayTouched = false;
    if (!this.isTraced && this.listeners.length === 0) return;
    const display = Buffer.from(this.panel.bytes).toString("hex");
    if (display === this.shownDisplay) return;
    this.shownDisplay = display;
    this.log({ atMs: this.clock.nowMs, display });
  }

  private log(line: TraceLine): void {
    if (this.isTraced) this.trace.push(line);
    for (const listener of this.listeners) listener(line);
  }
}

/** The frame of a badge: its data bits between even parity in front and odd parity at the end. */
export function wiegandBits(badge: string): string {
  const match = /^W(26|34):([0-9A-F]+)$/.exec(badge);
  const length = Number(match?.[1]);
  const digits = match?.[2] ?? "";
  if (digits.length * 4 !== length - 2) throw new Error(`"${badge}" is no badge: W26: and 6, or W34: and 8 upper-case hexadecimal digits`);
  const data = [...digits].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  const ones = (bits: string): number => bits.split("1").length - 1;
  const half = data.length / 2;
  return (ones(data.slice(0, half)) % 2) + data + ((ones(data.slice(half)) + 1) % 2);
}
