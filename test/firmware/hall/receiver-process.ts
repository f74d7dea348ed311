// The receiver as a process of its own, and terminals that talk to it over TCP.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLineReader, lineOf } from "../../../firmware/tools/link/lines.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { compiledProgram } from "../../compiled-program.js";
import { encodeRecord, u32 } from "../ledger/ledger-encoder.js";

export const KEY = Buffer.alloc(32, 7);

/** A terminal whose connection has ended waits so long before the next one. */
const RETRY_MS = 500;

/** A terminal that keeps to PROTOCOL.md, with all its records written before. */
export class LineTerminal {
  readonly records: Buffer[] = [];
  readonly device: string;
  readonly log: number;
  acknowledged = 0;
  /** How often it has connected. */
  start = 0;
  private socket: Socket | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    readonly number: number,
    count: number,
  ) {
    this.device = `k-${number}`;
    this.log = 1000 + number;
    let before: Buffer = u32(this.log);
    for (let sequence = 1; sequence <= count; sequence++) {
      const record = encodeRecord(KEY, before, sequence, { type: 4, text: `"1024","T-${number}-${sequence}",0,5,1000` });
      before = record.subarray(-12, -8);
      this.records.push(record);
    }
  }

  get isDone(): boolean {
    return this.acknowledged >= this.records.length;
  }

  get isConnected(): boolean {
    return this.socket?.readyState === "open";
  }

  /** Connects, and once more whenever the connection ends, as a terminal does. */
  connect(port: number, localAddress = "127.0.0.1"): void {
    this.end();
    this.start++;
    const socket = connect({ port, host: "127.0.0.1", localAddress }, () => this.greet());
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket === this.socket) this.retry = setTimeout(() => this.connect(port, localAddress), RETRY_MS);
    });
    socket.on(
      "data",
      createLineReader((message) => {
        const { signed = "{}" } = message as { signed?: string };
        const { do: what, seq = 0 } = JSON.parse(signed) as { do?: string; seq?: number };
        if (what !== "acknowledge" || seq <= this.acknowledged) return;
        this.acknowledged = seq;
        this.send();
      }),
    );
  }

  /** Sends the hello and the next records. A terminal does so again when nothing was acknowledged for a while. */
  greet(): void {
    const { device, log, acknowledged, start } = this;
    const hello = { device, counter: `${this.number}`, firmware: "1", config: 1 };
    this.write({ hello, log, last: this.records.length, acknowledged, start, signed: start });
    this.send();
  }

  send(): void {
    const { log, start } = this;
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, this.records.length); seq++) {
      const record = this.records[seq - 1]?.toString("base64");
      this.write({ log, start, seq, record });
    }
  }

  private write(message: object): void {
    if (this.socket?.writable) this.socket.write(lineOf(sealedText(KEY, message)));
  }

  end(): void {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = undefined;
    socket?.destroy();
  }
}

/** A folder with keys and a database, and the receivers that were started on it. */
export class ReceiverFolder {
  readonly folder = mkdtempSync(path.join(tmpdir(), "receiver-"));
  readonly database = path.join(this.folder, "hall.sqlite");
  readonly keys = path.join(this.folder, "keys");
  private running: ChildProcess | undefined;

  /** @param devices terminals that have a key */
  constructor(devices: number) {
    mkdirSync(this.keys);
    for (let i = 0; i < devices; i++) writeFileSync(path.join(this.keys, `k-${i}.key`), KEY.toString("hex"));
  }

  /** Starts a receiver. @param options of the command @param before what the shell does first */
  spawn(port: number, { database = this.database, options = [], before = "" }: StartOptions = {}): ChildProcess {
    const words = [compiledProgram("receive"), "--tcp", `${port}`, "--tcp-host", "127.0.0.1", "--database", database];
    const all = [process.execPath, ...words, "--keys", this.keys, ...options];
    this.running = spawn("sh", ["-c", `${before}\nexec "$@"`, "sh", ...all], { stdio: ["ignore", "pipe", "pipe"] });
    return this.running;
  }

  /** Starts a receiver, and waits until it listens. */
  async start(options?: StartOptions): Promise<RunningReceiver> {
    const child = this.spawn(0, options);
    const said: string[] = [];
    child.stdout?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout?.on("data", () => {
        const match = /listening: tcp 127\.0\.0\.1:(\d+)/.exec(said.join(""));
        if (match) resolve(Number(match[1]));
      });
      void exited.then(() => reject(new Error(`the receiver ended: ${said.join("")}`)));
    });
    return { child, port, exited, said: () => said.join("") };
  }

  remove(): void {
    this.running?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true });
  }
}

export interface StartOptions {
  readonly database?: string;
  readonly options?: readonly string[];
  readonly before?: string;
}

export interface RunningReceiver {
  readonly child: ChildProcess;
  readonly port: number;
  readonly exited: Promise<number | null>;
  /** Everything that it has printed. */
  said(): string;
}
