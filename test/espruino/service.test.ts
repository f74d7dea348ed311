// The systemd service of a terminal on Linux: systemd reads the unit, and its commands run a terminal that connects without anybody at standard input.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { currentFirmware } from "../../firmware/tools/build/build.js";
import { installScript } from "../../firmware/tools/build/install-script.js";
import { parseSite, storeFiles } from "../../firmware/tools/provision/site.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { until } from "./linux-terminal.js";

const UNIT = "firmware/boards/counter-terminal.service";
const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the service on the real interpreter: set ESPRUINO=/path/to/espruino");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** The value of a directive of the unit. */
function directive(name: string): string {
  const [, value] = new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(UNIT, "utf8")) ?? [];
  if (value === undefined) throw new Error(`${UNIT} has no ${name}`);
  return value;
}

/** The shell command in a directive, for this interpreter. */
function commandOf(name: string): string {
  const [, command] = /^\/bin\/sh -c '(.*)'$/.exec(directive(name)) ?? [];
  if (command === undefined) throw new Error(`${name} is no shell command`);
  return command.replace("/usr/local/bin/espruino", binary as string);
}

it("keeps its folder to itself, starts again, and ends by SIGKILL", () => {
  expect(["StateDirectoryMode", "UMask", "Restart", "KillSignal"].map(directive)).toEqual(["0700", "0077", "always", "SIGKILL"]);
});

it.skipIf(!hasSystemd)("is a unit that systemd takes", () => {
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8" });
  expect(stderr.split("\n").filter((line) => line.includes("counter-terminal") && !line.includes("is not executable"))).toEqual([]);
  expect(status === 0 || stderr.includes("is not executable")).toBe(true);
});

it.skipIf(!binary)("runs a terminal that connects, and that only SIGKILL ends", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => undefined);
  });
  ended.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const files = storeFiles({ ...site.counters[0], host: `127.0.0.1:${port}` }, site, SIMULATED_KEY);
  installInto(folder, binary as string, installScript(board, files, (await currentFirmware("linux")).code));

  expect(spawnSync("/bin/sh", ["-c", commandOf("ExecStartPre")], { cwd: folder }).status).toBe(0);
  // systemd starts it a second time with the same folder.
  expect(spawnSync("/bin/sh", ["-c", commandOf("ExecStartPre")], { cwd: folder }).status).toBe(0);
  const child = spawn("/bin/sh", ["-c", commandOf("ExecStart")], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  ended.push(() => child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString("latin1");
    });
  }
  await until("a connection of the terminal", () => connections > 0, 30_000);
  child.kill("SIGTERM");
  await sleep(1000);
  expect(child.exitCode ?? child.signalCode, "SIGTERM is ignored: the unit need not have SIGKILL any more").toBeNull();
  expect(printed).not.toContain("FIFO_FULL");
  const exited = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  child.kill(directive("KillSignal") as NodeJS.Signals);
  expect(await exited).toBe("SIGKILL");
});
