// The name of a terminal becomes a part of file names and MQTT topics. One that leads elsewhere is refused at every door, with words that say what to do.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import { Aedes } from "aedes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysIn } from "../../firmware/hall/device-keys.js";
import { listenMqtt } from "../../firmware/hall/sources/mqtt-source.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import type { BoardConsole } from "../../firmware/tools/device/board-console.js";
import { copyPath } from "../../firmware/tools/device/copies.js";
import { readConfigOf } from "../../firmware/tools/device/storage.js";
import { UP_SCHEMAS } from "../../firmware/tools/link/message-schemas.js";
import { parseConfig } from "../../firmware/tools/provision/config-schema.js";
import { keyFileOf } from "../../firmware/tools/provision/device-key.js";
import { packConfig } from "../../firmware/tools/provision/stored-config.js";
import { until } from "../espruino/linux-terminal.js";
import { commandLine, type Ended } from "./tools/command-line.js";

const WRONG = ["../../../evil", "a/b", "$(id)", ".hidden", "a:b", "hall.3", "..", "a b", "seventeen-letters", "大厅"] as const;
const RIGHT = ["a", "hall-08_B", "sixteen-letters-"] as const;
const WORDS = "must be 1 to 16 letters (A to Z, a to z), digits, _ or -";

/** A folder with other folders around it, where a wrong name would lead. */
let top: string;
let folder: string;
beforeAll(() => {
  top = mkdtempSync(path.join(tmpdir(), "names-"));
  folder = path.join(top, "one/two/three");
  mkdirSync(folder, { recursive: true });
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

function siteWith(device: string): string {
  const file = path.join(folder, "hall.yaml");
  writeFileSync(file, `counters: [{ version: 1, device: ${JSON.stringify(device)}, counter: "1" }]\npeople: []\n`);
  return file;
}

function run(...words: string[]): Promise<Ended> {
  return commandLine(words, folder);
}

/** Every file and folder, but for the site file. */
function written(): string[] {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.endsWith("hall.yaml"))
    .sort();
}

describe.each(WRONG)("the name %j", (device) => {
  it("is refused by check, build and flash, which write nothing anywhere", async () => {
    const before = written();
    const site = siteWith(device);
    for (const command of [
      ["check", site],
      ["build", "--board", "linux", "--config", site],
      ["flash", "--board", "linux", "--port", "tcp://127.0.0.1:1", "--config", site],
    ]) {
      const { status, stderr } = await run(...command);
      expect(status).toBe(1);
      expect(stderr).toContain(`:1: counters[0].device: ${WORDS}`);
    }
    expect(written()).toEqual(before);
  });

  it("is no name on a board, whatever the board says", async () => {
    const file = packConfig({ ...parseConfig({ version: 1, device: "right", counter: "1" }), device });
    expect(await readConfigOf(consoleWith(file))).toBeUndefined();
  });

  it("never becomes the name of a file, and has no key", () => {
    for (const name of [() => keyFileOf(device), () => keyFileOf(device, folder), () => copyPath(device, "label.svg")])
      expect(name).toThrow(/is no name of a terminal/);
    expect(keysIn(folder)(device)).toBeUndefined();
  });

  it("is refused in a hello", () => {
    expect(UP_SCHEMAS.hello.safeParse(helloOf(device)).error?.issues[0]?.message).toBe(WORDS);
  });

  it("is refused for a serial port of the receiver", async () => {
    const { status, stderr } = await run("receive", "--serial", `/dev/null=${device}`);
    expect(status).toBe(1);
    expect(stderr).toContain(`"${device}" is no name of a terminal`);
  });
});

describe.each(RIGHT)("the name %j", (device) => {
  it("is taken everywhere", async () => {
    expect(await run("check", siteWith(device))).toMatchObject({ status: 0, stderr: "" });
    const config = parseConfig({ version: 1, device, counter: "1" });
    expect(await readConfigOf(consoleWith(packConfig(config)))).toEqual(config);
    expect(path.dirname(keyFileOf(device, folder))).toBe(folder);
    expect(UP_SCHEMAS.hello.safeParse(helloOf(device)).success).toBe(true);
  });
});

it("a broker's topic with a name that no terminal may have is not heard, and is told of once", async () => {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => void broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const heard: string[] = [];
  const said: string[] = [];
  const source = listenMqtt(
    { url: `mqtt://127.0.0.1:${port}`, clientId: "names" },
    { hear: ({ device }) => void heard.push(String(device)), end: () => undefined, say: (words) => void said.push(words) },
  );
  const publish = (device: string): Promise<void> =>
    new Promise((resolve) =>
      broker.publish(
        { cmd: "publish", topic: `counter-terminal/${device}/status`, payload: '{"status":{"online":false}}', qos: 1, dup: false, retain: false },
        () => resolve(),
      ),
    );
  try {
    await until("the subscription", () => said.some((words) => words.endsWith(": connected")), 8000);
    for (let i = 0; heard.length === 0 && i < 100; i++) await publish("hall-1").then(() => new Promise((resolve) => setTimeout(resolve, 50)));
    for (const device of ["hall.3", "$(id)", "..", "a b", "hall-2"]) await publish(device);
    await until("the last one", () => heard.includes("hall-2"));
    expect([...new Set(heard)]).toEqual(["hall-1", "hall-2"]);
    expect(said.filter((words) => words.includes("is no name of a terminal"))).toEqual([
      `mqtt://127.0.0.1:${port}: "hall.3" is no name of a terminal. Give it one of 1 to 16 letters (A to Z, a to z), digits, _ or - in its site file, and flash it.`,
    ]);
  } finally {
    await source.close();
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  }
});

it("a board file whose name leads elsewhere is refused", () => {
  const file = path.join(folder, "board.ts");
  writeFileSync(file, 'export const board = { name: ".." };\n');
  expect(() => readBoard(file)).toThrow(/its name has to consist of letters, digits, _ or -/);
});

function helloOf(device: string): object {
  return {
    hello: { device, counter: "1", firmware: "1", config: 1 },
    log: 1,
    last: 0,
    acknowledged: 0,
    start: 1,
    signed: 0,
    mac: `${"A".repeat(43)}=`,
  };
}

/** A board whose Storage has this configuration. */
function consoleWith(config: string): BoardConsole {
  const bytes = Buffer.from(config, "utf8");
  const evaluate = async (expression: string): Promise<unknown> =>
    expression.includes("CRC32") ? crc32(bytes) : bytes.subarray(...partOf(expression)).toString("base64");
  return { evaluate } as unknown as BoardConsole;
}

/** The part of a file that an expression reads. */
function partOf(expression: string): [number, number] {
  const [, from, length] = /,(\d+),(\d+)\)/.exec(expression) as unknown as [string, string, string];
  return [Number(from), Number(from) + Number(length)];
}
