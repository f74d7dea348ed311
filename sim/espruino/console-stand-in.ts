// A stand-in for an interpreter that listens on telnet, for computers that have none: the console's packets and lines, Storage with its boot files, and the
// firmware on a virtual board, in real time. It has the part of Espruino that uploading takes. The same tests run on it and on the real interpreter.

import { connect, createServer, type Server, type Socket } from "node:net";
import vm from "node:vm";
import type { Board } from "../../firmware/boards/board.js";
import { scriptOf } from "../../firmware/tools/build/tokens.js";
import { runOnFakeBoard } from "../engines/bundle.js";
import type { Engine } from "../world/world.js";
import { World } from "../world/world.js";

const DLE = 16;
const SOH = 1;
const ACK = "\x06";
const NAK = "\x15";
const CTRL_C = 3;
const ENQ = 5;
/** Upper three bits of a packet's length: the packet is an expression, and its value is returned. */
const EVAL = 1;

/** The version of Espruino that it claims to be. */
const VERSION = "2v29.277";

/** The files that run at a start, in order. A held button skips the last one alone. */
const STARTERS = [".boot0", ".boot1", ".boot2", ".boot3", ".bootcde"];

/** How often the virtual clock is brought up to real time, in ms. */
const TICK_MS = 10;

/** Number of free variables, which the tool asks for. */
const FREE_VARIABLES = 2500;

export interface StandIn {
  readonly port: number;
  /** The world around the terminal. */
  readonly world: World;
  /** Switches the power off and on again. */
  powerCycle(): Promise<void>;
  /** From now on its time passes so many times as fast as everybody's. */
  setSpeed(times: number): void;
  close(): Promise<void>;
}

/** Starts a bare board that listens on telnet. */
export async function startConsoleStandIn(board: Board): Promise<StandIn> {
  const storage: Record<string, Buffer> = {};
  let context: Record<string, unknown> = {};
  let isOpen = true;
  let isTelnetOn = true;
  let socket: Socket | undefined;
  /** The connections that the firmware has opened. */
  let clients: Socket[] = [];
  let server: Server | undefined;
  let port = 0;
  let isFirmwareWanted = true;

  const say = (text: string): void => {
    if (isOpen) socket?.write(Buffer.from(text, "latin1"));
  };

  const engine: Engine = {
    name: "bundle",
    start(world) {
      const fake = runOnFakeBoard(new vm.Script(""), world);
      context = fake.globals;
      Object.assign(context, consoleGlobals(context));
      for (const name of STARTERS) {
        const file = storage[name];
        if (!file || (name === ".bootcde" && !isFirmwareWanted)) continue;
        try {
          vm.runInContext(scriptOf(file), context, { filename: name });
        } catch (error) {
          say(`Uncaught ${String(error)}\r\n`);
        }
      }
      return { inputs: fake.board.inputs, stop: () => fake.board.stop() };
    },
  };
  const world = new World({ board, engine, files: storage, isTraced: false });

  function begin(isWithFirmware: boolean): void {
    world.powerOff();
    endClients();
    isFirmwareWanted = isWithFirmware;
    isTelnetOn = true;
    world.powerOn();
    listenOrNot();
  }

  function endClients(): void {
    for (const client of clients) client.removeAllListeners("data").removeAllListeners("close").destroy();
    clients = [];
  }

  /** The globals that the installation needs and a running firmware does not. */
  function consoleGlobals(globals: Record<string, unknown>): Record<string, unknown> {
    const firmwareRequire = globals.require as (name: string) => Record<string, (...given: never[]) => unknown>;
    const flash = firmwareRequire("Flash") as unknown as { read: (length: number, address: number) => Uint8Array };
    const builtIn: Record<string, unknown> = {
      Storage: storageModule(),
      Flash: {
        ...flash,
        // Storage begins with the header of its first file.
        read: (length: number, address: number) => (address === board.storage.address ? firstHeader(length) : flash.read(length, address)),
      },
      net: { connect: realSocket },
      TelnetServer: {
        setOptions: ({ mode }: { mode: string }) => {
          isTelnetOn = mode === "on";
          setImmediate(listenOrNot);
        },
      },
    };
    return {
      require: (name: string) => builtIn[name] ?? firmwareRequire(name),
      // A program in Storage is in tokens.
      eval: (program: string) => vm.runInContext(scriptOf(Buffer.from(program, "latin1")), context as vm.Context),
      print: (value: unknown) => say(`${String(value)}\r\n`),
      load: () => void setImmediate(begin, true),
      reset: () => void setImmediate(begin, false),
      clearWatch: () => undefined,
      E: {
        ...(globals.E as object),
        setConsole: (device: string | null) => {
          isOpen = device !== null;
        },
        getConsole: () => "Telnet",
        getErrorFlags: () => [],
        reboot: () => void setImmediate(begin, true),
      },
      process: {
        env: { BOARD: board.espruinoName, VERSION, SERIAL: "stand-in" },
        memory: () => ({ free: FREE_VARIABLES, total: Math.max(board.variables, 5000) }),
      },
    };
  }

  /** A connection of the firmware to its host, over the computer's own network. */
  function realSocket({ host, port: hostPort }: { host: string; port: number }, onConnected: () => void): Socket {
    const client = connect({ host, port: hostPort }, onConnected).setEncoding("latin1");
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  }

  function storageModule(): Record<string, unknown> {
    return {
      list: () => Object.keys(storage),
      read: (name: string, offset = 0, length?: number) =>
        storage[name]?.toString("latin1", offset, length === undefined ? undefined : offset + length),
      erase: (name: string) => void delete storage[name],
      eraseAll: () => Object.keys(storage).forEach((name) => void delete storage[name]),
      compact: () => undefined,
      getFree: freeBytes,
      write(name: string, data: string, offset = 0, length = data.length) {
        if (offset === 0 && !storage[name]) {
          if (length + 32 > freeBytes()) return false;
          storage[name] = Buffer.alloc(length, 255);
        }
        const file = storage[name];
        if (!file || offset + data.length > file.length) return false;
        const bytes = Buffer.from(data, "latin1");
        // A write only clears bits.
        if (bytes.some((byte, i) => (byte & ~(file[offset + i] as number)) !== 0)) return false;
        bytes.copy(file, offset);
        return true;
      },
    };
  }

  function freeBytes(): number {
    return Object.values(storage).reduce((free, { length }) => free - 32 - Math.ceil(length / 4) * 4, board.storage.lengthBytes);
  }

  function firstHeader(length: number): Uint8Array {
    const header = new Uint8Array(length).fill(255);
    const [first] = Object.entries(storage);
    if (!first) return header;
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32LE(first[1].length);
    bytes.write(first[0], 4, "latin1");
    return Uint8Array.from(bytes);
  }

  function listenOrNot(): void {
    if (isTelnetOn && !server) {
      server = createServer({ noDelay: true }, onConnection);
      server.on("error", () => undefined);
      server.listen(port, "127.0.0.1");
    } else if (!isTelnetOn && server) {
      server.close();
      server = undefined;
      socket?.destroy();
    }
  }

  function onConnection(client: Socket): void {
    socket?.destroy();
    socket = client;
    client.on("error", () => undefined);
    const hear = createListener();
    client.on("data", (bytes) => {
      if (socket === client && isOpen) for (const byte of bytes) hear(byte);
    });
    say("\r\n>");
  }

  /** Reads the console's input: packets, lines and a few control characters. */
  function createListener(): (byte: number) => void {
    let line = "";
    let isAfterDle = false;
    let packet: number[] | undefined;
    return (byte) => {
      if (packet) {
        packet.push(byte);
        const [high = 0, low = 0] = packet;
        const length = ((high & 31) << 8) | low;
        if (packet.length < 2 + length) return;
        const text = Buffer.from(packet.slice(2)).toString("latin1");
        packet = undefined;
        if (high >> 5 === EVAL) answer(text);
        else say(NAK);
      } else if (isAfterDle && byte === SOH) packet = [];
      else if (byte === CTRL_C) line = "";
      else if (byte === ENQ && line === "") say(`Espruino ${VERSION} ${board.espruinoName}\r\n`);
      else if (byte === 10 || byte === 13) {
        const typed = line;
        line = "";
        if (typed) run(typed);
      } else if (byte >= 32) line += String.fromCharCode(byte);
      isAfterDle = byte === DLE;
    };
  }

  function answer(expression: string): void {
    try {
      const value = JSON.stringify(vm.runInContext(`(${expression})`, context)) ?? "undefined";
      say(`${ACK}\x10\x01${String.fromCharCode(value.length >> 8, value.length & 255)}${value}`);
    } catch (error) {
      say(`${NAK}Uncaught ${String(error)}\r\n>`);
    }
  }

  function run(typed: string): void {
    try {
      vm.runInContext(typed, context);
      say("=undefined\r\n>");
    } catch (error) {
      say(`Uncaught ${String(error)}\r\n>`);
    }
  }

  // The first start chooses the port, and later ones keep it.
  const found = createServer();
  port = await new Promise<number>((resolve) => found.listen(0, "127.0.0.1", () => resolve((found.address() as { port: number }).port)));
  await new Promise((resolve) => found.close(resolve));
  begin(true);
  let speed = 1;
  let nowMs = 0;
  let lookedAtMs = performance.now();
  const timer = setInterval(() => {
    const beforeMs = lookedAtMs;
    lookedAtMs = performance.now();
    nowMs += (lookedAtMs - beforeMs) * speed;
    if (world.isPowered) world.advanceTo(Math.floor(nowMs));
  }, TICK_MS);
  return {
    port,
    world,
    async powerCycle() {
      socket?.destroy();
      isOpen = true;
      begin(true);
    },
    setSpeed(times) {
      speed = times;
    },
    async close() {
      clearInterval(timer);
      world.powerOff();
      endClients();
      isTelnetOn = false;
      listenOrNot();
      socket?.destroy();
    },
  };
}
