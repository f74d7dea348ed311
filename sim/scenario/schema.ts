// The schema of a scenario file: every step, every expectation, and their values. SCENARIOS.md explains them to people. It has messages of its own,
// because the authors of scenarios are often not programmers.

import { z } from "zod";
import type { Board } from "../../firmware/boards/board.js";
import { BuildError, boardNames, readBoard } from "../../firmware/tools/build/build.js";
import { OUTCOMES, RECORD_FIELDS, type RecordTypeName } from "../../firmware/tools/ledger/ledger-reader.js";
import { CONFIG_FIELDS } from "../../firmware/tools/provision/stored-config.js";
import { suggest } from "../../firmware/tools/provision/suggest.js";
import { LOSSES } from "../chips/loss.js";
import { COST_NAMES } from "../world/costs.js";
import type { Tampering } from "../world/tamper.js";
import { CUES } from "./sounds.js";

const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/** The message for a wrong duration. */
const DURATION_HINT = 'write a number and its unit, such as "500 ms", "2 s", "5 min" or "1 h"';

/** A value that `read` converts. When the value is wrong, `read` calls `complain` with a sentence for people. */
function value<T>(read: (given: unknown, complain: (message: string) => never) => T): z.ZodType<T> {
  class Complaint extends Error {}
  return z.any().transform((given, context): T => {
    try {
      return read(given, (message) => {
        throw new Complaint(message);
      });
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

/** A value as the file has it, for a message. */
function quote(given: unknown): string {
  return given === undefined ? "nothing" : JSON.stringify(given);
}

/** A length of time in whole milliseconds. */
const duration = value((given, complain): number => {
  if (given === undefined) return complain(`is missing: ${DURATION_HINT}`);
  const match = typeof given === "string" ? /^(\d+(?:\.\d+)?) ?(ms|s|min|h)$/.exec(given) : null;
  if (!match) return complain(`${quote(given)} is no duration: ${DURATION_HINT}`);
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  if (Math.abs(ms - Math.round(ms)) > 1e-6) return complain(`${quote(given)} is not a whole number of milliseconds`);
  return Math.round(ms);
});

/** One of a few words. */
function word<const Words extends readonly string[]>(...words: Words): z.ZodType<Words[number]> {
  return value((given, complain) => {
    if (typeof given === "string" && words.includes(given)) return given;
    if (given === undefined) return complain(`is missing: one of ${words.join(", ")}`);
    return complain(`${quote(given)} is not possible here: ${suggest(String(given), words)}`);
  });
}

/** Text. YAML reads digits without quotes as a number, so the message asks for quotes. */
function text(what: string): z.ZodType<string> {
  return value((given, complain): string => {
    if (typeof given === "string" && given !== "") return given;
    if (typeof given === "number") return complain(`${what} is text: put it in quotes`);
    return complain(`${given === undefined ? "is missing" : `${quote(given)} is wrong`}: write ${what}`);
  });
}

function whole(what: string, least: number): z.ZodType<number> {
  return value((given, complain): number => {
    if (typeof given === "number" && Number.isInteger(given) && given >= least) return given;
    return complain(`${given === undefined ? "is missing" : `${quote(given)} is wrong`}: write ${what}, a whole number from ${least}`);
  });
}

/** A moment of wall time, as milliseconds since 1970. */
const moment = value((given, complain): number => {
  const isFull = typeof given === "string" && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(given);
  const ms = isFull ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(ms)) return complain(`${quote(given)} is no moment: write it with its time zone, such as "2026-03-02T08:30:00+08:00"`);
  return ms;
});

/** A list. In messages each item has its own line. */
function listOf<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return z.array(item, { error: (issue) => `${issue.input === undefined ? "is missing" : `${quote(issue.input)} is wrong`}: write ${what}` });
}

/** One item alone, or a list. */
function oneOrMore<Item extends z.ZodType>(item: Item, what: string): z.ZodType<z.output<Item>[]> {
  const asList = (given: unknown): unknown => (Array.isArray(given) || given === undefined ? given : [given]);
  return z.preprocess(asList, listOf(item, what)) as unknown as z.ZodType<z.output<Item>[]>;
}

/** An object with these fields and no other. */
function fields<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      // A fault for each key, in their order: each key has a line of its own in the file.
      if (issue.code === "unrecognized_keys")
        return (issue.keys as string[]).map((name) => `there is no "${name}" here: ${suggest(name, known)}`).join("\n");
      return `${quote(issue.input)} is wrong: write one or more of ${known.join(", ")}`;
    },
  });
}

/** An object of which exactly one field is given. */
function oneOf<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  return fields(shape).superRefine((given, context) => {
    if (Object.keys(given).length !== 1) context.addIssue({ code: "custom", message: `write one of ${Object.keys(shape).join(", ")}` });
  });
}

const anyObject = value((given, complain): Record<string, unknown> => {
  if (given && typeof given === "object" && !Array.isArray(given)) return given as Record<string, unknown>;
  return complain(`${quote(given)} is wrong: write fields and their values, such as { answer: 1, result: ok }`);
});

// --- steps ---

const CLERK_KEYS = ["invite", "pause"] as const;
const CITIZEN_KEYS = ["key1", "key2", "key3", "key4", "key5"] as const;
/** The grades by their words, 5 the best: 非常满意, 满意, 基本满意, 不满意, 非常不满意. */
export const GRADE_WORDS = { "very-satisfied": 5, satisfied: 4, "fairly-satisfied": 3, dissatisfied: 2, "very-dissatisfied": 1 } as const;

const key = word(...CLERK_KEYS, ...CITIZEN_KEYS, ...(Object.keys(GRADE_WORDS) as (keyof typeof GRADE_WORDS)[]));
const bounceTime = duration.refine((ms) => ms === 0 || ms >= 2, "a contact bounces for 2 ms at least");

const badge = value((given, complain): string | { readonly bits: string } => {
  if (typeof given === "string" && given !== "") return given;
  if (typeof given === "number") return complain("a staff number is text: put it in quotes");
  const bits = given && typeof given === "object" ? (given as { bits?: unknown }).bits : undefined;
  if (typeof bits === "string" && /^[01 ]+$/.test(bits) && Object.keys(given as object).length === 1) return { bits: bits.replaceAll(" ", "") };
  return complain(`${quote(given)} is no badge: write a person's name or staff number, a badge such as "W26:1A2B3C", or { bits: "0110…" }`);
});

const host = oneOf({
  invite: text("the id of a transaction").optional(),
  time: z.union([z.literal("now"), moment]).optional(),
  acknowledge: z.union([z.literal("all"), whole("all, or the sequence number of a record", 0)]).optional(),
  replace: oneOf({
    people: listOf(anyObject, "a list of people as in sim/site.yaml").optional(),
    config: anyObject.optional(),
    "unchecked-config": anyObject.optional(),
    pictures: anyObject.optional(),
  }).optional(),
  raw: text("a line as the host would send it").optional(),
  message: anyObject.optional(),
  signed: anyObject.optional(),
  forged: anyObject.optional(),
});

const powerWords = word("on", "off", "cycle");

/** The least value of a field in records that may be negative, by its name. */
const LEAST: Readonly<Record<string, number>> = { minutes: -1440, aheadSeconds: -0x7fffffff };

/** The kinds of a field in records, by its name. */
function kindsOf(name: string): readonly string[] {
  return Object.values(RECORD_FIELDS).flatMap((known) => known[name] ?? []);
}

/** The value of a field, in a record of any type. */
function fieldValue(name: string, wanted: unknown, complain: (message: string) => never): string | number {
  const kinds = kindsOf(name);
  if (kinds.length === 0)
    return complain(`no record has a "${name}": ${suggest(name, [...new Set(Object.values(RECORD_FIELDS).flatMap(Object.keys))])}`);
  if (typeof wanted === "string" && kinds.includes("outcome")) return nested(word(...OUTCOMES), name, wanted, complain);
  if (typeof wanted === "number" && kinds.includes("number")) return nested(whole("a number", LEAST[name] ?? 0), name, wanted, complain);
  if (typeof wanted === "string" && kinds.includes("text")) return wanted;
  return complain(`${name}: ${quote(wanted)} is ${kinds.includes("text") ? "text in a record: put it in quotes" : "no number"}`);
}

/** The fields of a record, except those with another meaning here. */
function fieldValues(given: object, others: readonly string[], complain: (message: string) => never): Readonly<Record<string, string | number>> {
  const entries = Object.entries(given).filter(([name]) => !others.includes(name));
  return Object.fromEntries(entries.map(([name, wanted]) => [name, fieldValue(name, wanted, complain)]));
}

const changedRecord = value((given, complain): Extract<Tampering, { kind: "change" }> => {
  if (!given || typeof given !== "object" || Array.isArray(given))
    return complain(`${quote(given)} is wrong: write it like { sequence: 3, grade: 5 }`);
  const sequence = nested(whole("the number of a record", 1), "sequence", (given as { sequence?: unknown }).sequence, complain);
  const fields = fieldValues(given, ["sequence"], complain);
  if (Object.keys(fields).length === 0) return complain("say what is changed, such as grade: 5");
  return { kind: "change", sequence, fields };
});

const appendedRecord = value((given, complain): Extract<Tampering, { kind: "append" }> => {
  const isObject = given !== null && typeof given === "object" && !Array.isArray(given);
  const read = record.safeParse(isObject ? { type: (given as { type?: unknown }).type } : given);
  if (!read.success) return complain(read.error.issues[0]?.message ?? "");
  const { type } = read.data;
  const known = Object.keys(RECORD_FIELDS[type] ?? {});
  const foreign = Object.keys(given as object).find((name) => name !== "type" && !known.includes(name));
  if (foreign !== undefined) return complain(`a ${type} has no "${foreign}": ${suggest(foreign, known)}`);
  return { kind: "append", type, fields: fieldValues(given as object, ["type"], complain) };
});

const tampering = oneOf({
  remove: whole("the number of a record", 1).optional(),
  change: changedRecord.optional(),
  append: appendedRecord.optional(),
});

const clockChange = oneOf({
  ahead: duration.optional(),
  behind: duration.optional(),
  battery: word("empty", "full").optional(),
  cut: whole("after how many bytes to the chip the power goes", 0).optional(),
});

const forgetting = fields({
  record: whole("the number of a record", 1).optional(),
  page: whole("the number of a page", 0).optional(),
  bits: oneOrMore(whole("the number of a bit", 0), "the number of a bit, or a list of them").refine((all) => all.length > 0, "name a bit at least"),
}).superRefine(({ record, page }, context) => {
  if ((record === undefined) === (page === undefined)) context.addIssue({ code: "custom", message: "write one of record, page" });
});

// --- expectations ---

const lampState = word("lit", "dark");

/** A part of a record. Fields that are given must have these values. Keys as in `LedgerRecord`. */
export type RecordPattern = Readonly<Record<string, unknown>> & { readonly type: RecordTypeName };

const FRAME_FIELDS = ["type", "sequence", "uptime", "wall", "backlog"];

const record = value((given, complain): RecordPattern => {
  if (!given || typeof given !== "object" || Array.isArray(given))
    return complain(`${quote(given)} is no record: write it like { type: signIn, staff: "1024" }`);
  const types = Object.keys(RECORD_FIELDS);
  const { type } = given as { type?: unknown };
  if (type === undefined) return complain(`a record has a type: one of ${types.join(", ")}`);
  if (!types.includes(String(type))) return complain(`there is no record of type ${quote(type)}: ${suggest(String(type), types)}`);
  const known = RECORD_FIELDS[String(type)] ?? {};
  const pattern: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(given)) {
    const kind = known[name];
    if (name === "type") pattern.type = wanted;
    else if (name === "wall") pattern.wallSeconds = wanted === "unknown" ? undefined : nested(moment, name, wanted, complain) / 1000;
    else if (name === "uptime") pattern.uptimeMs = nested(duration, name, wanted, complain);
    else if (name === "sequence" || name === "backlog" || kind === "number")
      pattern[name] = nested(whole("a number", LEAST[name] ?? 0), name, wanted, complain);
    else if (kind === "outcome") pattern[name] = nested(word(...OUTCOMES), name, wanted, complain);
    else if (kind === "text") {
      if (typeof wanted !== "string") complain(`${name}: ${quote(wanted)} is text in a record: put it in quotes`);
      pattern[name] = wanted;
    } else complain(`a ${type} has no "${name}": ${suggest(name, [...FRAME_FIELDS, ...Object.keys(known)])}`);
  }
  return pattern as RecordPattern;
});

function nested<T>(schema: z.ZodType<T>, name: string, given: unknown, complain: (message: string) => never): T {
  const result = schema.safeParse(given);
  return result.success ? result.data : complain(`${name}: ${result.error.issues[0]?.message}`);
}

const expectations = fields({
  display: z.union([z.literal("dark"), oneOrMore(text("a text that the display shows, or dark"), "a text, a list of texts, or dark")]).optional(),
  "not-display": oneOrMore(text("a text that the display does not show"), "a text or a list of texts").optional(),
  lamp: fields({ pause: lampState.optional(), answer: lampState.optional(), rings: lampState.optional(), sign: lampState.optional() }).optional(),
  volume: whole("percent of a tone, or 0 to 30 of a clip", 0).optional(),
  tone: listOf(whole("a frequency in Hz", 1), "a list of frequencies in Hz, such as [1047, 1319]").optional(),
  sound: oneOrMore(word(...CUES, "none"), "a sound, a list of sounds, or none")
    .refine((sounds) => sounds.length === 1 || !sounds.includes("none"), '"none" stands alone')
    .optional(),
  records: listOf(record, "a list of records, [] for none").optional(),
  "records-added": listOf(record, "a list of records, [] for none").optional(),
  "records-total": whole("how many records are in flash", 0).optional(),
  sent: z
    .union([
      z.literal("none"),
      listOf(anyObject, "a list of messages, or none").min(1, 'an empty list says nothing: write "none" when nothing was sent'),
    ])
    .optional(),
  totals: anyObject.optional(),
  ledger: z
    .union([
      z.literal("ok"),
      oneOrMore(text("what is wrong with the ledger"), "ok, a text, or a list of texts").refine((all) => all.length > 0, "write ok"),
    ])
    .optional(),
  answer: text('"ok", or the word for what stands in the way, such as notServing').optional(),
  power: word("on", "off").optional(),
}).superRefine((given, context) => {
  if (Object.keys(given).length === 0) context.addIssue({ code: "custom", message: "nothing is expected" });
});

export type Expectations = z.output<typeof expectations>;
export type ExpectationName = keyof Expectations;
/** Every expectation. */
export const EXPECTATIONS = Object.keys(expectations.shape) as readonly ExpectationName[];

/** Every step. One field names the step, the others are its options. */
export const STEPS = {
  badge: fields({ badge, "flip-bit": whole("which bit, counted from 1", 1).optional(), hold: duration.optional(), every: duration.optional() }),
  key: fields({ key, hold: duration.optional(), bounce: fields({ press: bounceTime.optional(), release: bounceTime.optional() }).optional() }),
  keys: fields({
    keys: listOf(key, "a list of keys, such as [key1, key3]").min(2, "name two keys at least"),
    gap: duration.optional(),
    hold: duration.optional(),
  }),
  "key-down": fields({ "key-down": key, bounce: bounceTime.optional() }),
  "key-up": fields({ "key-up": key, bounce: bounceTime.optional() }),
  wait: fields({ wait: duration }),
  host: fields({ host }),
  link: fields({ link: word("up", "down") }),
  power: fields({ power: powerWords, away: duration.optional() }),
  cut: fields({ cut: fields({ operation: whole("which of the next flash operations", 1).default(1), bytes: whole("after how many bytes", 0) }) }),
  display: fields({ display: word("connect", "disconnect") }),
  reader: fields({ reader: word("connect", "disconnect") }),
  memory: fields({ memory: word("connect", "disconnect") }),
  clock: fields({ clock: z.union([word("connect", "disconnect"), clockChange]) }),
  disturb: fields({ disturb: word("display", "reader", "clock"), loses: word(...LOSSES) }),
  tamper: fields({ tamper: tampering }),
  forget: fields({ forget: forgetting }),
  expect: fields({ expect: expectations }),
} as const;

export type StepName = keyof typeof STEPS;
export type StepOf<Name extends StepName> = z.output<(typeof STEPS)[Name]>;
/** Names of all steps. */
export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[];

/** Ids of the rules in rules.md. */
export const RULES: readonly string[] = [
  ["E", 17],
  ["A", 11],
  ["P", 13],
  ["R", 10],
].flatMap(([letter, count]) => Array.from({ length: count as number }, (_, i) => `${letter}${i + 1}`));

const rule = value((given, complain): string => {
  if (RULES.includes(String(given))) return String(given);
  return complain(`there is no rule ${quote(given)}: E1 to E17, A1 to A11, P1 to P13, R1 to R10`);
});

/** A board by its name, or by the path of its file from the project's folder. */
const board = value((given, complain): Board => {
  if (typeof given === "string" && (boardNames().includes(given) || given.endsWith(".ts"))) {
    try {
      return readBoard(given);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      return complain(error.message);
    }
  }
  return complain(`${quote(given)} is not possible here: ${suggest(String(given), boardNames())}, or the path of a board file, which ends in .ts`);
});

/** The beginning of every scenario file. */
const HEAD = {
  title: text("one sentence that says what the scenario shows"),
  proves: oneOrMore(rule, "the rules that the scenario proves, such as [E1, E2]").refine((ids) => ids.length > 0, "name a rule at least"),
  board: board.default(() => readBoard("pico")),
  config: anyObject.default({}),
  people: listOf(anyObject, "a list of people as in sim/site.yaml").default([]),
};

const stored = word("damaged", "missing").optional();

/** A file with steps. */
export const scenarioSchema = fields({
  ...HEAD,
  "unchecked-config": fields(Object.fromEntries(CONFIG_FIELDS.map((name) => [name, z.unknown().optional()]))).default({}),
  storage: fields({ config: stored, roster: stored }).default({}),
  start: moment.optional(),
  power: word("on", "off").default("on"),
  cost: word(...COST_NAMES).optional(),
  steps: listOf(z.unknown(), "a list of steps, each with its own dash").min(1, "there are no steps"),
});

/** A file without steps: the terminal is never provisioned. */
export const refusedSchema = fields({
  ...HEAD,
  refused: oneOrMore(text("a text that the refusal contains"), "a text or a list of texts that the refusal contains").refine(
    (texts) => texts.length > 0,
    "name a text at least",
  ),
});
