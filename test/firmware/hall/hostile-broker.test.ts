// A broker that is hostile, or that others fill: nothing is read whole that is too long, and people are told why connections end.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import fc from "fast-check";
import mqttPacket, { type Packet } from "mqtt-packet";
import { afterEach, describe, expect, it } from "vitest";
import { clientIdOf, listenMqtt } from "../../../firmware/hall/sources/mqtt-source.js";
import { createPacketLimit } from "../../../firmware/hall/sources/packet-limit.js";
import type { SourceListener } from "../../../firmware/tools/link/source.js";
import { until } from "../../espruino/linux-terminal.js";
import { seedFrom } from "../../seed.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function createListener(): SourceListener & { heard: string[]; said: string[]; ends: number } {
  const heard: string[] = [];
  const said: string[] = [];
  return {
    heard,
    said,
    ends: 0,
    hear: (peer, _, text) => void heard.push(`${peer.device} ${text}`),
    end() {
      this.ends++;
    },
    say: (words) => void said.push(words),
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A broker that takes the login and the subscription, and then does as it likes. */
async function brokerThat(acts: (socket: Socket) => void): Promise<{ port: number; got: Packet[] }> {
  const got: Packet[] = [];
  const server = createServer((socket) => {
    closing.push(() => socket.destroy());
    socket.on("error", () => undefined);
    const parser = mqttPacket.parser();
    parser.on("packet", (packet) => {
      got.push(packet);
      if (packet.cmd === "connect") socket.write(mqttPacket.generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
      if (packet.cmd !== "subscribe") return;
      socket.write(mqttPacket.generate({ cmd: "suback", messageId: packet.messageId as number, granted: [1] }));
      acts(socket);
    });
    socket.on("data", (chunk) => void parser.parse(chunk));
  });
  return { port: await listening(server), got };
}

function publish(topic: string, payload: string | Buffer, messageId?: number): Buffer {
  const more = { dup: false, retain: false };
  return mqttPacket.generate(
    messageId === undefined ? { cmd: "publish", topic, payload, qos: 0, ...more } : { cmd: "publish", topic, payload, qos: 1, messageId, ...more },
  );
}

describe("A message of 130 MB", () => {
  it("takes no memory, is acknowledged so that it does not come again, and the next message is heard", async () => {
    const block = Buffer.alloc(1_000_000, 0x41);
    const head = publish("counter-terminal/a/hello", Buffer.alloc(130_000_000), 7).subarray(0, 5 + 2 + 24 + 2);
    let mostMB = 0;
    const { port, got } = await brokerThat((socket) => {
      socket.write(head);
      for (let i = 0; i < 130; i++) socket.write(block, () => (mostMB = Math.max(mostMB, process.memoryUsage().arrayBuffers / 1e6)));
      socket.write(publish("counter-terminal/b/hello", '{"b":1}', 8));
    });
    const listener = createListener();
    const source = listenMqtt({ url: `mqtt://127.0.0.1:${port}`, clientId: "r" }, listener);
    closing.push(() => source.close());
    const before = process.memoryUsage().arrayBuffers / 1e6;
    await until("the next message", () => listener.heard.length > 0, 30_000);
    expect(listener.heard).toEqual(['b {"b":1}']);
    await until("its acknowledgement", () => got.filter(({ cmd }) => cmd === "puback").length === 2);
    expect(got.filter(({ cmd }) => cmd === "puback").map(({ messageId }) => messageId)).toEqual([7, 8]);
    // Garbage of other tests may be in the figure. Read whole, the message would take 130.
    expect(mostMB - before).toBeLessThan(65);
  });
});

describe("The limit of packets", () => {
  const packets = fc.array(
    fc.record({
      topic: fc.constantFrom("counter-terminal/a/hello", "t".repeat(300), "x"),
      bytes: fc.nat(900),
      messageId: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
    }),
    { maxLength: 12 },
  );

  it("lets everything through that is short, and of what is long the number alone, however it is cut into chunks", () => {
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }), (given, sizes) => {
        const bytes = Buffer.concat([
          mqttPacket.generate({ cmd: "connack", returnCode: 0, sessionPresent: true }),
          ...given.map(({ topic, bytes: length, messageId }) => publish(topic, Buffer.alloc(length, 0x61), messageId)),
          mqttPacket.generate({ cmd: "pingresp" }),
        ]);
        const limit = createPacketLimit(500);
        const read: Packet[] = [];
        const parser = mqttPacket.parser();
        parser.on("packet", (packet) => read.push(packet));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          for (const each of limit(bytes.subarray(at, at + size))) parser.parse(each);
          at += size;
        }
        const wanted = given.map(({ topic, bytes: length, messageId }) => {
          const isLong = 2 + topic.length + (messageId === undefined ? 0 : 2) + length > 500;
          return `publish ${isLong ? "\u0078" : topic} ${isLong ? 0 : length} ${messageId}`;
        });
        const got = read.map((packet) =>
          packet.cmd === "publish" ? `publish ${packet.topic} ${packet.payload.length} ${packet.messageId}` : packet.cmd,
        );
        expect(got).toEqual(["connack", ...wanted, "pingresp"]);
      }),
      { numRuns: 300, seed: seedFrom("PROPERTY_SEED") },
    );
  });

  it.each([
    ["a packet of 100 kB that is no message", [0x90, 0xa0, 0x8d, 0x06, 0, 1]],
    ["a length that never ends", [0x30, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a message that ends within its topic", [0x32, 0xf8, 0x07, 0xff, 0xff]],
  ])("ends at %s", (_, bytes) => {
    expect(() => createPacketLimit(500)(Buffer.from(bytes))).toThrow(/the broker sends/);
  });
});

describe("A broker that invents names", () => {
  it("makes the receiver remember few of them, and forgets no terminal that is proven", async () => {
    const { port } = await brokerThat((socket) => {
      socket.write(publish("counter-terminal/real/hello", '{"real":1}'));
      for (let i = 0; i < 2000; i++) socket.write(publish(`counter-terminal/x-${i}/hello`, "{}"));
      socket.write(publish("counter-terminal/real/hello", '{"real":2}'));
    });
    const listener = createListener();
    const peers = new Set<unknown>();
    listener.hear = (peer, _, text) => {
      listener.heard.push(text);
      if (peer.device === "real") peers.add(peer);
      if (peer.device === "real") peer.prove?.();
    };
    const source = listenMqtt({ url: `mqtt://127.0.0.1:${port}`, clientId: "r" }, listener);
    closing.push(() => source.close());
    await until("all messages", () => listener.heard.length === 2002, 10_000);
    expect(peers.size).toBe(1);
    expect(listener.ends).toBeGreaterThanOrEqual(2001 - 512);
  });
});

describe("A broker that does not let the receiver subscribe", () => {
  async function wordsWhere(answer: (socket: Socket, messageId: number) => void, isEnough: (said: readonly string[], asked: number) => boolean) {
    let asked = 0;
    const server = createServer((socket) => {
      closing.push(() => socket.destroy());
      socket.on("error", () => undefined);
      const parser = mqttPacket.parser();
      parser.on("packet", (packet) => {
        if (packet.cmd === "connect") socket.write(mqttPacket.generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
        if (packet.cmd !== "subscribe") return;
        asked++;
        answer(socket, packet.messageId as number);
      });
      socket.on("data", (chunk) => void parser.parse(chunk));
    });
    const listener = createListener();
    const source = listenMqtt({ url: `mqtt://127.0.0.1:${await listening(server)}`, clientId: "r" }, listener);
    closing.push(() => source.close());
    await until("the broker", () => isEnough(listener.said, asked), 20_000);
    return listener.said.filter((words) => words.includes("does not let this user read"));
  }

  it("is told so where it refuses", async () => {
    const refuse = (socket: Socket, messageId: number): void => void socket.write(mqttPacket.generate({ cmd: "suback", messageId, granted: [128] }));
    expect(await wordsWhere(refuse, (said) => said.length >= 2)).toHaveLength(1);
  });

  it("is not where the connection ends before its answer", async () => {
    const hangUp = (socket: Socket): void => void socket.destroy();
    expect(await wordsWhere(hangUp, (_, asked) => asked >= 2)).toEqual([]);
  }, 30_000);
});

describe("Two receivers at one broker", () => {
  it("under one client id are told why they are thrown out, and once", async () => {
    const broker = await Aedes.createBroker();
    const server = createServer((socket) => void broker.handle(socket));
    const port = await listening(server);
    closing.push(() => new Promise<void>((resolve) => broker.close(resolve)));
    const listeners = [createListener(), createListener()];
    for (const listener of listeners) {
      const source = listenMqtt({ url: `mqtt://127.0.0.1:${port}`, clientId: "same" }, listener);
      closing.push(() => source.close());
    }
    const isTold = ({ said }: { said: string[] }): boolean => said.some((words) => words.includes("another client has the same client id, same"));
    await until("both to be told", () => listeners.every(isTold), 40_000);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    for (const { said } of listeners) {
      expect(said.filter((words) => words.includes("another client")).length).toBe(1);
      expect(said.length).toBeLessThan(8);
    }
  }, 60_000);

  it("have ids of their own, and so have two brokers of one cluster", () => {
    const ids = ["one", "two"].flatMap((receiver) => ["mqtt://a", "mqtt://b", "mqtt://a:8883"].map((url) => clientIdOf(receiver, url)));
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(/^[0-9a-zA-Z]{1,23}$/);
    expect(clientIdOf("one", "mqtt://me:secret@a")).toBe(clientIdOf("one", "mqtt://a"));
  });
});

it.each(["http://broker", "broker", "mqtt://", "mqtt://[", "ws://broker"])("%s is refused as the address of a broker", (url) => {
  expect(() => listenMqtt({ url, clientId: "r" }, createListener())).toThrow(/is no address of a broker/);
});
