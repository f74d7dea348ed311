// The contract of the hardware abstraction layer, held against both implementations: the simulated one, and the Espruino bindings down to bus
// bytes, on fake globals and on the real interpreter.

import { createHash } from "node:crypto";
import type vm from "node:vm";
import { crc32 } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as esp32 } from "../../firmware/boards/esp32.js";
import { board as linux } from "../../firmware/boards/linux.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { createChain } from "../../firmware/ledger/chain.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import { lineOf } from "../../firmware/uplink/codec.js";
import type { ClockChip } from "../../hal/clock-chip.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import type { Hal as AnyHal } from "../../hal/hal.js";
import { Lamp } from "../../hal/lamps.js";
import { type LinkConfig, MAX_MESSAGE_BYTES } from "../../hal/link.js";
import { crcA } from "../../sim/chips/card.js";
import { Mfrc522 } from "../../sim/chips/mfrc522.js";
import { Mp3Module } from "../../sim/chips/mp3-module.js";
import { PowerCut } from "../../sim/chips/nor-flash.js";
import { runOnFakeBoard } from "../../sim/engines/bundle.js";
import { createSimulatedHal } from "../../sim/hal/simulated-hal.js";
import { signalOf, wiegandBits } from "../../sim/world/badges.js";
import type { SegmentPanel } from "../../sim/world/segments.js";
import { type RunningFirmware, World } from "../../sim/world/world.js";
import { bindingsOf, interpreterProgramOf } from "./bindings.js";
import { createInterpreterHal } from "./interpreter-hal.js";

const FIXTURES = ["card-matrix", "bare-matrix", "badge-voice"].map((name) => readBoard(`test/boards/${name}.ts`));
const [cardMatrix, bareMatrix, badgeVoice] = FIXTURES as [Board, Board, Board];
const noCable = readBoard("test/boards/no-cable.ts");
/** Boards with a clock chip. */
const CLOCKS = ["pico-ds3231", "esp32-pcf8563"].map((name) => readBoard(`test/boards/${name}.ts`));
/** Boards whose ledger is in a memory on SPI. */
const MEMORIES = ["pico-w25q", "test/boards/pico-fram.ts", "test/boards/soft-fram.ts"].map(readBoard);

/** The board says which kind of display it has. */
type Hal = AnyHal<PixelDisplay & SegmentDisplay>;
type Subject = (world: World) => { hal: Hal; running: RunningFirmware };

/** Boards with one of the other displays each, and whether their display can be missed. */
const DISPLAYS = ["ssd1306-spi", "sh1106-i2c", "sh1106-spi", "ssd1322"].map((name) => readBoard(`test/boards/${name}.ts`));
const segments = readBoard("test/boards/max7219.ts");

const simulated: Subject = (world) => {
  const { hal, inputs, stop } = createSimulatedHal(world);
  return { hal: hal as Hal, running: { inputs, stop } };
};

const scripts = new Map<string, vm.Script>();
const bindings: Subject = (world) => {
  const { board, globals } = runOnFakeBoard(scripts.get(world.board.name) as vm.Script, world);
  return { hal: (globals.createHal as () => Hal)(), running: { inputs: board.inputs, stop: () => board.stop() } };
};

const binary = process.env.ESPRUINO;
const why = "set ESPRUINO=/path/to/espruino";
if (!binary) console.warn(`SKIPPED the contract on the real interpreter: ${why}`);

const programs = new Map<string, string>();
const interpreter: Subject = (world) => createInterpreterHal(world, binary as string, programs.get(world.board.name) as string);

beforeAll(async () => {
  for (const board of [pico, linux, esp32, ...DISPLAYS, segments, noCable, ...FIXTURES, ...CLOCKS, ...MEMORIES]) {
    scripts.set(board.name, await bindingsOf(board));
    if (binary) programs.set(board.name, await interpreterProgramOf(board));
  }
}, 120_000);

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.powerOff();
});

/** A powered world with nothing but the layer in it. @param prepare is called before the power is on */
/** @returns the world, and the hardware layer of its newest start */
function powered(subject: Subject, board: Board = pico, prepare: (world: World) => void = () => undefined): { world: World; readonly hal: Hal } {
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
  worlds.push(world);
  prepare(world);
  world.advanceTo(1000);
  world.powerOn();
  return {
    world,
    get hal() {
      return hal as Hal;
    },
  };
}

const sha256 = (data: Buffer): Buffer => createHash("sha256").update(data).digest();
const crcOf = (text: string): number => crc32(Buffer.from(text, "latin1"));

interface Heard {
  readonly texts: string[];
  readonly states: [isUp: boolean, why: string][];
  readonly stateTimes: number[];
}

function listen(hal: Hal, config: LinkConfig): Heard {
  const heard: Heard = { texts: [], states: [], stateTimes: [] };
  hal.link.start(config, {
    onMessage: (text) => heard.texts.push(text),
    onState(isUp, why) {
      heard.states.push([isUp, why]);
      heard.stateTimes.push(hal.clock.nowMs());
    },
    onReady: () => undefined,
  });
  return heard;
}

describe.each([
  ["simulated layer", simulated],
  ["Espruino bindings", bindings],
  ["Espruino bindings on the real interpreter", interpreter],
] as const)("%s", (_, subject) => {
  beforeEach(({ skip }) => skip(subject === interpreter && !binary, why));

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
      hal.badgeReader.start({
        onBadge: (badge, atMs) => heard.push([badge, atMs]),
        onFault: (fault, atMs) => heard.push([fault, atMs]),
      });
      return heard;
    }

    it.each(["W26:000001", "W26:1A2B3C", "W26:7FFFFF", "W34:00C0FFEE", "W34:FFFFFFF0"])("reads %s", (badge) => {
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      world.presentBadge(badge);
      world.advanceTo(2000);
      expect(heard).toEqual([[badge, (wiegandBits(badge).length - 1) * 2]]);
    });

    it.each(["W26:000000", "W26:FFFFFF", "W34:00000000", "W34:FFFFFFFF"])("takes %s for noise", (badge) => {
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      world.presentBadge(badge);
      world.advanceTo(2000);
      world.presentBadge("W26:1A2B3C");
      world.advanceTo(3000);
      expect(heard).toEqual([["W26:1A2B3C", 1050]]);
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

    // Written out by hand: facility and card number, or the number as a whole, with the parity bits of SIA AC-01. No code of ours made them.
    it.each([
      ["facility 118, card 1603", "1 0111 0110 0000 0110 0100 0011 0", "W26:760643"],
      ["facility 1, card 1", "1 0000 0001 0000 0000 0000 0001 0", "W26:010001"],
      ["facility 255, card 65534", "0 1111 1111 1111 1111 1111 1110 0", "W26:FFFFFE"],
      ["the number 305419896", "1 0001 0010 0011 0100 0101 0110 0111 1000 1", "W34:12345678"],
      ["the number 2863311530", "0 1010 1010 1010 1010 1010 1010 1010 1010 1", "W34:AAAAAAAA"],
    ])("reads the frame of %s, and with any bit turned says what is wrong", (_, frame, badge) => {
      const bits = frame.replaceAll(" ", "");
      const { world, hal } = powered(subject);
      const heard = listen(hal);
      const told: string[] = [];
      for (let turned = -1; turned < bits.length; turned++) {
        world.presentBadge([...bits].map((bit, i) => (i === turned ? `${1 - Number(bit)}` : bit)).join(""));
        world.advanceTo(world.clock.nowMs + 2000);
        told.push((heard.pop() as [string, number])[0]);
      }
      expect(told).toEqual([badge, ...[...bits].map(() => "parity")]);
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

  describe.each([cardMatrix, bareMatrix])("keys of board $name, a matrix", (board) => {
    function listen(hal: Hal): unknown[] {
      const edges: unknown[] = [];
      hal.keys.start((key, isDown, atMs) => edges.push([key, isDown, atMs]));
      return edges;
    }

    it("tells each key apart, at the time of its edges", () => {
      const { world, hal } = powered(subject, board);
      const edges = listen(hal);
      const keys = ["key1", "key2", "key3", "key4", "key5", "invite", "pause"] as const;
      for (const [i, key] of keys.entries()) {
        world.advanceTo(1100 + i * 100);
        world.setKey(key, true);
        world.advanceTo(1133 + i * 100);
        world.setKey(key, false);
      }
      world.advanceTo(5000);
      expect(edges).toEqual(
        keys.flatMap((key, i) => [
          [key, true, 100 + i * 100],
          [key, false, 133 + i * 100],
        ]),
      );
    });

    it("tells bounces", () => {
      const { world, hal } = powered(subject, board);
      const edges = listen(hal);
      for (const atMs of [1100, 1101, 1103, 1104]) {
        world.advanceTo(atMs);
        world.setKey("key3", !world.keysDown.has("key3"));
      }
      world.advanceTo(2000);
      expect(edges).toEqual([
        ["key3", true, 100],
        ["key3", false, 101],
        ["key3", true, 103],
        ["key3", false, 104],
      ]);
    });

    it("finds the second key of a column within 20 ms, and tells when either is let go", () => {
      const { world, hal } = powered(subject, board);
      const edges = listen(hal);
      world.advanceTo(1100);
      world.setKey("key1", true);
      world.advanceTo(1105);
      world.setKey("key5", true);
      world.advanceTo(1205);
      world.setKey("key1", false);
      world.advanceTo(1305);
      world.setKey("key5", false);
      world.advanceTo(2000);
      expect(edges).toEqual([
        ["key1", true, 100],
        ["key5", true, 120],
        ["key1", false, 220],
        ["key5", false, 305],
      ]);
    });

    it("tells which keys are down at the start, and sleeps while none is", () => {
      const { world, hal } = powered(subject, board);
      world.setKey("invite", true);
      expect(hal.keys.start(() => undefined)).toEqual(["invite"]);
      world.setKey("invite", false);
      world.advanceTo(2000);
      expect(world.clock.nextMs).toBe(Infinity);
      expect(() => hal.keys.start(() => undefined)).toThrow("started already");
    });
  });

  describe("three keys at the corners of a rectangle", () => {
    function pressThree(board: Board): unknown[] {
      const { world, hal } = powered(subject, board);
      const edges: unknown[] = [];
      hal.keys.start((key, isDown) => edges.push([key, isDown]));
      for (const [i, key] of (["key1", "key5", "key2"] as const).entries()) {
        world.advanceTo(1100 + i * 100);
        world.setKey(key, true);
      }
      world.advanceTo(2000);
      return edges;
    }

    it("are three with diodes", () => {
      expect(pressThree(cardMatrix)).toEqual([
        ["key1", true],
        ["key5", true],
        ["key2", true],
      ]);
    });

    it("press no fourth one without, and not the third", () => {
      expect(pressThree(bareMatrix)).toEqual([
        ["key1", true],
        ["key5", true],
      ]);
    });
  });

  describe.each([
    [badgeVoice, "EM:0F00A1B2C3"],
    [cardMatrix, "UID:04A1B2C3"],
    [cardMatrix, "UID:04112233445566"],
    [cardMatrix, "UID:88112233"],
  ] as const)("badge reader of board $name", (board, badge) => {
    function listen(hal: Hal): unknown[] {
      const heard: unknown[] = [];
      hal.badgeReader.start({
        onBadge: (text, atMs) => heard.push([text, atMs]),
        onFault: (fault, atMs) => heard.push([fault, atMs]),
      });
      return heard;
    }

    it.each(board === badgeVoice ? ["EM:0000000000", "EM:FFFFFFFFFF"] : ["UID:00000000", "UID:FFFFFFFFFFFFFF"])("takes %s for noise", (noise) => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      world.advanceTo(2001);
      world.presentBadge(noise, 100);
      world.advanceTo(3001);
      world.presentBadge(badge, 120);
      world.advanceTo(4000);
      expect([...new Set(heard.map((each) => (each as unknown[])[0]))]).toEqual([badge]);
    });

    it.runIf(board === cardMatrix).each(["register", "registers", "supply"] as const)(
      "reads the next card after its chip lost its %s, and reports no fault",
      (loss) => {
        const { world, hal } = powered(subject, board);
        const heard = listen(hal);
        world.advanceTo(2030);
        world.disturb("reader", loss);
        world.advanceTo(2110);
        world.presentBadge(badge, 120);
        world.advanceTo(4000);
        expect([...new Set(heard.map((each) => (each as unknown[])[0]))]).toEqual([badge]);
      },
    );

    it.runIf(board === cardMatrix)("tells that it is silent when its chip loses what is sent to it, and answers 2 s later", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      world.advanceTo(2030);
      world.disturb("reader", "bytes");
      world.advanceTo(6000);
      expect(heard.map((each) => (each as unknown[])[0])).toEqual(["silent", "answers"]);
    });

    it(`reads ${badge} within 120 ms, again and again while it is held`, () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      for (let atMs = 2001; atMs < 4000; atMs += 100) {
        world.advanceTo(atMs);
        world.presentBadge(badge, 100);
      }
      world.advanceTo(8000);
      expect(heard.length).toBeGreaterThanOrEqual(19);
      expect(heard.every((each) => (each as unknown[])[0] === badge)).toBe(true);
      expect(Number((heard[0] as unknown[])[1])).toBeLessThanOrEqual(1001 + 120);
    });

    it("refuses a second start", () => {
      const { hal } = powered(subject, board);
      listen(hal);
      expect(() => listen(hal)).toThrow("started already");
    });

    it.runIf(board === cardMatrix)("tells when it does not answer, and when it does again", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      world.advanceTo(2050);
      world.isReaderConnected = false;
      world.advanceTo(7050);
      world.isReaderConnected = true;
      world.advanceTo(9950);
      expect(heard).toEqual([
        ["silent", 1100],
        ["answers", 7100],
      ]);
    });

    it.runIf(board === cardMatrix)("tells once that two cards are there, and reads the one that stays", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      world.advanceTo(2050);
      world.presentBadge("UID:04A1B2C3", 1000);
      world.presentBadge("UID:DEADBEEF", 500);
      world.advanceTo(2590);
      expect(heard).toEqual([
        ["collision", 1100],
        ["UID:04A1B2C3", 1550],
      ]);
    });

    it.runIf(board === cardMatrix)("tells once that a card has a UID of 10 bytes, which no roster holds", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      world.advanceTo(2050);
      world.presentBadge("UID:0411223344556677AABB", 1000);
      world.advanceTo(4050);
      world.presentBadge(badge, 100);
      world.advanceTo(5000);
      expect(heard.slice(0, 2).map((each) => (each as unknown[])[0])).toEqual(["length", badge]);
      expect(heard.filter((each) => (each as unknown[])[0] === "length")).toEqual([["length", 1100]]);
    });

    it.runIf(board === badgeVoice)("reports what is no frame, and finds the next one", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal);
      const right = signalOf("serial", badge);
      const withLineEnd = right.replace("\x03", "\r\n\x03");
      const frames = [
        right.replace("A1", "A2"),
        right.toLowerCase(),
        `noise${right.slice(0, 9)}${right}`,
        `${right.slice(0, 13)}0`,
        right,
        withLineEnd,
        withLineEnd.replace("A1", "A2"),
        withLineEnd.replace("\n", "\r"),
        withLineEnd.replace("\x03", "\n"),
        // The end is lost, and the next badge comes.
        withLineEnd.slice(0, 14) + withLineEnd,
        right,
      ];
      frames.forEach((frame, i) => {
        world.advanceTo(2000 + i * 1000);
        world.presentBadge(frame);
      });
      world.advanceTo(15_000);
      const words = ["checksum", "checksum", badge, "length", badge, badge, "checksum", "length", "length", badge, badge];
      expect(heard.map((each) => (each as unknown[])[0])).toEqual(words);
    });
  });

  describe("voice module", () => {
    it("plays the clip of each cue with its volume, the newest where they come fast", () => {
      const { world, hal } = powered(subject, badgeVoice);
      world.advanceTo(4000);
      hal.sound.play("invite", 100);
      world.advanceTo(4500);
      hal.sound.play("press", 1);
      world.advanceTo(4510);
      hal.sound.play("thanks", 50);
      world.advanceTo(9000);
      expect(world.trace.filter((line) => "clip" in line)).toEqual([
        { atMs: 4030, clip: 2, volume: 30 },
        { atMs: 4540, clip: 4, volume: 15 },
      ]);
    });

    it("plays nothing while it starts", () => {
      const { world, hal } = powered(subject, badgeVoice);
      hal.sound.play("invite", 100);
      world.advanceTo(9000);
      expect(world.trace.filter((line) => "clip" in line)).toEqual([]);
    });
  });

  describe("sign and rings", () => {
    it("show the cause of a lit pause light by blinking, and nothing while it is dark", () => {
      const { world, hal } = powered(subject, cardMatrix);
      const signs = (): unknown[] => world.trace.flatMap((line) => ("lamp" in line && line.lamp === "sign" ? [[line.atMs - 1000, line.isLit]] : []));
      hal.lamps.show(Lamp.Pause | Lamp.Fault);
      world.advanceTo(4500);
      hal.lamps.show(Lamp.Pause | Lamp.Fault | Lamp.Rings);
      world.advanceTo(5500);
      hal.lamps.show(Lamp.Fault);
      world.advanceTo(9000);
      hal.lamps.show(Lamp.Pause | Lamp.Link);
      world.advanceTo(14_500);
      hal.lamps.show(Lamp.Pause);
      world.advanceTo(30_000);
      expect(signs()).toEqual([
        [0, true],
        [1000, false],
        [2000, true],
        [3000, false],
        [4000, true],
        [4500, false],
        [8000, true],
        [9000, false],
        [12000, true],
        [13000, false],
        [13500, true],
      ]);
      expect(world.trace.filter((line) => "lamp" in line && line.lamp === "rings")).toHaveLength(2);
    });
  });

  describe.each([pico, ...DISPLAYS] as Board[])("display of board $name", (board) => {
    const [width, height] = board.display.driver === "ssd1322" ? [256, 64] : [128, 64];

    /** The lit pixels as `x,y`. */
    function lit(world: World): string[] {
      const found: string[] = [];
      for (let y = 0; y < world.panel.height; y++) for (let x = 0; x < world.panel.width; x++) if (world.panel.get(x, y)) found.push(`${x},${y}`);
      return found;
    }

    it("has the size of its panel, and shows nothing before a flush", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(0, 0, width, height);
      expect([hal.display.widthPixels, hal.display.heightPixels]).toEqual([width, height]);
      expect(lit(world)).toEqual([]);
      expect(hal.display.flush()).toBe("ok");
      expect(lit(world)).toHaveLength(width * height);
    });

    it("fills rectangles, cut off at the edges", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(width - 2, 62, 10, 10);
      hal.display.fill(-1, -1, 2, 2);
      hal.display.fill(5, 5, 0, 3);
      hal.display.flush();
      expect(lit(world)).toEqual(["0,0", `${width - 2},62`, `${width - 1},62`, `${width - 2},63`, `${width - 1},63`]);
    });

    it("draws bits packed without gaps, dark ones too", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(10, 10, 3, 3);
      // 101 / 010 / 001, most significant bit first.
      hal.display.blit("\xa8\x80", 3, 3, 10, 10, 1);
      hal.display.flush();
      expect(lit(world)).toEqual(["10,10", "12,10", "11,11", "12,12"]);
    });

    it("enlarges by whole factors", () => {
      const { world, hal } = powered(subject, board);
      hal.display.blit("\x80", 1, 1, 4, 6, 3);
      hal.display.flush();
      expect(lit(world)).toEqual(["4,6", "5,6", "6,6", "4,7", "5,7", "6,7", "4,8", "5,8", "6,8"]);
    });

    it("cuts off pictures at the edges", () => {
      const { world, hal } = powered(subject, board);
      hal.display.blit("\xff\xff\xff\xff\xff\xff\xff\xff", 8, 8, width - 4, -6, 1);
      hal.display.flush();
      expect(lit(world)).toEqual([0, 1].flatMap((y) => [4, 3, 2, 1].map((fromRight) => `${width - fromRight},${y}`)));
    });

    it("clears", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(0, 0, width, height);
      hal.display.flush();
      hal.display.clear();
      hal.display.flush();
      expect(lit(world)).toEqual([]);
    });

    it.runIf(board.display.bus === "I2C1")("says when the display does not answer, and is right again when it does", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(1, 1, 1, 1);
      world.isDisplayConnected = false;
      expect(hal.display.flush()).toBe("failed");
      world.isDisplayConnected = true;
      expect(hal.display.flush()).toBe("ok");
      expect(lit(world)).toEqual(["1,1"]);
    });

    it.runIf(board.display.bus !== "I2C1")("cannot tell that its cable is out, and loses what was sent meanwhile", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(0, 0, 1, 1);
      hal.display.flush();
      world.isDisplayConnected = false;
      hal.display.fill(0, 60, 1, 1);
      expect(hal.display.flush()).toBe("ok");
      world.isDisplayConnected = true;
      hal.display.fill(0, 30, 1, 1);
      expect(hal.display.flush()).toBe("ok");
      expect(lit(world)).toEqual(["0,0", "0,30"]);
    });

    it.runIf(board.display.bus !== "I2C1")(
      "shows everything again every 30 s, whether it changes or not, also when it was not there at the start",
      () => {
        const { world, hal } = powered(subject, board);
        world.isDisplayConnected = false;
        hal.display.fill(0, 0, 1, 1);
        hal.display.flush();
        world.advanceTo(20_000);
        hal.display.fill(9, 9, 1, 1);
        hal.display.flush();
        world.isDisplayConnected = true;
        world.advanceTo(30_999);
        expect(lit(world)).toEqual([]);
        world.advanceTo(31_000);
        expect(lit(world)).toEqual(["0,0", "9,9"]);
        world.isDisplayConnected = false;
        hal.display.clear();
        hal.display.flush();
        world.advanceTo(61_000);
        world.isDisplayConnected = true;
        world.advanceTo(90_999);
        expect(lit(world)).toEqual(["0,0", "9,9"]);
        world.advanceTo(91_000);
        expect(lit(world)).toEqual([]);
      },
    );

    it.each(["register", "registers", "supply"] as const)(
      "is dark when its chip loses its %s, and right within 31 s while it changes every second",
      (loss) => {
        const { world, hal } = powered(subject, board);
        for (let second = 1; second <= 90; second++) {
          world.advanceTo(second * 1000);
          hal.display.clear();
          hal.display.fill(second, 0, 1, 64);
          expect(hal.display.flush()).toBe("ok");
          expect(hal.display.isLost()).toBe(false);
          if (second === 40) world.disturb("display", loss);
          if (second === 40) expect(lit(world)).toEqual([]);
        }
        expect(lit(world)).toEqual(Array.from({ length: 64 }, (_, y) => `90,${y}`));
      },
    );

    it("shows what its chip acknowledged and lost within 31 s", () => {
      const { world, hal } = powered(subject, board);
      hal.display.fill(0, 0, 1, 1);
      for (let flushes = 0; flushes < 3; flushes++) hal.display.flush();
      world.advanceTo(2000);
      world.disturb("display", "bytes");
      hal.display.fill(0, 20, 1, 1);
      hal.display.flush();
      world.advanceTo(4000);
      hal.display.fill(0, 40, 1, 1);
      hal.display.flush();
      expect(lit(world)).toEqual(["0,0", "0,40"]);
      world.advanceTo(35_000);
      expect(lit(world)).toEqual(["0,0", "0,20", "0,40"]);
    });

    it.runIf(board.display.bus === "I2C1")(
      "knows within 31 s that it does not answer any more though nothing changes, and forgets it with the next flush",
      () => {
        const { world, hal } = powered(subject, board);
        hal.display.fill(0, 0, 1, 1);
        hal.display.flush();
        world.advanceTo(2000);
        world.isDisplayConnected = false;
        expect(hal.display.isLost()).toBe(false);
        world.advanceTo(33_000);
        expect(hal.display.isLost()).toBe(true);
        expect(hal.display.flush()).toBe("failed");
        world.isDisplayConnected = true;
        expect(hal.display.flush()).toBe("ok");
        expect(hal.display.isLost()).toBe(false);
        expect(lit(world)).toEqual(["0,0"]);
      },
    );

    it("stays dark when it was not there at the start and cannot answer, and nothing stops", () => {
      const { world, hal } = powered(subject, board);
      world.isDisplayConnected = false;
      hal.display.fill(0, 0, 1, 1);
      hal.display.flush();
      world.isDisplayConnected = true;
      hal.display.flush();
      expect(lit(world)).toEqual(board.display.bus === "I2C1" ? ["0,0"] : []);
    });
  });

  describe("segment display", () => {
    it.each([
      ["1024", "1024"],
      ["00010", "00010"],
      ["A-2077", "A-2077"],
      ["OPEn08.30", "OPEN08.30"],
      ["123456789", "12345678"],
      ["", ""],
      ["a\u00e9b", "A B"],
    ])("shows %s", (text, seen) => {
      const { world, hal } = powered(subject, segments);
      expect(hal.display.digits).toBe(8);
      expect(hal.display.show(text)).toBe("ok");
      expect((world.panel as SegmentPanel).readText()).toBe(seen);
    });

    it("has a shape for each letter and digit, all different but 5 and S", () => {
      const { world, hal } = powered(subject, segments);
      const shapes = new Map<number, string>();
      for (const character of "0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
        hal.display.show(character);
        const [bits] = (world.panel as SegmentPanel).read() as [number];
        expect(bits).toBeGreaterThan(0);
        if (character !== "S") expect(shapes.get(bits), character).toBeUndefined();
        shapes.set(bits, character);
      }
    });

    it.each(["register", "registers", "supply"] as const)(
      "is dark when its chip loses its %s, and right within 30 s while it changes every second",
      (loss) => {
        const { world, hal } = powered(subject, segments);
        for (let second = 1; second <= 61; second++) {
          world.advanceTo(second * 1000);
          expect(hal.display.show(`${1000 + second}`)).toBe("ok");
          if (second === 40) world.disturb("display", loss);
          if (second === 40) expect((world.panel as SegmentPanel).readText()).toBe("");
        }
        expect((world.panel as SegmentPanel).readText()).toBe("1061");
      },
    );

    it("knows within 30 s that the chip does not give back what it was sent though nothing changes", () => {
      const { world, hal } = powered(subject, segments);
      hal.display.show("1024");
      world.isDisplayConnected = false;
      world.advanceTo(31_000);
      expect(hal.display.isLost()).toBe(true);
      world.isDisplayConnected = true;
      expect(hal.display.show("1024")).toBe("ok");
      expect(hal.display.isLost()).toBe(false);
    });

    it("leaves nothing of a longer text behind", () => {
      const { world, hal } = powered(subject, segments);
      hal.display.show("12345678");
      hal.display.show("9.");
      expect((world.panel as SegmentPanel).readText()).toBe("9.");
    });

    it("says when the chip does not give back what it was sent, and is right again when it does", () => {
      const { world, hal } = powered(subject, segments);
      expect(hal.display.show("1024")).toBe("ok");
      world.isDisplayConnected = false;
      expect(hal.display.show("1024")).toBe("failed");
      expect(hal.display.show("77")).toBe("failed");
      world.isDisplayConnected = true;
      expect(hal.display.show("77")).toBe("ok");
      expect((world.panel as SegmentPanel).readText()).toBe("77");
    });
  });

  describe("lamps", () => {
    it("are dark at first, and obey before the call returns", () => {
      const { world, hal } = powered(subject);
      expect(world.lamps).toMatchObject({ pause: false, answer: false });
      hal.lamps.show(Lamp.Pause);
      expect(world.lamps).toMatchObject({ pause: true, answer: false });
      hal.lamps.show(Lamp.Answer);
      expect(world.lamps).toMatchObject({ pause: false, answer: true });
    });

    it("are dark at first whatever their polarity", () => {
      const { world, hal } = powered(subject, { ...pico, answerLamp: { pin: "B4", litLevel: 1 } });
      hal.lamps.show(0);
      expect(world.trace.filter((line) => "lamp" in line)).toEqual([]);
    });

    it("ignore what is not fitted", () => {
      const { world, hal } = powered(subject, esp32);
      hal.lamps.show(Lamp.Pause | Lamp.Rings | Lamp.Fault);
      world.advanceTo(9000);
      expect(world.trace.filter((line) => "lamp" in line)).toEqual([{ atMs: 1000, lamp: "pause", isLit: true }]);
    });
  });

  describe("buzzer", () => {
    it("starts before the call returns and plays every note for its time", () => {
      const { world, hal } = powered(subject);
      hal.sound.play("invite", 100);
      expect(world.toneHz).toBe(1047);
      world.advanceTo(5000);
      expect(world.tones.map((tone) => [tone.atMs - 1000, tone.toneHz])).toEqual([
        [0, 1047],
        [120, 0],
        [160, 1319],
        [340, 0],
      ]);
    });

    it("is cut off by the next cue", () => {
      const { world, hal } = powered(subject);
      hal.sound.play("invite", 100);
      world.advanceTo(1020);
      hal.sound.play("press", 100);
      world.advanceTo(5000);
      expect(world.tones.map((tone) => [tone.atMs - 1000, tone.toneHz])).toEqual([
        [0, 1047],
        [20, 2093],
        [50, 0],
      ]);
    });

    it.each([1, 30, 99])("is quieter at %i percent", (volume) => {
      const { world, hal } = powered(subject);
      hal.sound.play("refused", volume);
      expect(world.trace.at(-1)).toEqual({ atMs: 1000, toneHz: 262, volume });
    });
  });

  describe("clock chip", () => {
    it("is not there on a board without one", () => {
      expect(powered(subject).hal.clockChip).toBeUndefined();
    });
  });

  describe.each(CLOCKS)("clock chip of board $name", (board) => {
    const chipOf = (hal: Hal): ClockChip => hal.clockChip as ClockChip;
    const seconds = (iso: string): number => Date.parse(iso) / 1000;

    it("gives no time before it was set", () => {
      const { hal } = powered(subject, board);
      expect(chipOf(hal).read()).toBe("stopped");
    });

    it.each([
      ["2020-01-01T00:00:00Z", 1],
      ["2024-02-28T23:59:59Z", 1],
      ["2026-02-28T23:59:58Z", 3],
      ["2027-12-31T23:59:59Z", 1],
      ["2028-02-29T12:34:56Z", 86_400],
      ["2030-10-09T08:07:06Z", 31_536_000],
      ["2099-12-31T23:59:00Z", 59],
    ])("goes on from %s for %i s, also over the ends of months and years", (from, passed) => {
      const { world, hal } = powered(subject, board);
      expect(chipOf(hal).set(seconds(from))).toBe(true);
      expect(chipOf(hal).read()).toBe(seconds(from));
      world.advanceTo(1000 + passed * 1000);
      expect(chipOf(hal).read()).toBe(seconds(from) + passed);
    });

    it("takes and gives no time from 2100 on", () => {
      const { world, hal } = powered(subject, board);
      expect(chipOf(hal).set(seconds("2100-01-01T00:00:00Z"))).toBe(false);
      expect(chipOf(hal).read()).toBe("stopped");
      expect(chipOf(hal).set(seconds("2099-12-31T23:59:59Z"))).toBe(true);
      world.advanceTo(2000);
      expect(chipOf(hal).read()).toBe("impossible");
    });

    it("is silent without its cable, and keeps its time meanwhile", () => {
      const { world, hal } = powered(subject, board);
      const unix = seconds("2026-03-02T08:00:00Z");
      chipOf(hal).set(unix);
      world.isClockConnected = false;
      expect(chipOf(hal).read()).toBe("silent");
      expect(chipOf(hal).set(unix + 500)).toBe(false);
      world.isClockConnected = true;
      world.advanceTo(11_000);
      expect(chipOf(hal).read()).toBe(unix + 10);
    });

    it("notices bytes that were lost while it was set", () => {
      const { world, hal } = powered(subject, board);
      const unix = seconds("2026-03-02T08:00:00Z");
      chipOf(hal).set(unix);
      world.disturb("clock", "bytes");
      expect(chipOf(hal).set(unix + 500)).toBe(false);
      world.advanceTo(3000);
      expect(chipOf(hal).read()).toBe(unix + 2);
    });

    it("gives no time with a register that has lost its content, nor after the loss of all, and can be set again", () => {
      const { world, hal } = powered(subject, board);
      const unix = seconds("2026-03-02T08:00:00Z");
      for (const [loss, problem] of [
        ["register", "impossible"],
        ["registers", "stopped"],
      ] as const) {
        chipOf(hal).set(unix);
        world.disturb("clock", loss);
        expect(chipOf(hal).read()).toBe(problem);
      }
      expect(chipOf(hal).set(unix)).toBe(true);
    });

    it("gives the old time, the new one or none, wherever the power goes while it is set, and can be set again", () => {
      const [old, fresh] = [seconds("2026-03-02T08:59:59Z"), seconds("2027-12-31T17:30:00Z")];
      const seen = new Set<unknown>();
      // As far as the setting reaches, and a little into the reading behind it.
      for (let bytes = 0; bytes <= 18; bytes++) {
        const on = powered(subject, board);
        const { world } = on;
        chipOf(on.hal).set(old);
        const chip = world.clockChip as { cutAfterBytes: number | undefined };
        chip.cutAfterBytes = bytes;
        try {
          chipOf(on.hal).set(fresh);
        } catch (error) {
          expect(error).toBeInstanceOf(PowerCut);
        }
        chip.cutAfterBytes = undefined;
        world.flash.cutAt(undefined);
        world.powerOff();
        world.powerOn();
        const time = chipOf(on.hal).read();
        expect([old, fresh, "halfSet"]).toContain(time);
        seen.add(time);
        expect(chipOf(on.hal).set(fresh)).toBe(true);
      }
      expect([...seen]).toEqual([old, "halfSet", fresh]);
    });

    it("keeps its time without the terminal's power, but not without its battery", () => {
      const on = powered(subject, board);
      const { world } = on;
      const unix = seconds("2026-03-02T17:00:00Z");
      const night = (): number | string => {
        world.powerOff();
        world.advanceTo(world.clock.nowMs + 54_000_000);
        world.powerOn();
        return chipOf(on.hal).read();
      };
      chipOf(on.hal).set(unix);
      expect(night()).toBe(unix + 54_000);
      (world.clockChip as { hasBattery: boolean }).hasBattery = false;
      expect(night()).toBe("stopped");
    });
  });

  describe.each([pico, linux, ...MEMORIES] as Board[])("flash of board $name", (board) => {
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

    it("takes writes of every length at every place", () => {
      const { hal } = powered(subject, board);
      for (const [offset, lengthBytes] of [
        [252, 8],
        [508, 300],
        [1024, 256],
        [1476, 520],
      ] as const) {
        const data = Uint8Array.from({ length: lengthBytes }, (_, i) => (offset + i * 7) & 255);
        expect(hal.flash.write(offset, data)).toBe("ok");
        expect([...hal.flash.read(offset - 4, lengthBytes + 8)]).toEqual([255, 255, 255, 255, ...data, 255, 255, 255, 255]);
      }
    });

    it("takes a part of an array", () => {
      const { hal } = powered(subject, board);
      const whole = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      expect(hal.flash.write(0, new Uint8Array(whole.buffer, 3, 4))).toBe("ok");
      expect([...hal.flash.read(0, 8)]).toEqual([4, 5, 6, 7, 255, 255, 255, 255]);
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

  describe.each(MEMORIES)("memory on SPI of board $name", (board) => {
    const word = Uint8Array.of(1, 2, 3, 4);

    it("is not used before the next start where it was missing at this one, and loses nothing", () => {
      const { world, hal } = powered(subject, board, (before) => {
        before.flash.bytes.fill(0x5a, 0, 64);
        before.isMemoryConnected = false;
      });
      expect([...hal.flash.read(0, 4)]).toEqual([255, 255, 255, 255]);
      expect(hal.flash.write(0, word)).toBe("failed");
      expect(hal.flash.erase(0)).toBe("failed");
      world.isMemoryConnected = true;
      expect(hal.flash.write(0, word)).toBe("failed");
      expect(hal.flash.erase(0)).toBe("failed");
      expect([...world.flash.bytes.subarray(0, 64)]).toEqual(new Array(64).fill(0x5a));
    });

    it("answers that it failed when its cable is pulled, and does not hang", () => {
      const { world, hal } = powered(subject, board);
      expect(hal.flash.write(0, word)).toBe("ok");
      world.isMemoryConnected = false;
      expect(hal.flash.write(4, word)).toBe("failed");
      expect(hal.flash.write(8, word)).toBe("failed");
      // An FRAM takes no time that could be too long, so nothing is known of it by then.
      if (board.flash.driver === "spi-nor") expect(hal.flash.erase(0)).toBe("failed");
      world.isMemoryConnected = true;
      expect([...hal.flash.read(0, 8)]).toEqual([1, 2, 3, 4, 255, 255, 255, 255]);
      expect(hal.flash.write(4, word)).toBe(board.flash.driver === "spi-nor" ? "failed" : "ok");
    });
  });

  describe.each([
    ["a cable", pico, ""],
    ["TCP", linux, "192.0.2.1:7000"],
    ["MQTT", linux, "mqtt://counter:secret@192.0.2.1:1883"],
    ["the cable of a board with a network", esp32, ""],
    ["MQTT over WiFi", esp32, "mqtt://192.0.2.1:1883"],
  ] as [string, Board, string][])("link over %s", (_name, board, host) => {
    function start(hal: Hal, world: World): Heard {
      const heard = listen(hal, { device: "sim-08", host, wifi: ["hall", "password1"] });
      world.advanceTo(1000);
      return heard;
    }

    it("tells that it is up, later than the call", () => {
      const { world, hal } = powered(subject, board);
      const heard = listen(hal, { device: "sim-08", host, wifi: ["hall", "password1"] });
      expect(heard.states).toEqual([]);
      world.advanceTo(1000);
      expect(heard.states.at(-1)).toEqual([true, ""]);
    });

    it("carries messages both ways", () => {
      const { world, hal } = powered(subject, board);
      const heard = start(hal, world);
      // On a network the host learns by the first message who has called.
      expect(hal.link.send("hello", '{"hello":{}}')).toBe("sent");
      world.advanceTo(1000);
      expect(world.sentLines).toEqual([lineOf('{"hello":{}}', crcOf)]);
      world.sendFromHost(lineOf("one", crcOf));
      world.sendFromHost(`${lineOf("{}", crcOf)}\r`);
      world.advanceTo(1000);
      expect(heard.texts).toEqual(host.startsWith("mqtt") ? ["one", `${lineOf("{}", crcOf)}\r`] : ["one", "{}"]);
    });

    it("drops a message that is too long, and only that", () => {
      const { world, hal } = powered(subject, board);
      const heard = start(hal, world);
      hal.link.send("hello", "{}");
      world.advanceTo(1000);
      world.sendFromHost(lineOf("x".repeat(MAX_MESSAGE_BYTES + 100), crcOf));
      world.sendFromHost(lineOf("y".repeat(MAX_MESSAGE_BYTES), crcOf));
      world.advanceTo(1000);
      expect(heard.texts).toEqual(["y".repeat(MAX_MESSAGE_BYTES)]);
    });

    it("is down before it started, and refuses a second start", () => {
      const { hal } = powered(subject, board);
      expect(hal.link.send("alert", "early")).toBe("down");
      listen(hal, { device: "sim-08", host, wifi: [] });
      expect(() => listen(hal, { device: "sim-08", host, wifi: [] })).toThrow("started already");
    });
  });

  it("tells of a TCP link that goes down, and connects again", () => {
    const { world, hal } = powered(subject, linux);
    const heard = listen(hal, { device: "sim-08", host: "192.0.2.1:7000", wifi: [] });
    world.advanceTo(2000);
    world.setLink(false);
    world.advanceTo(2000);
    expect(hal.link.send("alert", "lost")).toBe("down");
    world.advanceTo(6000);
    world.setLink(true);
    world.advanceTo(20_000);
    expect(heard.states.map(([isUp]) => isUp)).toEqual([true, false, true]);
    expect(heard.stateTimes).toEqual([0, 1000, 7000]);
  });

  it.each([
    ["TCP without a host or a cable", noCable, "", []],
    ["WiFi without a network", esp32, "mqtt://192.0.2.1:1883", []],
  ] as [string, Board, string, string[]][])("leaves %s down", (_name, board, host, wifi) => {
    const { world, hal } = powered(subject, board);
    const heard = listen(hal, { device: "sim-08", host, wifi });
    world.advanceTo(60_000);
    expect(heard.states).toEqual([[false, ""]]);
  });

  it("tells of a refused login, and logs in when it is allowed", () => {
    const { world, hal } = powered(subject, linux);
    world.broker.loginCode = 5;
    const heard = listen(hal, { device: "sim-08", host: "mqtt://counter:wrong@192.0.2.1:1883", wifi: [] });
    world.advanceTo(2000);
    expect(heard.states).toEqual([[false, "login refused 5"]]);
    world.broker.loginCode = 0;
    world.advanceTo(100_000);
    expect(heard.states).toEqual([
      [false, "login refused 5"],
      [true, ""],
    ]);
    const connects = world.broker.received.filter((packet) => packet.cmd === "connect");
    expect(connects).toHaveLength(2);
    expect(connects[1]).toMatchObject({
      ...{ clientId: "counter-terminal-sim-08", clean: false, keepalive: 30, username: "counter", password: Buffer.from("wrong") },
      will: { topic: "counter-terminal/sim-08/status", payload: Buffer.from('{"status":{"online":false}}'), qos: 1, retain: true },
    });
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

  // The check values that implementations of CRC-32 publish for the test texts of RFC 1321.
  it.each([
    ["", 0],
    ["a", 0xe8b7be43],
    ["abc", 0x352441c2],
    ["message digest", 0x20159d7f],
    ["abcdefghijklmnopqrstuvwxyz", 0x4c2750bd],
    ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0x1fc2e6d2],
    ["1234567890".repeat(8), 0x7ca94a72],
  ])("computes the CRC-32 of %j", (text, crc) => {
    const { hal } = powered(subject);
    expect(hal.crc32(text)).toBe(crc);
  });

  // RFC 4231, sections 4.2 to 4.8. A key longer than a block is hashed before it is used; the device key is not, so a hash stands in for it.
  it.each<[section: string, key: Buffer, data: Buffer, mac: string]>([
    ["4.2", Buffer.alloc(20, 0x0b), Buffer.from("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    ["4.3", Buffer.from("Jefe"), Buffer.from("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    ["4.4", Buffer.alloc(20, 0xaa), Buffer.alloc(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
    [
      "4.5",
      Buffer.from(Array.from({ length: 25 }, (_, i) => i + 1)),
      Buffer.alloc(50, 0xcd),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ],
    ["4.6", Buffer.alloc(20, 0x0c), Buffer.from("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"],
    [
      "4.7",
      sha256(Buffer.alloc(131, 0xaa)),
      Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      "4.8",
      sha256(Buffer.alloc(131, 0xaa)),
      Buffer.from(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      ),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ])("makes the MAC of RFC 4231, section %s", (_, key, data, mac) => {
    const { hal } = powered(subject);
    const block = Buffer.concat([key, Buffer.alloc(64 - key.length)]);
    const file = [0x36, 0x5c].map((pad) => String.fromCharCode(...block.map((byte) => byte ^ pad))).join("");
    const made = createChain(hal, file, 256).mac(data.toString("latin1"));
    expect(Buffer.from(made).toString("hex").slice(0, mac.length)).toBe(mac);
  });

  it("gives random numbers of 32 bits without a sign", () => {
    const { hal } = powered(subject);
    const numbers = Array.from({ length: 64 }, () => hal.random32());
    expect(new Set(numbers).size).toBe(64);
    for (const number of numbers) expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
    expect(numbers.some((number) => number >= 2 ** 31)).toBe(true);
  });

  it("says how many variables are free, and that nothing went wrong with them", () => {
    const { world, hal } = powered(subject);
    const { free, flags } = hal.vitals();
    expect(free).toBeGreaterThan(1000);
    expect(free).toBeLessThanOrEqual(world.board.variables);
    expect(flags).toEqual([]);
  });
});

describe("The simulated chips refuse", () => {
  it.each([
    ["a wrong checksum", [0x7e, 0xff, 6, 0x12, 0, 0, 1, 0xfe, 0xe7, 0xef], "wrong checksum"],
    ["a frame without its end", [0x7e, 0xff, 6, 0x12, 0, 0, 1, 0xfe, 0xe8, 0x00], "no frame"],
    ["an unknown command", [0x7e, 0xff, 6, 0x77, 0, 0, 1, 0xfe, 0x83, 0xef], "unknown command"],
    ["a volume above 30", [0x7e, 0xff, 6, 0x06, 0, 0, 31, 0xfe, 0xd6, 0xef], "volume 31"],
    ["a clip that is not there", [0x7e, 0xff, 6, 0x12, 0, 0, 10, 0xfe, 0xdf, 0xef], "no file mp3/0010"],
  ] as const)("%s", (_, bytes, words) => {
    expect(() =>
      new Mp3Module(
        () => true,
        () => undefined,
      ).write([...bytes]),
    ).toThrow(words);
  });

  it.each([
    ["a command that no driver uses", [[0x02, 0x0e]], "command 0xe"],
    ["StartSend without Transceive", [[0x1a, 0x80]], "StartSend"],
    ["a register that cannot be written", [[0x6e, 0x00]], "cannot be written"],
    ["an address with bit 0 set", [[0x03, 0x00]], "bit 0"],
  ])("%s", (_, transfers, words) => {
    const chip = new Mfrc522(() => []);
    const send = (bytes: readonly number[]): void => {
      chip.select();
      for (const byte of bytes) chip.exchange(byte);
    };
    for (let i = 0; i < 3; i++) send([0x82, 0]);
    expect(() => transfers.forEach(send)).toThrow(words);
  });

  it("CRC_A is that of ISO/IEC 14443-3, annex B", () => {
    expect(crcA([0, 0])).toEqual([0xa0, 0x1e]);
    expect(crcA([0x12, 0x34])).toEqual([0x26, 0xcf]);
  });
});
