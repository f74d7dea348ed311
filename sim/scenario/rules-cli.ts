// npm run rules: plays every scenario that proves a rule, and prints whether each rule is proven; with --matrix it plays nothing, and prints for each pair of rules how many
// scenarios prove both. The exit code is 1 when a rule, or a pair of rules that meet, is not proven.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { runProgram } from "../../firmware/tools/program.js";
import { usageError } from "../../firmware/tools/tool-error.js";
import { ENGINE_NAMES, type EngineName, enginesFor } from "../engines/index.js";
import type { TraceLine } from "../world/world.js";
import { pairOf, reasonsApart } from "./rule-pairs.js";
import { emptyPairs, listOf, matrixOf, type Proof, pairsProven, type Result, RULE_WORDS, rowsOf, tableOf } from "./rules.js";
import { compareTraces, loadScenario, runScenario, type Scenario, ScenarioError } from "./scenario.js";
import { RULES } from "./schema.js";

interface Options {
  readonly engine: EngineName | "all";
  readonly rule?: string;
  readonly matrix?: boolean | string;
}

const FOLDER = fileURLToPath(new URL("../../test/scenarios/", import.meta.url));

/** Files of all scenarios, in the folder and below it. */
function scenarioFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.split(path.sep).join("/"))
    .sort();
}

/** @returns whether all of these rules are proven */
async function run({ engine: which, rule }: Options): Promise<boolean> {
  const skipped = new Map<EngineName, string>();
  const proofs: Proof[] = [];
  let isReadable = true;

  for (const file of scenarioFiles()) {
    const scenario = load(file);
    if (!scenario) isReadable = false;
    else if (scenario.proves.length > 0 && (!rule || scenario.proves.includes(rule))) {
      proofs.push({ file, title: scenario.title, rules: scenario.proves, results: await play(scenario, file, which, skipped) });
    }
  }

  const engines: readonly EngineName[] = which === "all" ? ENGINE_NAMES : [which];
  const rows = rowsOf(proofs, engines, rule ? [rule] : RULES);
  console.log(`\n${tableOf(rows, engines)}`);
  if (rule && rows[0]) console.log(`\n${listOf(rows[0], engines)}`);
  const missing = rows.filter(({ problems }) => problems.length > 0).map(({ rule: id }) => id);
  console.log(`\n${rows.length - missing.length} of ${rows.length} rules proven, by ${proofs.length} scenarios`);
  if (missing.length > 0) console.log(`NOT PROVEN: ${missing.join(", ")}`);
  for (const [name, why] of skipped) console.log(`\n*** SKIPPED ${name}: ${why}. What it would have done is not known. ***`);
  return isReadable && missing.length === 0;
}

/** Prints rule against rule, or what is known of one pair. @returns whether every pair that meets is proven */
function showMatrix(which: boolean | string): boolean {
  const scenarios = scenarioFiles().flatMap((file) => load(file) ?? []);
  const apart = reasonsApart();
  if (typeof which === "string") {
    const rules = which.split(",");
    const [one, other] = rules;
    if (rules.length !== 2 || !one || !other || one === other || !rules.every((rule) => RULES.includes(rule)))
      throw usageError(`"${which}" is no pair of rules.`, "Name two, such as --matrix E2,R4.");
    const both = scenarios.filter(({ proves }) => proves.includes(one) && proves.includes(other));
    for (const { fileName, title } of both) console.log(`${fileName}: ${title}`);
    if (both.length === 0) console.log(apart.get(pairOf(one, other)) ?? "They meet, and no scenario proves both.");
    return both.length > 0 || apart.has(pairOf(one, other));
  }
  const proven = pairsProven(scenarios.map(({ proves }) => proves));
  const empty = emptyPairs(proven, apart);
  console.log(matrixOf(proven, apart));
  console.log(
    `\n${proven.size} pairs of rules are proven together, ${apart.size} do not meet (sim/scenario/rule-pairs.ts says why), ${empty.length} are empty`,
  );
  if (empty.length > 0) console.log(`EMPTY: ${empty.join(", ")}`);
  return empty.length === 0;
}

/** Plays a scenario on the engines, and prints failures at once. */
async function play(scenario: Scenario, file: string, which: EngineName | "all", skipped: Map<EngineName, string>): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  const available = await enginesFor(scenario.board, which);
  for (const { name, why } of available.skipped) {
    skipped.set(name, why);
    results[name] = "skipped";
  }
  let first: { readonly name: string; readonly trace: readonly TraceLine[] } | undefined;
  for (const engine of available.engines) {
    const { failures, trace } = runScenario(scenario, engine);
    const difference = first && compareTraces(first, { name: engine.name, trace });
    first ??= { name: engine.name, trace };
    const problems = difference ? [...failures, difference] : failures;
    results[engine.name] = problems.length > 0 ? "failed" : "passed";
    if (problems.length > 0) console.log(`FAILED  ${engine.name}  ${file}: ${scenario.title}\n\n${problems.join("\n\n")}\n`);
  }
  return results;
}

function load(file: string): Scenario | undefined {
  try {
    return loadScenario(readFileSync(path.join(FOLDER, file), "utf8"), file);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    console.log(`FAILED  ${file} cannot be read\n\n${error.message}\n`);
    return undefined;
  }
}

const program = new Command("rules")
  .description("Plays every scenario that proves a rule of the counter, and prints which rules are proven.")
  .addOption(new Option("--engine <name>", "which engine").choices([...ENGINE_NAMES, "all"]).default("all"))
  .addOption(new Option("--rule <id>", "one rule alone, with its scenarios").choices(Object.keys(RULE_WORDS)))
  .option("--matrix [pair]", "rule against rule: how many scenarios prove both; or the scenarios of one pair, such as E2,R4")
  .action(async (options: Options) => {
    const isProven = options.matrix === undefined ? await run(options) : showMatrix(options.matrix);
    if (!isProven) process.exitCode = 1;
  });

await runProgram(program);
