// The attacker who publishes packages, and the one who looks through what the tools leave on a computer.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IS_DEEP } from "../depth.js";
import { attackPackages, PACKAGE_CASES } from "./package-attacker.js";

it("imports nothing of the project", () => {
  const imports = [...readFileSync("test/attack/package-attacker.ts", "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
  expect(imports.filter((from) => !from?.startsWith("node:"))).toEqual([]);
});

/** It makes all files of a terminal. */
const SLOW: ReadonlySet<string> = new Set(["nobody answers while a terminal's files are made, and others look for its key there"]);

it.skipIf(process.platform !== "linux").for(PACKAGE_CASES.map(({ name }) => name).filter((name) => IS_DEEP || !SLOW.has(name)))(
  "does no harm: %s",
  { timeout: 400_000 },
  async (name) => {
    const [outcome] = await attackPackages([name]);
    expect(outcome?.outcome).toBe("held");
  },
);
