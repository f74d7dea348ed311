// The hardware abstraction layer over a simulated world, for the `node` engine.

import type { BadgeListener } from "../../hal/badge.js";
import type { ClockChip } from "../../hal/clock-chip.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import { type ClockRegisters, createBcdClock } from "../../hal/espruino/bcd-clock.js";
import { REGISTERS as DS3231 } from "../../hal/espruino/clock-chip/ds3231.js";
import { REGISTERS as PCF8563 } from "../../hal/espruino/clock-chip/pcf8563.js";
import { notesOf } from "../../hal/espruino/sound/buzzer.js";
import { CLIPS, FRAME_MS, volumeStep } from "../../hal/espruino/sound/mp3.js";
import type { Flash, FlashStatus } from "../../hal/flash.js";
import type { Hal } from "../../hal/hal.js";
import type { KeyEdgeListener } from "../../hal/keys.js";
import { BLINK_LIT_MS, FAULT_BLINK_MS, Lamp, type Lamps, LINK_BLINK_MS } from "../../hal/lamps.js";
import type { Sound } from "../../hal/sound.js";
import { WATCHDOG_KICK_MS } from "../../hal/watchdog.js";
import { MP3_READY_MS } from "../chips/mp3-module.js";
import { flashOver } from "../chips/nor-flash.js";
import { crc32, fromBase64, sha256, toBase64, toBytes } from "../world/native.js";
import { SegmentPanel, segmentsOf } from "../world/segments.js";
import type { Inputs, Timer, World } from "../world/world.js";
import { createReader } from "./badge-readers.js";
import { createDisplayCable, type DisplayCable } from "./display-cable.js";
import { createSimulatedLink } from "./link.js";
import { createMatrix } from "./matrix-keys.js";

/** Bytes of a page of NOR flash on SPI, which it writes at once. */
const PROGRAM_BYTES = 256;

/** Makes the layer. It serves until the power goes. */
export function createSimulatedHal(world: World): { hal: Hal<PixelDisplay | SegmentDisplay>; inputs: Inputs; stop(): void } {
  const clock = world.clock;
  const startMs = clock.nowMs;
  const nowMs = (): number => {
    const ms = world.nowMs - startMs;
    world.spend("code");
    return ms;
  };
  let isRunning = true;

  /** Runs a task later, unless the power goes before. */
  const after = (ms: number, run: () => void): Timer => world.timer(ms, () => isRunning && run());

  let wake: Timer | undefined;
  let onWake: (() => void) | undefined;
  function wakeUp(): void {
    wake = undefined;
    if (isRunning) onWake?.();
  }
  let onEdge: KeyEdgeListener | undefined;
  let badges: BadgeListener | undefined;
  function startOnce<T>(held: T | undefined, what: string): void {
    if (held !== undefined) throw new Error(`${what} started already`);
  }

  const { keys, sound } = world.board;
  const parts = { world, nowMs, after };
  const reader = createReader(parts);
  const matrix = keys.driver === "matrix" ? createMatrix(keys, parts) : undefined;

  function createBuzzer(): Sound {
    let timer: Timer | undefined;
    /** Plays a pattern from its note `i` on. */
    function playFrom(pattern: readonly number[], i: number, volumePercent: number): void {
      const durationMs = pattern[i + 1];
      world.setTone(pattern[i] ?? 0, volumePercent);
      timer = durationMs ? after(durationMs, () => playFrom(pattern, i + 2, volumePercent)) : undefined;
    }
    return {
      play(cue, volumePercent) {
        const pattern = notesOf(cue);
        if (timer) world.cancel(timer);
        playFrom(pattern, 0, volumePercent);
      },
    };
  }

  const { link, onHostLine, onLink } = createSimulatedLink(world, () => isRunning);
  function createVoice(): Sound {
    let timer: Timer | undefined;
    return {
      play(cue, volumePercent) {
        if (timer) world.cancel(timer);
        // While the module starts it does not hear of the volume, and keeps its own.
        const volume = nowMs() < MP3_READY_MS ? 30 : volumeStep(volumePercent);
        timer = after(FRAME_MS, () => nowMs() >= MP3_READY_MS && world.playClip(CLIPS.indexOf(cue) + 1, volume));
      },
    };
  }

  const cable = createDisplayCable(world, after);
  const hal: Hal<PixelDisplay | SegmentDisplay> = {
    clock: {
      nowMs,
      wakeAt(atMs, callback) {
        if (wake) world.cancel(wake);
        onWake = callback;
        wake = world.timer(Math.max(0, startMs + atMs - world.nowMs), wakeUp);
      },
    },
    clockChip: createClockChip(world),
    keys: {
      start(listener) {
        startOnce(onEdge, "keys are");
        onEdge = listener;
        return matrix ? matrix.start(listener) : [...world.keysDown];
      },
    },
    badgeReader: {
      start(listener) {
        startOnce(badges, "the badge reader is");
        badges = listener;
        reader.start(listener);
      },
    },
    display: world.panel instanceof SegmentPanel ? createSegmentDisplay(world, cable, world.panel.digits) : createDisplay(world, cable),
    lamps: createLamps(world, after),
    sound: sound.driver === "mp3" ? createVoice() : createBuzzer(),
    flash: world.board.flash.driver ? createMemory(world) : flashOver(world.flash),
    store: { read: (name) => world.files[name]?.toString("latin1") },
    link,
    watchdog: {
      kickMs: world.hasWatchdog ? (world.board.watchdog?.kickMs ?? WATCHDOG_KICK_MS) : Infinity,
      start: () => undefined,
      kick: () => undefined,
    },
    restart: () => world.restart(),
    // A simulated board has no console.
    unlock: () => undefined,
    crc32,
    sha256,
    toBytes,
    toBase64,
    fromBase64,
    random32: () => world.random32(),
    // Node has no such limit. The board looks as if no variable were in use.
    vitals: () => ({ free: world.board.variables, flags: [] }),
  };

  const inputs: Inputs = {
    onKey(key, isDown) {
      const atMs = clock.nowMs - startMs;
      world.interrupt(() => (matrix ? matrix.onContact() : onEdge?.(key, isDown, atMs)));
    },
    onBadge: (signal) => reader.present(signal),
    onHostLine: (line) => world.interrupt(() => isRunning && onHostLine(line)),
    onLink,
    // The driver of a badge reader finds a loss with its next look, and sets the chip up in the same moment.
    onLoss: (part) => part === "display" && cable.lose(),
  };

  return {
    hal,
    inputs,
    stop() {
      isRunning = false;
    },
  };
}

/** Flash in a memory on SPI. It is not used where it was missing at the start; NOR flash neither, once it has not ended a write or an erase. */
function createMemory(world: World): Flash {
  const isNor = world.board.flash.driver === "spi-nor";
  const flash = flashOver(world.flash, isNor ? PROGRAM_BYTES : undefined);
  let isUsable = world.isMemoryConnected;
  const attempt = (work: () => FlashStatus): FlashStatus => {
    if (isNor) isUsable &&= world.isMemoryConnected;
    return isUsable && world.isMemoryConnected ? work() : "failed";
  };
  return {
    ...flash,
    read: (offset, lengthBytes) => (world.isMemoryConnected ? flash.read(offset, lengthBytes) : new Uint8Array(lengthBytes).fill(255)),
    write: (offset, data) => attempt(() => flash.write(offset, data)),
    erase: (page) => attempt(() => flash.erase(page)),
  };
}

const CLOCK_REGISTERS: Readonly<Record<"ds3231" | "pcf8563", ClockRegisters>> = { ds3231: DS3231, pcf8563: PCF8563 };

/** The board's own driver, on the world's chip: what is left behind by a power cut between two bytes is its matter. */
function createClockChip(world: World): ClockChip | undefined {
  const { clock } = world.board;
  if (!clock) return undefined;
  const bus = {
    setup: () => undefined,
    writeTo: (_address: number, register: number, data: number | readonly number[] = []) => world.writeClock([register].concat(data)),
    readFrom: (_address: number, lengthBytes: number) => world.readClock(lengthBytes),
  };
  return createBcdClock({ ...clock, bus: bus as unknown as string }, CLOCK_REGISTERS[clock.driver]);
}

function createLamps(world: World, after: (ms: number, run: () => void) => void): Lamps {
  const { ringLamps, signLamp } = world.board;
  let cause = 0;
  let changes = 0;
  const turnSign = (isLit: boolean, periodMs: number): void => {
    world.setLamp("sign", isLit);
    const change = changes;
    if (periodMs) after(isLit ? BLINK_LIT_MS : periodMs - BLINK_LIT_MS, () => change === changes && turnSign(!isLit, periodMs));
  };
  return {
    show(lit) {
      const isPaused = (lit & Lamp.Pause) > 0;
      world.setLamp("answer", (lit & Lamp.Answer) > 0);
      world.setLamp("pause", isPaused);
      if (ringLamps) world.setLamp("rings", (lit & Lamp.Rings) > 0);
      if (!signLamp || cause === (lit & ~(Lamp.Answer | Lamp.Rings))) return;
      cause = lit & ~(Lamp.Answer | Lamp.Rings);
      changes++;
      turnSign(isPaused, isPaused ? (lit & Lamp.Fault ? FAULT_BLINK_MS : lit & Lamp.Link ? LINK_BLINK_MS : 0) : 0);
    },
  };
}

/** One call of `fill` or `blit`. `bits` as in `blit`, or undefined for a filled rectangle. */
interface DrawCommand {
  readonly bits: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly scale: number;
}

/** A display that keeps the drawing commands, and draws the picture only when somebody looks. */
function createDisplay(world: World, cable: DisplayCable): PixelDisplay {
  const { width, height } = world.panel;
  /** The commands since `clear`. An array that was handed to the panel is never changed. */
  let commands: DrawCommand[] = [];
  return {
    widthPixels: width,
    heightPixels: height,
    clear() {
      commands = [];
    },
    fill: (x, y, widthPixels, heightPixels) => void commands.push({ bits: undefined, x, y, widthPixels, heightPixels, scale: 1 }),
    blit: (bits, widthPixels, heightPixels, x, y, scale) => void commands.push({ bits, x, y, widthPixels, heightPixels, scale }),
    flush() {
      world.spend("display");
      const frame = commands;
      // Commands that follow without a `clear` go into a copy.
      commands = frame.slice();
      return cable.show((pixels) => {
        pixels.clear();
        for (const { bits, x, y, widthPixels, heightPixels, scale } of frame) {
          if (bits === undefined) pixels.fill(x, y, widthPixels, heightPixels);
          else pixels.blit(bits, widthPixels, heightPixels, x, y, scale);
        }
      });
    },
    isLost: cable.isLost,
  };
}

function createSegmentDisplay(world: World, cable: DisplayCable, digits: number): SegmentDisplay {
  return {
    digits,
    show(text) {
      world.spend("display");
      const segments = segmentsOf(text);
      return cable.show((panel) => {
        for (let i = 0; i < digits; i++) (panel as SegmentPanel).draw(i, segments[i] ?? 0);
      });
    },
    isLost: cable.isLost,
  };
}
