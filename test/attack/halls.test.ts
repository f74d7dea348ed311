// The attacker against receivers, each a process of its own.

import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { IS_DEEP } from "../depth.js";
import { BuiltReceivers } from "./built-receiver.js";
import { attackHalls, HALL_CASES } from "./hall-attacker.js";

const TIMEOUT_MS = 240_000;
/** What `npm test` plays of the cases. */
const SAMPLE: ReadonlySet<string> = new Set([
  "others on the computer look for what the receiver has written",
  "hundreds of strangers connect from one address, a thousand from many, and stay silent",
  "the holder of one key sends records and messages that no database takes",
  "a broker sends 250 MB, packets without an end, and names that it invents",
]);

const receivers = new BuiltReceivers();
let program: Promise<string[]> | undefined;
afterAll(() => receivers.remove());

/** What a file of this folder imports, and what those files import that it imports from here. */
function importsOf(name: string, seen: Set<string> = new Set()): Set<string> {
  for (const [, from = ""] of readFileSync(`test/attack/${name}`, "utf8").matchAll(/from "([^"]+)"/g)) {
    const isNew = !seen.has(from);
    seen.add(from);
    if (isNew && from.startsWith("./")) importsOf(from.slice(2).replace(/js$/, "ts"), seen);
  }
  return seen;
}

it("imports nothing of the project", () => {
  const imports = [...importsOf("hall-attacker.ts")];
  expect(imports.filter((name) => !/^(node:|\.\/[\w-]+\.js$)/.test(name))).toEqual([]);
  expect(imports).toContain("./honest-terminal.js");
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
    program ??= receivers.build();
    const [outcome] = await attackHalls([name], { program: await program, patienceMs: 60_000 });
    console.info(`${name} | ${outcome?.outcome} | receiver on Node | ${outcome?.inputs} inputs`);
    expect(outcome?.outcome).toBe("held");
  },
);
