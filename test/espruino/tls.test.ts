// The `linux` bundle on a real interpreter and the receiver, at a real broker that speaks TLS alone, with certificates that were made for the test.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { createReceiver } from "../../firmware/hall/receiver/receiver.js";
import { listenMqtt } from "../../firmware/hall/sources/mqtt-source.js";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { createMosquitto, whyNoBroker } from "./broker.js";
import { createBareTerminal, until } from "./linux-terminal.js";

const binary = process.env.ESPRUINO;
const why = !binary ? "set ESPRUINO=/path/to/espruino" : spawnSync("openssl", ["version"]).error ? "openssl is not installed" : whyNoBroker();
if (why) console.warn(`SKIPPED TLS on the real interpreter: ${why}`);

/** Memory of the interpreter for variables. */
function memoryBytes(): number {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "memory.js"), 'var m = process.memory();\nprint("bytes " + m.total * m.blocksize);\nquit();\n');
  return Number(/bytes (\d+)/.exec(execFileSync(binary as string, ["memory.js"], { cwd: folder, input: "", encoding: "latin1" }))?.[1]);
}
/** Of an ESP32 the firmware leaves more than TLS takes; of any board with 8190 variables it does not. */
const isLarge = !why && memoryBytes() > 150_000;
if (!why && !isLarge) console.warn(`SKIPPED a TLS connection of the real interpreter: ${binary} has less memory than an ESP32`);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it.skipIf(!isLarge)("brings records through TLS, takes commands, and is heard again after the broker was killed", { timeout: 120_000 }, async () => {
  const broker = await createMosquitto(true);
  await broker.start();
  closing.push(() => broker.kill());
  const terminal = await createBareTerminal({ host: broker.host, linkLostS: 10 });
  closing.push(() => terminal.kill());
  const store = SqliteStore.open(path.join(terminal.folder, "hall.sqlite"));
  const receiver = createReceiver({ store, keys: () => SIMULATED_KEY });
  const said: string[] = [];
  const source = listenMqtt(
    { url: broker.host, clientId: "receiver", ca: readFileSync(broker.ca as string, "latin1") },
    { hear: receiver.hear, end: receiver.end, say: (words) => said.push(words) },
  );
  closing.push(async () => {
    receiver.close();
    await source.close();
    store.close();
  });
  const stored = (): number[] => [...store.records()].map(({ sequence }) => sequence);
  terminal.powerOn();
  await until("the first record", () => stored().includes(1), 30_000);
  const enter = (transaction: string): Promise<unknown> =>
    receiver.commandTo("sim-08", { do: "card", staff: "1024", transaction, grade: 4, by: "9001" });
  expect(await enter("T-1")).toMatchObject({ result: "ok" });
  broker.kill();
  await broker.start();
  await until("the terminal to be back", () => receiver.online().includes("sim-08"), 60_000);
  expect(await enter("T-2")).toMatchObject({ result: "ok" });
  await until("all records", () => stored().length === terminal.records().length, 30_000);
  expect(terminal.records().flatMap((record) => (record.type === "card" ? [record.transaction] : []))).toEqual(["T-1", "T-2"]);
  console.info(`TLS: ${store.device("sim-08")?.status}`);
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY|ASSERT/);
});

it.skipIf(!!why || isLarge)("is refused on a board with too little memory for it, which goes on serving", { timeout: 60_000 }, async () => {
  const terminal = await createBareTerminal({ host: "mqtts://127.0.0.1:1", linkLostS: 10 });
  closing.push(() => terminal.kill());
  terminal.powerOn();
  const faults = (): unknown[] => terminal.records().filter(({ type }) => type === "faultBegan");
  await until("the fault", () => faults().length > 0, 20_000);
  expect(faults()).toEqual([expect.objectContaining({ fault: "link", detail: "no memory for TLS" })]);
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY|ASSERT/);
});
