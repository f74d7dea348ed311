// A hall of terminals at one broker: with a broker in this process, and with Mosquitto where it is installed. `npm test` has 50 terminals for five minutes,
// `npm run test:all` 200, and a busy hour at Mosquitto.

import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Aedes } from "aedes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { runBusyHall } from "../../sim/chaos/busy-hall.js";
import { amount, IS_DEEP } from "../depth.js";
import { MOSQUITTO, withMosquitto } from "./mosquitto.js";

const TERMINALS = amount(50, 200);
/** How long a hall lives, and how many records each terminal writes in that time at the least. */
const FIVE_MINUTES = { ms: 300_000, records: 2 };
const BUSY_TIME = IS_DEEP ? { ms: 3_600_000, records: 28 } : FIVE_MINUTES;
const NAME = `lose nothing in ${BUSY_TIME.ms / 60_000} minutes at Mosquitto`;
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

async function hold(broker: string, url: string, time: typeof FIVE_MINUTES): Promise<void> {
  const { records, stored, messages, seconds, memoryMB, problems } = await runBusyHall(url, TERMINALS, store, time.ms);
  console.log(
    `${broker}: ${TERMINALS} terminals, ${records} records, ${messages} messages in ${seconds.toFixed(1)} s, ${Math.round(messages / seconds)} a second, ${memoryMB} MB`,
  );
  expect(problems).toEqual([]);
  expect(stored).toBe(records);
  expect(records).toBeGreaterThan(TERMINALS * time.records);
}

describe(`${TERMINALS} terminals at one broker`, () => {
  it(
    "lose nothing in five minutes at a broker in this process",
    async () => {
      const broker = await Aedes.createBroker();
      const server = createServer((socket) => void broker.handle(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      await hold("aedes", `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, FIVE_MINUTES);
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
    TIMEOUT_MS,
  );

  it.skipIf(!MOSQUITTO)(
    MOSQUITTO ? NAME : `${NAME} (NOT TESTED: mosquitto is not installed)`,
    () => withMosquitto((url) => hold("mosquitto", url, BUSY_TIME)),
    TIMEOUT_MS,
  );
});
