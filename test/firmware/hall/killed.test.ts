// The receiver as a process, killed again and again while terminals send: what it has acknowledged is in the database, and everything is, once.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { EXIT } from "../../../firmware/tools/tool-error.js";
import { LineTerminal, ReceiverFolder } from "./receiver-process.js";

const RECORDS = 300;
const TERMINALS = 3;
const KILLS = 2;

let hall: ReceiverFolder;
beforeAll(() => {
  hall = new ReceiverFolder(TERMINALS);
});
afterAll(() => hall.remove());

it("A receiver that is killed while it stores has everything that it acknowledged, and in the end everything once", async () => {
  const terminals = Array.from({ length: TERMINALS }, (_, i) => new LineTerminal(i, RECORDS));
  for (let kill = 0; kill <= KILLS; kill++) {
    const { child, port, exited } = await hall.start();
    for (const terminal of terminals) terminal.connect(port);
    const enough = (): boolean => terminals.every(({ acknowledged }) => acknowledged >= (RECORDS * (kill + 1)) / (KILLS + 1));
    while (!enough()) await sleep(1);
    child.kill(kill < KILLS ? "SIGKILL" : "SIGTERM");
    await exited;
    const store = SqliteStore.open(hall.database);
    for (const { device, log, acknowledged } of terminals) expect(store.head(device, log)?.sequence).toBeGreaterThanOrEqual(acknowledged);
    store.close();
  }
  const store = SqliteStore.open(hall.database);
  const rows = [...store.records()];
  expect(rows.map(({ device, sequence, bytes, proof }) => `${device} ${sequence} ${proof} ${bytes.toString("base64")}`)).toEqual(
    terminals.flatMap(({ device, records }) => records.map((record, at) => `${device} ${at + 1} verified ${record.toString("base64")}`)),
  );
  expect(store.alarms()).toEqual([]);
  store.close();
  for (const terminal of terminals) terminal.end();
}, 120_000);

it("A receiver that cannot listen says why, and ends", async () => {
  const { child, port, exited } = await hall.start();
  const second = hall.spawn(port, { database: path.join(hall.folder, "other.sqlite") });
  let words = "";
  second.stderr?.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  const code = await new Promise((resolve) => second.once("exit", resolve));
  expect(code).toBe(EXIT.unreachable);
  expect(words).toContain("another program listens there already");
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
}, 60_000);
