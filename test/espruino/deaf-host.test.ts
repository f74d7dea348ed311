// A host that sends and reads nothing, over a real connection: what the terminal has for it must not fill the interpreter's memory.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { lineOf } from "../../firmware/uplink/codec.js";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { createBareTerminal, until } from "./linux-terminal.js";

const binary = process.env.ESPRUINO;
const why = !binary ? "set ESPRUINO=/path/to/espruino" : spawnSync("python3", ["-c", ""]).status !== 0 ? "python3 is not installed" : undefined;
if (why) console.warn(`SKIPPED the host that reads nothing: ${why}`);

/** Each is answered with a record and an answer, 400 bytes together. The system's own buffers hold some 300 of them. */
const COMMANDS = 600;
/** So many variables may what waits for the host take. */
const VARIABLES = 700;

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

interface DeafHost {
  readonly port: number;
  isConnected(): boolean;
  say(line: string): void;
  heard(): string;
}

async function createDeafHost(): Promise<DeafHost> {
  const child: ChildProcess = spawn("python3", [path.join(import.meta.dirname, "deaf-host.py")], { stdio: ["pipe", "pipe", "inherit"] });
  closing.push(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout?.setEncoding("latin1").on("data", (data: string) => {
    text += data;
  });
  await until("the port", () => text.includes("\n"), 20_000);
  return {
    port: Number.parseInt(text, 10),
    isConnected: () => text.includes("connected\n"),
    say: (line) => void child.stdin?.write(`${line}\n`),
    heard: () => text,
  };
}

const commandLine = (command: object): string => lineOf(JSON.stringify(command), (text) => crc32(Buffer.from(text, "latin1")));

it.skipIf(why)("does not fill the memory, and is answered when it reads again", { timeout: 300_000 }, async () => {
  const host = await createDeafHost();
  const watch = '\n;setInterval(function(){print("variables "+process.memory().usage)},500);';
  const terminal = await createBareTerminal({ host: `127.0.0.1:${host.port}` }, (code) => code + watch);
  closing.push(() => terminal.kill());
  terminal.powerOn();
  await until("the connection", host.isConnected, 30_000);
  const used = (): number[] => [...terminal.log().matchAll(/variables (\d+)/g)].map(([, count]) => Number(count));
  await until("a count", () => used().length > 0, 20_000);
  for (let i = 0; i < COMMANDS; i++) host.say(commandLine({ id: `a${i}`, do: "resend", seq: 1 }));

  // It has read everything when nothing changes any more.
  const isAtRest = (): boolean => {
    const last = used().slice(-8);
    return used().length > 30 && Math.max(...last) - Math.min(...last) < 10;
  };
  for (let ms = 0; ms < 120_000 && !isAtRest(); ms += 500) await sleep(500);
  expect(terminal.log()).not.toMatch(/MEMORY|Uncaught|Interrupted/);
  expect(Math.max(...used()) - (used()[0] as number)).toBeLessThan(VARIABLES);

  host.say("listen");
  host.say(commandLine({ id: "last", do: "waiting", count: 0 }));
  await until("the answer", () => host.heard().includes('"answer":"last"'), 60_000);
});

it.skipIf(why)("keeps what waits behind the end of a connection, unless the firmware sets the field clsNow", { timeout: 120_000 }, async () => {
  const { port } = await createDeafHost();
  const folder = temporaryFolder();
  const script = `
var base = process.memory().usage, text = new Array(400).join("x"), stuck = 0, timer, s;
function used() { return process.memory().usage - base; }
function last() {
  print("left " + used());
  quit();
}
function endAtOnce() {
  print("kept " + used());
  s.clsNow = true;
  s = undefined;
  setTimeout(last, 1000);
}
// Until the system takes no more.
function fill() {
  if (used() < 1000) for (stuck = 0; stuck < 5; stuck++) s.write(text);
  else if (++stuck > 105) {
    clearInterval(timer);
    s.removeAllListeners();
    s.end();
    setTimeout(endAtOnce, 2000);
  }
}
s = require("net").connect({ host: "127.0.0.1", port: ${port} }, function () {
  timer = setInterval(fill, 10);
});
`;
  writeFileSync(path.join(folder, "end.js"), script);
  const child = spawn(binary as string, ["end.js"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  closing.push(() => child.kill("SIGKILL"));
  let printed = "";
  child.stdout.on("data", (data) => {
    printed += String(data);
  });
  await until("the end", () => /left \d+/.test(printed), 100_000);
  expect(Number(/kept (\d+)/.exec(printed)?.[1])).toBeGreaterThan(900);
  expect(Number(/left (\d+)/.exec(printed)?.[1])).toBeLessThan(100);
});
