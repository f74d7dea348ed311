// The attacker against a simulated terminal and against one on a real interpreter.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CASES, table } from "./attacker.js";
import { attackTerminal, type Way } from "./terminals.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the attack on the real interpreter: set ESPRUINO=/path/to/espruino");

it("imports nothing of the project", () => {
  const imports = [...readFileSync("test/attack/attacker.ts", "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(imports.filter((name) => !name?.startsWith("node:"))).toEqual([]);
});

async function harmOf(engine: string, of: string | undefined, way?: Way): Promise<unknown[]> {
  // One start has to bear all that follows the last restart.
  const outcomes = await attackTerminal(of, [], way);
  console.info(table(outcomes, engine));
  expect(outcomes).toHaveLength(CASES.length);
  return outcomes.filter(({ outcome }) => outcome !== "held");
}

it("does no harm to a simulated terminal", { timeout: 120_000 }, async () => {
  expect(await harmOf("node", undefined)).toEqual([]);
});

it.skipIf(!binary)("does no harm to a terminal on the real interpreter", { timeout: 300_000 }, async () => {
  expect(await harmOf("espruino", binary)).toEqual([]);
});

it.skipIf(!binary)("does no harm at the cable of a terminal on the real interpreter", { timeout: 600_000 }, async () => {
  expect(await harmOf("espruino, cable", binary, "cable")).toEqual([]);
});
