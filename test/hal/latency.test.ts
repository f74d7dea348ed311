// Badge to name on the display: the worst case of each reader over all phases, in virtual time, and what the buses and a full view take on top.

import { describe, expect, it } from "vitest";
import { readBoard } from "../../firmware/tools/build.js";
import { enginesFor } from "../../sim/engines/index.js";
import { contentsOf } from "../../sim/scenario-files.js";
import { World } from "../../sim/world.js";

/** A full view on the slowest display. */
const VIEW_MS = 85;
const BUDGET_MS = 300;

describe("Badge to name", () => {
  it.each([
    ["pico", "W34:00C0FFEE"],
    ["test/boards/badge-voice.ts", "EM:0F00A1B2C3"],
    ["test/boards/card-matrix.ts", "UID:04112233445566"],
  ])(
    "on %s leaves time for the statements",
    async (name, badge) => {
      const board = readBoard(name);
      const [engine] = (await enginesFor(board, "bundle")).engines;
      const person = {
        badge,
        number: "3001",
        name: "周敏",
        post: "税务登记",
        role: "clerk",
        party: false,
        stars: 0,
        counters: [],
        revoked: false,
      } as const;
      const files = contentsOf({ version: 1, device: "a", counter: "8" }, { people: [{ ...person, counters: [] }], reasons: [] });
      let worstMs = 0;
      for (let phaseMs = 0; phaseMs < 100; phaseMs += 9) {
        const world = new World({ board, engine: engine as NonNullable<typeof engine>, files });
        world.powerOn();
        world.advanceTo(2000 + phaseMs);
        world.presentBadge(badge);
        world.advanceTo(3000);
        const shown = world.trace.find((line) => "display" in line && line.atMs >= 2000 + phaseMs);
        worstMs = Math.max(worstMs, (shown?.atMs ?? Infinity) - 2000 - phaseMs);
        world.powerOff();
      }
      console.log(`${badge}: read within ${worstMs} ms, with a full view ${worstMs + VIEW_MS} ms of ${BUDGET_MS}`);
      // A third of the budget is left for the interpreter.
      expect(worstMs + VIEW_MS).toBeLessThanOrEqual(200);
    },
    120_000,
  );
});
