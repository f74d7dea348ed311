// A board on the bench, for tests of what reaches it through its console: a stand-in, and where ESPRUINO names an interpreter that one, with the memory that it has.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { vi } from "vitest";
import { board } from "../../../../firmware/boards/linux.js";
import type { Firmware } from "../../../../firmware/tools/build/build.js";
import type { Terminal } from "../../../../firmware/tools/device/flash.js";
import { configOf, type Person, parseSite, storeFiles } from "../../../../firmware/tools/provision/site.js";
import type { Report } from "../../../../firmware/tools/report.js";
import { ToolError } from "../../../../firmware/tools/tool-error.js";
import { startConsoleStandIn } from "../../../../sim/espruino/console-stand-in.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";

/** A board on the bench, whose console is at a TCP port. */
export interface Bench {
  readonly port: string;
  powerCycle(): Promise<void>;
  /** Holds a citizen's key down from now on. The pins of an interpreter on a PC have always been down. */
  holdKey(): void;
  /** Lets time pass so many times as fast, for the device and for whoever waits for it here. On the interpreter it passes as ever. */
  hurry<Value>(times: number, action: () => Promise<Value>): Promise<Value>;
  /** Waits until so much time has passed for the device. */
  pass(ms: number): Promise<void>;
  /** Types at what stands beside telnet, where there is such a thing. @returns what was said there */
  typeAtStandardInput(text: string): Promise<string>;
  close(): Promise<void>;
}

const TELNET_PORT = 2323;

/** How long a file of tests may wait until another one is done with the interpreter, in ms. */
export const WAIT_MS = 1_200_000;

/** The interpreter listens at one port only: whoever has this one beside it has the interpreter. It is given back with the process at the latest. */
async function claimTelnet(): Promise<Server> {
  for (;;) {
    const claim = createServer();
    const isOurs = await new Promise<boolean>((resolve) => {
      claim.once("error", () => resolve(false));
      claim.listen({ port: TELNET_PORT - 1, host: "127.0.0.1", exclusive: true }, () => resolve(true));
    });
    if (isOurs) return claim;
    await sleep(500);
  }
}

async function startInterpreter(binary: string): Promise<Bench> {
  const claim = await claimTelnet();
  const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
  let child: ChildProcess;
  let said = "";
  const powerOn = (): void => {
    // It reads its standard input to the end and then prints for ever: the pipe stays open.
    const started = spawn(binary, ["--telnet"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    started.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
    });
    // A restart ends the process: whoever keeps the service starts it again.
    started.once("exit", (_, signal) => {
      if (signal === null) powerOn();
    });
    child = started;
  };
  const kill = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  powerOn();
  await sleep(1000);
  return {
    port: `tcp://127.0.0.1:${TELNET_PORT}`,
    async powerCycle() {
      await kill();
      powerOn();
      await sleep(2000);
    },
    holdKey: () => undefined,
    hurry: (_, action) => action(),
    pass: (ms) => sleep(ms),
    async typeAtStandardInput(text) {
      said = "";
      child.stdin?.write(text);
      await sleep(700);
      return said;
    },
    async close() {
      await kill();
      rmSync(folder, { recursive: true });
      claim.close();
    },
  };
}

export async function startStandIn(): Promise<Bench> {
  const standIn = await startConsoleStandIn(board);
  const hurry: Bench["hurry"] = async (times, action) => {
    const beganMs = Date.now();
    const clock = performance.now();
    const now = vi.spyOn(Date, "now").mockImplementation(() => Math.floor(beganMs + (performance.now() - clock) * times));
    standIn.setSpeed(times);
    return action().finally(() => {
      standIn.setSpeed(1);
      now.mockRestore();
    });
  };
  return {
    port: `tcp://127.0.0.1:${standIn.port}`,
    powerCycle: () => standIn.powerCycle(),
    holdKey: () => standIn.world.setKey("key1", true),
    hurry,
    pass: (ms) => hurry(10, () => sleep(ms / 10)),
    typeAtStandardInput: async () => "",
    close: () => standIn.close(),
  };
}

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the bench on the real interpreter: set ESPRUINO=/path/to/espruino");

export const BENCHES: readonly [string, (() => Promise<Bench>) | undefined][] = [
  ["the stand-in", startStandIn],
  ["the interpreter", binary === undefined ? undefined : () => startInterpreter(binary)],
];

export const silent: Report = { step: () => undefined, note: () => undefined, progress: () => undefined, result: () => undefined };

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const hall = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
const [clerk] = hall.people as [Person];
const site = { ...hall, people: [...hall.people, { ...clerk, badge: "W26:0E0E0E", number: "9003", name: "周敏", role: "maintainer" as const }] };

/** The terminal `bench` of the sample hall, with a maintainer, 9003. @param more fields of its configuration */
export function terminalOf(firmware: Firmware, more: object): Terminal {
  const fields = { ...site.counters[0], device: "bench", ...more };
  return { board, config: configOf(fields), files: storeFiles(fields, site, SIMULATED_KEY), key: SIMULATED_KEY, firmware };
}

/** A number that differs from run to run, and is printed, so that a failure can be had again. */
export function draw(what: string, least: number, most: number): number {
  const drawn = Math.floor(least + Math.random() * (most - least + 1));
  console.info(`${what}: ${drawn}`);
  return drawn;
}

/** A cable that is pulled out after so many bytes. */
export async function cutAfter(bytes: number, target: string): Promise<{ port: string; server: Server }> {
  const { port } = new URL(target);
  const server = createServer((near) => {
    const far = connect(Number(port), "127.0.0.1");
    let left = bytes;
    near.on("data", (chunk) => {
      left -= chunk.length;
      if (left > 0) far.write(chunk);
      else {
        near.destroy();
        far.destroy();
      }
    });
    far.on("data", (chunk) => near.write(chunk));
    far.on("close", () => near.destroy());
    for (const end of [near, far]) end.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: `tcp://127.0.0.1:${(server.address() as { port: number }).port}`, server };
}

export async function failureOf(action: Promise<unknown>): Promise<ToolError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ToolError)) throw new Error(`no ToolError but ${String(error)}`);
  return error;
}
