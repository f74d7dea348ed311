// The attacker against a simulated terminal and against one on a real interpreter, over a real TCP connection. The attacker knows nothing of the firmware; this file lends
// it hands for power and flash.

import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { parseSite } from "../../firmware/tools/provision/site.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { World } from "../../sim/world/world.js";
import { InstalledTerminal } from "../espruino/installed-terminal.js";
import { Attacker, attack, CASES, type Hands, table } from "./attacker.js";

/** The world's time runs that much faster than ours. */
const SPEED = 10;
const TICK_MS = 2;

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the attack on the real interpreter: set ESPRUINO=/path/to/espruino");

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** A terminal whose link is a connection to this port. */
function startTerminal(port: number): Hands {
  const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const files = contentsOf({ ...site.counters[0], host: "hall:4000" }, site);
  const world = new World({ board, engine: nodeEngine, files, isTraced: false });
  const socket: Socket = connect(port, "127.0.0.1");
  let pending = "";
  let copy: Buffer = Buffer.alloc(0);
  socket.setEncoding("latin1");
  socket.on("error", () => undefined);
  socket.on("data", (data: string) => {
    const lines = (pending + data).split("\n");
    pending = lines.pop() as string;
    for (const line of lines) world.sendFromHost(line);
  });
  world.onTrace((line) => {
    if ("sent" in line) socket.write(`${line.sent}\n`, "latin1");
  });
  world.powerOn();
  const timer = setInterval(() => world.advanceTo(world.clock.nowMs + TICK_MS * SPEED), TICK_MS);
  ended.push(() => {
    clearInterval(timer);
    socket.destroy();
  });
  return {
    restart() {
      world.powerOff();
      world.powerOn();
    },
    copyFlash() {
      copy = Buffer.from(world.flash.bytes);
    },
    restoreFlash() {
      world.powerOff();
      world.flash.bytes.set(copy);
      world.powerOn();
    },
  };
}

it("imports nothing of the project", () => {
  const imports = [...readFileSync("test/attack/attacker.ts", "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(imports.filter((name) => !name?.startsWith("node:"))).toEqual([]);
});

it("does no harm to a simulated terminal", async () => {
  const attacker = new Attacker(SIMULATED_KEY);
  ended.push(() => attacker.close());
  await attacker.listen();
  const outcomes = await attack(attacker, startTerminal(attacker.port));
  console.info(table(outcomes, "node"));
  expect(outcomes.filter(({ outcome }) => outcome !== "held")).toEqual([]);
  expect(outcomes).toHaveLength(CASES.length);
});

it.skipIf(!binary)("does no harm to a terminal on the real interpreter", { timeout: 300_000 }, async () => {
  const attacker = new Attacker(SIMULATED_KEY);
  ended.push(() => attacker.close());
  await attacker.listen();
  const terminal = await InstalledTerminal.install(binary as string, attacker.port);
  ended.push(() => terminal.kill());
  let copy: Buffer = Buffer.alloc(0);
  terminal.start();
  const outcomes = await attack(attacker, {
    async restart() {
      await terminal.kill();
      terminal.start();
    },
    copyFlash() {
      copy = terminal.flash;
    },
    async restoreFlash() {
      await terminal.kill();
      terminal.flash = copy;
      terminal.start();
    },
  });
  console.info(table(outcomes, "espruino"));
  expect(outcomes.filter(({ outcome }) => outcome !== "held")).toEqual([]);
  expect(terminal.printed).not.toContain("Uncaught");
});
