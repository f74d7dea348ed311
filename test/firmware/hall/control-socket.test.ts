// The control socket takes whatever comes: it answers with a sentence, and nothing that is sent ends the receiver or keeps others from it.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askReceiver, type ControlRequest, serveControl } from "../../../firmware/hall/control-socket.js";
import { createReceiver, type Receiver } from "../../../firmware/hall/receiver/receiver.js";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import type { Command } from "../../../firmware/uplink/messages.js";

let folder = "";
let database = "";
let store: SqliteStore;
let receiver: Receiver;
let control: { close(): void };
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "control-"));
  database = path.join(folder, "hall.sqlite");
  store = SqliteStore.open(database, false);
  receiver = createReceiver({ store, keys: () => undefined });
  control = await serveControl(database, ({ device, command }) => receiver.commandTo(device, command as unknown as Command));
});
afterEach(() => {
  control.close();
  receiver.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const open = (): Socket => connect(`${database}-control`);

/** Sends bytes, and waits for the answer or the end. */
function sent(...chunks: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = open();
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
    for (const chunk of chunks) socket.write(chunk);
  });
}

/** Whether an honest request is answered as it should be. */
function isServing(): Promise<boolean> {
  return askReceiver(database, { device: "sim-08", command: { do: "selfTest" } }).then(
    () => false,
    (error: Error) => error.message.includes("no such terminal was ever here"),
  );
}

describe("A request that is none", () => {
  it.each<[string, string | Buffer]>([
    ["null", "null"],
    ["{}", "{}"],
    ["[]", "[]"],
    ["a number", "5"],
    ["a text", '"x"'],
    ["nothing", ""],
    ["an object as device", '{"device":{},"command":{"do":"selfTest"}}'],
    ["a device that is a path", '{"device":"../../x","command":{"do":"selfTest"}}'],
    ["no command", '{"device":"a"}'],
    ["null as command", '{"device":"a","command":null}'],
    ["a list as command", '{"device":"a","command":[]}'],
    ["a command that is none", '{"device":"a","command":{"do":"__proto__"}}'],
    ["a command deeper than the stack", `{"device":"a","command":{"do":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`],
    ["__proto__", '{"__proto__":{"device":"a"},"command":{}}'],
    ["a field too many", '{"device":"a","command":{"do":"selfTest"},"more":1}'],
    ["half a JSON", '{"device":"a'],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ["zeros", Buffer.alloc(100)],
  ])("%s is answered with a sentence", async (_, request) => {
    const { problem } = JSON.parse(await sent(request, "\n")) as { problem: { code: string; error: string; todo: string } };
    expect(["commandInvalid", "deviceUnknown"]).toContain(problem.code);
    expect(problem.error.length).toBeLessThan(300);
    expect(problem.todo).toMatch(/\.$/);
    expect(await isServing()).toBe(true);
  });

  it("a line without an end is cut off, with a sentence", async () => {
    expect(await sent("x".repeat(5_000_000))).toMatch(/longer than 65536 bytes/);
    expect(await isServing()).toBe(true);
  });
});

describe("Whoever comes", () => {
  it("in half lines, by the hundred, keeps nobody from being served", async () => {
    const idle = Array.from({ length: 200 }, () => {
      const socket = open();
      socket.on("error", () => undefined);
      socket.write('{"dev');
      return socket;
    });
    expect(await isServing()).toBe(true);
    for (const socket of idle) socket.destroy();
  });

  it("goes before the answer harms nobody", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = open();
      socket.on("error", () => undefined);
      await new Promise<void>((resolve) => socket.write('{"device":"a","command":{"do":"selfTest"}}\n', () => resolve()));
      socket.destroy();
    }
    expect(await isServing()).toBe(true);
  });

  it("sends a request in pieces, and more behind it, is answered once", async () => {
    const request = '{"device":"sim-08","command":{"do":"selfTest"}}';
    const answer = await sent(request.slice(0, 9), `${request.slice(9)}\n`, `${request}\n`);
    expect(answer.split("\n").length).toBe(2);
  });
});

it("Something else than a receiver at the socket is told", async () => {
  const request: ControlRequest = { device: "a", command: { do: "selfTest" } };
  for (const answer of ["hello\n", "null\n", "{}\n", "[]\n"]) {
    const other = path.join(folder, "other.sqlite");
    const server = createServer((socket) => socket.resume().end(answer));
    await new Promise<void>((resolve) => server.listen(`${other}-control`, resolve));
    await expect(askReceiver(other, request)).rejects.toThrow(/something else than a receiver/);
    await new Promise((resolve) => server.close(resolve));
  }
});
