// Terminals on Linux whose flash files are copies of each other, without the salt that a bare board gets when it is flashed: the interpreter's random numbers are the
// same in every fresh process there, and still no two logs may have one name.

import { afterEach, expect, it } from "vitest";
import { createLinuxTerminal, type LinuxTerminal, until, whyNoTerminal } from "./linux-terminal.js";

const why = whyNoTerminal();
if (why) console.warn(`SKIPPED the names of logs on the real interpreter: ${why}`);

const terminals: LinuxTerminal[] = [];
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});

it.skipIf(why)("share no log's name", { timeout: 120_000 }, async () => {
  const logs: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    const terminal = await createLinuxTerminal((message) => {
      if (message.hello && logs.length === i) logs.push(message.log);
    });
    terminals.push(terminal);
    terminal.powerOn();
    await until("a hello", () => logs.length > i, 20_000);
    terminal.kill();
  }
  expect(logs.every((log) => typeof log === "number")).toBe(true);
  expect(new Set(logs).size).toBe(logs.length);
});
