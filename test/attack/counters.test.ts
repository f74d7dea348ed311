// The attacker at the counter of a simulated terminal, and of one on a real interpreter; and the one at the console of a closed terminal, which only a real interpreter has.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IS_DEEP } from "../depth.js";
import { InstalledTerminal } from "../espruino/installed-terminal.js";
import { CONSOLE_CASES } from "./console-attacker.js";
import { COUNTER_CASES } from "./counter-attacker.js";
import { attackCounters } from "./counters.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the attack at the counter and at the console on the real interpreter: set ESPRUINO=/path/to/espruino");

it.each(["counter-attacker.ts", "console-attacker.ts"])("%s imports nothing of the project", (name) => {
  const imports = [...readFileSync(`test/attack/${name}`, "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
  expect(imports.filter((from) => !/^(node:|\.\/honest-terminal\.js$)/.test(from ?? ""))).toEqual([]);
});

async function harmOf(engine: "node" | "espruino"): Promise<unknown[]> {
  const outcomes = await attackCounters(engine);
  for (const { case: name, outcome, inputs } of outcomes) console.info(`${name} | ${outcome} | ${engine} | ${inputs} inputs`);
  expect(outcomes).toHaveLength(COUNTER_CASES.length);
  return outcomes.filter(({ outcome }) => outcome !== "held");
}

it("does no harm at the counter of a simulated terminal", { timeout: 120_000 }, async () => {
  expect(await harmOf("node")).toEqual([]);
});

it.skipIf(!binary || !IS_DEEP)("does no harm at the counter of a terminal on the real interpreter", { timeout: 600_000 }, async () => {
  expect(await harmOf("espruino")).toEqual([]);
});

it.skipIf(!binary).each(CONSOLE_CASES)("does not get into a closed terminal: $name", { timeout: 120_000 }, async ({ run }) => {
  const terminal = await InstalledTerminal.install(binary as string, 1, { isLocked: true });
  try {
    await terminal.startWithConsole();
    expect(await run(terminal)).toBe("");
  } finally {
    await terminal.kill();
  }
});

it.skipIf(!binary)("gets into one that is left open, so that the cases would notice", { timeout: 120_000 }, async () => {
  const terminal = await InstalledTerminal.install(binary as string, 1);
  try {
    await terminal.startWithConsole();
    expect(await CONSOLE_CASES[0]?.run(terminal)).toContain("gets in");
  } finally {
    await terminal.kill();
  }
});
