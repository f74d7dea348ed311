// A receiver that is attacked, with two honest terminals that have to be served. It starts `receive` as anybody does, by its command line.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Message, Terminal } from "./honest-terminal.js";

export interface HallCase {
  readonly name: string;
  /** @returns what went wrong, or "" */
  run(hall: Hall): Promise<string>;
}

/** The receiver that is attacked. */
export interface Attacked {
  /** What Node is given to run `receive`. */
  readonly program: readonly string[];
  /** How long whatever has to happen may take, in ms. */
  readonly patienceMs: number;
}

export const RECEIVE: Attacked = { program: ["dist/programs/receive.mjs"], patienceMs: 60_000 };

/** A command that takes longer hangs, in ms: none waits for a terminal. */
const COMMAND_MS = 20_000;
/** A receiver of a small hall takes no more, in MB: about 160 of them are Node and its libraries. */
export const MOST_MB = 270;

/** A receiver in a folder of its own, and two honest terminals. */
export class Hall {
  readonly folder = mkdtempSync(path.join(tmpdir(), "attacked-hall-"));
  readonly database = path.join(this.folder, "hall.sqlite");
  readonly keys = path.join(this.folder, "keys");
  readonly terminals = [new Terminal("honest-0", "1"), new Terminal("honest-1", "2")];
  /** Other terminals, which end with it. */
  readonly others: Terminal[] = [];
  port = 0;
  inputs = 0;
  /** It is started as a user who is no more than the owner of the files: root could write whatever they say. */
  isPowerless = false;
  /** What its environment has besides. */
  environment: Readonly<Record<string, string>> = {};
  /** What it says goes into a file beside the database, and not to whoever started it. */
  logs = false;
  /** How the receiver ended; undefined: it runs. */
  ended: string | undefined = "never begun";
  private words = "";
  private child: ChildProcess | undefined;
  private readonly sockets: Socket[] = [];
  private readonly servers: Server[] = [];

  constructor(readonly attacked: Attacked = RECEIVE) {
    mkdirSync(this.keys);
    for (const { device, key } of this.terminals) this.giveKey(device, key.toString("hex"));
  }

  giveKey(device: string, text: string): void {
    writeFileSync(path.join(this.keys, `${device}.key`), text, { mode: 0o600 });
  }

  // --- the receiver ---

  /** Starts it, and waits until it listens. @returns what it said where it has ended instead */
  async start(...options: readonly string[]): Promise<string> {
    const { program, patienceMs } = this.attacked;
    const all = [...program, "--tcp", "0", "--tcp-host", "127.0.0.1", "--database", this.database, "--keys", this.keys];
    // A write beyond a limit is an error then, and no signal. Whoever starts it may let others read his files.
    const powers = this.isPowerless && process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
    const log = this.logs ? openSync(this.log, "a") : undefined;
    const child = spawn("sh", ["-c", 'trap "" XFSZ; umask 0; exec "$@"', "sh", ...powers, process.execPath, ...all, ...options], {
      stdio: ["ignore", log ?? "pipe", log ?? "pipe"],
      env: { ...process.env, ...this.environment },
    });
    if (log !== undefined) closeSync(log);
    this.child = child;
    this.ended = undefined;
    this.words = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.words += chunk;
      });
    child.once("close", (code, signal) => {
      this.ended = signal ?? `code ${code}`;
    });
    const port = (): string | undefined => /listening: tcp 127\.0\.0\.1:(\d+)/.exec(this.said)?.[1];
    await this.until("the receiver to listen", () => port() !== undefined || this.ended !== undefined, patienceMs);
    this.port = Number(port() ?? 0);
    return this.ended === undefined ? "" : this.said;
  }

  /** Everything that it has said since its start. */
  get said(): string {
    return this.logs ? readFileSync(this.log, "utf8") : this.words;
  }

  private get log(): string {
    return path.join(this.folder, "hall.log");
  }

  get pid(): number {
    return this.child?.pid as number;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.child?.kill(signal);
    await this.until("the receiver to end", () => this.ended !== undefined);
  }

  /** Runs one of its commands. */
  command(...words: readonly string[]): Promise<{ readonly isDone: boolean; readonly words: string; readonly output: string }> {
    const all = [...this.attacked.program, ...words, "--database", this.database];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { encoding: "utf8", timeout: COMMAND_MS, maxBuffer: 1e9 }, (error, stdout, stderr) =>
        resolve({ isDone: error === null, words: stdout + stderr, output: stdout }),
      );
    });
  }

  /** The most memory that it has had so far, in MB. */
  get memoryMB(): number {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, "latin1"))?.[1]) / 1000;
  }

  // --- the honest ones ---

  /** The honest terminals write records, and wait until all are acknowledged. @returns what went wrong, or "" */
  async served(when: string, count = 6): Promise<string> {
    for (const [i, terminal] of this.terminals.entries()) {
      for (let n = 0; n < count; n++) terminal.write(`"1024","T-${i}-${terminal.records.length}",0,5,1000`);
      terminal.greet();
    }
    try {
      await this.until("acknowledgements", () => this.terminals.every(({ acknowledged, records }) => acknowledged === records.length));
    } catch {
      const counts = this.terminals.map(({ acknowledged, records }) => `${acknowledged} of ${records.length}`);
      return `${when}: acknowledged are ${counts.join(" and ")}. ${this.ended ?? ""} ${this.said.slice(-600)}`;
    }
    return this.lie();
  }

  /** What the receiver has done that it must never do, or "". */
  lie(): string {
    return [...this.terminals, ...this.others].flatMap(({ lies }) => lies)[0] ?? "";
  }

  /** Brings another terminal. @param hasKey whether the hall knows its key */
  bring(terminal: Terminal, hasKey = true): Terminal {
    if (hasKey) this.giveKey(terminal.device, terminal.key.toString("hex"));
    this.others.push(terminal);
    return terminal;
  }

  connectAll(): void {
    for (const terminal of this.terminals) terminal.connect(this.port);
  }

  /** What the database has of a terminal: each record by number, with its proof. @returns what is wrong, or "" */
  async judge(): Promise<string> {
    const { isDone, words, output } = await this.command("export", "--format", "jsonl");
    if (!isDone) return `export fails: ${words.slice(-600)}`;
    const rows = output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Message);
    const all = [...this.terminals, ...this.others];
    for (const { device, log, records, acknowledged } of all) {
      const own = rows.filter((row) => row.device === device && row.log === log);
      for (let sequence = 1; sequence <= acknowledged; sequence++) {
        const [row, ...more] = own.filter((each) => each.sequence === sequence);
        if (!row) return `record ${sequence} of ${device} was acknowledged and is not there`;
        if (more.length > 0) return `record ${sequence} of ${device} is there twice`;
        const record = records[sequence - 1] as Buffer;
        const isSame =
          row.type === "unreadable"
            ? (row.values as unknown[])[0] === record.toString("base64")
            : row.mac === record.subarray(-12, -8).toString("hex");
        if (row.proof !== "verified" || !isSame) return `record ${sequence} of ${device} is ${row.proof}, with the MAC ${row.mac}`;
      }
      const written = all.filter((each) => each.device === device && each.log === log).map((each) => each.records.length);
      if (own.some((row) => (row.sequence as number) > Math.max(...written))) return `${device} has a record that it never wrote`;
    }
    return "";
  }

  // --- the attack ---

  /** A connection of a stranger. */
  async stranger(localAddress = "127.0.0.1"): Promise<Socket> {
    this.inputs++;
    const socket = connect({ port: this.port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    socket.resume();
    this.sockets.push(socket);
    await new Promise<void>((resolve) => {
      socket.once("connect", resolve);
      socket.once("error", () => resolve());
      socket.once("close", () => resolve());
    });
    return socket;
  }

  async serve(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on("error", () => undefined);
      onConnection(socket);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  /** @throws Error when it takes too long */
  async until(what: string, isTrue: () => boolean, mostMs = this.attacked.patienceMs): Promise<void> {
    const endMs = performance.now() + mostMs;
    while (!isTrue()) {
      if (performance.now() > endMs) throw new Error(`waited in vain for ${what}: ${this.said.slice(-600)}`);
      await sleep(5);
    }
  }

  /** Ends everything. */
  async end(): Promise<void> {
    for (const terminal of [...this.terminals, ...this.others]) terminal.end();
    for (const socket of this.sockets) socket.destroy();
    for (const server of this.servers) server.close();
    if (this.ended === undefined) await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Writes with back-pressure, so that the attacker's own memory is not what fails. */
export async function pour(socket: Socket, chunk: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && socket.writable; i++) {
    if (socket.write(chunk)) continue;
    for (let ms = 0; socket.writableNeedDrain && !socket.destroyed && ms < 2000; ms += 5) await sleep(5);
  }
}

/** Starts the hall, and lets the honest ones be served. @returns what went wrong, or "" */
export async function begin(hall: Hall, ...options: readonly string[]): Promise<string> {
  const problem = await hall.start(...options);
  if (problem) return `it does not start: ${problem}`;
  hall.connectAll();
  return hall.served("before");
}

/** Goes on with what is there now. */
export async function goOn(hall: Hall): Promise<string> {
  const problem = await hall.start();
  if (problem) return `it does not start again: ${problem}`;
  hall.connectAll();
  return hall.served("behind it");
}

/** What was acknowledged behind a backup, and the terminals still hold, comes back. @returns what went wrong, or "" */
export async function fetchedBack(hall: Hall): Promise<string> {
  const endMs = performance.now() + hall.attacked.patienceMs;
  for (;;) {
    await sleep(1000);
    const problem = await hall.judge();
    if (!problem || performance.now() > endMs) return problem;
  }
}

/** A backup is made, and the hall goes on. @returns what went wrong, or "" */
export async function backUp(hall: Hall, backup: string): Promise<string> {
  const { isDone, words } = await hall.command("backup", backup);
  return isDone ? hall.served("behind the backup") : `backup fails: ${words}`;
}

/** @returns what went wrong, or "" */
export async function restoreBackup(hall: Hall, backup: string): Promise<string> {
  const { isDone, words } = await hall.command("restore", backup);
  return isDone ? "" : `restore fails: ${words}`;
}
