// Badge to name on the display: what the simulated wires take, the worst case of each reader over all phases in virtual time, and a full view on each bus. The
// interpreter's share is counted by `npm run bench`; the table in hal/README.md has it, and its sum.

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import { BADGE_CASES, rowOf, simulateBadge } from "../../sim/bench/badge.js";
import { isBuilt } from "../boards.js";

const table = (readFileSync(new URL("../../hal/README.md", import.meta.url), "utf8").split("| board | reader | display |")[1] ?? "")
  .split("\n")
  .slice(2, 2 + BADGE_CASES.length)
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("Badge to name, as hal/README.md has it", () => {
  const cases = BADGE_CASES.map((one, i) => [...one, i] as const).filter(([board]) => isBuilt(path.basename(board, ".ts")));
  it.each(cases)("on %s with %s", { timeout: 120_000 }, async (name, badge, i) => {
    const simulated = await simulateBadge(name, badge);
    const { readMs, askingMs, viewMs } = simulated;
    const row = table[i] as string[];
    const interpreterMs = Number(row[4]);
    const all = readMs + askingMs + viewMs + interpreterMs;
    expect([...row.slice(0, 4), row[5]]).toEqual([...rowOf(simulated), (readMs + askingMs).toFixed(1), viewMs.toFixed(1)]);
    // The interpreter's share is rounded in the table.
    expect(Math.abs(Number(row[6]) - all)).toBeLessThanOrEqual(1);
    expect(all).toBeLessThanOrEqual(BUDGETS.badgeToNameMs);
  });
});
