// Plays every scenario in test/scenarios on the engine `node`. `npm run test:all` plays each also on every other engine that can run here, and `npm test` every sixth
// of them; their traces are compared.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ENGINE_NAMES, type EngineName, enginesFor } from "../../sim/engines/index.js";
import { compareTraces, loadScenario, runScenario, type Scenario, type ScenarioRun } from "../../sim/scenario/scenario.js";
import { RULES } from "../../sim/scenario/schema.js";
import { isBuilt } from "../boards.js";
import { sampleOf } from "../depth.js";

const FOLDER = new URL("../scenarios/", import.meta.url);

const scenarios: readonly Scenario[] = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .sort()
  .map((file) => {
    const url = new URL(file, FOLDER);
    return loadScenario(readFileSync(url, "utf8"), fileURLToPath(url));
  });

/** The trace of the first engine, with which the others are compared. */
const onNode = new Map<Scenario, ScenarioRun>();

async function play(name: EngineName, scenario: Scenario): Promise<ScenarioRun | { readonly why: string }> {
  const { engines, skipped } = await enginesFor(scenario.board, name);
  const [engine] = engines;
  return engine ? runScenario(scenario, engine) : { why: skipped[0]?.why ?? "" };
}

async function playOnNode(scenario: Scenario): Promise<ScenarioRun> {
  const known = onNode.get(scenario) ?? ((await play("node", scenario)) as ScenarioRun);
  onNode.set(scenario, known);
  return known;
}

const said = new Set<string>();

/** Reports a skipped engine once. It does not count as passed. */
function sayOnce(message: string): void {
  if (!said.has(message)) console.warn(`\n*** ${message} ***\n`);
  said.add(message);
}

describe.each(ENGINE_NAMES)("on the engine %s", (name) => {
  const played =
    name === "node"
      ? scenarios
      : sampleOf(
          scenarios.filter(({ board }) => isBuilt(board.name)),
          6,
        );
  it.for(played.map((scenario) => [scenario.title, scenario] as const))("%s", async ([, scenario], { skip }) => {
    const first = await playOnNode(scenario);
    const run = name === "node" ? first : await play(name, scenario);
    if ("why" in run) {
      sayOnce(`SKIPPED ${name}: ${run.why}`);
      return skip(run.why);
    }
    expect(run.failures.join("\n\n")).toBe("");
    // Engines have different pieces of work, and so other costs.
    if (scenario.cost) return;
    expect(compareTraces({ name: "node", trace: first.trace }, { name, trace: run.trace })).toBeUndefined();
  });
});

describe("the scenarios", () => {
  it("have titles of their own, and are sentences without a full stop", () => {
    const titles = scenarios.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.filter((title) => !/^[A-Z].*[^.]$/.test(title))).toEqual([]);
  });

  it("prove only rules that there are", () => {
    expect(scenarios.flatMap(({ proves }) => proves).filter((rule) => !RULES.includes(rule))).toEqual([]);
  });

  it("do the same whenever they are played", async () => {
    const scenario = scenarios[0] as Scenario;
    const again = (await play("node", scenario)) as ScenarioRun;
    // Engines have different pieces of work, and so other costs.
    if (scenario.cost) return;
    expect(compareTraces({ name: "first", trace: (await playOnNode(scenario)).trace }, { name: "again", trace: again.trace })).toBeUndefined();
  });
});
