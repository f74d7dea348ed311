// The hardware abstraction layer over a simulated world: what the `node` engine gives the firmware.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { BadgeListener } from "../../hal/badge.js";
import type { PixelDisplay } from "../../hal/display.js";
import { createLineCutter } from "../../hal/espruino/link/lines.js";
import { notesOf } from "../../hal/espruino/sound/buzzer.js";
import { CLIPS, FRAME_MS, volumeStep } from "../../hal/espruino/sound/mp3.js";
import type { Hal } from "../../hal/hal.js";
import type { KeyEdgeListener } from "../../hal/keys.js";
import { BLINK_LIT_MS, FAULT_BLINK_MS, Lamp, type Lamps, LINK_BLINK_MS } from "../../hal/lamps.js";
import type { Link, LinkListener } from "../../hal/link.js";
import type { Sound } from "../../hal/sound.js";
import { MP3_READY_MS } from "../chips/mp3-module.js";
import { flashOver } from "../chips/nor-flash.js";
import type { Pixels } from "../pixels.js";
import type { Inputs, World } from "../world.js";
import { createReader } from "./badge-readers.js";
import { createMatrix } from "./matrix-keys.js";
import { createTcpSimulation } from "./tcp.js";

/** Makes the layer for one power-up of the world's terminal. */
export function createSimulatedHal(world: World): { hal: Hal; inputs: Inputs; stop(): void } {
  const clock = world.clock;
  const startMs = clock.nowMs;
  const nowMs = (): number => clock.nowMs - startMs;
  let isRunning = true;

  /** Runs something later, unless the power went. */
  const after = (ms: number, run: () => void): object => clock.at(clock.nowMs + ms, () => isRunning && run());

  let wake: object | undefined;
  let onEdge: KeyEdgeListener | undefined;
  let badges: BadgeListener | undefined;
  let host: LinkListener | undefined;

  const fromHost = createLineCutter((line) => host?.onLine(line));

  const isTcp = world.board.link.driver === "tcp";
  const tcp = isTcp ? createTcpSimulation(world, after) : undefined;

  function startOnce<T>(held: T | undefined, what: string): void {
    if (held !== undefined) throw new Error(`${what} started already`);
  }

  const { keys, sound } = world.board;
  const parts = { world, nowMs, after };
  const reader = createReader(parts);
  const matrix = keys.driver === "matrix" ? createMatrix(keys, parts) : undefined;

  function createBuzzer(): Sound {
    let timer: object | undefined;
    return {
      play(cue, volumePercent) {
        const pattern = notesOf(cue);
        if (!pattern) return;
        if (timer) clock.cancel(timer);
        const playFrom = (i: number): void => {
          const note = pattern[i];
          world.setTone(note?.frequencyHz ?? 0, volumePercent);
          timer = note && after(note.durationMs, () => playFrom(i + 1));
        };
        playFrom(0);
      },
    };
  }

  function createVoice(): Sound {
    let timer: object | undefined;
    return {
      play(cue, volumePercent) {
        if (timer) clock.cancel(timer);
        // The module was up when it heard of the volume.
        const volume = nowMs() < MP3_READY_MS ? 30 : volumeStep(volumePercent);
        timer = after(FRAME_MS, () => nowMs() >= MP3_READY_MS && world.playClip(CLIPS.indexOf(cue) + 1, volume));
      },
    };
  }

  const link: Link = {
    start(address, listener) {
      startOnce(host, "the link is");
      host = listener;
      if (tcp) tcp.start(address, listener);
      else after(0, () => listener.onState(true));
    },
    send(line) {
      if (tcp ? !tcp.isConnected() : !host) return "down";
      world.receiveLine(line);
      return "sent";
    },
  };

  const hal: Hal = {
    clock: {
      nowMs,
      wakeAt(atMs, callback) {
        if (wake) clock.cancel(wake);
        wake = clock.at(startMs + atMs, () => {
          wake = undefined;
          if (isRunning) callback();
        });
      },
    },
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
    display: createDisplay(world),
    lamps: createLamps(world, after),
    sound: sound.driver === "mp3" ? createVoice() : createBuzzer(),
    flash: flashOver(world.flash),
    store: { read: (name) => world.files[name]?.toString("latin1") },
    link,
    watchdog: { start: () => undefined, kick: () => undefined },
    crc32: (data) => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data),
    sha256: (data) => Uint8Array.from(createHash("sha256").update(data).digest()),
    toBytes: (text) => Uint8Array.from(Buffer.from(text, "latin1")),
    toBase64: (data) => Buffer.from(data).toString("base64"),
    fromBase64: (text) => Buffer.from(text, "base64").toString("latin1"),
    random32: () => world.random32(),
  };

  const inputs: Inputs = {
    onKey: (key, isDown) => (matrix ? matrix.onContact() : onEdge?.(key, isDown, nowMs())),
    onBadge: (signal) => reader.present(signal),
    onHostLine: (line) => {
      if (!tcp || tcp.isConnected()) fromHost(`${line}\n`);
    },
    onLink: (isUp) => tcp?.onLink(isUp),
  };

  return {
    hal,
    inputs,
    stop() {
      isRunning = false;
    },
  };
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
      world.setLamp("pause", isPaused);
      world.setLamp("answer", (lit & Lamp.Answer) > 0);
      if (ringLamps) world.setLamp("rings", (lit & Lamp.Rings) > 0);
      if (!signLamp || cause === (lit & ~(Lamp.Answer | Lamp.Rings))) return;
      cause = lit & ~(Lamp.Answer | Lamp.Rings);
      changes++;
      turnSign(isPaused, isPaused ? (lit & Lamp.Fault ? FAULT_BLINK_MS : lit & Lamp.Link ? LINK_BLINK_MS : 0) : 0);
    },
  };
}

/** A display that keeps what was drawn as commands, and makes a picture of them only for somebody who looks. */
function createDisplay(world: World): PixelDisplay {
  const { width, height } = world.panel;
  let commands: ((pixels: Pixels) => void)[] = [];
  return {
    widthPixels: width,
    heightPixels: height,
    clear() {
      commands = [];
    },
    fill: (x, y, widthPixels, heightPixels) => void commands.push((pixels) => pixels.fill(x, y, widthPixels, heightPixels)),
    blit: (bits, widthPixels, heightPixels, x, y, scale) => void commands.push((pixels) => pixels.blit(bits, widthPixels, heightPixels, x, y, scale)),
    flush() {
      if (!world.isDisplayConnected) return "failed";
      const frame = commands.slice();
      world.showPicture((pixels) => {
        pixels.clear();
        for (const command of frame) command(pixels);
      });
      return "ok";
    },
  };
}
