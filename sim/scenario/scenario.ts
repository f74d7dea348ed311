// Reads scenarios: YAML files in which people write the events at a counter, and the expected behaviour of the terminal. SCENARIOS.md has the format.
// All faults of a file are reported at once, with their lines. run.ts plays scenarios on an engine.

import { readFileSync } from "node:fs";
import type { Board } from "../../firmware/boards/board.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import { ConfigError, parseConfig } from "../../firmware/tools/provision/config-schema.js";
import { type Person, parseSite, type Reason, SiteError, withReasons } from "../../firmware/tools/provision/site.js";
import type { LosingPart, Loss } from "../chips/loss.js";
import type { CostName } from "../world/costs.js";
import type { Forgetting } from "../world/forget.js";
import type { Tampering } from "../world/tamper.js";
import { type LinedDocument, openDocument } from "./document.js";
import type { KeyEdge } from "./keys.js";
import { type ExpectationName, type Expectations, refusedSchema, type StepOf, scenarioSchema } from "./schema.js";
import { readSteps } from "./steps.js";

export { ScenarioError } from "./document.js";
export { runScenario, type ScenarioRun } from "./run.js";
export { compareTraces } from "./trace.js";

export type HostSays = StepOf<"host">["host"];
/** A file that the host sends: a roster with additional people, or a configuration with other fields, checked by the tool or not. */
export type Replacement = NonNullable<HostSays["replace"]>;

/** The event of a step. Names are resolved: keys are contacts, badges are signals, and times are whole ms. */
export type Action =
  /** Somebody holds a badge to the reader for `holdMs`. The reader reads it again every `everyMs`. */
  | { readonly kind: "badge"; readonly signal: string; readonly holdMs: number; readonly everyMs: number }
  /** Contacts close and open. Their times count from the beginning of the step, which takes `lengthMs`. */
  | { readonly kind: "keys"; readonly edges: readonly KeyEdge[]; readonly lengthMs: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "host"; readonly says: HostSays }
  | { readonly kind: "link"; readonly isUp: boolean }
  | { readonly kind: "power"; readonly change: "on" | "off" | "cycle"; readonly awayMs: number }
  /** The power goes during a flash operation: after `operations` others, when `bytes` of it are done. */
  | { readonly kind: "cut"; readonly operations: number; readonly bytes: number }
  | { readonly kind: "display" | "reader" | "memory"; readonly isConnected: boolean }
  | { readonly kind: "clock"; readonly change: StepOf<"clock">["clock"] }
  /** A disturbance takes something from a chip. */
  | { readonly kind: "disturb"; readonly part: LosingPart; readonly loses: Loss }
  /** Somebody opens the terminal and changes the content of its chip. */
  | { readonly kind: "tamper"; readonly what: Tampering }
  /** Flash forgets by itself. */
  | { readonly kind: "forget"; readonly what: Forgetting }
  | { readonly kind: "expect"; readonly checks: readonly Check[] };

/** One expectation, with its line. */
export type Check = {
  readonly [Name in ExpectationName]-?: { readonly name: Name; readonly line: number; readonly wanted: NonNullable<Expectations[Name]> };
}[ExpectationName];

export interface Step {
  /** Its line in the file. */
  readonly line: number;
  readonly action: Action;
}

export interface Scenario {
  /** Name of the file, for messages. */
  readonly fileName: string;
  /** One sentence. */
  readonly title: string;
  /** The ids of the rules that it proves. */
  readonly proves: readonly string[];
  readonly board: Board;
  /** The whole configuration of the counter, as in a site file. It is valid, unless the scenario is about a refusal of the tool. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Fields of the configuration that are stored without a check by the tool, as somebody who knows the format could do. */
  readonly uncheckedConfig: Readonly<Record<string, unknown>>;
  /** Files of the store that differ from those of the tool. */
  readonly storage: { readonly [Name in "config" | "roster"]?: "damaged" | "missing" | undefined };
  /** Parts of the tool's message when it refuses to provision this terminal. Undefined: the terminal is provisioned and plays the steps. */
  readonly refused: readonly { readonly line: number; readonly text: string }[] | undefined;
  readonly people: readonly Person[];
  readonly reasons: readonly Reason[];
  /** Time of the host's clock when the scenario begins, in ms since 1970. Undefined: the host has no clock. */
  readonly startMs: number | undefined;
  /** Whether the terminal has power from the beginning. */
  readonly isPowered: boolean;
  /** What the firmware's work costs in time. Undefined: nothing. */
  readonly cost: CostName | undefined;
  readonly steps: readonly Step[];
}

/** The counter and the people of every scenario. */
const sample = parseSite(readFileSync(new URL("../site.yaml", import.meta.url), "utf8"), "sim/site.yaml");

/**
 * Reads a scenario.
 * @param text the YAML text
 * @param fileName for messages
 * @throws ScenarioError with all faults
 */
export function loadScenario(text: string, fileName: string): Scenario {
  const document = openDocument(text, fileName);
  const raw = (document.value ?? null) as { readonly steps?: unknown } | null;
  // Without a provisioned terminal there are no steps.
  const isRefused = raw !== null && typeof raw === "object" && "refused" in raw;
  const refused = isRefused ? document.read(refusedSchema, raw, []) : undefined;
  const played = isRefused ? undefined : document.read(scenarioSchema, raw, []);
  const head = refused ?? played;
  const config = withReasons({ ...sample.counters[0], ...head?.config }, sample.reasons);
  if (played) requireConfig(config, document);
  const uncheckedConfig = played?.["unchecked-config"] ?? {};
  const people = [...sample.people, ...(head ? readPeople(head.people, document) : [])];
  // An unknown board has been reported already.
  const board = head?.board ?? readBoard("pico");
  const surroundings = {
    reader: board.badgeReader.driver,
    hasMemory: board.flash.driver !== undefined,
    hasClock: board.clock !== undefined,
    people,
    grades: { ...config, ...uncheckedConfig }.grades,
    hasStart: !played || played.start !== undefined,
  };
  // The steps are read even when the head of the file is wrong, so that their faults are reported at the same time.
  const rawSteps = isRefused ? [] : (played?.steps ?? raw?.steps);
  const steps = readSteps(document, Array.isArray(rawSteps) ? rawSteps : [], surroundings);
  document.throwProblems();
  if (!head) throw new Error("a scenario without a head has problems");
  return {
    fileName,
    title: head.title,
    proves: head.proves,
    board: head.board,
    config,
    uncheckedConfig,
    storage: played?.storage ?? {},
    refused: refused?.refused.map((text, i) => ({ line: document.lineAt(["refused", i]), text })),
    people,
    reasons: sample.reasons,
    startMs: played?.start,
    isPowered: played?.power === "on",
    cost: played?.cost,
    steps,
  };
}

/** Notes the faults of the configuration of a terminal that is provisioned. */
function requireConfig(config: Readonly<Record<string, unknown>>, document: LinedDocument): void {
  try {
    parseConfig(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) {
      const [name] = problem.split(": ", 1);
      document.complain(document.lineAt(["config", name as string]), `${problem}; if the scenario is about that, write refused instead of steps`);
    }
  }
}

/** Checks additional people, together with those of the sample site, as a site file is checked. */
function readPeople(given: readonly Record<string, unknown>[], document: LinedDocument): readonly Person[] {
  if (given.length === 0) return [];
  try {
    const site = parseSite(JSON.stringify({ counters: [{}], people: [...sample.people, ...given] }), "site");
    return site.people.slice(sample.people.length);
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    for (const problem of error.message.split("\n")) {
      const message = problem.replace(/^site:\d+: /, "");
      const [, index, field, rest] = /^people\.(\d+)\.?([^:]*): (.*)$/.exec(message) ?? [];
      if (index === undefined) document.complain(document.lineAt(["people"]), message);
      else document.complain(document.lineAt(["people", Number(index) - sample.people.length, field ?? ""]), `${field}: ${rest}`);
    }
    return [];
  }
}
