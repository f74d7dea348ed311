// Terminals on Linux whose flash files are copies of each other, without the salt that a bare board gets when it is flashed: the interpreter's random numbers are the
// same in every fresh process there, and still no two logs may have one name.

import { type AddressInfo, createServer } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createLineReader } from "../../firmware/tools/link/lines.js";
import { InstalledTerminal } from "./installed-terminal.js";
import { until } from "./linux-terminal.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the names of logs on the real interpreter: set ESPRUINO=/path/to/espruino");

const TERMINALS = 4;
/** A start takes so long at the most, on a busy computer, in ms. */
const START_MS = 60_000;

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

it.skipIf(!binary)("share no log's name", { timeout: 120_000 + TERMINALS * START_MS }, async () => {
  /** The newest name that came in a hello. */
  let heard: unknown;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on(
      "data",
      createLineReader((message) => {
        if ("hello" in message && "log" in message) heard = message.log;
      }),
    );
  });
  ended.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const first = await InstalledTerminal.install(binary as string, port);
  const { flash } = first;
  const logs: unknown[] = [];
  for (let i = 0; i < TERMINALS; i++) {
    const terminal = first.copy();
    expect(terminal.flash.equals(flash)).toBe(true);
    ended.push(() => terminal.kill());
    heard = undefined;
    terminal.start();
    await until("a hello", () => heard !== undefined, START_MS);
    await terminal.kill();
    logs.push(heard);
  }
  expect(logs.every((log) => typeof log === "number")).toBe(true);
  expect(new Set(logs).size).toBe(TERMINALS);
});
