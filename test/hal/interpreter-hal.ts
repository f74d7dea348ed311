// The bindings as the real interpreter runs them, behind the same interfaces as everywhere: each call is done there, by the program of interpreter-entry.ts.

import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import type { Hal } from "../../hal/hal.js";
import { WATCHDOG_KICK_MS } from "../../hal/watchdog.js";
import { createEspruinoEngine } from "../../sim/engines/espruino.js";
import type { RunningFirmware, World } from "../../sim/world/world.js";

/** Starts the program of a board in a world. @param binary the interpreter */
export function createInterpreterHal(
  world: World,
  binary: string,
  code: string,
): { readonly hal: Hal<PixelDisplay & SegmentDisplay>; readonly running: RunningFirmware } {
  const listeners: ((...words: never[]) => void)[] = [];
  const keep = (listener: (...words: never[]) => void): number => listeners.push(listener) - 1;
  const engine = createEspruinoEngine({ binary, code, onHeard: (listener, words) => listeners[listener]?.(...(words as never[])) });
  const running = engine.start(world);

  const call = <T>(name: string, ...parameters: unknown[]): T => engine.call(name, parameters) as T;
  const packed = (data: Uint8Array | string): string => Buffer.from(data as string, "latin1").toString("base64");
  const bytes = (data: string): Uint8Array => Uint8Array.from(Buffer.from(data, "base64"));
  const text = (data: string): string => Buffer.from(data, "base64").toString("latin1");

  const hal: Hal<PixelDisplay & SegmentDisplay> = {
    clock: { nowMs: () => call("clock.nowMs"), wakeAt: (atMs, onWake) => call("clock.wakeAt", atMs, keep(onWake)) },
    clockChip: world.board.clock && { read: () => call("clockChip.read"), set: (unix) => call("clockChip.set", unix) },
    keys: { start: (onEdge) => call("keys.start", keep(onEdge)) },
    badgeReader: {
      start: ({ onBadge, onFault }) => call("badgeReader.start", keep(onBadge), keep(onFault)),
    },
    display: {
      get widthPixels() {
        return call<number[]>("display.size")[0] as number;
      },
      get heightPixels() {
        return call<number[]>("display.size")[1] as number;
      },
      clear: () => call("display.clear"),
      fill: (x, y, width, height) => call("display.fill", x, y, width, height),
      blit: (bits, width, height, x, y, scale) => call("display.blit", packed(bits), width, height, x, y, scale),
      flush: () => call("display.flush"),
      isLost: () => call("display.isLost"),
      get digits() {
        return call<number>("display.digits");
      },
      show: (words) => call("display.show", packed(words)),
    },
    lamps: { show: (lit) => call("lamps.show", lit) },
    sound: { play: (cue, volumePercent) => call("sound.play", cue, volumePercent) },
    get flash() {
      const [pageBytes, pageCount, slotPages, alignBytes] = call<[number, number, number, 1 | 4 | 8]>("flash.geometry");
      return {
        ...{ pageBytes, pageCount, slotPages, alignBytes },
        read: (offset: number, lengthBytes: number) => bytes(call("flash.read", offset, lengthBytes)),
        write: (offset: number, data: Uint8Array) => call<"ok" | "failed">("flash.write", offset, packed(data)),
        erase: (page: number) => call<"ok" | "failed">("flash.erase", page),
      };
    },
    store: {
      read(name) {
        const found = call<string | undefined>("store.read", name);
        return found === undefined ? undefined : text(found);
      },
    },
    link: {
      start({ device, host, wifi }, { onMessage, onState, onReady }) {
        const onPacked = (message: string): void => onMessage(text(message));
        call("link.start", device, host, wifi, keep(onPacked), keep(onState), keep(onReady));
      },
      send: (kind, message) => call("link.send", kind, message),
    },
    watchdog: {
      kickMs: WATCHDOG_KICK_MS,
      start() {
        throw new Error("on a PC there is no watchdog");
      },
      kick: () => undefined,
    },
    restart: () => call("restart"),
    unlock: () => call("unlock"),
    crc32: (data) => call("crc32", packed(data), typeof data === "string"),
    sha256: (data) => bytes(call("sha256", packed(data))),
    toBytes: (words) => Uint8Array.from(Buffer.from(words, "latin1")),
    toBase64: (data) => packed(data),
    fromBase64: (words) => text(call("fromBase64", words)),
    random32: () => call("random32"),
    vitals() {
      const [free, flags] = call<[number, string[]]>("vitals");
      return { free, flags };
    },
  };
  return { hal, running };
}
