// The `espruino` engine: the bundle, booted from flash by a real interpreter in a process of its own. A prelude passes the calls for pins, buses, raw flash
// and time to the virtual board, over two named pipes, so that the interpreter runs in virtual time. A power cut is a SIGKILL.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, copyFileSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { minify_sync } from "terser";
import { installScript } from "../../firmware/tools/build/install-script.js";
import { PowerCut } from "../chips/nor-flash.js";
import type { SpiSetup } from "../chips/spi.js";
import { InterpreterError, installInto, temporaryFolder } from "../espruino/install.js";
import { type SerialWires, VirtualBoard } from "../espruino/virtual-board.js";
import type { Engine, World } from "../world/world.js";

export interface EspruinoOptions {
  /** Path of the interpreter, a Linux build of Espruino. */
  readonly binary: string;
  /** The bundle of the world's board. */
  readonly code: string;
  /** Command line of a program that runs the interpreter, such as valgrind. */
  readonly wrapper?: readonly string[];
  /** Is called with the interpreter's memory when the firmware is ready. */
  readonly onReady?: (memory: MemoryUse) => void;
  /** Is called for each call of the prelude's `heard` in a test program. */
  readonly onHeard?: (listener: number, words: readonly unknown[]) => void;
}

/** Number of the interpreter's variables in use. */
export interface MemoryUse {
  /** Those of the prelude alone, before the firmware starts. */
  readonly preludeVariables: number;
  /** Those of both, when the firmware is ready. */
  readonly totalVariables: number;
}

/** Time after which the interpreter counts as hanging and is ended, in s. */
const LIFETIME_SECONDS = 600;

/** The firmware on an interpreter. */
export interface EspruinoEngine extends Engine {
  /** Number of variables in use now, with those of the prelude. */
  variablesInUse(): number;
  /**
   * Calls a function that a test program has passed to the prelude's `offer`.
   * @param parameters values of JSON
   * @throws Error with the message of the function's error
   */
  call(name: string, parameters: readonly unknown[]): unknown;
}

export function createEspruinoEngine(options: EspruinoOptions): EspruinoEngine {
  let current: Interpreter | undefined;
  return {
    name: "espruino",
    start(world) {
      const interpreter = new Interpreter(world, options);
      current = interpreter;
      try {
        interpreter.boot();
      } catch (error) {
        interpreter.stop();
        throw error;
      }
      return { inputs: interpreter.board.inputs, stop: () => interpreter.stop() };
    },
    variablesInUse: () => current?.variablesInUse() ?? 0,
    call: (name, parameters) => current?.callByName(name, parameters),
  };
}

/** Flash images with everything installed, by their content. */
const images = new Map<string, string>();

/** A flash image of this interpreter with the store's files, the prelude and the firmware in it. */
function installedImage(world: World, options: EspruinoOptions): string {
  const prelude = minify_sync(readFileSync(new URL("../espruino/prelude.js", import.meta.url), "utf8"), {
    compress: false,
    mangle: true,
    ecma: 5,
  }).code;
  // No real board has the prelude, so its size does not count.
  const { board } = world;
  const roomy = { ...board, storage: { ...board.storage, lengthBytes: board.storage.lengthBytes + (prelude?.length ?? 0) } };
  const script = installScript(roomy, world.files, `${prelude}\n${options.code}`);
  const key = options.binary + script;
  const image = images.get(key) ?? installInto(temporaryFolder(), options.binary, script);
  images.set(key, image);
  return image;
}

type Call = [name: string, ...parts: (string | number)[]];

class Interpreter {
  readonly board: VirtualBoard;
  private readonly folder: string;
  private child: ChildProcess | undefined;
  private toInterpreter = -1;
  private fromInterpreter = -1;
  private pending = "";
  private readonly chunk = Buffer.alloc(65536);
  private lastVariables = 0;
  private isBusy = false;

  constructor(
    private readonly world: World,
    private readonly options: EspruinoOptions,
  ) {
    this.board = new VirtualBoard(world);
    this.folder = temporaryFolder();
  }

  boot(): void {
    copyFileSync(installedImage(this.world, this.options), path.join(this.folder, "espruino.flash"));
    execFileSync("mkfifo", ["to-world", "from-world", "console"], { cwd: this.folder });
    // Opened for both directions: otherwise it would wait for the other side.
    this.fromInterpreter = openSync(path.join(this.folder, "to-world"), "r+");
    this.toInterpreter = openSync(path.join(this.folder, "from-world"), "r+");
    // The console stays open and silent. An interpreter that ends by itself is noticed through the pipe.
    const command = `timeout --foreground -s KILL ${LIFETIME_SECONDS} "$@" 0<>console >log 2>&1; echo '["exited"]' >to-world`;
    const words = [...(this.options.wrapper ?? []), this.options.binary];
    this.child = spawn("sh", ["-c", command, "sh", ...words], { cwd: this.folder, detached: true, stdio: "ignore" });
    this.child.unref();
    const started = this.serveUntil("started");
    this.options.onReady?.({ preludeVariables: Number(started[1]), totalVariables: Number(started[2]) });
  }

  stop(): void {
    this.board.stop();
    if (!this.child) return;
    try {
      process.kill(-(this.child.pid as number), "SIGKILL");
    } catch {
      // The interpreter has ended by itself.
    }
    this.child = undefined;
    closeSync(this.fromInterpreter);
    closeSync(this.toInterpreter);
    rmSync(this.folder, { recursive: true, force: true });
  }

  variablesInUse(): number {
    this.send({ now: this.board.getTime(), wantsMemory: true });
    this.serveUntil("done");
    return this.lastVariables;
  }

  callByName(name: string, parameters: readonly unknown[]): unknown {
    this.send({ now: this.board.getTime(), name, parameters });
    const [, value, problem] = this.serveUntil("called");
    if (problem) throw new Error(String(problem));
    return value ?? undefined;
  }

  /** Runs a callback of the firmware to its end. */
  private call(id: number, isOnce: boolean, argument?: unknown): void {
    if (this.isBusy) throw new Error("a callback inside a callback");
    this.isBusy = true;
    try {
      this.send({ now: this.board.getTime(), id, once: isOnce, argument });
      this.serveUntil("done");
    } finally {
      this.isBusy = false;
    }
  }

  private send(message: object): void {
    const text = JSON.stringify(message);
    const bytes = Buffer.from(String(text.length).padStart(6, "0") + text, "latin1");
    for (let done = 0; done < bytes.length; ) done += writeSync(this.toInterpreter, bytes, done);
  }

  private nextCall(): Call {
    for (;;) {
      const end = this.pending.indexOf("\n");
      if (end >= 0) {
        const line = this.pending.slice(0, end);
        this.pending = this.pending.slice(end + 1);
        return JSON.parse(line) as Call;
      }
      const length = readSync(this.fromInterpreter, this.chunk);
      this.pending += this.chunk.toString("latin1", 0, length);
    }
  }

  /** Carries out the interpreter's calls until a call of this name. */
  private serveUntil(word: "started" | "done" | "called"): Call {
    let failure: string | undefined;
    for (;;) {
      const call = this.nextCall();
      if (call[0] === "exited") throw new InterpreterError(`the interpreter ended:\n${this.log()}`);
      if (call[0] === "failed") failure = `${call[1]}\n${call[2] ?? ""}`;
      else if (call[0] === word) {
        if (word === "done") {
          if (call[1]) this.lastVariables = Number(call[1]);
          const flags = (call[2] as unknown as string[] | undefined) ?? [];
          if (flags.length) failure = `${failure ?? ""}\nerror flags of the interpreter: ${flags.join(", ")}`;
        }
        const log = this.log();
        if (failure || /Uncaught|Interrupted|MEMORY/.test(log)) throw new InterpreterError(`${failure ?? ""}\n${log}`);
        return call;
      } else this.answer(call);
    }
  }

  private log(): string {
    return readFileSync(path.join(this.folder, "log"), "latin1").replace(/^[\s\S]*espruino\.com\/Donate\s*/, "");
  }

  private answer(call: Call): void {
    const { board } = this;
    const [name, ...parts] = call;
    const number = (i: number): number => Number(parts[i]);
    const text = (i: number): string => String(parts[i]);
    const optional = (i: number): string | undefined => (parts[i] ? text(i) : undefined);
    const bytes = (i: number): Buffer => Buffer.from(text(i), "base64");
    const base64 = (data: string | Uint8Array): string => Buffer.from(data as string, "latin1").toString("base64");
    switch (name) {
      case "setTimer":
        return board.setTimer(number(0), number(1), () => this.call(number(0), true));
      case "clearTimer":
        return board.clearTimer(number(0));
      case "digitalWrite":
        return board.digitalWrite(text(0), number(1));
      case "digitalPulse":
        return board.digitalPulse(text(0), number(1), number(2));
      case "analogWrite":
        return board.analogWrite(text(0), number(1), number(2));
      case "pinMode":
        return board.pinMode(text(0), text(1));
      case "serialWrite":
        return board.serialWrite(text(0), bytes(1).toString("latin1"));
      case "netWrite":
        return board.netWrite(bytes(0).toString("latin1"));
      case "netEnd":
        return board.netEnd();
      case "wifiConnect":
        return board.wifiConnect(() => this.call(number(0), true));
      case "netConnect":
        return board.netConnect(
          () => this.call(number(0), true),
          (data) => this.call(number(1), false, base64(data)),
          () => this.call(number(2), true),
        );
      case "spiWrite":
        return void board.spiSend(text(0), [...bytes(1)], optional(2));
      case "restart":
        return this.world.restart();
      case "heard":
        return this.reply(() => this.options.onHeard?.(number(0), parts[1] as unknown as readonly unknown[]));
      case "boot":
        return this.send({ value: { now: board.getTime(), pins: board.pins() } });
      case "hwRand":
        return this.send({ value: board.hwRand() });
      case "setWatch":
        return this.reply(() => board.setWatch(text(1), text(2), (event) => this.call(number(0), false, event)));
      case "digitalRead":
        return this.reply(() => board.digitalRead(text(0)));
      case "i2cSetup":
        return board.i2cSetup(text(0), text(1), number(2));
      case "i2cWrite":
        return this.reply(() => board.i2cWrite(number(0), [...bytes(1)]));
      case "i2cRead":
        return this.reply(() => base64(board.i2cRead(number(0), number(1))));
      case "spiSetup":
        return board.spiSetup(text(0), JSON.parse(text(1)) as SpiSetup);
      case "spiSend":
        return this.reply(() => base64(Uint8Array.from(board.spiSend(text(0), [...bytes(1)], optional(2)))));
      case "serialSetup":
        return this.reply(() => board.serialSetup(text(0), parts[1] as unknown as SerialWires, (data) => this.call(number(2), false, base64(data))));
      case "flashRead":
        return this.reply(() => Buffer.from(board.flashRead(number(0), number(1))).toString("base64"));
      case "flashWrite":
        return this.reply(() => board.flashWrite(number(0), bytes(1)));
      case "flashErase":
        return this.reply(() => board.flashErase(number(0)));
      default:
        throw new InterpreterError(`the prelude sent an unknown call "${name}"`);
    }
  }

  /** Answers with the result of `work`, or with its error. A power cut ends the process instead. */
  private reply(work: () => unknown): void {
    let answer: object;
    try {
      answer = { value: work() ?? 0 };
    } catch (error) {
      if (error instanceof PowerCut) throw error;
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    this.send(answer);
  }
}
