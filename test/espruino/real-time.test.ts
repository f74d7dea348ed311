// The `linux` bundle as it is: booted from flash by a real interpreter, in real time, with pins in sysfs and a TCP link. Nothing is replaced but the files
// behind the pins, which a mount namespace puts where the kernel's would be.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { buildFirmware } from "../../firmware/tools/build.js";
import { installScript } from "../../firmware/tools/install-script.js";
import { readFlashImage } from "../../firmware/tools/ledger-reader.js";
import { parseSite, storeFiles } from "../../firmware/tools/site.js";
import { decodeLine } from "../../firmware/uplink/codec.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";
import { SIMULATED_KEY } from "../../sim/simulated-key.js";
import { wiegandBits } from "../../sim/world.js";

const binary = process.env.ESPRUINO;
const why = missing();
if (why) console.warn(`SKIPPED real-time test on the real interpreter: ${why}`);

function missing(): string | undefined {
  if (!binary) return "set ESPRUINO=/path/to/espruino";
  if (!readFileSync(binary).includes("/sys/class/gpio")) return `${binary} was built without sysfs pins`;
  if (spawnSync("unshare", ["-Urm", "true"]).status !== 0) return "this machine allows no mount namespaces";
  return undefined;
}

let child: ChildProcess | undefined;
let server: Server | undefined;

afterEach(() => {
  kill();
  server?.close();
});

function kill(): void {
  if (child?.pid) process.kill(-child.pid, "SIGKILL");
  child = undefined;
}

/** The files behind the pins. */
class Pins {
  constructor(private readonly folder: string) {
    for (let pin = 0; pin < 32; pin++) {
      mkdirSync(path.join(folder, `gpio${pin}`), { recursive: true });
      this.write(`D${pin}`, 1);
    }
  }

  write(pin: string, level: 0 | 1): void {
    writeFileSync(this.file(pin), `${level}\n`);
  }

  read(pin: string): number {
    return Number.parseInt(readFileSync(this.file(pin), "latin1"), 10);
  }

  async press(pin: string, ms: number): Promise<void> {
    this.write(pin, 0);
    await sleep(ms);
    this.write(pin, 1);
  }

  private file(pin: string): string {
    return path.join(this.folder, `gpio${pin.slice(1)}`, "value");
  }
}

async function until(what: string, isTrue: () => boolean, timeoutMs = 5000): Promise<number> {
  const start = performance.now();
  while (!isTrue()) {
    if (performance.now() - start > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(2);
  }
  return performance.now() - start;
}

it.skipIf(why)("answers a pin's edge with its light, writes the record, and has it after a power cut", { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const gpio = path.join(folder, "gpio");
  const pins = new Pins(gpio);
  const heard: Record<string, unknown>[] = [];
  server = createServer((socket: Socket) => {
    let pending = "";
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      pending += data.toString("latin1");
      for (const line of pending.split("\n").slice(0, -1)) heard.push(decodeLine(line, (text) => crc32(text)) ?? { garbage: line });
      pending = pending.slice(pending.lastIndexOf("\n") + 1);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const port = (server.address() as { port: number }).port;

  const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const files = storeFiles({ ...site.counters[0], host: `127.0.0.1:${port}` }, site, SIMULATED_KEY);
  const { code } = await buildFirmware("linux");
  const image = installInto(folder, binary as string, installScript(board, files, code));

  const powerOn = (): void => {
    const script = `mount -t tmpfs none /sys/class && mkdir /sys/class/gpio && mount --bind "$1" /sys/class/gpio && tail -f /dev/null | "$2" >>log 2>&1`;
    child = spawn("unshare", ["-Urm", "sh", "-c", script, "sh", gpio, binary as string], { cwd: folder, detached: true, stdio: "ignore" });
  };
  const log = (): string => readFileSync(path.join(folder, "log"), "latin1");

  powerOn();
  await until("the pause light", () => pins.read(board.pauseLamp.pin) === 1 && pins.read(board.answerLamp.pin) === 0);
  await until("the first record", () => heard.some((message) => message.seq === 1));

  // A badge: one pulse a bit, slower than a reader's because sysfs pins are looked at once a millisecond. On a busy machine a pulse is missed now and
  // then; parity or length tells, and the badge is presented again, as a person would.
  for (let times = 0; times < 5 && pins.read(board.pauseLamp.pin) === 1; times++) {
    for (const bit of wiegandBits("W26:1A2B3C")) {
      await pins.press(bit === "0" ? board.badgeReader.data0 : board.badgeReader.data1, 5);
      await sleep(5);
    }
    await sleep(300);
  }
  expect(pins.read(board.pauseLamp.pin), "the pause light goes out when a clerk is on duty").toBe(0);
  await sleep(100);
  await pins.press(board.keys.invite, 80);
  await sleep(300);
  const pressed = pins.press(board.keys.key2, 80);
  const lightMs = await until("the answer light", () => pins.read(board.answerLamp.pin) === 1);
  await pressed;
  await until("the rating at the host", () => heard.some((message) => message.seq === 3));

  const { flash } = board;
  const region = readFileSync(image)
    .subarray(flash.address - board.storage.address)
    .subarray(0, flash.pageBytes * flash.pageCount);
  const { records, problems } = readFlashImage(region, flash);
  expect(problems).toEqual([]);
  expect(records.map((record) => record.type)).toEqual(["started", "signIn", "session"]);
  expect(records[2]).toMatchObject({ staff: "1024", outcome: "rated", grade: 4 });
  console.info(`light ${lightMs.toFixed(0)} ms after the pin's edge`);

  kill();
  heard.length = 0;
  powerOn();
  await until("the terminal to come back", () => heard.some((message) => message.hello), 10_000);
  expect(heard[0]).toMatchObject({ last: 4, acknowledged: 0 });
  expect(log()).not.toMatch(/Uncaught|MEMORY/);
});
