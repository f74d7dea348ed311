// npm run scenario: plays scenario files on engines, and compares their traces. The exit code is 1 when anything fails.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import type { Board } from "../../firmware/boards/board.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import { runProgram, wholeNumber } from "../../firmware/tools/program.js";
import { ENGINE_NAMES, type EngineName, enginesFor } from "../engines/index.js";
import { COST_NAMES, type CostName } from "../world/costs.js";
import type { TraceLine } from "../world/world.js";
import { compareTraces, loadScenario, runScenario, type Scenario, ScenarioError } from "./scenario.js";

interface Options {
  readonly engine: EngineName | "all";
  readonly board?: Board;
  readonly trace?: string;
  readonly cost?: CostName;
  readonly seed: number;
}

/** The results of the scenarios on one engine. */
interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  why: string;
}

async function run(files: readonly string[], options: Options): Promise<boolean> {
  const tallies = new Map<EngineName, Tally>();
  const tallyOf = (name: EngineName): Tally => {
    const tally = tallies.get(name) ?? { passed: 0, failed: 0, skipped: 0, why: "" };
    tallies.set(name, tally);
    return tally;
  };
  const traceRows: string[] = [];
  let unreadable = 0;

  for (const file of files) {
    const scenario = load(file, options);
    if (!scenario) {
      unreadable++;
      continue;
    }
    const { engines, skipped } = await enginesFor(scenario.board, options.engine);
    for (const { name, why } of skipped) {
      const tally = tallyOf(name);
      if (tally.why !== why) console.log(`\n*** SKIPPED ${name}: ${why} ***\n`);
      tally.why = why;
      tally.skipped++;
      report("skipped", name, file, scenario);
    }
    let first: { name: string; trace: readonly TraceLine[] } | undefined;
    for (const engine of engines) {
      const { failures, trace } = runScenario(scenario, engine, options.seed);
      // Engines have different pieces of work, and so other costs.
      const difference = first && !scenario.cost && compareTraces(first, { name: engine.name, trace });
      first ??= { name: engine.name, trace };
      const problems = difference ? [...failures, difference] : failures;
      tallyOf(engine.name)[problems.length > 0 ? "failed" : "passed"]++;
      report(problems.length > 0 ? "FAILED" : "passed", engine.name, file, scenario);
      for (const problem of problems) console.log(`\n${problem}\n`);
      if (options.trace) for (const line of trace) traceRows.push(JSON.stringify({ scenario: file, engine: engine.name, ...line }));
    }
  }
  if (options.trace) writeFileSync(options.trace, traceRows.map((row) => `${row}\n`).join(""));

  console.log("");
  for (const name of ENGINE_NAMES) {
    const tally = tallies.get(name);
    if (!tally) continue;
    const { passed, failed, skipped, why } = tally;
    console.log(`${name.padEnd(8)}  ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} SKIPPED: ${why}` : ""}`);
  }
  if (unreadable > 0) console.log(`${unreadable} ${unreadable === 1 ? "file" : "files"} could not be read`);
  const hasRun = [...tallies.values()].some(({ passed }) => passed > 0);
  return unreadable === 0 && hasRun && [...tallies.values()].every(({ failed }) => failed === 0);
}

function load(file: string, { board, cost }: Options): Scenario | undefined {
  try {
    const scenario = loadScenario(readFileSync(file, "utf8"), file);
    return { ...scenario, ...(board && { board }), ...(cost && { cost }) };
  } catch (error) {
    if (!(error instanceof ScenarioError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    console.log(`FAILED   ${"".padEnd(8)}  ${file} cannot be read\n\n${(error as Error).message}\n`);
    return undefined;
  }
}

function report(what: string, engine: string, file: string, scenario: Scenario): void {
  console.log(`${what.padEnd(7)}  ${engine.padEnd(8)}  ${path.basename(file)}: ${scenario.title}`);
}

const program = new Command("scenario")
  .description("Plays scenario files (sim/scenario/SCENARIOS.md) and compares what the engines did.")
  .argument("<files...>", "scenario files")
  .addOption(new Option("--engine <name>", "which engine").choices([...ENGINE_NAMES, "all"]).default("all"))
  .option("--board <name>", "play on this board, or board file, whatever the scenario names", readBoard)
  .addOption(new Option("--cost <name>", "let the firmware's work take time in every scenario").choices(COST_NAMES))
  .option("--seed <number>", "of costs that are drawn at random", wholeNumber(9), 0)
  .option("--trace <file>", "write every trace to this file, a line of JSON for each thing that happened")
  .action(async (files: string[], options: Options) => {
    if (!(await run(files, options))) process.exitCode = 1;
  });

await runProgram(program);
