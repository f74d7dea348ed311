// The `bundle` engine: the bundle that technicians flash, in a context of its own with fake Espruino globals over a virtual board.

import vm from "node:vm";
import { chipOf } from "../../firmware/tools/boards/chips.js";
import { FIRMWARE_FILE } from "../../firmware/tools/build/install-script.js";
import { PowerCut } from "../chips/nor-flash.js";
import type { SpiSetup } from "../chips/spi.js";
import { createArrayBuffer } from "../espruino/graphics.js";
import { type SerialWires, VirtualBoard, type WatchEvent } from "../espruino/virtual-board.js";
import { crc32, fromBase64, sha256, toBase64, toBytes } from "../world/native.js";
import type { Engine, World } from "../world/world.js";

/** Size of a variable on most boards, in bytes. */
const VARIABLE_BYTES = 13;
/** Names that Node has and Espruino does not. They are removed, so that no firmware relies on them. */
const MISSING = "Map Set WeakMap WeakSet Symbol Promise Proxy Reflect BigInt Intl WebAssembly SharedArrayBuffer Atomics console";

/**
 * Objects of the language and of the interpreter that a bundle uses often. In a context of its own Node looks for each global name by a native call, which took more time
 * than the firmware itself: so the names of the bundle, and these, are local to one function.
 */
const LOCAL = "E Math JSON String Object Array ArrayBufferView Uint8Array Uint32Array DataView";

/** @param code the bundle of the world's board */
export function createBundleEngine(code: string): Engine {
  const names = LOCAL.split(" ").join();
  const begin = `(function (${names}) {`;
  // Errors tell their places in the bundle.
  const script = new vm.Script(`${begin}${code}\n})(${names});`, { filename: "firmware.js", columnOffset: -begin.length });
  return {
    name: "bundle",
    start(world) {
      const { board } = runOnFakeBoard(script, world, code);
      return { inputs: board.inputs, stop: () => board.stop() };
    },
  };
}

/**
 * Runs a script made for Espruino on a fresh virtual board.
 * @param code its text, which the board's store has too
 * @returns the board, and the script's global object
 */
export function runOnFakeBoard(script: vm.Script, world: World, code?: string): { board: VirtualBoard; globals: Record<string, unknown> } {
  const board = new VirtualBoard(world);
  const globals = fakeGlobals(poweredOnly(board, world), world, code);
  const context = vm.createContext(globals);
  vm.runInContext(
    `"${MISSING}".split(" ").forEach(function (name) { delete globalThis[name]; }); var global = globalThis, ArrayBufferView = Object.getPrototypeOf(Uint8Array);`,
    context,
  );
  vm.runInContext(`String.prototype.indexOf = ${espruinoIndexOf}`, context);
  script.runInContext(context);
  return { board, globals };
}

/** The board, but that nothing can be done with it once the power has gone during a call: the firmware may catch the error, and then runs on to the end of its turn. */
function poweredOnly(board: VirtualBoard, world: World): VirtualBoard {
  const guarded = new Map<string | symbol, unknown>();
  return new Proxy(board, {
    get(target, name) {
      const known = guarded.get(name);
      if (known) return known;
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const guard = (...given: unknown[]): unknown => {
        if (world.flash.hasLostPower) throw new PowerCut();
        return member.apply(target, given);
      };
      guarded.set(name, guard);
      return guard;
    },
  });
}

/** Espruino's indexOf, with its fault: the end of the string counts as a match when the searched part begins with it. */
function espruinoIndexOf(this: string, part: string, from = 0): number {
  for (let at = from; at < this.length; at++) if (part.startsWith(this.slice(at, at + part.length))) return part.length > this.length ? -1 : at;
  return -1;
}

/** A text as the wire has it: a character is a byte. */
function latin1(data: ArrayLike<number> | string): string {
  return (typeof data === "string" ? Buffer.from(data, "latin1") : Buffer.from(data)).toString("latin1");
}

function fakeGlobals(board: VirtualBoard, world: World, code: string | undefined): Record<string, unknown> {
  let lastTimer = 0;
  let lastSpi = 0;
  let watchdogMs = Infinity;
  let kickedMs = 0;
  const flash = {
    read: (lengthBytes: number, address: number) => board.flashRead(address, lengthBytes),
    write: (data: Uint8Array, address: number) => board.flashWrite(address, Uint8Array.from(data)),
    erasePage: (address: number) => board.flashErase(address),
  };
  const modules: Record<string, unknown> = {
    Flash: flash,
    Storage: { read: (name: string) => (name === FIRMWARE_FILE && code) || board.storageRead(name) },
    crypto: { SHA256: (data: Uint8Array) => sha256(new Uint8Array(data)).buffer },
    net: { connect: (_: object, onConnected: (socket: object) => void) => fakeSocket(board, onConnected) },
    tls: { connect: (_: object, onConnected: (socket: object) => void) => fakeSocket(board, onConnected) },
    Wifi: {
      connect: (_name: string, _options: object, onDone: (problem: null) => void) => board.wifiConnect(() => onDone(null)),
      on: () => undefined,
    },
  };
  const pins = Object.fromEntries(board.pins().map((pin) => [pin, pin]));
  return {
    ...pins,
    getTime: () => board.getTime(),
    setTimeout: (run: () => void, ms: number) => {
      board.setTimer(++lastTimer, ms, run);
      return lastTimer;
    },
    clearTimeout: (id: number) => board.clearTimer(id),
    setWatch: (run: (event: WatchEvent) => void, pin: string, options: { edge: string }) => board.setWatch(pin, options.edge, run),
    pinMode: (pin: string, mode: string) => board.pinMode(pin, mode),
    digitalPulse: (pin: string, level: number, ms: number) => board.digitalPulse(pin, level, ms),
    digitalRead: (pin: string) => board.digitalRead(pin),
    digitalWrite: (pin: string, level: number) => board.digitalWrite(pin, level),
    analogWrite: (pin: string, duty: number, options: { freq: number }) => board.analogWrite(pin, duty, options.freq),
    atob: fromBase64,
    btoa: (data: Uint8Array | string) => toBase64(typeof data === "string" ? toBytes(data) : new Uint8Array(data)),
    require: (name: string) => {
      const module = modules[name];
      if (!module) throw new Error(`Module "${name}" not found`);
      return module;
    },
    I2C1: {
      setup: ({ scl, sda, bitrate }: { scl: string; sda: string; bitrate: number }) => board.i2cSetup(scl, sda, bitrate),
      writeTo: (address: number, ...data: (number | ArrayLike<number>)[]) => board.i2cWrite(address, numbersOf(data)),
      readFrom: (address: number, lengthBytes: number) => board.i2cRead(address, lengthBytes),
    },
    SPI1: fakeSpi(board, "SPI1"),
    SPI2: fakeSpi(board, "SPI2"),
    SPI3: fakeSpi(board, "SPI3"),
    SPI: function SPI() {
      return fakeSpi(board, `software ${++lastSpi}`);
    },
    Serial1: fakeSerial(board, "Serial1"),
    Serial2: fakeSerial(board, "Serial2"),
    Serial3: fakeSerial(board, "Serial3"),
    Graphics: { createArrayBuffer },
    E: {
      CRC32: (data: Uint8Array | string) => crc32(typeof data === "string" ? data : new Uint8Array(data)),
      toUint8Array: toBytes,
      hwRand: () => board.hwRand(),
      enableWatchdog(seconds: number) {
        // As Espruino says it on a chip whose counter is too short, such as an RP2040.
        if (seconds > (chipOf(world.board)?.watchdogSeconds ?? Infinity)) throw new Error("the chip's watchdog allows less time");
        watchdogMs = seconds * 1000;
        kickedMs = world.clock.nowMs;
      },
      kickWatchdog() {
        const atMs = world.clock.nowMs;
        if (atMs - kickedMs > watchdogMs) throw new Error(`a board would have been restarted by its watchdog: not kicked for ${atMs - kickedMs} ms`);
        kickedMs = atMs;
      },
      reboot: () => world.restart(),
      getErrorFlags: () => [],
      setConsole: () => undefined,
    },
    process: { env: { BOARD: world.board.espruinoName }, memory: () => ({ free: world.board.variables, blocksize: VARIABLE_BYTES }) },
  };
}

function fakeSerial(board: VirtualBoard, port: string): object {
  let listener: ((data: string) => void) | undefined;
  return {
    setup: (_baud: number, options: SerialWires) => board.serialSetup(port, options, (data) => listener?.(data)),
    on: (_event: string, callback: (data: string) => void) => {
      listener = callback;
    },
    write: (data: ArrayLike<number> | string) => board.serialWrite(port, latin1(data)),
  };
}

/** Espruino's form of a byte that is sent so many times. */
function isRepeated(data: unknown): data is { readonly data: number; readonly count: number } {
  return typeof data === "object" && data !== null && "count" in data;
}

/** The numbers, and those in arrays and views, in one array. */
function numbersOf(parts: readonly (number | ArrayLike<number>)[]): number[] {
  const numbers: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") numbers.push(part);
    else for (let i = 0; i < part.length; i++) numbers.push(part[i] as number);
  }
  return numbers;
}

/** The bytes of numbers, byte strings, arrays and views, nested, in one array. @param bytes those before them */
function flatBytes(data: unknown, bytes: number[] = []): number[] {
  if (typeof data === "number") bytes.push(data & 0xff);
  else if (typeof data === "string") for (let i = 0; i < data.length; i++) bytes.push(data.charCodeAt(i) & 0xff);
  else if (isRepeated(data)) for (let i = 0; i < data.count; i++) bytes.push(data.data & 0xff);
  else for (let i = 0, list = data as ArrayLike<unknown>; i < list.length; i++) flatBytes(list[i], bytes);
  return bytes;
}

/** An SPI bus. The last argument of `write` may be the chip select pin, and the second of `send` is. */
function fakeSpi(board: VirtualBoard, bus: string): object {
  return {
    setup: (options: SpiSetup) => board.spiSetup(bus, options),
    write: (...data: unknown[]) => {
      const last = data[data.length - 1];
      const cs = data.length > 1 && typeof last === "string" && board.hasPin(last) ? last : undefined;
      board.spiSend(bus, flatBytes(cs === undefined ? data : data.slice(0, -1)), cs);
    },
    send: (data: unknown, cs?: string) => {
      const back = board.spiSend(bus, flatBytes(data), cs);
      if (typeof data === "number") return back[0];
      return typeof data === "string" ? Buffer.from(back).toString("latin1") : Uint8Array.from(back);
    },
  };
}

function fakeSocket(board: VirtualBoard, onConnected: (socket: object) => void): object {
  const listeners: Record<string, (data: string) => void> = {};
  const socket = {
    on: (event: string, callback: (data: string) => void) => {
      listeners[event] = callback;
    },
    removeAllListeners: () => {
      for (const event of Object.keys(listeners)) delete listeners[event];
    },
    write: (data: string) => {
      board.netWrite(data);
      // The other side takes everything.
      listeners.drain?.("");
    },
    end: () => board.netEnd(),
  };
  board.netConnect(
    () => onConnected(socket),
    (data) => listeners.data?.(data),
    () => listeners.close?.(""),
  );
  return socket;
}
