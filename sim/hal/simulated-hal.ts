// The hardware abstraction layer over a simulated world: what the `node` engine gives the firmware.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { BadgeListener } from "../../hal/badge.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import { FRAME_GAP_MS } from "../../hal/espruino/badge-reader/wiegand.js";
import type { Hal } from "../../hal/hal.js";
import type { KeyEdgeListener } from "../../hal/keys.js";
import type { Note } from "../../hal/sound.js";
import { flashOver } from "../chips/nor-flash.js";
import { canAnswer } from "../panel.js";
import { Pixels } from "../pixels.js";
import { SegmentPanel, segmentsOf } from "../segments.js";
import type { Inputs, LampName, World } from "../world.js";
import { createSimulatedLink } from "./link.js";

/** Time between the bits of a badge's frame on the wires, in ms. */
export const WIEGAND_BIT_MS = 2;

/** Makes the layer for one power-up of the world's terminal. */
export function createSimulatedHal(world: World): { hal: Hal<PixelDisplay | SegmentDisplay>; inputs: Inputs; stop(): void } {
  const clock = world.clock;
  const startMs = clock.nowMs;
  const nowMs = (): number => clock.nowMs - startMs;
  let isRunning = true;

  /** Runs something later, unless the power went. */
  const after = (ms: number, run: () => void): object => clock.at(clock.nowMs + ms, () => isRunning && run());

  let wake: object | undefined;
  let onEdge: KeyEdgeListener | undefined;
  let badges: BadgeListener | undefined;
  function startOnce<T>(held: T | undefined, what: string): void {
    if (held !== undefined) throw new Error(`${what} started already`);
  }

  function createLamp(name: LampName): { set(isLit: boolean): void } {
    return { set: (isLit) => world.setLamp(name, isLit) };
  }

  function createSound(): { play(pattern: readonly Note[]): void } {
    let timer: object | undefined;
    return {
      play(pattern) {
        if (timer) clock.cancel(timer);
        const playFrom = (i: number): void => {
          const note = pattern[i];
          world.setTone(note?.frequencyHz ?? 0);
          timer = note && after(note.durationMs, () => playFrom(i + 1));
        };
        playFrom(0);
      },
    };
  }

  const { link, onHostLine, onLink } = createSimulatedLink(world, () => isRunning);

  const hal: Hal<PixelDisplay | SegmentDisplay> = {
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
        return [...world.keysDown];
      },
    },
    badgeReader: {
      start(listener) {
        startOnce(badges, "the badge reader is");
        badges = listener;
      },
    },
    display: world.panel instanceof SegmentPanel ? createSegmentDisplay(world, world.panel.digits) : createDisplay(world),
    pauseLamp: createLamp("pause"),
    answerLamp: createLamp("answer"),
    sound: createSound(),
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
    onKey: (key, isDown) => onEdge?.(key, isDown, nowMs()),
    onBadge(bits) {
      const lastMs = nowMs() + (bits.length - 1) * WIEGAND_BIT_MS;
      after(lastMs - nowMs() + FRAME_GAP_MS, () => reportFrame(bits, lastMs, badges));
    },
    onHostLine,
    onLink,
  };

  return {
    hal,
    inputs,
    stop() {
      isRunning = false;
    },
  };
}

function reportFrame(bits: string, atMs: number, listener: BadgeListener | undefined): void {
  const half = bits.length / 2;
  const ones = (part: string): number => [...part].filter((bit) => bit === "1").length;
  if (bits.length !== 26 && bits.length !== 34) listener?.onFault("length", atMs);
  else if (ones(bits.slice(0, half)) % 2 !== 0 || ones(bits.slice(half)) % 2 !== 1) listener?.onFault("parity", atMs);
  else {
    const value = Number.parseInt(bits.slice(1, -1), 2);
    const digits = (bits.length - 2) / 4;
    listener?.onBadge(`W${bits.length}:${value.toString(16).toUpperCase().padStart(digits, "0")}`, atMs);
  }
}

/** A display that keeps what was drawn as commands, and makes a picture of them only for somebody who looks. */
function createDisplay(world: World): PixelDisplay {
  const { width, height } = world.panel;
  const show = createWire(world);
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
      const frame = commands.slice();
      return show((pixels) => {
        pixels.clear();
        for (const command of frame) command(pixels);
      });
    },
  };
}

function createSegmentDisplay(world: World, digits: number): SegmentDisplay {
  const show = createWire(world);
  return {
    digits,
    show(text) {
      const segments = segmentsOf(text);
      return show((panel) => {
        for (let i = 0; i < digits; i++) (panel as SegmentPanel).draw(i, segments[i] ?? 0);
      });
    },
  };
}

/**
 * What lies between the firmware and the panel. A display that answers shows a picture whole or not at all. One that cannot answer loses what was sent
 * while its cable was out: the firmware sends only what has changed, and does not know that the rest never came.
 */
function createWire(world: World): (draw: (pixels: Pixels) => void) => "ok" | "failed" {
  if (canAnswer(world.board.display)) {
    return (draw) => {
      if (!world.isDisplayConnected) return "failed";
      world.showPicture(draw);
      return "ok";
    };
  }
  const { panel } = world;
  const isSegments = panel instanceof SegmentPanel;
  const empty = (): Pixels => (isSegments ? new SegmentPanel(panel.digits) : new Pixels(panel.width, panel.height));
  /** Parts that travel for themselves: a digit, or eight lines. */
  const partCount = isSegments ? panel.digits : panel.height / 8;
  const bytesOf = (part: number): number[] =>
    Array.from(panel.bytes.keys()).filter((i) => (isSegments ? (i % panel.width) / (panel.width / partCount) : i / panel.width) >> 0 === part);
  const parts = Array.from({ length: partCount }, (_, part) => bytesOf(part));
  /** As the firmware believes it to be. */
  let sent: Pixels | undefined;
  /** As it is. */
  const there = empty();
  let isStarted = false;
  return (draw) => {
    const wanted = empty();
    draw(wanted);
    if (!sent) isStarted = world.isDisplayConnected;
    for (const bytes of parts) {
      if (sent && bytes.every((i) => sent?.bytes[i] === wanted.bytes[i])) continue;
      if (world.isDisplayConnected) for (const i of bytes) there.bytes[i] = wanted.bytes[i] as number;
    }
    sent = wanted;
    const seen = Uint8Array.from(there.bytes);
    if (isStarted) world.showPicture((pixels) => pixels.bytes.set(seen));
    return "ok";
  };
}
