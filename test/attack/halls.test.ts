// The attacker against receivers, each a process of its own.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IS_DEEP } from "../depth.js";
import { attackHalls, HALL_CASES } from "./hall-attacker.js";

const TIMEOUT_MS = 240_000;
/** What `npm test` plays of the cases. */
const SAMPLE: ReadonlySet<string> = new Set([
  "a thousand strangers connect, from one address and from many, and stay silent",
  "the holder of one key sends records and messages that no database takes",
  "a broker sends 130 MB, packets without an end, and names that it invents",
]);

it("imports nothing of the project", () => {
  const imports = [...readFileSync("test/attack/hall-attacker.ts", "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(imports.filter((name) => !name?.startsWith("node:"))).toEqual([]);
});

it("plays cases that there are", () => {
  const names = HALL_CASES.map(({ name }) => name);
  expect([...SAMPLE].filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

// The limits of processes, their memory and many addresses of this computer are read and used as Linux has them.
it.skipIf(process.platform !== "linux").for(HALL_CASES.map(({ name }) => name).filter((name) => IS_DEEP || SAMPLE.has(name)))(
  "does no harm to a hall: %s",
  { timeout: TIMEOUT_MS },
  async (name) => {
    const [outcome] = await attackHalls([name]);
    console.info(`${name} | ${outcome?.outcome} | receiver on Node | ${outcome?.inputs} inputs`);
    expect(outcome?.outcome).toBe("held");
  },
);
