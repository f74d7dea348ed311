// Every line of the threat model is tried: firmware/THREATS.md, the list of what tries it, and the attackers' cases agree.

import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CASES } from "./attacker.js";
import { CONSOLE_CASES } from "./console-attacker.js";
import { COUNTER_CASES } from "./counter-attacker.js";
import { HALL_CASES } from "./hall-attacker.js";
import { PACKAGE_CASES } from "./package-attacker.js";
import { THREATS } from "./threats.js";

const PAGE = readFileSync("firmware/THREATS.md", "utf8");
const NAMES = [...CASES, ...HALL_CASES, ...COUNTER_CASES, ...CONSOLE_CASES, ...PACKAGE_CASES].map(({ name }) => name);

/** The first cells of the table "Who". */
function lines(): string[] {
  const [, section = ""] = /^## Who$([\s\S]*?)^## /m.exec(PAGE) ?? [];
  return [...section.matchAll(/^\| ([^|]+?) \|/gm)].map(([, cell]) => cell as string).slice(1);
}

it("each line of the page is tried by something, and nothing else is named", () => {
  expect(lines().length).toBeGreaterThan(10);
  expect(lines().filter((line) => THREATS.filter(({ who }) => line.startsWith(who)).length !== 1)).toEqual([]);
  expect(THREATS.map(({ who }) => who).filter((who) => !lines().some((line) => line.startsWith(who)))).toEqual([]);
  expect(THREATS.filter(({ cases }) => cases.length === 0)).toEqual([]);
});

it("each case of the attackers belongs to a line, and each that a line names exists", () => {
  const named = THREATS.flatMap(({ cases }) => cases);
  expect(new Set(NAMES).size).toBe(NAMES.length);
  expect(named.filter((name) => !NAMES.includes(name))).toEqual([]);
  expect(NAMES.filter((name) => !named.includes(name))).toEqual([]);
});

it("each scenario and test that a line names exists", () => {
  expect(THREATS.flatMap(({ files = [] }) => files).filter((file) => !existsSync(file))).toEqual([]);
});

it("the page says how many cases there are", () => {
  expect(PAGE).toContain(`plays ${CASES.length} cases against a simulated terminal`);
  expect(PAGE).toContain(`plays ${HALL_CASES.length} cases against a receiver`);
  expect(PAGE).toContain(`plays ${COUNTER_CASES.length} cases at the counter`);
  expect(PAGE).toContain(`${CONSOLE_CASES.length} at the console`);
  expect(PAGE).toContain(`${PACKAGE_CASES.length} with packages`);
});

it("packages run nothing when they are installed, and come in the versions of the lock file", () => {
  expect(readFileSync(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, { version?: string }> };
  expect(Object.entries(packages).filter(([, { version }]) => !/^\d+\.\d+\.\d+/.test(version ?? ""))).toEqual([]);
});
