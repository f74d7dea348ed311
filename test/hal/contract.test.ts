// The contract of the hardware abstraction layer, held against both implementations: the simulated one, and the Espruino bindings down to bus bytes.

import vm from "node:vm";
import { rollup } from "rollup";
import { beforeAll, describe, expect, it } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as linux } from "../../firmware/boards/linux.js";
import { board as pico } from "../../firmware/boards/pico.js";
import type { Hal } from "../../hal/hal.js";
import { MAX_LINE_BYTES } from "../../hal/link.js";
import { firmwareOptions } from "../../rollup.config.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import { createSimulatedHal } from "../../sim/hal/simulated-hal.js";
import { type RunningFirmware, World, wiegandBits } from "../../sim/world.js";

type Subject = (world: World) => { hal: Hal; running: RunningFirmware };

const simulated: Subject = (world) => {
  const { hal, inputs, stop } = createSimulatedHal(world);
  return { hal, running: { inputs, stop } };
};

const scripts = new Map<string, vm.Script>();
const bindings: Subject = (world) => {
  const { board, globals } = runOnFakeBoard(scripts.get(world.board.name) as vm.Script, world);
  return { hal: (globals.createHal as () => Hal)(), running: { inputs: board.inputs, stop: () => board.stop() } };
};

beforeAll(async () => {
  for (const board of [pico, linux]) {
    const { plugins, input } = await firmwareOptions(board.name, "test/hal/bindings.js");
    // Not minified: the suite calls the bindings by their names.
    const bundle = await rollup({ input, plugins: plugins.filter(({ name }) => name !== "terser"), onwarn: () => undefined });
    const { output } = await bundle.generate({ format: "iife" });
    scripts.set(board.name, new vm.Script(output[0].code));
  }
}, 60_000);

/** A powered world with nothing but the layer in it. */
function powered(subject: Subject, board: Board = pico): { world: World; hal: Hal } {
  let hal: Hal | undefined;
  const world = new World({
    board,
    files: { greeting: Buffer.from("你好\0\xff", "utf8") },
    engine: {
      name: "node",
      start(startedWorld) {
        const made = subject(startedWorld);
        hal = made.hal;
        return made.running;
      },
    },
  });
  world.advanceTo(1000);
  world.powerOn();
  return { world, hal: hal as Hal };
}

describe.each([
  ["simulated layer", simulated],
  ["Espruino bindings", bindings],
] as const)("%s", (_, subject) => {
  describe("clock", () => {
    it("starts at 0 and counts milliseconds", () => {
      const { world, hal } = powered(subject);
      expect(hal.clock.nowMs()).toBe(0);
      world.advanceTo(1000 + 86_400_000);
      expect(hal.clock.nowMs()).toBe(86_400_000);
    });

    it("wakes once, not inside the call and never early", () => {
      const { world, hal } = powered(subject);
      const wokeAt: number[] = [];
      hal.clock.wakeAt(250, () => wokeAt.push(hal.clock.nowMs()));
      world.advanceTo(1249);
      expect(wokeAt).toEqual([]);
      world.advanceTo(5000);
      expect(wokeAt).toEqual([250]);
    });

    it("wakes soon for a time that is past, but not inside the call", () => {
      const { world, hal } = powered(subject);
      world.advanceTo(2000);
      let hasWoken = false;
      hal.clock.wakeAt(10, () => (hasWoken = true));
      expect(hasWoken).toBe(false);
      world.advanceTo(2000);
      expect(hasWoken).toBe(true);
    });

    it("keeps only the last wake-up that was asked for", () => {
      const { world, hal } = powered(subject);
      const woken: string[] = [];
      hal.clock.wakeAt(100, () => woken.push("first"));
      hal.clock.wakeAt(200, () => woken.push("second"));
      world.advanceTo(5000);
      expect(woken).toEqual(["second"]);
    });

    it("can be asked again from within a wake-up", () => {
      const { world, hal } = powered(subject);
      const wokeAt: number[] = [];
      const again = (): void => {
        wokeAt.push(hal.clock.nowMs());
        if (wokeAt.length < 3) hal.clock.wakeAt(hal.clock.nowMs() + 10, again);
      };
      hal.clock.wakeAt(10, again);
      world.advanceTo(5000);
      expect(wokeAt).toEqual([10, 20, 30]);
    });
  });

  describe("keys", () => {
    it("reports every edge of every key with its time", () => {
      const { world, hal } = powered(subject);
      const edges: unknown[] = [];
      hal.keys.start((key, isDown, atMs) => edges.push([key, isDown, atMs]));
      world.advanceTo(1100);
      for (const key of ["key1", "key5", "invite", "pause"] as const) world.setKey(key, true);
      world.advanceTo(1103);
      world.setKey("key1", false);
      world.advanceTo(1200);
      expect(edges).toEqual([
        ["key1", true, 100],
        ["key5", true, 100],
        ["invite", true, 100],
        ["pause", true, 100],
        ["key1", false, 103],
      ]);
    });

    it("tells which keys are down at the start, and then nothing of them until their next edge", () => {
      const { world, hal } = powered(subject);
      world.setKey("key2", true);
      const edges: unknown[] = [];
      expect(hal.keys.start((key, isDown) => edges.push([key, isDown]))).toEqual(["key2"]);
      world.advanceTo(1500);
      expect(edges).toEqual([]);
      world.setKey("key2", false);
      world.advanceTo(1500);
      expect(edges).toEqual([["key2", false]]);
    });

    it("refuses a second start", () => {
      const { hal } = powered(subject);
      hal.keys.start(() => undefined);
      expect(() => hal.keys.start(() => undefined)).toThrow("started already");
    });
  });

  describe("badge reader", () => {
    function listen(hal: Hal): unknown[] {
      const heard: unknown[] = [];
      hal.badgeReader.start({ onBadge: (badge, atMs) => heard.push([badge, atMs]), onFault: (fault, atMs) => heard.push([fault, atMs]) });
      return heard;
    }

    it.each(["W26:000000", "W26:1A2B3C", "W26:FFFFFF", "W34:00C0FFEE", "W34:FFFFFFFF"])("reads %s", (badge) => {
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      world.presentBadge(badge);
      world.advanceTo(2000);
      expect(heard).toEqual([[badge, (wiegandBits(badge).length - 1) * 2]]);
    });

    it("reports a frame with one wrong bit, wherever it is", () => {
      const bits = wiegandBits("W26:1A2B3C");
      for (let i = 0; i < bits.length; i++) {
        const { world, hal } = powered(subject);
        const heard = listen(hal);
        world.presentBadge(bits.slice(0, i) + (bits[i] === "1" ? "0" : "1") + bits.slice(i + 1));
        world.advanceTo(2000);
        expect(heard).toEqual([["parity", 50]]);
      }
    });

    it.each([1, 25, 27, 33, 35, 100])("reports a frame of %i bits", (length) => {
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      world.presentBadge("1".repeat(length));
      world.advanceTo(2000);
      expect(heard).toEqual([["length", (length - 1) * 2]]);
    });

    it("reports a badge each time it is presented", () => {
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      for (const atMs of [1000, 1400, 1800]) {
        world.advanceTo(atMs);
        world.presentBadge("W26:1A2B3C");
      }
      world.advanceTo(3000);
      expect(heard).toEqual([
        ["W26:1A2B3C", 50],
        ["W26:1A2B3C", 450],
        ["W26:1A2B3C", 850],
      ]);
    });

    it("refuses a second start", () => {
      const { hal } = powered(subject);
      listen(hal);
      expect(() => listen(hal)).toThrow("started already");
    });
  });

  describe("display", () => {
    /** The lit pixels as `x,y`. */
    function lit(world: World): string[] {
      const found: string[] = [];
      for (let y = 0; y < world.panel.height; y++) for (let x = 0; x < world.panel.width; x++) if (world.panel.get(x, y)) found.push(`${x},${y}`);
      return found;
    }

    it("is 128 by 64 pixels, and shows nothing before a flush", () => {
      const { world, hal } = powered(subject);
      hal.display.fill(0, 0, 128, 64);
      expect([hal.display.widthPixels, hal.display.heightPixels]).toEqual([128, 64]);
      expect(lit(world)).toEqual([]);
      expect(hal.display.flush()).toBe("ok");
      expect(lit(world)).toHaveLength(128 * 64);
    });

    it("fills rectangles, cut off at the edges", () => {
      const { world, hal } = powered(subject);
      hal.display.fill(126, 62, 10, 10);
      hal.display.fill(-1, -1, 2, 2);
      hal.display.fill(5, 5, 0, 3);
      hal.display.flush();
      expect(lit(world)).toEqual(["0,0", "126,62", "127,62", "126,63", "127,63"]);
    });

    it("draws bits packed without gaps, dark ones too", () => {
      const { world, hal } = powered(subject);
      hal.display.fill(10, 10, 3, 3);
      // 101 / 010 / 001, most significant bit first.
      hal.display.blit("\xa8\x80", 3, 3, 10, 10, 1);
      hal.display.flush();
      expect(lit(world)).toEqual(["10,10", "12,10", "11,11", "12,12"]);
    });

    it("enlarges by whole factors", () => {
      const { world, hal } = powered(subject);
      hal.display.blit("\x80", 1, 1, 4, 6, 3);
      hal.display.flush();
      expect(lit(world)).toEqual(["4,6", "5,6", "6,6", "4,7", "5,7", "6,7", "4,8", "5,8", "6,8"]);
    });

    it("cuts off pictures at the edges", () => {
      const { world, hal } = powered(subject);
      hal.display.blit("\xff\xff\xff\xff\xff\xff\xff\xff", 8, 8, 124, -6, 1);
      hal.display.flush();
      expect(lit(world)).toEqual(["124,0", "125,0", "126,0", "127,0", "124,1", "125,1", "126,1", "127,1"]);
    });

    it("clears", () => {
      const { world, hal } = powered(subject);
      hal.display.fill(0, 0, 128, 64);
      hal.display.flush();
      hal.display.clear();
      hal.display.flush();
      expect(lit(world)).toEqual([]);
    });

    it("says when the display does not answer, and is right again when it does", () => {
      const { world, hal } = powered(subject);
      hal.display.fill(1, 1, 1, 1);
      world.isDisplayConnected = false;
      expect(hal.display.flush()).toBe("failed");
      world.isDisplayConnected = true;
      expect(hal.display.flush()).toBe("ok");
      expect(lit(world)).toEqual(["1,1"]);
    });
  });

  describe("lamps", () => {
    it("are dark at first, and obey before the call returns", () => {
      const { world, hal } = powered(subject);
      expect(world.lamps).toEqual({ pause: false, answer: false });
      hal.pauseLamp.set(true);
      expect(world.lamps).toEqual({ pause: true, answer: false });
      hal.answerLamp.set(true);
      hal.pauseLamp.set(false);
      expect(world.lamps).toEqual({ pause: false, answer: true });
    });
  });

  describe("sound", () => {
    it("starts before the call returns and plays every note for its time", () => {
      const { world, hal } = powered(subject);
      hal.sound.play([
        { frequencyHz: 1000, durationMs: 50 },
        { frequencyHz: 0, durationMs: 20 },
        { frequencyHz: 2000, durationMs: 30 },
      ]);
      expect(world.toneHz).toBe(1000);
      world.advanceTo(5000);
      expect(world.tones.map((tone) => [tone.atMs - 1000, tone.toneHz])).toEqual([
        [0, 1000],
        [50, 0],
        [70, 2000],
        [100, 0],
      ]);
    });

    it("is cut off by the next pattern", () => {
      const { world, hal } = powered(subject);
      hal.sound.play([
        { frequencyHz: 1000, durationMs: 50 },
        { frequencyHz: 1500, durationMs: 50 },
      ]);
      world.advanceTo(1020);
      hal.sound.play([{ frequencyHz: 3000, durationMs: 10 }]);
      world.advanceTo(5000);
      expect(world.tones.map((tone) => [tone.atMs - 1000, tone.toneHz])).toEqual([
        [0, 1000],
        [20, 3000],
        [30, 0],
      ]);
    });
  });

  describe.each([pico, linux] as Board[])("flash of board $name", (board) => {
    it("states the geometry of its board", () => {
      const { hal } = powered(subject, board);
      const { pageBytes, pageCount, slotPages, alignBytes } = board.flash;
      expect(hal.flash).toMatchObject({ pageBytes, pageCount, slotPages, alignBytes });
    });

    it("is erased when new, and reads what was written", () => {
      const { hal } = powered(subject, board);
      expect([...hal.flash.read(0, 4)]).toEqual([255, 255, 255, 255]);
      expect(hal.flash.write(4, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toBe("ok");
      expect([...hal.flash.read(0, 16)]).toEqual([255, 255, 255, 255, 1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255]);
    });

    it("clears bits and cannot set them", () => {
      const { hal } = powered(subject, board);
      expect(hal.flash.write(0, Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf0))).toBe("ok");
      expect(hal.flash.write(0, Uint8Array.of(0x30, 0x30, 0x30, 0x30))).toBe("ok");
      expect(hal.flash.write(0, Uint8Array.of(0xff, 0x30, 0x30, 0x30))).toBe("failed");
      expect([...hal.flash.read(0, 4)]).toEqual([0x30, 0x30, 0x30, 0x30]);
    });

    it("erases a page and no other", () => {
      const { hal } = powered(subject, board);
      const last = board.flash.pageCount + board.flash.slotPages - 1;
      const zeros = new Uint8Array(4);
      hal.flash.write(last * board.flash.pageBytes, zeros);
      if (last > 0) hal.flash.write((last - 1) * board.flash.pageBytes, zeros);
      expect(hal.flash.erase(last)).toBe("ok");
      expect([...hal.flash.read(last * board.flash.pageBytes, 4)]).toEqual([255, 255, 255, 255]);
      if (last > 0) expect([...hal.flash.read((last - 1) * board.flash.pageBytes, 4)]).toEqual([0, 0, 0, 0]);
    });

    it("refuses what is outside the region or not aligned, and changes nothing", () => {
      const { world, hal } = powered(subject, board);
      const pages = board.flash.pageCount + board.flash.slotPages;
      const end = board.flash.pageBytes * pages;
      const word = new Uint8Array(4);
      expect(() => hal.flash.read(end - 3, 4)).toThrow();
      expect(() => hal.flash.read(-4, 4)).toThrow();
      expect(() => hal.flash.write(end, word)).toThrow();
      expect(() => hal.flash.write(2, word)).toThrow();
      expect(() => hal.flash.write(0, new Uint8Array(3))).toThrow();
      expect(() => hal.flash.erase(pages)).toThrow();
      expect(() => hal.flash.erase(-1)).toThrow();
      expect(world.flash.bytes.every((byte) => byte === 255)).toBe(true);
    });
  });

  describe.each([pico, linux] as Board[])("link of board $name", (board) => {
    function start(hal: Hal): { lines: string[]; states: boolean[] } {
      const heard = { lines: [] as string[], states: [] as boolean[] };
      hal.link.start("192.0.2.1:7000", { onLine: (line) => heard.lines.push(line), onState: (isUp) => heard.states.push(isUp) });
      return heard;
    }

    it("tells that it is up, later than the call", () => {
      const { world, hal } = powered(subject, board);
      const heard = start(hal);
      expect(heard.states).toEqual([]);
      world.advanceTo(1000);
      expect(heard.states).toEqual([true]);
    });

    it("carries lines both ways", () => {
      const { world, hal } = powered(subject, board);
      const heard = start(hal);
      world.advanceTo(1000);
      world.sendFromHost("one");
      world.sendFromHost("two\r");
      world.advanceTo(1000);
      expect(heard.lines).toEqual(["one", "two"]);
      expect(hal.link.send("three")).toBe("sent");
      expect(world.sentLines).toEqual(["three"]);
    });

    it("drops a line that is too long, and only that", () => {
      const { world, hal } = powered(subject, board);
      const heard = start(hal);
      world.advanceTo(1000);
      world.sendFromHost("x".repeat(MAX_LINE_BYTES + 2));
      world.sendFromHost("y".repeat(MAX_LINE_BYTES));
      world.advanceTo(1000);
      expect(heard.lines).toEqual(["y".repeat(MAX_LINE_BYTES)]);
    });

    it("is down before it started, and refuses a second start", () => {
      const { hal } = powered(subject, board);
      expect(hal.link.send("early")).toBe("down");
      start(hal);
      expect(() => start(hal)).toThrow("started already");
    });
  });

  it("tells of a TCP link that goes down, and connects again", () => {
    const { world, hal } = powered(subject, linux);
    const states: unknown[] = [];
    hal.link.start("192.0.2.1:7000", { onLine: () => undefined, onState: (isUp) => states.push([isUp, hal.clock.nowMs()]) });
    world.advanceTo(2000);
    world.setLink(false);
    expect(hal.link.send("lost")).toBe("down");
    world.advanceTo(6000);
    world.setLink(true);
    world.advanceTo(20_000);
    expect(states).toEqual([
      [true, 0],
      [false, 1000],
      [true, 7000],
    ]);
  });

  it("leaves a TCP link without a host down", () => {
    const { world, hal } = powered(subject, linux);
    const states: boolean[] = [];
    hal.link.start("", { onLine: () => undefined, onState: (isUp) => states.push(isUp) });
    world.advanceTo(60_000);
    expect(states).toEqual([false]);
  });

  it("starts the board afresh when asked to, and not inside the call", () => {
    const { world, hal } = powered(subject);
    const changes = (): string[] => world.trace.flatMap((line) => ("power" in line ? [line.power] : []));
    hal.restart();
    expect(changes()).toEqual(["on"]);
    world.advanceTo(1000);
    expect(changes()).toEqual(["on", "off", "on"]);
  });

  it("reads files of the store as bytes", () => {
    const { hal } = powered(subject);
    expect(hal.store.read("greeting")).toBe("\xe4\xbd\xa0\xe5\xa5\xbd\0\xc3\xbf");
    expect(hal.store.read("nothing")).toBeUndefined();
  });

  it("computes the CRC-32 of zlib, and Base64", () => {
    const { hal } = powered(subject);
    expect(hal.crc32("123456789")).toBe(0xcbf43926);
    expect(hal.crc32(Uint8Array.of(0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39))).toBe(0xcbf43926);
    expect(hal.toBase64(Uint8Array.of(0, 255, 16, 1))).toBe("AP8QAQ==");
  });

  it("gives random numbers of 32 bits without a sign", () => {
    const { hal } = powered(subject);
    const numbers = Array.from({ length: 64 }, () => hal.random32());
    expect(new Set(numbers).size).toBe(64);
    for (const number of numbers) expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
    expect(numbers.some((number) => number >= 2 ** 31)).toBe(true);
  });
});
