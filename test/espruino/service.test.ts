// The systemd service of a terminal on Linux: systemd reads the unit, and its commands run a terminal that connects without anybody at standard input.

import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { directive, InstalledTerminal, SERVICE } from "./installed-terminal.js";
import { until } from "./linux-terminal.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the service on the real interpreter: set ESPRUINO=/path/to/espruino");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

/** A start takes so long at the most, on a busy computer, in ms. */
const START_MS = 60_000;

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

it("keeps its folder to itself, starts again, and ends by SIGKILL", () => {
  expect(["StateDirectoryMode", "UMask", "Restart", "KillSignal"].map(directive)).toEqual(["0700", "0077", "always", "SIGKILL"]);
});

it.skipIf(!hasSystemd)("is a unit that systemd takes", () => {
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", SERVICE], { encoding: "utf8" });
  expect(stderr.split("\n").filter((line) => line.includes("counter-terminal") && !line.includes("is not executable"))).toEqual([]);
  expect(status === 0 || stderr.includes("is not executable")).toBe(true);
});

it.skipIf(!binary)("runs a terminal that connects, time after time, and that only SIGKILL ends", { timeout: 300_000 }, async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => undefined);
  });
  ended.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const terminal = await InstalledTerminal.install(binary as string, (server.address() as { port: number }).port);
  ended.push(() => terminal.kill());
  for (let start = 0; start < 2; start++) {
    // On a busy computer it may connect more than once.
    const before = connections;
    terminal.start();
    await until("a connection of the terminal", () => connections > before, START_MS);
    terminal.child?.kill("SIGTERM");
    await sleep(1000);
    expect(terminal.child?.exitCode ?? terminal.child?.signalCode, "SIGTERM is ignored: the unit need not have SIGKILL any more").toBeNull();
    await terminal.kill();
    expect(terminal.child?.signalCode).toBe("SIGKILL");
  }
  expect(terminal.printed()).not.toContain("FIFO_FULL");
});
