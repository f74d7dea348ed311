// The board's MQTT client: what it does when the broker keeps to the standard, when it does not, and when the network does not.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIRST_RETRY_MS, LAST_RETRY_MS, MOST_WAITING_BYTES, NO_MEMORY, OPEN_MS, PING_MS, RECORDS_IN_FLIGHT } from "../../hal/espruino/link/mqtt.js";
import { field, packet, twoBytes } from "../../hal/espruino/link/mqtt-packets.js";
import { MAX_MESSAGE_BYTES } from "../../hal/link.js";
import { CONNACK_KEPT, CONNACK_NEW, connect, createTestClient, SUBACK, type TestClient, take } from "./mqtt-client.js";

const COMMANDS = "counter-terminal/sim-08/command";
const command = (text: string, flags = 0, id = ""): string => packet(0x30 + flags, field(COMMANDS) + id + text);
const puback = (id: number): string => packet(0x40, twoBytes(id));
const record = (id: number, text: string, isAgain = false): string =>
  packet(isAgain ? 0x3a : 0x32, field("counter-terminal/sim-08/record") + twoBytes(id) + text);

function connected(): TestClient {
  const client = createTestClient();
  connect(client);
  take(client.wire);
  return client;
}

describe("A login", () => {
  it("is CONNECT, and SUBSCRIBE once it is accepted; the link is up when that is granted", () => {
    const client = createTestClient();
    client.pass(0);
    client.wire.connected();
    expect(take(client.wire).charCodeAt(0)).toBe(0x10);
    client.wire.data(CONNACK_NEW);
    expect(take(client.wire)).toBe(`\x82\x24\xff\xff${field(COMMANDS)}\0`);
    expect([client.states, client.link.send("hello", "{}")]).toEqual([[], "down"]);
    client.wire.data(SUBACK);
    expect([client.states, client.link.send("hello", "{}")]).toEqual([["up"], "sent"]);
  });

  it.each([1, 2, 3, 4, 5])("that is refused with code %i is told as such, and tried again after a minute", (code) => {
    const client = createTestClient();
    client.pass(0);
    client.wire.connected();
    client.wire.data(`\x20\x02\0${String.fromCharCode(code)}`);
    expect(client.states).toEqual([`down login refused ${code}`]);
    expect([client.wire.isEnded, client.dueMs()]).toEqual([true, LAST_RETRY_MS]);
    connect(client);
    expect(client.states.at(-1)).toBe("up");
  });

  it("for which the board has too little memory is told as such, and tried again after a minute", () => {
    const client = createTestClient();
    client.problem = NO_MEMORY;
    client.pass(0);
    expect(client.states).toEqual([`down ${NO_MEMORY}`]);
    expect(client.dueMs()).toBe(LAST_RETRY_MS);
    client.problem = new Error("no such host");
    client.pass(LAST_RETRY_MS);
    expect(client.states).toEqual([`down ${NO_MEMORY}`]);
    client.problem = undefined;
    connect(client);
    expect(client.states.at(-1)).toBe("up");
  });

  it("whose subscription is refused is told as such", () => {
    const client = createTestClient();
    client.pass(0);
    client.wire.connected();
    client.wire.data(`${CONNACK_NEW}\x90\x03\xff\xff\x80`);
    expect([client.states, client.wire.isEnded]).toEqual([["down subscription refused"], true]);
  });

  it("that is not answered is given up", () => {
    const client = createTestClient();
    client.pass(0);
    client.pass(OPEN_MS);
    expect([client.wire.isEnded, client.dueMs()]).toEqual([true, FIRST_RETRY_MS]);
  });

  it("is tried again after a second, then twice as long up to a minute, each up to a half shorter or longer", () => {
    const client = createTestClient();
    client.isRefusing = true;
    client.pass(0);
    const wanted = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000);
    for (const ms of wanted) {
      expect(client.dueMs()).toBe(ms);
      client.pass(ms);
    }
    for (const [random, share] of [
      [0, 0.5],
      [2 ** 32 - 1, 1.5],
    ] as const) {
      client.random32 = () => random;
      client.pass(client.dueMs());
      expect(client.dueMs() / LAST_RETRY_MS).toBeCloseTo(share, 5);
    }
    client.isRefusing = false;
    connect(client);
    client.random32 = () => 2 ** 31;
    client.wire.close();
    expect(client.dueMs(), "it begins anew after a login").toBe(FIRST_RETRY_MS);
  });
});

describe("Two things that MQTT 3.1.1 does not allow or does not promise, as PROTOCOL.md says", () => {
  const page = readFileSync("firmware/uplink/PROTOCOL.md", "utf8").replace(/\s+/g, " ");

  it("a hello and a status without a PUBACK do not go again, while everything else does (4.4.0-1)", () => {
    expect(page).toContain(
      "It does not repeat a hello or a status, because a newer one follows at once. The standard demands that these two are repeated as well (4.4.0-1). The risk:",
    );
    for (const connack of [CONNACK_KEPT, CONNACK_NEW]) {
      const client = connected();
      for (const kind of ["hello", "record", "status", "alert", "answer"] as const) client.link.send(kind, `the ${kind}`);
      client.wire.close();
      client.pass(client.dueMs());
      client.wire.connected();
      take(client.wire);
      client.wire.data(connack);
      const again = take(client.wire);
      expect(["hello", "record", "status", "alert", "answer"].filter((kind) => again.includes(`the ${kind}`))).toEqual(["record", "alert", "answer"]);
    }
  });

  it("a client id has up to 33 characters, among them -; a broker that takes 23 letters and digits refuses it, and that is told (3.1.3-5)", () => {
    expect(page).toContain(
      "The client id is `counter-terminal-<device>`, up to 33 characters. The standard obliges a broker to accept 23 letters and digits, and no more (3.1.3-5).",
    );
    expect(page).toContain("A broker that does not refuses the login with code 2, and the terminal reports the fault `login refused 2`");
    const client = createTestClient(undefined, "hall-0123456789A");
    client.pass(0);
    client.wire.connected();
    const id = "counter-terminal-hall-0123456789A";
    expect(id.length).toBe(33);
    // Behind protocol name, level, flags and keep-alive.
    expect(take(client.wire).slice(13).startsWith(field(id))).toBe(true);
    client.wire.data("\x20\x02\0\x02");
    expect(client.states).toEqual(["down login refused 2"]);
    expect(client.dueMs()).toBe(LAST_RETRY_MS);
  });
});

describe("A message", () => {
  it("goes out with QoS 1 on the topic of its kind, a status retained", () => {
    const client = connected();
    for (const kind of ["hello", "record", "status", "alert", "answer"] as const) client.link.send(kind, "{}");
    const topic = (kind: string): string => field(`counter-terminal/sim-08/${kind}`);
    const wanted = ["hello", "record", "status", "alert", "answer"].map((kind, i) =>
      packet(kind === "status" ? 0x33 : 0x32, `${topic(kind)}${twoBytes(i + 1)}{}`),
    );
    expect(take(client.wire)).toBe(wanted.join(""));
  });

  it("waits while too many are under way, and is told when there is room", () => {
    const client = connected();
    for (let i = 0; i < RECORDS_IN_FLIGHT; i++) expect(client.link.send("record", `${i}`)).toBe("sent");
    expect(client.link.send("record", "more")).toBe("busy");
    for (let i = 0; i < 4; i++) expect(client.link.send("answer", `${i}`)).toBe("sent");
    expect(client.link.send("answer", "more")).toBe("busy");
    expect(client.link.send("hello", "there is always room for it")).toBe("sent");
    client.wire.data(puback(77));
    expect(client.readyCount).toBe(0);
    for (let id = 1; id <= 6; id++) client.wire.data(puback(id));
    expect(client.readyCount).toBe(1);
    expect(client.link.send("record", "more")).toBe("sent");
  });

  it("without a PUBACK goes again, with DUP where the broker has kept the session, in order and before new ones", () => {
    for (const [connack, isAgain] of [
      [CONNACK_KEPT, true],
      [CONNACK_NEW, false],
    ] as const) {
      const client = connected();
      client.link.send("hello", "old");
      for (const text of ["one", "two", "three"]) client.link.send("record", text);
      client.wire.data(puback(3));
      client.wire.close();
      expect(client.states).toEqual(["up", "down"]);
      client.pass(client.dueMs());
      client.wire.connected();
      take(client.wire);
      client.wire.data(connack);
      const again = take(client.wire);
      expect(again.endsWith(`\0${record(2, "one", isAgain)}${record(4, "three", isAgain)}`)).toBe(true);
      expect(again, "an old hello would say what is not so any more").not.toContain("old");
      client.wire.data(SUBACK + puback(2) + puback(4));
      expect(client.link.send("record", "four")).toBe("sent");
      expect(take(client.wire)).toBe(record(5, "four"));
    }
  });

  it("never has the id of the subscription, nor 0", () => {
    const client = connected();
    for (let i = 1; i <= 70_000; i++) {
      client.link.send("record", "");
      const id = take(client.wire).slice(-2);
      expect(id === "\0\0" || id === "\xff\xff").toBe(false);
      client.wire.data(packet(0x40, id));
    }
  });

  it("that cannot be written means that the connection is gone", () => {
    const client = connected();
    client.isClosing = true;
    expect(client.link.send("record", "x")).toBe("down");
    expect(client.states).toEqual(["up", "down"]);
  });
});

describe("A command", () => {
  it("is heard whole, however the bytes are cut, and acknowledged where the broker asks for it", () => {
    const bytes = command("one") + command("two", 2, "\0\x07") + command("three", 10, "\0\x08") + packet(0x30, `${field("other")}x`) + command("");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sizes) => {
        const client = connected();
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          client.wire.data(bytes.slice(at, at + size));
          at += size;
        }
        expect(client.texts).toEqual(["one", "two", "three", ""]);
        expect(take(client.wire)).toBe("\x40\x02\0\x07\x40\x02\0\x08");
      }),
    );
  });

  it("that is too long is skipped, acknowledged and forgotten, and the next is heard", () => {
    for (const size of [MAX_MESSAGE_BYTES + 100, 20_000, 3_000_000]) {
      const client = connected();
      const body = `${field(COMMANDS)}\0\x07${"x".repeat(size)}`;
      const length = [body.length & 127, (body.length >> 7) & 127, body.length >> 14].map((part, i) => (i < 2 ? part | 128 : part));
      const bytes = `\x32${String.fromCharCode(...((length[2] as number) > 127 ? ([length[0], length[1], (length[2] as number) | 128, body.length >> 21] as number[]) : length))}${body}`;
      for (let at = 0; at < bytes.length; at += 1460) client.wire.data(bytes.slice(at, at + 1460));
      client.wire.data(command("next"));
      expect([client.texts, take(client.wire), client.states]).toEqual([["next"], "\x40\x02\0\x07", ["up"]]);
    }
  });
});

describe("What no broker may send closes the connection", () => {
  it.each([
    ["a length of five bytes", "\x30\xff\xff\xff\xff\x01"],
    ["QoS 2", command("x", 4, "\0\x01")],
    ["QoS 3", command("x", 6, "\0\x01")],
    ["DUP with QoS 0", command("x", 8)],
    ["packet id 0", command("x", 2, "\0\0")],
    ["no topic", packet(0x30, "\0\0x")],
    ["a topic beyond the packet", packet(0x30, "\0\x40x")],
    ["a topic longer than any of ours", packet(0x30, `${field("t".repeat(80))}x`)],
    ["half a packet id", packet(0x32, `${field("t")}\0`)],
    ["an empty message packet", "\x30\0"],
    ["a second CONNACK", CONNACK_NEW],
    ["a second SUBACK", SUBACK],
    ["a PUBACK without an id", "\x40\0"],
    ["a PUBACK with flags", "\x42\x02\0\x01"],
    ["a PINGRESP with a body", "\xd0\x01x"],
    ["a packet of a client", "\x10\0"],
    ["type 0", "\0\0"],
    ["type 15", "\xf0\0"],
    ["another packet that is too long", `\x40\xff\x7f${"x".repeat(100)}`],
  ])("%s", (_, bytes) => {
    const client = connected();
    client.wire.data(bytes + command("after"));
    expect([client.states, client.texts, client.wire.isEnded]).toEqual([["up", "down"], [], true]);
    connect(client);
    client.wire.data(command("again"));
    expect([client.states, client.texts]).toEqual([["up", "down", "up"], ["again"]]);
  });

  it.each([
    ["a command before CONNACK", command("x")],
    ["SUBACK before CONNACK", SUBACK],
    ["a CONNACK with an unknown code", "\x20\x02\0\x06"],
    ["a CONNACK with unknown flags", "\x20\x02\x02\0"],
    ["a CONNACK that is too short", "\x20\x01\0"],
  ])("%s", (_, bytes) => {
    const client = createTestClient();
    client.pass(0);
    client.wire.connected();
    client.wire.data(bytes);
    expect([client.states, client.texts, client.wire.isEnded]).toEqual([[], [], true]);
  });
});

describe("A connection that is half open", () => {
  it("is noticed by the answer to a ping that does not come", () => {
    const client = connected();
    client.pass(PING_MS);
    expect(take(client.wire)).toBe("\xc0\0");
    client.wire.data("\xd0\0");
    client.pass(PING_MS);
    expect([take(client.wire), client.states]).toEqual(["\xc0\0", ["up"]]);
    client.pass(PING_MS);
    expect([client.states, client.wire.isEnded]).toEqual([["up", "down"], true]);
  });

  it("is given up too when pings are answered and messages are not", () => {
    const client = connected();
    client.link.send("record", "x");
    for (let i = 0; i < 2; i++) {
      client.pass(PING_MS);
      client.wire.data("\xd0\0");
    }
    expect(client.states).toEqual(["up", "down"]);
  });

  it("is given up at once, with all that waits on it, when the broker sends and takes nothing", () => {
    const client = connected();
    client.isDeaf = true;
    const { wire } = client;
    // Each command with QoS 1 is answered with four bytes.
    for (let i = 0; i <= MOST_WAITING_BYTES / 4; i++) wire.data(command("x", 2, twoBytes(1)));
    expect([client.states, wire.isEndedAtOnce()]).toEqual([["up", "down"], true]);
    expect(take(wire).length).toBeLessThanOrEqual(MOST_WAITING_BYTES);
    client.isDeaf = false;
    client.pass(2 * FIRST_RETRY_MS);
    expect(client.wires).toHaveLength(2);
  });

  it("stays where the broker takes what was written", () => {
    const client = connected();
    for (let i = 0; i <= MOST_WAITING_BYTES / 4; i++) client.wire.data(command("x", 2, twoBytes(1)));
    expect(client.states).toEqual(["up"]);
  });
});

describe("Whatever comes", () => {
  const noise = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 80 });
  const valid = fc.constantFrom(command("a"), command("b", 2, "\0\x05"), puback(1), "\xd0\0", SUBACK, CONNACK_NEW);
  const damaged = fc.tuple(valid, fc.nat(40), fc.integer({ min: 0, max: 255 })).map(([bytes, at, byte]) => {
    const place = at % bytes.length;
    return bytes.slice(0, place) + String.fromCharCode(byte) + bytes.slice(place + 1);
  });
  const cut = fc.tuple(valid, fc.nat(40)).map(([bytes, at]) => bytes.slice(0, at % bytes.length));

  it("never throws, is never taken for a command that nobody sent, and after it the client logs in again and hears", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.oneof(noise, valid, damaged, cut), { maxLength: 12 }), (isLate, chunks) => {
        const client = createTestClient();
        if (isLate) connect(client);
        else {
          client.pass(0);
          client.wire.connected();
        }
        for (const chunk of chunks) client.wire.data(chunk);
        expect(client.texts.join("").length).toBeLessThanOrEqual(chunks.join("").length);
        const heard = client.texts.length;
        client.wire.close();
        connect(client);
        expect(client.states.at(-1)).toBe("up");
        client.wire.data(command("here"));
        expect(client.texts.slice(heard)).toEqual(["here"]);
      }),
      { numRuns: 3000 },
    );
  });
});
