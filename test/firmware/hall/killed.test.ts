// The receiver as a process, killed again and again while terminals send: what it has acknowledged is in the database, and everything is, once.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { createLineReader, lineOf } from "../../../firmware/tools/link/lines.js";
import { sealedText } from "../../../firmware/tools/link/signing.js";
import { EXIT } from "../../../firmware/tools/tool-error.js";
import { encodeRecord, u32 } from "../ledger/ledger-encoder.js";

const KEY = Buffer.alloc(32, 7);
const RECORDS = 300;
const TERMINALS = 3;
const KILLS = 2;

let folder = "";
let file = "";
let running: ChildProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "killed-"));
  file = path.join(folder, "hall.sqlite");
  mkdirSync(path.join(folder, "keys"));
  for (let i = 0; i < TERMINALS; i++) writeFileSync(path.join(folder, "keys", `k-${i}.key`), KEY.toString("hex"));
});
afterAll(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A terminal that keeps to PROTOCOL.md, with all its records written before. */
class Terminal {
  readonly records: Buffer[] = [];
  acknowledged = 0;
  private socket: Socket | undefined;

  constructor(private readonly number: number) {
    let before: Buffer = u32(1000 + number);
    for (let sequence = 1; sequence <= RECORDS; sequence++) {
      const record = encodeRecord(KEY, before, sequence, { type: 4, text: `"1024","T-${number}-${sequence}",0,5,1000` });
      before = record.subarray(-12, -8);
      this.records.push(record);
    }
  }

  connect(port: number): void {
    this.socket?.destroy();
    const socket = connect(port, "127.0.0.1", () => {
      const hello = { device: `k-${this.number}`, counter: `${this.number}`, firmware: "1", config: 1 };
      socket.write(lineOf(sealedText(KEY, { hello, log: 1000 + this.number, last: RECORDS, acknowledged: this.acknowledged, signed: 0 })));
      this.send();
    });
    this.socket = socket;
    socket.on("error", () => undefined);
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

  private send(): void {
    for (let seq = this.acknowledged + 1; seq <= Math.min(this.acknowledged + 4, RECORDS); seq++) {
      const record = this.records[seq - 1]?.toString("base64");
      if (this.socket?.writable) this.socket.write(lineOf(sealedText(KEY, { log: 1000 + this.number, seq, record })));
    }
  }

  end(): void {
    this.socket?.destroy();
  }
}

function command(port: number, database: string): ChildProcess {
  const words = ["--import", "tsx", "firmware/hall/cli.ts", "--tcp", `${port}`, "--tcp-host", "127.0.0.1", "--database", database];
  return spawn(process.execPath, [...words, "--keys", path.join(folder, "keys")], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Starts the command, and waits until it listens. */
async function start(): Promise<{ child: ChildProcess; port: number }> {
  const child = command(0, file);
  running = child;
  let text = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const match = /listening: tcp 127\.0\.0\.1:(\d+)/.exec(text);
      if (match) resolve(Number(match[1]));
    });
    child.once("exit", () => reject(new Error(`the receiver ended: ${text}`)));
  });
  return { child, port };
}

it("A receiver that is killed while it stores has everything that it acknowledged, and in the end everything once", async () => {
  const terminals = Array.from({ length: TERMINALS }, (_, i) => new Terminal(i));
  for (let kill = 0; kill <= KILLS; kill++) {
    const { child, port } = await start();
    const exited = new Promise((resolve) => child.once("exit", resolve));
    for (const terminal of terminals) terminal.connect(port);
    const enough = (): boolean => terminals.every(({ acknowledged }) => acknowledged >= (RECORDS * (kill + 1)) / (KILLS + 1));
    while (!enough()) await sleep(1);
    child.kill(kill < KILLS ? "SIGKILL" : "SIGTERM");
    await exited;
    const store = SqliteStore.open(file);
    for (const [i, { acknowledged }] of terminals.entries()) expect(store.head(`k-${i}`, 1000 + i)?.sequence).toBeGreaterThanOrEqual(acknowledged);
    store.close();
  }
  const store = SqliteStore.open(file);
  const rows = [...store.records()];
  expect(rows.map(({ device, sequence, bytes, proof }) => `${device} ${sequence} ${proof} ${bytes.toString("base64")}`)).toEqual(
    terminals.flatMap(({ records }, i) => records.map((record, at) => `k-${i} ${at + 1} verified ${record.toString("base64")}`)),
  );
  expect(store.alarms()).toEqual([]);
  store.close();
  for (const terminal of terminals) terminal.end();
}, 120_000);

it("A receiver that cannot listen says why, and ends", async () => {
  const { child, port } = await start();
  const second = command(port, path.join(folder, "other.sqlite"));
  let words = "";
  second.stderr?.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  const code = await new Promise((resolve) => second.once("exit", resolve));
  expect(code).toBe(EXIT.unreachable);
  expect(words).toContain("another program listens there already");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
}, 60_000);
