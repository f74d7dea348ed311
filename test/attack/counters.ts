// The counters that are attacked, on simulated terminals and on a real interpreter, in virtual time. The attacker knows nothing of the firmware; this file lends it fingers,
// badges and the power switch. Run by itself it plays the cases that its command line names, on the interpreter where ESPRUINO is set, and prints the outcomes as JSON.

import { pathToFileURL } from "node:url";
import { board } from "../../firmware/boards/linux.js";
import { parseSite } from "../../firmware/tools/provision/site.js";
import { enginesFor } from "../../sim/engines/index.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { type Engine, World } from "../../sim/world/world.js";
import { attackCounter, type Counter, type CounterOutcome, type Given } from "./counter-attacker.js";

const SITE = `
common: { version: 1, grades: [5, 4, 3, 2, 1], host: "hall:4000", reasons: [214, 115, 213], timeoutMs: 30000 }
counters: [{ device: sim-08, counter: "8" }]
people:
  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }
  - { badge: "W34:00C0FFEE", number: "A-2077", name: 李国强, post: 税务登记 }
  - { badge: "W26:0F0F0F", number: "9001", name: 陈敏, post: 首席代表, role: supervisor }
  - { badge: "W26:0E0E0E", number: "9003", name: 周敏, post: 设备维护, role: maintainer }
  - { badge: "W26:000001", number: "2001", name: 赵一, post: 综合受理, revoked: true }
  - { badge: "W26:000003", number: "2003", name: 孙三, post: 综合受理, counters: ["9"] }
reasons:
  - { text: 业务不熟练, codes: { 2: 213 } }
  - { text: 服务态度生硬, codes: { 2: 214 } }
  - { text: 态度差效率低, codes: { 1: 115 } }
`;

const GIVEN: Given = {
  key: SIMULATED_KEY,
  clerk: { badge: "W26:1A2B3C", staff: "1024", name: "王小明" },
  colleague: { badge: "W34:00C0FFEE", staff: "A-2077", name: "李国强" },
  supervisor: { badge: "W26:0F0F0F", staff: "9001", name: "陈敏" },
  maintainer: { badge: "W26:0E0E0E", staff: "9003", name: "周敏" },
  refused: [
    ["W26:ABCDEF", "Unknown"],
    ["W26:000001", "Revoked"],
    ["W26:000003", "Counter"],
  ],
};

/** A terminal that was just switched on. */
function openCounter(engine: Engine): Counter {
  const site = parseSite(SITE, "site.yaml");
  const world = new World({ board, engine, files: contentsOf({ ...site.counters[0] }, site), isTraced: false });
  let lines: string[] = [];
  let noticed: string[] = [];
  let sinceMs = 0;
  world.onTrace((line) => {
    if ("sent" in line) lines.push(line.sent);
    else if (!("flash" in line)) noticed.push(JSON.stringify({ ...line, atMs: line.atMs - sinceMs }));
  });
  world.powerOn();
  return {
    press: (key, isDown) => world.setKey(key, isDown),
    tap: (badge) => world.presentBadge(badge),
    switchPower: (isOn) => (isOn ? world.powerOn() : world.powerOff()),
    wait: (ms) => world.advanceTo(world.clock.nowMs + ms),
    send: (line) => world.sendFromHost(line),
    takeLines() {
      const taken = lines;
      lines = [];
      return taken;
    },
    takeNoticed() {
      const taken = noticed;
      noticed = [];
      sinceMs = world.clock.nowMs;
      return taken;
    },
    end: () => world.powerOff(),
  };
}

/**
 * Attacks counters.
 * @param name of the engine
 * @param names of the cases; none: all of them
 */
export async function attackCounters(name: "node" | "espruino", names: readonly string[] = []): Promise<CounterOutcome[]> {
  const { engines, skipped } = await enginesFor(board, name);
  const [engine] = engines;
  if (!engine) throw new Error(skipped[0]?.why);
  return attackCounter(() => openCounter(engine), GIVEN, names);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(JSON.stringify(await attackCounters(process.env.ESPRUINO ? "espruino" : "node", process.argv.slice(2))));
}
