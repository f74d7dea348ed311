// Two hundred terminals at one broker, for a busy hour: with a broker in this process, and with Mosquitto where it is installed.

import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { runBusyHall } from "../../sim/chaos/busy-hall.js";
import { MOSQUITTO, withMosquitto } from "./mosquitto.js";

const TERMINALS = 200;
const TIMEOUT_MS = 240_000;

let folder = "";
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "hall-"));
  store = SqliteStore.open(path.join(folder, "hall.sqlite"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

async function hold(broker: string, url: string, hourMs?: number): Promise<void> {
  const { records, stored, messages, seconds, memoryMB, problems } = await runBusyHall(url, TERMINALS, store, hourMs);
  console.log(
    `${broker}: ${TERMINALS} terminals, ${records} records, ${messages} messages in ${seconds.toFixed(1)} s, ${Math.round(messages / seconds)} a second, ${memoryMB} MB`,
  );
  expect(problems).toEqual([]);
  expect(stored).toBe(records);
  expect(records).toBeGreaterThan(TERMINALS * (hourMs === undefined ? 28 : 2));
}

describe("Two hundred terminals at one broker", () => {
  it(
    "lose nothing in five minutes at a broker in this process",
    async () => {
      const broker = await Aedes.createBroker();
      const server = createServer((socket) => void broker.handle(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      await hold("aedes", `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, 300_000);
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
    TIMEOUT_MS,
  );

  it.skipIf(!MOSQUITTO)(
    MOSQUITTO ? "lose nothing in a busy hour at Mosquitto" : "lose nothing in a busy hour at Mosquitto (NOT TESTED: mosquitto is not installed)",
    () => withMosquitto((url) => hold("mosquitto", url)),
    TIMEOUT_MS,
  );
});
