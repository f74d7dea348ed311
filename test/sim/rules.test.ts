// The table of rules: the conditions under which a rule is proven. Every rule has a scenario for what it allows, and one for what it forbids.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { APART, pairOf, reasonsApart } from "../../sim/scenario/rule-pairs.js";
import {
  allPairs,
  emptyPairs,
  kindOf,
  listOf,
  matrixOf,
  type Proof,
  pairsProven,
  type Result,
  RULE_WORDS,
  rowsOf,
  tableOf,
} from "../../sim/scenario/rules.js";
import { loadScenario } from "../../sim/scenario/scenario.js";
import { RULES } from "../../sim/scenario/schema.js";

const ENGINES = ["node", "bundle", "espruino"];

function proof(
  file: string,
  rules: readonly string[],
  results: Record<string, Result> = { node: "passed", bundle: "passed", espruino: "skipped" },
): Proof {
  return { file, title: `Title of ${file}`, rules, results };
}

const ALLOWS = proof("rules/p05-allows-a-pause.yaml", ["P5"]);
const FORBIDS = proof("rules/p05-forbids-a-pause.yaml", ["P5", "A7"]);

/** The reasons why these scenarios do not prove a rule. */
function problemsOf(rule: string, proofs: readonly Proof[]): readonly string[] | undefined {
  return rowsOf(proofs, ENGINES, [rule])[0]?.problems;
}

describe("the kind of a scenario", () => {
  it.each([
    ["rules/p05-allows-a-pause.yaml", "allows"],
    ["e13-forbids-two-keys.yaml", "forbids"],
    ["rating.yaml", "other"],
    ["what-e05-allows-is-much.yaml", "other"],
    ["p05-forbidden.yaml", "other"],
  ])("of %s is %s", (file, kind) => {
    expect(kindOf(file)).toBe(kind);
  });
});

describe("a rule", () => {
  it("is proven by one scenario for what it allows and one for what it forbids", () => {
    expect(problemsOf("P5", [ALLOWS, FORBIDS])).toEqual([]);
  });

  it("is not proven without a scenario", () => {
    expect(problemsOf("P6", [ALLOWS, FORBIDS])).toEqual(["no scenario"]);
  });

  it("is not proven by one side of it alone, or by scenarios that show neither", () => {
    expect(problemsOf("P5", [ALLOWS])).toEqual(["nothing that it forbids"]);
    expect(problemsOf("A7", [FORBIDS])).toEqual(["nothing that it allows"]);
    expect(problemsOf("E1", [proof("rating.yaml", ["E1"])])).toEqual(["nothing that it allows", "nothing that it forbids"]);
  });

  it("is not proven when a scenario fails on any engine, whatever its kind", () => {
    const failing = proof("pause-and-back.yaml", ["P5"], { node: "passed", bundle: "failed", espruino: "skipped" });
    expect(problemsOf("P5", [ALLOWS, FORBIDS, failing])).toEqual(["fails on bundle"]);
  });

  it("is not proven by what was not run", () => {
    const skipped = proof("rules/p05-allows-b.yaml", ["P5"], { espruino: "skipped" });
    expect(problemsOf("P5", [ALLOWS, FORBIDS, skipped])).toEqual(["not run"]);
  });
});

describe("the table", () => {
  const failing = proof("rules/a07-allows-b.yaml", ["A7"], { node: "failed", bundle: "passed", espruino: "skipped" });
  const rows = rowsOf([ALLOWS, FORBIDS, failing], ENGINES, ["A7", "P5", "P6"]);

  it("has a line for each rule, with counts, a result for each engine, and what is missing", () => {
    const lines = tableOf(rows, ENGINES).split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["rule", "says", "scenarios", "allows", "forbids", "node", "bundle", "espruino"],
      ["A7", RULE_WORDS.A7, "2", "1", "1", "FAIL 1 of 2", "pass", "SKIPPED", "NOT PROVEN: fails on node"],
      ["P5", RULE_WORDS.P5, "2", "1", "1", "pass", "pass", "SKIPPED"],
      ["P6", RULE_WORDS.P6, "0", "0", "0", "-", "-", "-", "NOT PROVEN: no scenario"],
    ]);
  });

  it("lists the scenarios of one rule, what it allows first", () => {
    const [row] = rowsOf([FORBIDS, ALLOWS], ENGINES, ["P5"]);
    const lines = row ? listOf(row, ENGINES).split("\n") : [];
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["kind", "file", "node", "bundle", "espruino", "title"],
      ["allows", ALLOWS.file, "pass", "pass", "SKIPPED", ALLOWS.title],
      ["forbids", FORBIDS.file, "pass", "pass", "SKIPPED", FORBIDS.title],
    ]);
  });

  it("has a row for every rule there is, and words for it", () => {
    expect(rowsOf([], ENGINES).map(({ rule }) => rule)).toEqual(RULES);
    expect(Object.keys(RULE_WORDS)).toEqual(RULES);
  });
});

it("RULES.md says of every rule what the terminal does, and where", () => {
  const table = readFileSync(new URL("../../firmware/terminal/RULES.md", import.meta.url), "utf8");
  const rows = [...table.matchAll(/^\| ([EAPR]\d+) \|(.+)\|(.+)\|(.+)\|$/gm)];
  expect(rows.map((row) => row[1])).toEqual(RULES);
  const firmware = (name: string): URL => new URL(`../../firmware/${name}`, import.meta.url);
  for (const row of rows) {
    for (const place of (row[4] as string).split(",").map((word) => word.trim())) {
      const isThere = [`terminal/${place}.ts`, `${place}.ts`, place].some((name) => existsSync(firmware(name)));
      expect(isThere, `${row[1]}: ${place}`).toBe(true);
    }
  }
});

describe("the matrix", () => {
  const proven = pairsProven([["P5", "E2", "A7"], ["A7", "P5"], ["E2"]]);
  const apart = new Map([["E2 A7", "words"]]);
  const rules = ["E2", "A7", "P5", "R4"];

  it("counts the scenarios that prove both rules of a pair, whatever their order", () => {
    expect([...proven]).toEqual(
      expect.arrayContaining([
        ["A7 P5", 2],
        ["E2 P5", 1],
        ["E2 A7", 1],
      ]),
    );
    expect(proven.size).toBe(3);
    expect([pairOf("R4", "E2"), pairOf("E2", "R4")]).toEqual(["E2 R4", "E2 R4"]);
  });

  it("finds pairs that meet, and that nobody has proven", () => {
    expect(allPairs(rules)).toHaveLength(6);
    expect(emptyPairs(proven, apart, rules)).toEqual(["E2 R4", "A7 R4", "P5 R4"]);
  });

  it("has a row for each rule, with a count, a dot, or question marks for each later one", () => {
    const without = pairsProven([["A7", "P5"]]);
    expect(
      matrixOf(without, apart, rules)
        .split("\n")
        .map((line) => line.trim().split(/ +/)),
    ).toEqual([
      ["A7", "P5", "R4"],
      ["E2", ".", "??", "??"],
      ["A7", "1", "??"],
      ["P5", "??"],
    ]);
  });
});

describe("every rule has scenarios of both kinds", () => {
  const folder = new URL("../scenarios/", import.meta.url);
  const proofs = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => proof(file, loadScenario(readFileSync(new URL(file, folder), "utf8"), file).proves));

  const rows = rowsOf(proofs, ENGINES);

  it.each(rows.map((row) => [row.rule, row] as const))("%s", (_, row) => {
    expect(row.problems).toEqual([]);
  });

  const together = pairsProven(proofs.map((each) => each.rules));

  it("and every pair of rules that meet has a scenario that proves both", () => {
    expect(emptyPairs(together, reasonsApart())).toEqual([]);
  });

  it("and no pair is said not to meet that a scenario proves, nor twice", () => {
    const apart = APART.flatMap(({ rule, from }) => from.split(" ").map((other) => pairOf(rule, other)));
    expect(apart.filter((pair) => together.has(pair) || !allPairs().includes(pair))).toEqual([]);
    expect(apart.filter((pair, i) => apart.indexOf(pair) < i)).toEqual([]);
    expect(APART.filter(({ because }) => because.length < 10)).toEqual([]);
  });
});
