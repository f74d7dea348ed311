// The rules and their proofs: the scenarios of each rule, their kinds, and their results on each engine. This file runs nothing.

import path from "node:path";
import { pairOf } from "./rule-pairs.js";
import { RULES } from "./schema.js";

/** Each rule in a few words. */
export const RULE_WORDS: Readonly<Record<string, string>> = {
  E1: "the clerk on the display is the clerk in the record",
  E2: "one matter, one outcome",
  E3: "the citizen is invited",
  E4: "the same thanks for every grade",
  E5: "a missed invite is recorded",
  E6: "nobody is pressed to rate",
  E7: "a bad rating alerts silently",
  E8: "a bad rating may have a reason",
  E9: "paper card when out of order",
  E10: "one configuration with a version",
  E11: "suspicious ratings are kept and marked",
  E12: "keys that do not work are told",
  E13: "long mode, chords, answers at once",
  E14: "a supervisor comes after a bad rating",
  E15: "more time for this citizen",
  E16: "citizens are greeted",
  E17: "citizens are sent to the right counter",
  A1: "staff card on the display",
  A2: "attendance is recorded",
  A3: "on time or not, nothing before opening",
  A4: "a second clerk takes over",
  A5: "nobody uses another's badge",
  A6: "one clerk at one counter, never empty",
  A7: "supervisors approve",
  A8: "only who is in the roster",
  A9: "leaving early is a fact",
  A10: "a sign-in belongs to its day",
  A11: "department, supervisor of the day",
  P1: "away for a moment, with a reason",
  P2: "pause light when nobody is served",
  P3: "neighbours are told",
  P4: "citizens are sent where it is open",
  P5: "no pause at will while citizens wait",
  P6: "long pauses are told",
  P7: "closing time ends no service",
  P8: "never closed while a clerk is there",
  P9: "timetables and exceptions",
  P10: "service goes on without the host",
  P11: "lunch and duty counters",
  P12: "emergency text above everything",
  P13: "where to complain, when it opens next",
  R1: "every step is in the ledger",
  R2: "totals equal a recount",
  R3: "tampering is found",
  R4: "a power cut loses nothing",
  R5: "self-test and faults",
  R6: "no citizen's data, no shown ratings",
  R7: "no change without key and author",
  R8: "the clock comes from the host",
  R9: "who began and who finished",
  R10: "length of every matter",
};

/** The kind of a scenario, which its file name has: it shows what its rules allow, what they forbid, or neither alone (`other`). */
export type Kind = "allows" | "forbids" | "other";
export type Result = "passed" | "failed" | "skipped";

/** A scenario and its results. */
export interface Proof {
  readonly file: string;
  readonly title: string;
  /** The ids of the rules that it proves. */
  readonly rules: readonly string[];
  /** By the name of the engine. Engines that nobody asked for are missing. */
  readonly results: Readonly<Record<string, Result>>;
}

/** Number of scenarios with each result. */
export type Tally = Readonly<Record<Result, number>>;

export interface RuleRow {
  readonly rule: string;
  readonly proofs: readonly Proof[];
  readonly kinds: Readonly<Record<Kind, number>>;
  /** By the name of the engine. */
  readonly tallies: Readonly<Record<string, Tally>>;
  /** The reasons why the rule is not proven, each in a few words. None: the rule is proven. */
  readonly problems: readonly string[];
}

/** @param file such as `p05-forbids-cashing-up.yaml`, with or without its folder */
export function kindOf(file: string): Kind {
  const match = /^[eapr]\d\d-(allows|forbids)-/.exec(path.basename(file));
  return (match?.[1] as Kind | undefined) ?? "other";
}

/** One row for each of the rules, in their order. @param engines names, in the order of the columns */
export function rowsOf(proofs: readonly Proof[], engines: readonly string[], rules: readonly string[] = RULES): RuleRow[] {
  return rules.map((rule) =>
    rowOf(
      rule,
      proofs.filter((proof) => proof.rules.includes(rule)),
      engines,
    ),
  );
}

function rowOf(rule: string, proofs: readonly Proof[], engines: readonly string[]): RuleRow {
  const kinds = { allows: 0, forbids: 0, other: 0 };
  for (const { file } of proofs) kinds[kindOf(file)]++;
  const tallies = Object.fromEntries(engines.map((engine) => [engine, tallyOf(proofs, engine)]));
  const problems: string[] = [];
  if (proofs.length === 0) problems.push("no scenario");
  else {
    if (kinds.allows === 0) problems.push("nothing that it allows");
    if (kinds.forbids === 0) problems.push("nothing that it forbids");
  }
  for (const engine of engines) if (tallies[engine]?.failed) problems.push(`fails on ${engine}`);
  // A scenario that every engine skipped proves nothing.
  if (proofs.some(({ results }) => !Object.values(results).some((result) => result !== "skipped"))) problems.push("not run");
  return { rule, proofs, kinds, tallies, problems };
}

function tallyOf(proofs: readonly Proof[], engine: string): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { results } of proofs) {
    const result = results[engine];
    if (result) tally[result]++;
  }
  return tally;
}

/** The table for people, one line for each rule. */
export function tableOf(rows: readonly RuleRow[], engines: readonly string[]): string {
  const head = ["rule", "says", "scenarios", "allows", "forbids", ...engines, ""];
  const body = rows.map(({ rule, proofs, kinds, tallies, problems }) => [
    rule,
    RULE_WORDS[rule] ?? "",
    String(proofs.length),
    String(kinds.allows),
    String(kinds.forbids),
    ...engines.map((engine) => tallyText(tallies[engine])),
    problems.length > 0 ? `NOT PROVEN: ${problems.join(", ")}` : "",
  ]);
  return align([head, ...body]);
}

/** The scenarios of one rule, one line for each. */
export function listOf(row: RuleRow, engines: readonly string[]): string {
  const head = ["kind", "file", ...engines, "title"];
  const order: readonly Kind[] = ["allows", "forbids", "other"];
  const proofs = [...row.proofs].sort((a, b) => order.indexOf(kindOf(a.file)) - order.indexOf(kindOf(b.file)) || (a.file < b.file ? -1 : 1));
  const body = proofs.map(({ file, title, results }) => [kindOf(file), file, ...engines.map((engine) => wordOf(results[engine])), title]);
  return align([head, ...body]);
}

function tallyText(tally: Tally | undefined): string {
  const { passed, failed, skipped } = tally ?? { passed: 0, failed: 0, skipped: 0 };
  if (failed > 0) return `FAIL ${failed} of ${passed + failed}`;
  if (skipped > 0) return "SKIPPED";
  return passed > 0 ? "pass" : "-";
}

function wordOf(result: Result | undefined): string {
  return result === undefined ? "-" : result === "passed" ? "pass" : result === "failed" ? "FAIL" : "SKIPPED";
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** How many scenarios prove both rules of a pair, by its name; a pair that none proves is missing. */
export function pairsProven(scenarios: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const pairs = new Map<string, number>();
  for (const rules of scenarios) {
    for (const one of rules) {
      for (const other of rules) {
        const pair = pairOf(one, other);
        if (pair.startsWith(`${one} `) && one !== other) pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      }
    }
  }
  return pairs;
}

/** Every pair of rules, in order. */
export function allPairs(rules: readonly string[] = RULES): string[] {
  return rules.flatMap((one, i) => rules.slice(i + 1).map((other) => `${one} ${other}`));
}

/** Pairs that meet, and that no scenario proves. */
export function emptyPairs(proven: ReadonlyMap<string, number>, apart: ReadonlyMap<string, string>, rules: readonly string[] = RULES): string[] {
  return allPairs(rules).filter((pair) => !proven.has(pair) && !apart.has(pair));
}

/** Rule against rule: how many scenarios prove both, `.` for rules that do not meet, `??` for a pair that none proves. */
export function matrixOf(proven: ReadonlyMap<string, number>, apart: ReadonlyMap<string, string>, rules: readonly string[] = RULES): string {
  const cell = (one: string, other: string): string => {
    const pair = `${one} ${other}`;
    return String(proven.get(pair) ?? (apart.has(pair) ? "." : "??"));
  };
  const row = (head: string, cells: readonly string[]): string =>
    [head, ...cells]
      .map((text) => text.padStart(3))
      .join(" ")
      .trimEnd();
  const lines = rules.slice(0, -1).map((one, i) => row(one, rules.map((other, j) => (j > i ? cell(one, other) : "")).slice(1)));
  return [row("", rules.slice(1)), ...lines].join("\n");
}
