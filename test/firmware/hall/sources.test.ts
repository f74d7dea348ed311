// Where terminals come from: a serial port, a listener, a broker; and what people are told when one does not work.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Aedes } from "aedes";
import { type SerialPort, SerialPortMock } from "serialport";
import { describe, expect, it } from "vitest";
import { listenMqtt } from "../../../firmware/hall/sources/mqtt-source.js";
import { DEFAULT_LIMITS } from "../../../firmware/tools/link/connection-limits.js";
import { lineOf } from "../../../firmware/tools/link/lines.js";
import { cannotOpen, listenSerial } from "../../../firmware/tools/link/serial-source.js";
import type { Peer } from "../../../firmware/tools/link/source.js";
import { listenTcp } from "../../../firmware/tools/link/tcp-source.js";
import { until } from "../../espruino/linux-terminal.js";

const LINE = lineOf('{"alert":"key","detail":"key1 stuck"}');
const MESSAGE = { alert: "key", detail: "key1 stuck" };

function createListener() {
  const heard: { peer: Peer; message: unknown }[] = [];
  const said: string[] = [];
  let ended = 0;
  return {
    heard,
    said,
    ended: () => ended,
    hear: (peer: Peer, message: unknown) => void heard.push({ peer, message }),
    end: () => void ended++,
    say: (words: string) => void said.push(words),
  };
}

describe("A serial port", () => {
  it("is read in lines, written in lines, and opened again when it was gone", async () => {
    SerialPortMock.binding.createPort("/dev/ttyTEST", { echo: false, record: true });
    const listener = createListener();
    const ports: SerialPortMock[] = [];
    const source = listenSerial({ path: "/dev/ttyTEST", baudHz: 9600, device: "a" }, listener, (path, baudRate) => {
      const port = new SerialPortMock({ path, baudRate, autoOpen: false });
      ports.push(port);
      return port as unknown as SerialPort;
    });
    await until("open", () => listener.said.length > 0);
    expect(listener.said).toEqual(["/dev/ttyTEST: open at 9600 baud"]);
    for (const part of ["noise", `\n${LINE.slice(0, 9)}`, LINE.slice(9)]) ports[0]?.port?.emitData(Buffer.from(part));
    await until("a message", () => listener.heard.length > 0);
    expect(listener.heard[0]).toMatchObject({ message: MESSAGE, peer: { name: "/dev/ttyTEST", device: "a" } });
    listener.heard[0]?.peer.send("{}");
    await until("a line", () => (ports[0]?.port?.recording.length ?? 0) > 0);
    expect(ports[0]?.port?.recording.toString()).toBe(lineOf("{}"));
    ports[0]?.close();
    await until("open again", () => ports[1]?.isOpen === true, 8000);
    expect(listener.ended()).toBe(1);
    expect(listener.said[1]).toContain("is the cable plugged in?");
    await source.close();
    SerialPortMock.binding.reset();
  });

  it.each([
    ["Error: Permission denied, cannot open /dev/ttyUSB0", "usermod -aG dialout"],
    ["Error Resource temporarily unavailable Cannot lock port", "another program uses this port"],
    ["Error: No such file or directory, cannot open /dev/ttyUSB0", "there is no such port"],
  ])("that says %j is explained", (message, words) => {
    expect(cannotOpen("/dev/ttyUSB0", new Error(message))).toContain(words);
  });
});

describe("A TCP listener", () => {
  it("takes connections, and says when its port is taken", async () => {
    const listener = createListener();
    const source = await listenTcp(0, "127.0.0.1", listener);
    await expect(listenTcp(source.port, "127.0.0.1", listener)).rejects.toThrow(/another program listens there already/);
    const socket = connect(source.port, "127.0.0.1", () => socket.write(LINE));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    await until("a message", () => listener.heard.length > 0);
    listener.heard[0]?.peer.send("{}");
    await until("a line", () => text === lineOf("{}"));
    socket.destroy();
    await until("the end", () => listener.ended() === 1);
    await source.close();
  });
});

describe("A connection", () => {
  const open = (socket: Socket): boolean => socket.readyState === "open";

  it("of somebody who proves nothing ends after a while, however much he says; one that is proven stays, until it is silent for long", async () => {
    const listener = createListener();
    const limits = { ...DEFAULT_LIMITS, strangerMs: 300, silentMs: 1500 };
    const source = await listenTcp(0, "127.0.0.1", listener, limits);
    const [silent, talker, terminal] = [0, 1, 2].map(() => connect(source.port, "127.0.0.1").resume()) as [Socket, Socket, Socket];
    // It may be writing while it is dropped.
    talker.on("error", () => undefined);
    const talk = setInterval(() => {
      if (talker.writable) talker.write(LINE);
    }, 20);
    await until("messages", () => listener.heard.length > 0);
    terminal.write(LINE.repeat(2));
    await until("the terminal", () => listener.heard.some(({ peer }) => peer !== listener.heard[0]?.peer));
    for (const { peer } of listener.heard) if (peer !== listener.heard[0]?.peer) peer.prove?.();
    await until("strangers to be dropped", () => !open(silent) && !open(talker));
    clearInterval(talk);
    expect(open(terminal)).toBe(true);
    await until("the silent terminal to be dropped", () => !open(terminal));
    expect(listener.ended()).toBe(3);
    await source.close();
  });
});

describe("A terminal", () => {
  it("that proves itself with every message costs nothing more for that, and its place is told when it is given away", async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", note);
    const listener = createListener();
    const source = await listenTcp(0, "127.0.0.1", listener, { ...DEFAULT_LIMITS, inAll: 1 });
    const terminal = connect(source.port, "127.0.0.1").resume();
    for (let i = 1; i <= 20; i++) {
      terminal.write(LINE);
      await until("a message", () => listener.heard.length === i);
      listener.heard[i - 1]?.peer.prove?.();
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
    process.off("warning", note);
    expect(listener.said).toEqual([]);
    const other = connect(source.port, "127.0.0.1").resume();
    await until("the first one's end", () => listener.ended() === 1);
    expect(listener.said).toEqual([expect.stringMatching(/all 1 connections are taken by terminals.*--connections/)]);
    other.destroy();
    await source.close();
  });
});

describe("A broker", () => {
  it("that refuses the login is told, with what to do, and once", async () => {
    const broker = await Aedes.createBroker({
      authenticate: (_client, _user, _password, done) => done(Object.assign(new Error("no"), { returnCode: 4 }), null),
    });
    const server = createServer((socket) => void broker.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const listener = createListener();
    const { port } = server.address() as AddressInfo;
    const source = listenMqtt({ url: `mqtt://me:secret@127.0.0.1:${port}`, clientId: "r" }, listener);
    await until("a refusal", () => listener.said.length > 0, 8000);
    expect(listener.said[0]).toContain("the broker refuses the login (4): user name or password are wrong");
    expect(listener.said.join()).not.toContain("secret");
    await source.close();
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  });

  it("that is not there is told", async () => {
    const listener = createListener();
    const source = listenMqtt({ url: "mqtt://127.0.0.1:1", clientId: "r" }, listener);
    await until("a word", () => listener.said.length > 0, 8000);
    expect(listener.said[0]).toContain("is the broker running");
    await source.close();
  });
});
