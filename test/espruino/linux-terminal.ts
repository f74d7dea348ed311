// A terminal with the `linux` bundle as it is: booted from flash by a real interpreter, in real time, with pins in sysfs and a TCP link. Nothing is
// replaced but the files behind the pins, which a mount namespace puts where the kernel's would be.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { board } from "../../firmware/boards/linux.js";
import { currentFirmware } from "../../firmware/tools/build/build.js";
import { installScript } from "../../firmware/tools/build/install-script.js";
import { type LedgerRecord, readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { parseSite, storeFiles } from "../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";
import { wiegandBits } from "../../sim/world/badges.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";

const binary = process.env.ESPRUINO;

/** Why there can be no such terminal here, or undefined. */
export function whyNoTerminal(): string | undefined {
  if (!binary) return "set ESPRUINO=/path/to/espruino";
  if (!readFileSync(binary).includes("/sys/class/gpio")) return `${binary} was built without sysfs pins`;
  if (spawnSync("unshare", ["-Urm", "true"]).status !== 0) return "this machine allows no mount namespaces";
  return undefined;
}

const crcOf = (text: string): number => crc32(Buffer.from(text, "latin1"));

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

export interface LinuxTerminal {
  readonly pins: Pins;
  powerOn(): void;
  /** Takes the power: SIGKILL. */
  kill(): void;
  /** The host says something to the terminal, if it is connected. */
  say(message: object): void;
  isConnected(): boolean;
  /** Sends these bytes again and again, as fast as the terminal takes them. @returns what ends it, and the connection, and says how many bytes were sent */
  pour(bytes: string): () => number;
  /** The host sends any bytes. */
  sayBytes(bytes: string): void;
  /** What is in its raw flash region now. */
  region(): Buffer;
  /** What the interpreter has printed. */
  log(): string;
  close(): void;
}

/**
 * Installs the `linux` bundle for the first counter in `sim/site.yaml`.
 * @param folder in which the interpreter keeps its flash file
 * @param fields of the configuration that differ
 * @param change makes another firmware of the bundle
 * @returns path of the flash file
 */
export async function installLinux(interpreter: string, folder: string, fields: object, change = (code: string): string => code): Promise<string> {
  const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const files = storeFiles({ ...site.counters[0], ...fields }, site, SIMULATED_KEY);
  const { code } = await currentFirmware(board.name);
  return installInto(folder, interpreter, installScript(board, files, change(code)));
}

/** @param onMessage hears whatever the terminal sends; a line that is no message comes as `{ garbage }` */
export async function createLinuxTerminal(onMessage: (message: Record<string, unknown>) => void): Promise<LinuxTerminal> {
  const folder = temporaryFolder();
  const gpio = path.join(folder, "gpio");
  const pins = new Pins(gpio);
  let child: ChildProcess | undefined;
  let connected: Socket | undefined;
  const server = createServer((socket: Socket) => {
    let pending = "";
    connected = socket;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (connected === socket) connected = undefined;
    });
    socket.on("data", (data) => {
      pending += data.toString("latin1");
      for (const line of pending.split("\n").slice(0, -1)) onMessage(decodeLine(line, crcOf) ?? { garbage: line });
      pending = pending.slice(pending.lastIndexOf("\n") + 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = (server.address() as { port: number }).port;
  const image = await installLinux(binary as string, folder, { host: `127.0.0.1:${port}` });

  const kill = (): void => {
    if (child?.pid) process.kill(-child.pid, "SIGKILL");
    child = undefined;
    connected?.destroy();
    connected = undefined;
  };
  return {
    pins,
    powerOn() {
      const script = `mount -t tmpfs none /sys/class && mkdir /sys/class/gpio && mount --bind "$1" /sys/class/gpio && tail -f /dev/null | "$2" >>log 2>&1`;
      child = spawn("unshare", ["-Urm", "sh", "-c", script, "sh", gpio, binary as string], { cwd: folder, detached: true, stdio: "ignore" });
    },
    kill,
    say: (message) => void connected?.write(`${encodeLine(message, crcOf)}\n`),
    sayBytes: (bytes) => void connected?.write(bytes, "latin1"),
    isConnected: () => connected !== undefined,
    pour(bytes) {
      const socket = connected as Socket;
      const before = socket.bytesWritten - socket.writableLength;
      let isOver = false;
      const more = (): void => {
        while (!isOver && socket.write(bytes, "latin1"));
      };
      socket.on("drain", more);
      more();
      return () => {
        isOver = true;
        const sent = socket.bytesWritten - socket.writableLength - before;
        socket.resetAndDestroy();
        return sent;
      };
    },
    region: () => regionIn(image),
    log: () => readFileSync(path.join(folder, "log"), "latin1"),
    close() {
      kill();
      server.close();
    },
  };
}

/** A terminal that nobody stands at: nothing is wired to its pins. */
export interface BareTerminal {
  /** Where its interpreter runs. */
  readonly folder: string;
  powerOn(): void;
  /** Takes the power: SIGKILL. */
  kill(): void;
  /** What is in its ledger now. */
  records(): readonly LedgerRecord[];
  /** What the interpreter has printed. */
  log(): string;
}

/**
 * @param fields of the configuration that differ from the first counter in `sim/site.yaml`
 * @param change makes another firmware of the bundle
 */
export async function createBareTerminal(fields: object, change = (code: string): string => code): Promise<BareTerminal> {
  const folder = temporaryFolder();
  const image = await installLinux(binary as string, folder, fields, change);
  let child: ChildProcess | undefined;
  return {
    folder,
    powerOn() {
      // A restart ends the process on Linux; a board begins again by itself.
      const script = `tail -f /dev/null | while :; do "$1" >>log 2>&1; done`;
      child = spawn("sh", ["-c", script, "sh", binary as string], { cwd: folder, detached: true, stdio: "ignore" });
    },
    kill() {
      if (child?.pid) process.kill(-child.pid, "SIGKILL");
      child = undefined;
    },
    records: () => readFlashImage(regionIn(image), board.flash).records,
    log: () => readFileSync(path.join(folder, "log"), "latin1"),
  };
}

/** The ledger's pages in a flash file. */
function regionIn(image: string): Buffer {
  const { flash, storage } = board;
  return readFileSync(image)
    .subarray(flash.address - storage.address)
    .subarray(0, flash.pageBytes * flash.pageCount);
}

/** Waits until something is so. @returns how long it took, in ms @throws Error when it takes too long */
export async function until(what: string, isTrue: () => boolean, timeoutMs = 5000): Promise<number> {
  const start = performance.now();
  while (!isTrue()) {
    if (performance.now() - start > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(2);
  }
  return performance.now() - start;
}

/**
 * Holds a badge to the reader until the clerk is on duty: one pulse a bit, slower than a reader's because sysfs pins are looked at once a millisecond. On a
 * busy machine a pulse is missed now and then; parity or length tells, and the badge is presented again, as a person would.
 */
export async function signIn({ pins }: LinuxTerminal, badge: string): Promise<void> {
  for (let times = 0; times < 5 && pins.read(board.pauseLamp.pin) === 1; times++) {
    for (const bit of wiegandBits(badge)) {
      await pins.press(bit === "0" ? board.badgeReader.data0 : board.badgeReader.data1, 5);
      await sleep(5);
    }
    await sleep(300);
  }
}
