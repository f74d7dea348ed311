// The packets that the board's MQTT client makes and reads, against the standard's own examples and against the codec of another client.

import fc from "fast-check";
import mqtt, { type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { connectPacket, field, lengthOf, PINGREQ, packet, subscribePacket, twoBytes } from "../../hal/espruino/link/mqtt-packets.js";

function parse(bytes: string): Packet[] {
  const packets: Packet[] = [];
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on("packet", (each) => packets.push(each));
  parser.on("error", (error) => {
    throw error;
  });
  parser.parse(Buffer.from(bytes, "latin1"));
  return packets;
}

/** Header bytes and body bytes of the first packet. */
function lengthsOf(bytes: readonly number[]): number | [number, number] {
  const length = lengthOf(String.fromCharCode(...bytes));
  return length > 0 ? [length & 7, length >> 3] : length;
}

const word = fc.string({ unit: fc.constantFrom(..."abcXYZ019-._:/"), minLength: 1, maxLength: 40 });

describe("The remaining length", () => {
  // OASIS MQTT 3.1.1, 2.2.3 and its table 2.4.
  it.each([
    [
      [0x30, 0x00],
      [2, 0],
    ],
    [
      [0x30, 0x40],
      [2, 64],
    ],
    [
      [0x30, 0xc1, 0x02],
      [3, 321],
    ],
    [
      [0x30, 0x7f],
      [2, 127],
    ],
    [
      [0x30, 0x80, 0x01],
      [3, 128],
    ],
    [
      [0x30, 0xff, 0x7f],
      [3, 16383],
    ],
    [
      [0x30, 0x80, 0x80, 0x01],
      [4, 16384],
    ],
    [
      [0x30, 0xff, 0xff, 0x7f],
      [4, 2097151],
    ],
    [
      [0x30, 0x80, 0x80, 0x80, 0x01],
      [5, 2097152],
    ],
    [
      [0x30, 0xff, 0xff, 0xff, 0x7f],
      [5, 268435455],
    ],
  ] as [number[], [number, number]][])("of %j is read", (bytes, lengths) => {
    expect(lengthsOf(bytes)).toEqual(lengths);
    for (let i = 1; i < bytes.length; i++) expect(lengthsOf(bytes.slice(0, i)), "an incomplete header").toBe(0);
  });

  it("of more than four bytes is none", () => {
    expect(lengthsOf([0x30, 0xff, 0xff, 0xff, 0xff])).toBe(-1);
    expect(lengthsOf([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])).toBe(-1);
  });

  it("is written as it is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16383 }), (bytes) => {
        const length = lengthOf(packet(0x30, "x".repeat(bytes)));
        expect([length >> 3, length & 7]).toEqual([bytes, bytes < 128 ? 2 : 3]);
      }),
    );
  });
});

describe("A packet that is made", () => {
  it("is the standard's example of a text: A and U+2A6D4", () => {
    // OASIS MQTT 3.1.1, 1.5.3.1, figure 1.2.
    expect(Buffer.from(field(Buffer.from("A\u{2A6D4}").toString("latin1")), "latin1").toString("hex")).toBe("000541f0aa9b94");
  });

  it("CONNECT says to another codec what was meant", () => {
    const login = fc.option(fc.tuple(word, word), { nil: undefined });
    fc.assert(
      fc.property(word, login, word, word, fc.integer({ min: 0, max: 65535 }), (client, user, topic, will, keepAlive) => {
        const [connect, ...others] = parse(connectPacket(client, user?.[0] ?? "", user?.[1] ?? "", topic, will, keepAlive));
        expect(others).toEqual([]);
        expect(connect).toMatchObject({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: false,
          clientId: client,
          keepalive: keepAlive,
        });
        expect(connect).toMatchObject({ will: { topic, payload: Buffer.from(will), qos: 1, retain: true } });
        expect(connect).toMatchObject(user ? { username: user[0], password: Buffer.from(user[1]) } : {});
        if (!user) expect(connect).not.toHaveProperty("username", expect.anything());
      }),
    );
  });

  it("is byte for byte what another codec makes", () => {
    const hex = (bytes: string | Buffer): string => Buffer.from(bytes as string, "latin1").toString("hex");
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 65535 }), fc.boolean(), (topic, payload, id, isRetained) => {
        const publish = packet(0x32 + (isRetained ? 1 : 0), field(topic) + twoBytes(id) + payload);
        expect(hex(publish)).toBe(hex(mqtt.generate({ cmd: "publish", topic, payload, qos: 1, messageId: id, retain: isRetained, dup: false })));
        expect(hex(subscribePacket(id, topic))).toBe(hex(mqtt.generate({ cmd: "subscribe", messageId: id, subscriptions: [{ topic, qos: 0 }] })));
        expect(hex(packet(0x40, twoBytes(id)))).toBe(hex(mqtt.generate({ cmd: "puback", messageId: id })));
        expect(hex(PINGREQ)).toBe(hex(mqtt.generate({ cmd: "pingreq" })));
      }),
    );
  });
});
