// Whatever comes down a wire, at either end: never a crash, never a change by a bad frame, and the next good line is heard.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { board as pico } from "../../../firmware/boards/pico.js";
import { createLineReader, lineOf, MOST_LINE_BYTES, messageIn } from "../../../firmware/tools/link/lines.js";
import { UP_SCHEMAS } from "../../../firmware/tools/link/message-schemas.js";
import { parseSite } from "../../../firmware/tools/provision/site.js";
import { parseMessage } from "../../../firmware/uplink/codec.js";
import { createLineReader as createBoardReader } from "../../../hal/espruino/link/lines.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { contentsOf } from "../../../sim/scenario/files.js";
import { World } from "../../../sim/world/world.js";
import { seedFrom } from "../../seed.js";

const SEED = seedFrom("PROPERTY_SEED");
const GOOD = { id: 1, do: "time", unix: 1772411403 };
const line = lineOf(JSON.stringify(GOOD));

const noise = fc.uint8Array({ maxLength: 700 });
/** A good line with something done to it. */
const damaged = fc.tuple(fc.nat(line.length - 2), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
  const bytes = Buffer.from(line, "latin1");
  bytes[at] = (bytes[at] as number) ^ bits;
  return new Uint8Array(bytes);
});
const cut = fc.nat(line.length - 2).map((length) => new Uint8Array(Buffer.from(line.slice(0, length), "latin1")));
/** A right CRC over JSON that nobody expects. */
const structured = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => new Uint8Array(Buffer.from(lineOf(JSON.stringify(value).replace(/[^ -~]/g, "?")), "latin1")));
const anything = fc.array(fc.oneof(noise, damaged, cut), { maxLength: 12 });

/** The same bytes in other chunks. */
function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % Math.max(sizes.length, 1)] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe("A terminal's line reader", () => {
  const crc = (text: string): number => crc32(Buffer.from(text, "latin1"));
  const longest = lineOf(`{"a":"${"x".repeat(MOST_LINE_BYTES - 9 - 8)}"}`);
  const shortest = lineOf("{}");
  const good = fc.constantFrom(line, longest, shortest, line.replace("\n", "\r\n"), shortest.replace("\n", "\r\n"));
  const feeds = fc.constantFrom("\n", "\n\n", "x\n", "*\n", "\r\n", "{}*00000000\n", `${"y".repeat(600)}\n`, longest.replace("x", "xx"));
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

  it("hears every good line between garbage, and nothing else, however it is cut into chunks", () => {
    const part = fc.oneof(
      good,
      feeds,
      anything.map((all) => `${all.map(text).join("")}\n`),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 8 }), (parts, sizes) => {
        const heard: string[] = [];
        const read = createBoardReader((each) => heard.push(each), crc);
        for (const chunk of chunksOf(Buffer.from(parts.join(""), "latin1"), sizes)) read(text(chunk));
        // The same, line by line, without a thought of what it costs.
        const wanted = parts
          .join("")
          .split("\n")
          .map((each) => each.replace(/\r$/, ""))
          .filter((each) => each.length <= MOST_LINE_BYTES && messageIn(each) !== undefined)
          .map((each) => each.slice(0, -9));
        expect(heard).toEqual(wanted);
      }),
      { numRuns: 1000, seed: SEED },
    );
  });
});

describe("The hall's line reader", () => {
  it("hears every good line between garbage, and nothing else, however it is cut into chunks", () => {
    fc.assert(
      fc.property(anything, fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 8 }), (garbage, sizes) => {
        const heard: object[] = [];
        const read = createLineReader((message) => heard.push(message));
        for (const bytes of garbage) {
          // A line feed ends whatever came before it.
          for (const chunk of chunksOf(Buffer.concat([bytes, Buffer.from(`\n${line}`)]), sizes)) read(chunk);
        }
        expect(heard).toEqual(garbage.map(() => GOOD));
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  it("keeps no more than a line of garbage, however much comes", () => {
    const heard: object[] = [];
    let dropped = 0;
    const read = createLineReader(
      (message) => heard.push(message),
      () => dropped++,
    );
    const block = Buffer.alloc(65_536, 0x41);
    for (let i = 0; i < 100; i++) read(block);
    read(Buffer.from(`\n${line}`));
    expect(heard).toEqual([GOOD]);
    expect(dropped).toBe(1);
    const longest = lineOf(`{"a":"${"x".repeat(MOST_LINE_BYTES - 9 - 8)}"}`);
    read(Buffer.from(longest));
    expect(heard).toHaveLength(2);
    read(Buffer.from(longest.replace("x", "xx")));
    expect(heard).toHaveLength(2);
  });

  it("takes JSON that nobody expects, and no schema throws at it", () => {
    fc.assert(
      fc.property(structured, (bytes) => {
        const message = messageIn(Buffer.from(bytes).toString("latin1").trimEnd());
        for (const schema of Object.values(UP_SCHEMAS)) schema.safeParse(message);
      }),
      { numRuns: 1000, seed: SEED },
    );
  });
});

describe("A terminal", () => {
  const site = parseSite(
    'counters: [{ version: 1, device: sim-08, counter: "8" }]\npeople:\n  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理, role: clerk }',
    "site",
  );
  const files = contentsOf(site.counters[0] ?? {}, site);

  function createWorld(): World {
    const world = new World({ board: pico, engine: nodeEngine, files });
    world.powerOn();
    world.advanceTo(1000);
    return world;
  }

  it("changes nothing for a frame that is none, answers none, and hears the next good line", () => {
    const world = createWorld();
    const before = Buffer.from(world.flash.bytes);
    fc.assert(
      fc.property(anything, (garbage) => {
        const sent = world.sentLines.length;
        for (const bytes of garbage) world.sendFromHost(Buffer.from(bytes).toString("latin1"));
        expect(world.sentLines.length).toBe(sent);
        expect(Buffer.from(world.flash.bytes).equals(before)).toBe(true);
        world.sendFromHost(lineOf('{"id":9,"do":"waiting","count":0}').trimEnd());
        expect(world.sentLines.length).toBe(sent + 1);
        expect(messageIn(world.sentLines.at(-1) as string)).toMatchObject({ answer: 9, result: "ok" });
      }),
      { numRuns: 300, seed: SEED },
    );
  });

  it("survives any JSON with a right CRC, and every answer is one line", () => {
    const world = createWorld();
    fc.assert(
      fc.property(structured, (bytes) => {
        world.sendFromHost(Buffer.from(bytes).toString("latin1").trimEnd());
        expect(world.isPowered).toBe(true);
        for (const each of world.sentLines.slice(-1)) expect(each.length).toBeLessThanOrEqual(MOST_LINE_BYTES);
      }),
      { numRuns: 1000, seed: SEED },
    );
  });

  it("answers a key in the midst of a megabyte of garbage, and hears the next good line", () => {
    const world = createWorld();
    world.presentBadge("W26:1A2B3C");
    world.advanceTo(world.clock.nowMs + 5000);
    expect(world.lamps.pause).toBe(false);
    const garbage = Buffer.alloc(1024, 0x7b).toString("latin1");
    for (let i = 0; i < 1024; i++) {
      if (i === 500) world.setKey("pause", true);
      if (i === 650) world.setKey("pause", false);
      world.advanceTo(world.clock.nowMs + 1);
      world.sendFromHost(garbage);
    }
    expect(world.lamps.pause).toBe(true);
    world.sendFromHost(lineOf('{"id":3,"do":"cancel"}').trimEnd());
    expect(messageIn(world.sentLines.at(-1) as string)).toMatchObject({ answer: 3, error: "notAsking" });
  });
});

/** Seconds of this processor that garbage costs a terminal's line reader and decoder. */
function costOf(bytes: number, line: string): number {
  const read = createBoardReader(
    (text) => void parseMessage(text),
    (text) => crc32(text),
  );
  const begin = process.cpuUsage();
  for (let i = 0; i < bytes; i += line.length) read(line);
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

it.each([
  ["that never ends", "{".repeat(512)],
  ["of short lines", "{}*00000000\n".repeat(42)],
  ["of broken JSON with a right CRC", lineOf("{".repeat(400))],
])("Garbage %s costs the same for each byte, however much there is", (_, garbage) => {
  costOf(100_000, garbage);
  const [few, many] = [costOf(250_000, garbage), costOf(2_000_000, garbage)];
  // What grew with what came before would be 64 times as dear, not 8.
  expect(many).toBeLessThan(8 * Math.max(few, 0.02) * 3);
});

it("The CRC of the lines is that of zlib", () => {
  expect(lineOf("123456789").trimEnd()).toBe("123456789*cbf43926");
  expect(crc32("123456789")).toBe(0xcbf43926);
});
