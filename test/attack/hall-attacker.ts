// An attacker of receivers, written from firmware/uplink/PROTOCOL.md, firmware/ledger/FORMAT.md and firmware/hall/RECEIVE.md alone. It imports nothing of the project:
// it starts `receive` as anybody does, by its command line. It plays strangers, the holder of one key, hostile peers, and what happens to files. Two honest terminals
// have to be served before each case and behind it.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";

type Message = Record<string, unknown>;

export interface HallOutcome {
  readonly case: string;
  readonly outcome: string;
  /** Lines, connections or packets that were sent against the receiver. */
  readonly inputs: number;
}

interface HallCase {
  readonly name: string;
  /** @returns what went wrong, or "" */
  run(hall: Hall): Promise<string>;
}

const SERVED_MS = 60_000;
const START_MS = 60_000;
/** So often a terminal without an acknowledgement says hello and sends its records again, in ms. */
const AGAIN_MS = 1000;
const RECONNECT_MS = 300;
/** A receiver of a small hall takes no more, in MB. */
const MOST_MB = 400;

function crcOf(bytes: string | Buffer): number {
  return crc32(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
}

function lineOf(text: string): string {
  return `${text}*${crcOf(text).toString(16).padStart(8, "0")}\n`;
}

function macOf(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text, "latin1").digest("base64");
}

/** A message of a terminal with its MAC. */
function sealed(key: Buffer, message: Message): string {
  const text = JSON.stringify(message);
  return `${text.slice(0, -1)},"mac":"${macOf(key, text)}"}`;
}

/** A record as FORMAT.md has it. @param before MAC of the record before, or the name of the log */
function recordOf(key: Buffer, before: Buffer, sequence: number, type: number, fields: string): Buffer {
  const slots = Math.ceil((16 + fields.length + 12) / 64);
  const record = Buffer.alloc(slots * 64, " ");
  record.writeUInt8(slots, 0);
  record.writeUInt8(type, 1);
  record.writeUInt16LE(0, 2);
  record.writeUInt32LE(sequence, 4);
  record.writeUInt32LE(sequence * 100, 8);
  record.writeUInt32LE(0, 12);
  record.write(fields, 16, "latin1");
  const macAt = record.length - 12;
  createHmac("sha256", key).update(before).update(record.subarray(0, macAt)).digest().copy(record, macAt, 0, 4);
  record.writeUInt32LE(crcOf(record.subarray(0, record.length - 8)), record.length - 8);
  record.writeUInt32LE(0, record.length - 4);
  return record;
}

/** A terminal that keeps to PROTOCOL.md. */
class Terminal {
  readonly key = randomBytes(32);
  readonly log = randomBytes(4).readUInt32LE();
  readonly records: Buffer[] = [];
  acknowledged = 0;
  /** What a receiver must never do. */
  readonly lies: string[] = [];
  private port = 0;
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The highest number that this connection has brought. */
  private brought = 0;

  constructor(
    readonly device: string,
    readonly counter: string,
  ) {}

  /** Writes a record, as when a citizen has pressed a key. */
  write(fields: string, type = 4): void {
    const name = Buffer.alloc(4);
    name.writeUInt32LE(this.log);
    const before = this.records.at(-1)?.subarray(-12, -8) ?? name;
    this.records.push(recordOf(this.key, before, this.records.length + 1, type, fields));
  }

  /** Stays connected from now on. */
  connect(port: number): void {
    this.end();
    this.port = port;
    const socket = connect({ port, host: "127.0.0.1" }, () => this.greet());
    this.socket = socket;
    this.brought = this.acknowledged;
    let pending = "";
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket !== this.socket) return;
      clearInterval(this.timer);
      this.timer = setTimeout(() => this.connect(this.port), RECONNECT_MS);
    });
    socket.on("data", (data: string) => {
      const lines = (pending + data).split("\n");
      pending = lines.pop() as string;
      for (const line of lines) this.hear(line);
    });
    this.timer = setInterval(() => {
      if (this.acknowledged < this.records.length) this.greet();
    }, AGAIN_MS);
  }

  end(): void {
    clearInterval(this.timer);
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }

  say(message: Message): void {
    this.socket?.write(lineOf(sealed(this.key, message)), "latin1");
  }

  hello(more: Message = {}, identity: Message = {}): Message {
    const about = { device: this.device, counter: this.counter, firmware: "1", config: 1, neighbours: [], ...identity };
    return { hello: about, log: this.log, last: this.records.length, acknowledged: this.acknowledged, start: 1, signed: 0, ...more };
  }

  greet(): void {
    this.say(this.hello());
    this.send();
  }

  private send(): void {
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, this.records.length); seq++) this.sendOne(seq);
  }

  private sendOne(seq: number): void {
    this.brought = Math.max(this.brought, seq);
    this.say({ log: this.log, seq, record: (this.records[seq - 1] as Buffer).toString("base64") });
  }

  private hear(line: string): void {
    const text = line.slice(0, -9);
    if (lineOf(text) !== `${line}\n`) return void this.lies.push(`a line with a wrong CRC: ${line}`);
    const message = JSON.parse(text) as Message;
    const signed = message.signed as string | undefined;
    if (signed !== undefined && macOf(this.key, `command:${signed}`) !== message.mac) return void this.lies.push(`a wrong signature: ${text}`);
    const command = signed === undefined ? message : (JSON.parse(signed) as Message);
    if (command.do === "acknowledge") return this.hearAcknowledgement(command.seq as number, signed !== undefined);
    if (message.id === undefined) return;
    const seq = command.seq as number;
    if (command.do === "resend" && this.records[seq - 1]) this.sendOne(seq);
    const of = createHash("sha256").update(text, "latin1").digest("base64").slice(0, 16);
    this.say({ answer: message.id, of, result: "ok" });
  }

  private hearAcknowledgement(seq: number, isSigned: boolean): void {
    if (!isSigned) this.lies.push("an acknowledgement without a signature");
    if (seq > this.brought) this.lies.push(`${seq} was acknowledged, and ${this.brought} was the newest that was sent`);
    if (seq <= this.acknowledged) return;
    this.acknowledged = seq;
    this.send();
  }
}

/** A receiver in a folder of its own, and two honest terminals. */
export class Hall {
  readonly folder = mkdtempSync(path.join(tmpdir(), "attacked-hall-"));
  readonly database = path.join(this.folder, "hall.sqlite");
  readonly keys = path.join(this.folder, "keys");
  readonly terminals = [new Terminal("honest-0", "1"), new Terminal("honest-1", "2")];
  port = 0;
  inputs = 0;
  /** How the receiver ended; undefined: it runs. */
  ended: string | undefined = "never begun";
  private words = "";
  private child: ChildProcess | undefined;
  private readonly sockets: Socket[] = [];
  private readonly servers: Server[] = [];

  constructor() {
    mkdirSync(this.keys);
    for (const { device, key } of this.terminals) this.giveKey(device, key.toString("hex"));
  }

  giveKey(device: string, text: string): void {
    writeFileSync(path.join(this.keys, `${device}.key`), text, { mode: 0o600 });
  }

  // --- the receiver ---

  /** Starts it, and waits until it listens. @returns what it said where it has ended instead */
  async start(...options: readonly string[]): Promise<string> {
    const all = [
      "--import",
      "tsx",
      "firmware/hall/cli.ts",
      "--tcp",
      "0",
      "--tcp-host",
      "127.0.0.1",
      "--database",
      this.database,
      "--keys",
      this.keys,
    ];
    // A write beyond a limit is an error then, and no signal.
    const child = spawn("sh", ["-c", 'trap "" XFSZ; exec "$@"', "sh", process.execPath, ...all, ...options], { stdio: ["ignore", "pipe", "pipe"] });
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
    const port = (): string | undefined => /listening: tcp 127\.0\.0\.1:(\d+)/.exec(this.words)?.[1];
    await this.until("the receiver to listen", () => port() !== undefined || this.ended !== undefined, START_MS);
    this.port = Number(port() ?? 0);
    return this.ended === undefined ? "" : this.words;
  }

  /** Everything that it has said since its start. */
  get said(): string {
    return this.words;
  }

  get pid(): number {
    return this.child?.pid as number;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.child?.kill(signal);
    await this.until("the receiver to end", () => this.ended !== undefined);
  }

  /** Runs one of its commands. */
  command(...words: readonly string[]): { readonly status: number | null; readonly words: string; readonly output: string } {
    const all = ["--import", "tsx", "firmware/hall/cli.ts", ...words, "--database", this.database];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
    return { status, words: stdout + stderr, output: stdout };
  }

  get memoryMB(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, "latin1"))?.[1]) / 1000;
  }

  // --- the honest ones ---

  /** The honest terminals write records, and wait until all are acknowledged. @returns what went wrong, or "" */
  async served(when: string, count = 6): Promise<string> {
    for (const [i, terminal] of this.terminals.entries()) {
      for (let n = 0; n < count; n++) terminal.write(`"1024","T-${i}-${terminal.records.length}",0,5,1000`);
      terminal.greet();
    }
    try {
      await this.until("acknowledgements", () => this.terminals.every(({ acknowledged, records }) => acknowledged === records.length), SERVED_MS);
    } catch {
      const counts = this.terminals.map(({ acknowledged, records }) => `${acknowledged} of ${records.length}`);
      return `${when}: acknowledged are ${counts.join(" and ")}. ${this.ended ?? ""} ${this.said.slice(-600)}`;
    }
    return this.terminals.flatMap(({ lies }) => lies)[0] ?? "";
  }

  connectAll(): void {
    for (const terminal of this.terminals) terminal.connect(this.port);
  }

  /** What the database has of a terminal: each record by number, with its proof. @returns what is wrong, or "" */
  judge(): string {
    const { output } = this.command("export", "--format", "jsonl");
    const rows = output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Message);
    for (const { device, records, acknowledged } of this.terminals) {
      const own = rows.filter((row) => row.device === device);
      const numbers = own.map(({ sequence }) => sequence as number);
      for (let sequence = 1; sequence <= acknowledged; sequence++) {
        const [row, ...more] = own.filter((each) => each.sequence === sequence);
        if (!row) return `record ${sequence} of ${device} was acknowledged and is not there`;
        if (more.length > 0) return `record ${sequence} of ${device} is there twice`;
        const mac = records[sequence - 1]?.subarray(-12, -8).toString("hex");
        if (row.proof !== "verified" || row.mac !== mac) return `record ${sequence} of ${device} is ${row.proof}, with the MAC ${row.mac}`;
      }
      if (Math.max(...numbers) > records.length) return `${device} has a record that it never wrote`;
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
  async until(what: string, isTrue: () => boolean, mostMs = SERVED_MS): Promise<void> {
    const endMs = performance.now() + mostMs;
    while (!isTrue()) {
      if (performance.now() > endMs) throw new Error(`waited in vain for ${what}: ${this.said.slice(-600)}`);
      await sleep(5);
    }
  }

  /** Ends everything. */
  async end(): Promise<void> {
    for (const terminal of this.terminals) terminal.end();
    for (const socket of this.sockets) socket.destroy();
    for (const server of this.servers) server.close();
    if (this.ended === undefined) await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true });
  }
}

/** Writes with back-pressure, so that the attacker's own memory is not what fails. */
async function pour(socket: Socket, chunk: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && socket.writable; i++) {
    if (socket.write(chunk)) continue;
    for (let ms = 0; socket.writableNeedDrain && !socket.destroyed && ms < 2000; ms += 5) await sleep(5);
  }
}

/** Alarms of a kind in the report, or how many there are in all. */
function alarmsIn(report: string): number {
  return Number(/^(\d+) alarms?:$/m.exec(report)?.[1] ?? 0);
}

/** A line that its sender's key does not fit. */
function forgedHello(device: string): string {
  const message = { hello: { device, counter: "9", firmware: "1", config: 1 }, log: 1, last: 0, acknowledged: 0, start: 1, signed: 0 };
  return lineOf(sealed(Buffer.alloc(32, 1), message));
}

/** Starts the hall, and lets the honest ones be served. @returns what went wrong, or "" */
async function begin(hall: Hall, ...options: readonly string[]): Promise<string> {
  const problem = await hall.start(...options);
  if (problem) return `it does not start: ${problem}`;
  hall.connectAll();
  return hall.served("before");
}

/** A receiver that has to end: nothing is acknowledged from then on, and its words name what to do. */
async function expectEnd(hall: Hall, words: RegExp): Promise<string> {
  const acknowledged = hall.terminals.map((terminal) => terminal.acknowledged);
  for (const terminal of hall.terminals) {
    terminal.write('"1024","T-late",0,5,1000');
    terminal.greet();
  }
  await hall.until("the receiver to end", () => hall.ended !== undefined);
  if (hall.terminals.some((terminal, i) => terminal.acknowledged !== acknowledged[i])) return "something was acknowledged that it could not store";
  return words.test(hall.said) ? "" : `it does not say what to do: ${hall.said.slice(-600)}`;
}

/** The receiver is not there, and what it says where it is started names what to do. */
async function expectRefusal(hall: Hall, words: RegExp): Promise<string> {
  const said = await hall.start();
  if (!said) return "it starts as if nothing had happened";
  return words.test(said) ? "" : `it does not say what to do: ${said.slice(-600)}`;
}

/** Goes on with what is there now. */
async function goOn(hall: Hall): Promise<string> {
  const problem = await hall.start();
  if (problem) return `it does not start again: ${problem}`;
  hall.connectAll();
  return hall.served("behind it");
}

function restoreBackup(hall: Hall, backup: string): string {
  const { status, words } = hall.command("restore", backup);
  return status === 0 ? "" : `restore fails: ${words}`;
}

/** What was acknowledged behind the backup, and the terminals still hold, comes back. */
async function fetchedBack(hall: Hall): Promise<string> {
  const endMs = performance.now() + SERVED_MS;
  for (;;) {
    await sleep(1000);
    const problem = hall.judge();
    if (!problem || performance.now() > endMs) return problem;
  }
}

/** A backup is made, and the hall goes on. @returns what went wrong, or "" */
async function backUp(hall: Hall, backup: string): Promise<string> {
  const { status, words } = hall.command("backup", backup);
  return status === 0 ? hall.served("behind the backup") : `backup fails: ${words}`;
}

/** Something happens to the files of a receiver that runs: it ends, and a backup brings everything back that the terminals still hold. */
function accident(name: string, happens: (hall: Hall) => void): HallCase {
  return {
    name,
    async run(hall) {
      const backup = path.join(hall.folder, "backup.sqlite");
      const problem = (await begin(hall)) || (await backUp(hall, backup));
      if (problem) return problem;
      happens(hall);
      hall.inputs++;
      const wrong = await expectEnd(hall, /restore the newest backup|receive restore/);
      return wrong || restoreBackup(hall, backup) || (await goOn(hall)) || fetchedBack(hall);
    },
  };
}

export const HALL_CASES: readonly HallCase[] = [
  {
    name: "a thousand strangers connect, from one address and from many, and stay silent",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      for (let i = 0; i < 1000; i++) await hall.stranger(i % 2 ? "127.0.0.1" : `127.0.${1 + (i % 50)}.${1 + (i % 200)}`);
      return hall.served("with the strangers");
    },
  },
  {
    name: "strangers talk: noise, half lines, lines without an end, a hundred thousand short ones",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const endless = await hall.stranger();
      const noisy = await hall.stranger("127.0.1.2");
      const short = await hall.stranger("127.0.1.3");
      const wrong = await hall.stranger("127.0.1.4");
      const attack = Promise.all([
        pour(endless, Buffer.alloc(1_000_000, "a"), 100),
        pour(noisy, randomBytes(100_000), 100),
        pour(short, Buffer.from(lineOf("{}").repeat(1000)), 100),
        pour(wrong, Buffer.from('{"hello":{"device":"honest-0"*00000000\n["'.repeat(1000)), 50),
      ]);
      hall.inputs += 250_000;
      const meanwhile = await hall.served("meanwhile");
      await attack;
      if (hall.memoryMB > MOST_MB) return `it takes ${Math.round(hall.memoryMB)} MB`;
      return meanwhile || hall.served("behind it");
    },
  },
  {
    name: "five thousand invented names on one connection, and the names of honest ones without their keys",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const socket = await hall.stranger();
      for (let i = 0; i < 5000; i++) socket.write(forgedHello(`x-${i}`));
      for (let i = 0; i < 500; i++) socket.write(forgedHello(`honest-${i % 2}`));
      hall.inputs += 5500;
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return meanwhile;
      const alarms = alarmsIn(hall.command("report").words);
      return alarms > 0 && alarms < 250 ? "" : `${alarms} alarms`;
    },
  },
  {
    name: "a stranger repeats what honest terminals have sent, and spoils records of theirs",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const [honest] = hall.terminals as [Terminal, Terminal];
      const socket = await hall.stranger();
      let acknowledged = 0;
      socket.on("data", (data: Buffer) => {
        acknowledged += data.toString("latin1").split("acknowledge").length - 1;
      });
      for (let seq = 1; seq <= honest.records.length; seq++) {
        const record = honest.records[seq - 1] as Buffer;
        socket.write(lineOf(sealed(honest.key, { log: honest.log, seq, record: record.toString("base64") })));
        const other = Buffer.from(record);
        other.write("9", 30);
        socket.write(lineOf(sealed(Buffer.alloc(32, 9), { log: honest.log, seq, record: other.toString("base64") })));
        hall.inputs += 2;
      }
      const meanwhile = await hall.served("meanwhile");
      return meanwhile || (acknowledged > 0 ? "" : "what was sealed by the right key was not answered");
    },
  },
  {
    name: "the holder of one key sends records and messages that no database takes",
    async run(hall) {
      const bad = new Terminal("bad", "3");
      hall.giveKey("bad", bad.key.toString("hex"));
      const problem = await begin(hall);
      if (problem) return problem;
      for (const fields of [
        '"1024","T-1",0,4.5,1000',
        '"1024","T-1",0,5,1e308',
        '"1024","T-1",99999999999999999999,5,1',
        `{"a":1},[],null,true,${"9".repeat(60)}`,
        "",
        "}}]]\u0001\u001b[2J",
        `"${"x".repeat(200)}"`,
        '"1024",{"__proto__":1},0,5,1000',
      ])
        bad.write(fields);
      for (let type = 0; type < 256; type += 5) bad.write('"\\ud800","\\u0000",-1,5,1000', type);
      bad.connect(hall.port);
      const messages: Message[] = [
        bad.hello({ last: 4294967295, acknowledged: 4294967290 }, { counter: "x".repeat(300), firmware: { a: 1 }, neighbours: Array(20).fill("y") }),
        bad.hello({ start: -1, signed: 1e308, log: 4294967296 }),
        { status: { online: true, state: "open", clerk: "\u001b[2J", pause: [], faults: "x", config: -1, uptime: 1e308, free: null, flags: {} } },
        { alert: "badRating", detail: { toString: 1 } },
        { answer: "x", of: 7, result: [] },
        { log: bad.log, seq: 1.5, record: "!!!!" },
        { log: bad.log, seq: 4294967295, record: Buffer.alloc(256, 1).toString("base64") },
        { log: bad.log, seq: 1, lost: "yes" },
      ];
      for (const message of messages) bad.say(message);
      hall.inputs += messages.length + bad.records.length;
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return bad.end() ?? meanwhile;
      await hall.until("the bad one's own records", () => bad.acknowledged === bad.records.length).finally(() => bad.end());
      return "";
    },
  },
  {
    name: "a key file that cannot be read: a folder, half a key, noise, an empty file, and none",
    async run(hall) {
      const others = ["folder", "half", "noise", "empty", "none"].map((name, i) => new Terminal(name, `${i + 3}`));
      const [folder, half, noise, empty] = others as [Terminal, Terminal, Terminal, Terminal];
      mkdirSync(path.join(hall.keys, "folder.key"));
      hall.giveKey("half", half.key.toString("hex").slice(0, 31));
      hall.giveKey("noise", randomBytes(500).toString("latin1"));
      hall.giveKey("empty", "");
      const problem = await begin(hall);
      if (problem) return problem;
      for (const other of others) {
        other.write('"1024","T-1",0,5,1000');
        other.connect(hall.port);
        hall.inputs++;
      }
      const wrong = await hall.served("meanwhile");
      if (wrong) return wrong;
      const isTold = ({ device }: Terminal): boolean => new RegExp(`${device} +ALARM: .*${device}\\.key`).test(hall.said);
      await hall.until("an alarm for each", () => others.every(isTold));
      if (others.some(({ acknowledged }) => acknowledged > 0)) return "what nobody can prove was acknowledged";
      // Put right, each is served without a restart.
      rmSync(path.join(hall.keys, "folder.key"), { recursive: true });
      for (const { device, key } of others) hall.giveKey(device, key.toString("hex"));
      await hall
        .until("those whose keys were put right", () => [folder, half, noise, empty].every(({ acknowledged }) => acknowledged === 1))
        .finally(() => {
          for (const other of others) other.end();
        });
      return hall.served("behind it");
    },
  },
  accident("the database is deleted while the receiver runs", ({ database }) => rmSync(database)),
  accident("the database is cut while the receiver runs", ({ database }) => truncateSync(database, 4096)),
  accident("the log of the database is deleted while the receiver runs", ({ database }) => rmSync(`${database}-wal`)),
  accident("somebody writes into the database while the receiver runs", ({ database }) => {
    const fd = openSync(database, "r+");
    writeSync(fd, Buffer.alloc(64, 0xa5), 0, 64, 5000);
    closeSync(fd);
  }),
  {
    name: "the database is deleted, cut or damaged before the receiver starts",
    async run(hall) {
      const backup = path.join(hall.folder, "backup.sqlite");
      const problem = (await begin(hall)) || (await backUp(hall, backup));
      if (problem) return problem;
      await hall.stop("SIGKILL");
      const harms: readonly (() => void)[] = [
        () => truncateSync(hall.database, 5000),
        () => truncateSync(hall.database, 0),
        () => writeFileSync(hall.database, randomBytes(20_000)),
        () => rmSync(hall.database),
      ];
      for (const harm of harms) {
        for (const name of readdirSync(hall.folder)) if (/^hall\.sqlite-(wal|shm)$/.test(name)) rmSync(path.join(hall.folder, name));
        harm();
        hall.inputs++;
        const wrong = await expectRefusal(hall, /receive restore BACKUP/);
        if (wrong) return wrong;
      }
      return restoreBackup(hall, backup) || (await goOn(hall)) || fetchedBack(hall);
    },
  },
  {
    name: "an older copy of the database comes back, in a hall that has gone on since",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      const old = path.join(hall.folder, "old");
      cpSync(hall.database, old);
      const more = await goOn(hall);
      if (more) return more;
      await hall.stop("SIGKILL");
      for (const end of ["-wal", "-shm"]) rmSync(hall.database + end, { force: true });
      cpSync(old, hall.database);
      hall.inputs++;
      const wrong = (await goOn(hall)) || (await fetchedBack(hall));
      if (wrong) return wrong;
      const { words } = hall.command("report");
      return /restored, or an old copy/.test(words) ? "" : `nobody is told: ${words}`;
    },
  },
  {
    name: "the database is of a newer version",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      const before = readFileSync(hall.database);
      // The version stands at byte 60 of every SQLite file.
      const newer = Buffer.from(before);
      newer.writeUInt32BE(newer.readUInt32BE(60) + 1, 60);
      writeFileSync(hall.database, newer);
      hall.inputs++;
      const wrong = await expectRefusal(hall, /another version of this program.*Use the version that wrote it, or a newer one/s);
      if (wrong) return wrong;
      if (!readFileSync(hall.database).equals(newer)) return "it has written into the file";
      writeFileSync(hall.database, before);
      return goOn(hall);
    },
  },
  {
    name: "the disk takes nothing more, and then it does",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const limit = (bytes: string): string => spawnSync("prlimit", [`--pid=${hall.pid}`, `--fsize=${bytes}:unlimited`], { encoding: "utf8" }).stderr;
      const trouble = limit("4096");
      if (trouble) return `prlimit: ${trouble}`;
      hall.inputs++;
      const acknowledged = hall.terminals.map((terminal) => terminal.acknowledged);
      for (const terminal of hall.terminals) {
        terminal.write('"1024","T-full",0,5,1000');
        terminal.greet();
      }
      await hall.until("words about the disk", () => /Records cannot be stored/.test(hall.said) || hall.ended !== undefined);
      if (hall.terminals.some((terminal, i) => terminal.acknowledged !== acknowledged[i]))
        return "something was acknowledged that it could not store";
      if (!/Nothing is acknowledged meanwhile/.test(hall.said)) return `it does not say what is so: ${hall.said.slice(-600)}`;
      limit("unlimited");
      return hall.served("behind it");
    },
  },
  {
    name: "a broker sends 130 MB, packets without an end, and names that it invents",
    async run(hall) {
      let logins = 0;
      const port = await hall.serve((socket) => {
        const turn = logins++;
        hall.inputs++;
        let pending = Buffer.alloc(0);
        socket.on("data", (data: Buffer) => {
          pending = Buffer.concat([pending, data]);
          // The packets of a receiver are shorter than 128 bytes.
          while (pending.length >= 2 && pending.length >= 2 + (pending[1] as number)) {
            const packet = pending.subarray(0, 2 + (pending[1] as number));
            pending = pending.subarray(packet.length);
            const kind = (packet[0] as number) >> 4;
            if (kind === 12) socket.write(Buffer.from([0xd0, 0]));
            if (kind === 1) socket.write(Buffer.from([0x20, 2, 0, 0]));
            if (kind !== 8) continue;
            socket.write(Buffer.from([0x90, 3, packet[2] as number, packet[3] as number, 1]));
            void harm(socket, turn);
          }
        });
      });
      const harm = async (socket: Socket, turn: number): Promise<void> => {
        const publish = (topic: string, payload: string): Buffer => {
          const body = Buffer.concat([Buffer.from([topic.length >> 8, topic.length & 255]), Buffer.from(topic + payload)]);
          return Buffer.concat([Buffer.from([0x30, 0x80 | (body.length & 127), body.length >> 7]), body]);
        };
        if (turn % 3 === 1) return void socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]));
        if (turn % 3 === 2) return pour(socket, randomBytes(100_000), 20);
        for (let i = 0; i < 2000; i++) socket.write(publish(`counter-terminal/x-${i}/hello`, "{}".padEnd(140)));
        const topic = "counter-terminal/honest-0/record";
        socket.write(Buffer.concat([Buffer.from([0x30, 0xa2, 0xd3, 0xfe, 0x3d, 0, topic.length]), Buffer.from(topic)]));
        await pour(socket, Buffer.alloc(1_000_000, 0x41), 130);
        await sleep(500);
        socket.destroy();
      };
      const problem = await begin(hall, "--mqtt", `mqtt://127.0.0.1:${port}`);
      if (problem) return problem;
      const meanwhile = await hall.served("meanwhile");
      await hall.until("three logins", () => logins >= 3);
      await sleep(500);
      if (hall.memoryMB > MOST_MB) return `it takes ${Math.round(hall.memoryMB)} MB`;
      return meanwhile || hall.served("behind it");
    },
  },
];

/**
 * Plays cases, each against a receiver of its own.
 * @param names of the cases; none: all of them
 */
export async function attackHalls(names: readonly string[]): Promise<HallOutcome[]> {
  const outcomes: HallOutcome[] = [];
  for (const each of HALL_CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const hall = new Hall();
    let outcome: string;
    try {
      outcome = (await each.run(hall)) || hall.judge() || (hall.ended === undefined ? "held" : `the receiver has ended: ${hall.ended}`);
    } catch (error) {
      outcome = (error as Error).message;
    } finally {
      await hall.end();
    }
    outcomes.push({ case: each.name, outcome, inputs: hall.inputs });
  }
  return outcomes;
}
