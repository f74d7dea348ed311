// Rules P3 and P4 between two terminals, which are connected by a real broker and the receiver alone.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createReceiver } from "../../firmware/hall/receiver/receiver.js";
import { listenMqtt } from "../../firmware/hall/sources/mqtt-source.js";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import { badgeOf, HallTerminal } from "../../sim/chaos/busy-hall.js";
import { readScreen } from "../../sim/scenario/screen.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { MOSQUITTO, withMosquitto } from "./mosquitto.js";

/** Longer than a notice stands. */
const NOTICE_MS = 11_000;

const NAME = "A clerk hears through Mosquitto that the neighbour pauses and is back, and citizens are sent to the one who is open";

it.skipIf(!MOSQUITTO)(MOSQUITTO ? NAME : `${NAME} (NOT TESTED: mosquitto is not installed)`, { timeout: 60_000 }, () =>
  withMosquitto(async (url) => {
    const folder = mkdtempSync(path.join(tmpdir(), "neighbours-"));
    const store = SqliteStore.open(path.join(folder, "hall.sqlite"));
    const receiver = createReceiver({ store, keys: () => SIMULATED_KEY, tellsTime: false });
    const source = listenMqtt({ url, clientId: "hall" }, { hear: receiver.hear, end: receiver.end, say: () => undefined });
    const seven = new HallTerminal(7, ["8"]);
    const eight = new HallTerminal(8, ["7"]);
    const both = [seven, eight];

    /** Lets time pass for both until a display shows this text. */
    async function shows(terminal: HallTerminal, ...words: string[]): Promise<void> {
      for (let i = 0; i < 200 && !words.every((each) => readScreen(terminal.world.panel).shows(each)); i++) {
        await sleep(20);
        for (const { world } of both) world.advanceTo(world.clock.nowMs + 100);
      }
      const screen = readScreen(terminal.world.panel);
      for (const each of words) expect(screen.shows(each), each).toBe(true);
    }

    await sleep(500);
    for (const terminal of both) await terminal.connect(url);
    seven.world.presentBadge(badgeOf(7));
    eight.world.presentBadge(badgeOf(8));
    await shows(seven, "2007");
    await shows(eight, "2008");
    eight.tap("pause");
    await shows(seven, "8号窗口暂停");
    // The notice goes when it has been on the display for 10 s.
    seven.world.advanceTo(seven.world.clock.nowMs + NOTICE_MS);
    await shows(seven, "2007");
    eight.tap("pause");
    await shows(seven, "8号窗口恢复");
    seven.world.advanceTo(seven.world.clock.nowMs + NOTICE_MS);
    await shows(seven, "2007");
    // A badge that is read again soon counts as one that has stayed at the reader, and signs nobody out within seconds of signing in.
    eight.world.advanceTo(eight.world.clock.nowMs + 5000);
    eight.world.presentBadge(badgeOf(8));
    await shows(eight, "请到7号窗口");

    await Promise.all(both.map((terminal) => terminal.end()));
    receiver.close();
    await source.close();
    store.close();
    rmSync(folder, { recursive: true });
  }),
);
