// The self-test with hands: a technician presses, looks and listens as the tool says, on the stand-in's simulated parts.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Board } from "../../../../firmware/boards/board.js";
import { board as linux } from "../../../../firmware/boards/linux.js";
import { readBoard } from "../../../../firmware/tools/build/build.js";
import { requireConsole } from "../../../../firmware/tools/device/board-console.js";
import { type HandResult, hardwareTestProgram, placeOf, testByHand } from "../../../../firmware/tools/device/hardware-test.js";
import type { Report } from "../../../../firmware/tools/report.js";
import type { KeyName } from "../../../../hal/keys.js";
import { type StandIn, startConsoleStandIn } from "../../../../sim/espruino/console-stand-in.js";
import { readScreen } from "../../../../sim/scenario/screen.js";
import { asReadBy, signalOf } from "../../../../sim/world/badges.js";
import { isBuilt, testBoardFile } from "../../../boards.js";
import { BENCHES, type Bench, WAIT_MS } from "./bench.js";

/** Each is built once. */
const programs = new Map<string, Promise<string>>();
function programOf(board: Board): Promise<string> {
  const program = programs.get(board.name) ?? hardwareTestProgram(board);
  programs.set(board.name, program);
  return program;
}

let standIn: StandIn | undefined;
afterEach(() => standIn?.close());

const ASKED: Readonly<Record<string, KeyName>> = {
  "citizen key 1": "key1",
  "citizen key 2": "key2",
  "citizen key 3": "key3",
  "citizen key 4": "key4",
  "citizen key 5": "key5",
  "the clerk's key invite": "invite",
  "the clerk's key pause": "pause",
};

/** Does what the tool says. @param wired which contact closes when a key is pressed @param badge how the badge goes over the wires, or "" for a reader that is not there */
async function testAsTold(
  board: Board,
  wired: (key: KeyName) => KeyName,
  badge = asReadBy(board.badgeReader.driver, "W26:1A2B3C"),
): Promise<HandResult[]> {
  const bench = await startConsoleStandIn(board);
  standIn = bench;
  const { world } = bench;
  let clips = 0;
  let tones = 0;
  world.onTrace((line) => {
    if ("clip" in line) clips++;
    if ("toneHz" in line && line.toneHz > 0) tones++;
  });
  if (!badge) world.isReaderConnected = false;
  const report: Report = {
    step(text) {
      const words = Object.keys(ASKED).find((each) => text.startsWith(`press ${each}`));
      // A hand takes a moment.
      if (words) setTimeout(press, 150, wired(ASKED[words] as KeyName));
      if (text.startsWith("hold a badge") && badge) setTimeout(() => world.presentBadge(badge), 150);
    },
    note: () => undefined,
    progress: () => undefined,
    result: () => undefined,
  };
  function press(key: KeyName): void {
    world.setKey(key, true);
    setTimeout(() => world.setKey(key, false), 60);
  }
  const ask = async (question: string): Promise<boolean> => {
    const { lamps, panel } = world;
    if (question.includes("second light")) return lamps.sign && !lamps.answer;
    if (question.includes("red")) return lamps.pause && !lamps.answer;
    if (question.includes("white")) return lamps.answer && !lamps.pause;
    if (question.includes("rings")) return lamps.rings && !lamps.answer;
    if (question.includes("digit")) return readScreen(panel).shows("8.8.8.8.8.8.8.8.");
    if (question.includes("display")) return panel.bytes.every((byte) => byte !== 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return question.includes("voice") ? clips === 1 : tones > 0;
  };
  const device = await requireConsole(`tcp://127.0.0.1:${bench.port}`);
  return testByHand(device, board, await programOf(board), ask, report).finally(() => device.close());
}

const BOARDS: readonly Board[] = [
  linux,
  ...["card-matrix", "badge-voice", "max7219", "pico-ds3231"].filter(isBuilt).map((name) => readBoard(testBoardFile(name))),
];

describe("the self-test with hands", () => {
  it.each(BOARDS.map((board) => [board.name, board] as const))("sees every part of the board %s", async (_, board) => {
    const results = await testAsTold(board, (key) => key);
    expect(results.filter(({ isOk }) => !isOk)).toEqual([]);
    const lamps = ["pause light", ...(board.signLamp ? ["second light"] : []), "answer light", ...(board.ringLamps ? ["key rings"] : [])];
    expect(results.map(({ part }) => part)).toEqual([
      ...Object.values(ASKED),
      ...lamps,
      "display",
      "sound",
      ...(board.clock ? ["clock chip"] : []),
      "badge reader",
    ]);
    expect(results.at(-1)?.detail).toBe(asReadBy(board.badgeReader.driver, "W26:1A2B3C"));
  });

  it("says which two wires are swapped", async () => {
    const results = await testAsTold(linux, (key) => (key === "key1" ? "key5" : key === "key5" ? "key1" : key));
    expect(results.filter(({ isOk }) => !isOk).map(({ detail }) => detail)).toEqual([
      `key5 was seen instead: the wires of ${linux.keys.key1} and ${linux.keys.key5} are swapped`,
      `key1 was seen instead: the wires of ${linux.keys.key5} and ${linux.keys.key1} are swapped`,
    ]);
  });

  it("says of a badge that comes garbled what is wrong with it, and of a card reader that it does not answer", async () => {
    const garbled = (await testAsTold(linux, (key) => key, "01010")).at(-1);
    expect(garbled).toMatchObject({ part: "badge reader", isOk: false });
    expect(garbled?.detail).toContain("number of bits");
    await standIn?.close();
    const silent = (await testAsTold(BOARDS[1] as Board, (key) => key, "")).at(-1);
    expect(silent?.detail).toContain("does not answer");
  });

  it("names the place of a key in a matrix", () => {
    expect(placeOf(BOARDS[1] as Board, "invite")).toBe("row D14, column D26");
  });
});

/** Pins of which the test decides: those of an interpreter on a PC lead nowhere. */
const FAKE_PINS =
  "(global.watches=[],global.levels={},global.setWatch=function(f,p){watches.push([p,f])},global.digitalRead=function(){return 1}," +
  'global.digitalWrite=function(p,l){levels[""+p]=l},global.analogWrite=function(p){levels[""+p]=2},global.pinMode=function(){},' +
  "global.edge=function(p){watches.forEach(function(w){if(w[0]==p)w[1]({state:0,time:getTime()})})})&&0";

const startInterpreter = BENCHES[1]?.[1];

describe.skipIf(!startInterpreter)("the self-test with hands, on the interpreter", () => {
  let bench: Bench;
  beforeAll(async () => {
    if (startInterpreter) bench = await startInterpreter();
  }, WAIT_MS);
  afterAll(() => bench?.close());

  it("runs in its memory, and sees every part", { timeout: 120_000 }, async () => {
    const device = await requireConsole(bench.port);
    await device.evaluate(FAKE_PINS);
    /** What hands do, as soon as the tool looks next. */
    let todo: string[] = [];
    const handled = {
      ...device,
      async evaluate<Value>(expression: string, timeoutMs?: number): Promise<Value> {
        const now = todo;
        todo = [];
        const value = await device.evaluate<Value>(expression, timeoutMs);
        for (const each of now) await device.evaluate(each);
        return value;
      },
    };
    const report: Report = {
      step(text) {
        const words = Object.keys(ASKED).find((each) => text.startsWith(`press ${each}`));
        if (words) todo.push(`edge(${placeOf(linux, ASKED[words] as KeyName)})`);
        const bits = text.startsWith("hold a badge") ? signalOf("wiegand", "W26:1A2B3C") : "";
        if (bits) todo.push(`"${bits}".split("").forEach(function(b){edge(b=="1"?D24:D23)})`);
      },
      note: () => undefined,
      progress: () => undefined,
      result: () => undefined,
    };
    const ask = async (question: string): Promise<boolean> => {
      const levels = await device.evaluate<Record<string, number>>("levels");
      if (question.includes("red")) return levels.D17 === 1 && levels.D27 === 0;
      if (question.includes("white")) return levels.D27 === 1 && levels.D17 === 0;
      return question.includes("display") || levels[(linux.sound as { pin: string }).pin] !== undefined;
    };
    const results = await testByHand(handled, linux, await programOf(linux), ask, report);
    const { free } = await device.evaluate<{ free: number }>("process.memory()");
    await device.close();
    expect(results.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(results.at(-1)?.detail).toBe("W26:1A2B3C");
    expect(free).toBeGreaterThan(2000);
  });
});
