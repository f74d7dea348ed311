// Scenarios: YAML files in which people write what happens at a counter and what the terminal must do. This reads them; run.ts plays
// them on an engine. Whatever cannot be read is told with its line, everything at once: SCENARIOS.md has the format.

import { readFileSync } from "node:fs";
import type { Board } from "../../firmware/boards/board.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import { ConfigError, parseConfig } from "../../firmware/tools/provision/config-schema.js";
import { type Person, parseSite, type Reason, SiteError } from "../../firmware/tools/provision/site.js";
import type { Tampering } from "../world/tamper.js";
import { type LinedDocument, openDocument } from "./document.js";
import type { KeyEdge } from "./keys.js";
import { type ExpectationName, type Expectations, refusedSchema, type StepOf, scenarioSchema } from "./schema.js";
import { readSteps } from "./steps.js";

export { ScenarioError } from "./document.js";
export { runScenario, type ScenarioRun } from "./run.js";
export { compareTraces } from "./trace.js";

export type HostSays = StepOf<"host">["host"];
/** A file that the host sends: people beside those on the roster, or fields of the configuration that differ, checked by the tool or not. */
export type Replacement = NonNullable<HostSays["replace"]>;

/** What happens in a step. Every name is resolved: keys are contacts, badges are bits, times are whole ms. */
export type Action =
  /** A badge is held to the reader for `holdMs`, and read again every `everyMs`. */
  | { readonly kind: "badge"; readonly signal: string; readonly holdMs: number; readonly everyMs: number }
  /** Contacts close and open; the times count from the begin of the step, which takes `lengthMs`. */
  | { readonly kind: "keys"; readonly edges: readonly KeyEdge[]; readonly lengthMs: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "host"; readonly says: HostSays }
  | { readonly kind: "link"; readonly isUp: boolean }
  | { readonly kind: "power"; readonly change: "on" | "off" | "cycle"; readonly awayMs: number }
  /** The power goes inside the flash operation that comes after `operations` others, when `bytes` of it are done. */
  | { readonly kind: "cut"; readonly operations: number; readonly bytes: number }
  | { readonly kind: "display" | "reader"; readonly isConnected: boolean }
  /** Somebody opens the terminal and changes what its chip holds. */
  | { readonly kind: "tamper"; readonly what: Tampering }
  | { readonly kind: "expect"; readonly checks: readonly Check[] };

/** One expectation, and the line that it stands on. */
export type Check = {
  readonly [Name in ExpectationName]-?: { readonly name: Name; readonly line: number; readonly wanted: NonNullable<Expectations[Name]> };
}[ExpectationName];

export interface Step {
  /** Where it stands in the file. */
  readonly line: number;
  readonly action: Action;
}

export interface Scenario {
  /** For messages. */
  readonly fileName: string;
  /** One sentence. */
  readonly title: string;
  /** Ids of the rules that it proves. */
  readonly proves: readonly string[];
  readonly board: Board;
  /** The counter's whole configuration, as in a site file. The tool takes it, unless the scenario is about its refusal. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Fields of the configuration that are stored without the tool's check, as if by somebody who knows the format. */
  readonly uncheckedConfig: Readonly<Record<string, unknown>>;
  /** Files of the store that are not as the tool wrote them. */
  readonly storage: { readonly [Name in "config" | "roster"]?: "damaged" | "missing" | undefined };
  /** Texts in the message of the tool, which refuses to provision this terminal; undefined: it is provisioned, and plays the steps. */
  readonly refused: readonly { readonly line: number; readonly text: string }[] | undefined;
  readonly people: readonly Person[];
  readonly reasons: readonly Reason[];
  /** The host's wall clock when the scenario begins, in ms since 1970; undefined where it has none. */
  readonly startMs: number | undefined;
  /** Whether the terminal has power from the begin. */
  readonly isPowered: boolean;
  readonly steps: readonly Step[];
}

/** Counter and people that every scenario starts from. */
const sample = parseSite(readFileSync(new URL("../site.yaml", import.meta.url), "utf8"), "sim/site.yaml");

/**
 * Reads a scenario.
 * @param text the YAML text
 * @param fileName for messages
 * @throws ScenarioError with everything that is wrong
 */
export function loadScenario(text: string, fileName: string): Scenario {
  const document = openDocument(text, fileName);
  const raw = (document.value ?? null) as { readonly steps?: unknown } | null;
  // A scenario whose terminal is never provisioned has no steps.
  const isRefused = raw !== null && typeof raw === "object" && "refused" in raw;
  const refused = isRefused ? document.read(refusedSchema, raw, []) : undefined;
  const played = isRefused ? undefined : document.read(scenarioSchema, raw, []);
  const head = refused ?? played;
  const config = { ...sample.counters[0], ...head?.config };
  if (played) requireConfig(config, document);
  const uncheckedConfig = played?.["unchecked-config"] ?? {};
  const people = [...sample.people, ...(head ? readPeople(head.people, document) : [])];
  // A board that is none has been told of.
  const board = head?.board ?? readBoard("pico");
  const surroundings = {
    reader: board.badgeReader.driver,
    people,
    grades: { ...config, ...uncheckedConfig }.grades,
    hasStart: !played || played.start !== undefined,
  };
  // With a wrong head the steps are read all the same, as far as it goes: what is wrong with them is told at once.
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
    steps,
  };
}

/** Says what is wrong with the configuration of a terminal that is to be provisioned. */
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

/** Checks extra people as a site file's people are checked, together with those of the sample site. */
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
