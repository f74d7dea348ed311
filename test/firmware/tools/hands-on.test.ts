// The self-test with hands: a technician presses, looks and listens as the tool says, on the stand-in's simulated parts.

import { afterEach, describe, expect, it } from "vitest";
import { board } from "../../../firmware/boards/linux.js";
import { requireConsole } from "../../../firmware/tools/device/board-console.js";
import { badgeOf, type HandResult, testByHand } from "../../../firmware/tools/device/hands-on.js";
import type { Report } from "../../../firmware/tools/report.js";
import type { KeyName } from "../../../hal/keys.js";
import { type StandIn, startConsoleStandIn } from "../../../sim/espruino/console-stand-in.js";
import { wiegandBits } from "../../../sim/world.js";

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

/** Does what the tool says. @param wired which contact closes when a key is pressed */
async function testAsTold(wired: (key: KeyName) => KeyName): Promise<HandResult[]> {
  const bench = await startConsoleStandIn(board);
  standIn = bench;
  const { world } = bench;
  const report: Report = {
    step(text) {
      const words = Object.keys(ASKED).find((each) => text.startsWith(`press ${each}`));
      // A hand takes a moment.
      if (words) setTimeout(press, 150, wired(ASKED[words] as KeyName));
      if (text.startsWith("hold a badge")) setTimeout(() => world.presentBadge("W26:1A2B3C"), 150);
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
    if (question.includes("red")) return world.lamps.pause && !world.lamps.answer;
    if (question.includes("white")) return world.lamps.answer && !world.lamps.pause;
    return world.toneHz > 0;
  };
  const device = await requireConsole(`tcp://127.0.0.1:${bench.port}`);
  return testByHand(device, board, ask, report).finally(() => device.close());
}

describe("the self-test with hands", () => {
  it("sees every key, light, sound, and a badge", async () => {
    const results = await testAsTold((key) => key);
    expect(results.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(results.map(({ part }) => part)).toEqual([...Object.values(ASKED), "pause light", "answer light", "sound", "badge reader"]);
    expect(results.at(-1)?.detail).toBe("W26:1A2B3C");
  });

  it("says which two wires are swapped", async () => {
    const results = await testAsTold((key) => (key === "key1" ? "key5" : key === "key5" ? "key1" : key));
    expect(results.filter(({ isOk }) => !isOk).map(({ detail }) => detail)).toEqual([
      `key5 was seen instead: the wires of ${board.keys.key1} and ${board.keys.key5} are swapped`,
      `key1 was seen instead: the wires of ${board.keys.key5} and ${board.keys.key1} are swapped`,
    ]);
  });

  it("takes a badge for what it is, and no garbled one", () => {
    for (const badge of ["W26:1A2B3C", "W34:00C0FFEE"]) {
      const bits = wiegandBits(badge);
      expect(badgeOf(bits)).toBe(badge);
      expect(badgeOf(`${bits[0] === "0" ? "1" : "0"}${bits.slice(1)}`)).toBeUndefined();
      expect(badgeOf(bits.slice(1))).toBeUndefined();
    }
  });
});
