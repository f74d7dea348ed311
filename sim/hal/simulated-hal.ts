// The hardware abstraction layer over a simulated world: what the `node` engine gives the firmware.

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { BadgeListener } from "../../hal/badge.js";
import type { PixelDisplay } from "../../hal/display.js";
import { FRAME_GAP_MS } from "../../hal/espruino/badge-reader/wiegand.js";
import { createLineCutter } from "../../hal/espruino/link/lines.js";
import type { Hal } from "../../hal/hal.js";
import type { KeyEdgeListener } from "../../hal/keys.js";
import type { Link, LinkListener } from "../../hal/link.js";
import type { Note } from "../../hal/sound.js";
import { flashOver } from "../chips/nor-flash.js";
import type { Pixels } from "../pixels.js";
import type { Inputs, LampName, World } from "../world.js";
import { createTcpSimulation } from "./tcp.js";

/** Time between the bits of a badge's frame on the wires, in ms. */
export const WIEGAND_BIT_MS = 2;

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
        return [...world.keysDown];
      },
    },
    badgeReader: {
      start(listener) {
        startOnce(badges, "the badge reader is");
        badges = listener;
      },
    },
    display: createDisplay(world),
    pauseLamp: createLamp("pause"),
    answerLamp: createLamp("answer"),
    sound: createSound(),
    flash: flashOver(world.flash),
    store: { read: (name) => world.files[name]?.toString("latin1") },
    link,
    watchdog: { start: () => undefined, kick: () => undefined },
    restart: () => world.restart(),
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
