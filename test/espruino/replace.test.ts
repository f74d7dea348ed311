// New pictures and a new roster for the `linux` bundle on a real interpreter, in real time, with the interpreter's own flash.

import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { createReceiver } from "../../firmware/hall/receiver/receiver.js";
import { replaceFile, replacementFor } from "../../firmware/hall/replace.js";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { listenTcp } from "../../firmware/tools/link/tcp-source.js";
import { parseSite, personSchema } from "../../firmware/tools/provision/site.js";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { createBareTerminal, until } from "./linux-terminal.js";

const why = process.env.ESPRUINO ? undefined : "set ESPRUINO=/path/to/espruino";
if (why) console.warn(`SKIPPED new files for the real interpreter: ${why}`);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it.skipIf(why)("brings a terminal new pictures and a new roster, one after the other, and it restarts with them", { timeout: 180_000 }, async () => {
  const sample = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const newcomer = personSchema.parse({ badge: "W26:777777", number: "3001", name: "冯骥才", post: "户籍登记" });
  const site = { ...sample, people: [...sample.people, newcomer], phrases: { thanks: "感谢" } };
  const store = SqliteStore.open(path.join(temporaryFolder(), "hall.sqlite"));
  const receiver = createReceiver({ store, keys: () => SIMULATED_KEY });
  const source = await listenTcp(0, "127.0.0.1", { hear: receiver.hear, end: receiver.end, say: () => undefined });
  closing.push(async () => {
    receiver.close();
    await source.close();
    store.close();
  });
  const terminal = await createBareTerminal({ host: `127.0.0.1:${source.port}` });
  closing.push(() => terminal.kill());
  terminal.powerOn();
  await until("the terminal", () => receiver.online().includes("sim-08"), 20_000);
  for (const what of ["pictures", "roster"] as const) {
    const bytes = replacementFor("sim-08", what, site, { width: 128, height: 64 });
    await replaceFile((command) => receiver.commandTo("sim-08", command), { what, bytes, by: "9001" });
  }
  const told = (): unknown[] =>
    terminal
      .records()
      .flatMap((record) => (record.type === "switched" ? `${record.file} by ${record.by}` : record.type === "started" ? "started" : []));
  await until("the restart with the roster", () => told().length >= 5, 30_000);
  expect(told()).toEqual(["started", "pictures by 9001", "started", "roster by 9001", "started"]);
  expect(await receiver.commandTo("sim-08", { do: "card", staff: "3001", transaction: "T-1", grade: 5, by: "9001" })).toMatchObject({ result: "ok" });
  await until("all records", () => [...store.records()].length === terminal.records().length, 20_000);
  expect([...store.records()].every(({ proof }) => proof === "verified")).toBe(true);
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY/);
});
