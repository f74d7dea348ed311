// Says everything that is wrong with a site file at once: for each problem its line, its field, and what it should be. For editors and beginners it makes a JSON Schema
// and a commented example.

import { z } from "zod";
import { DISPLAY_SIZES, type DisplaySize } from "../../display/layouts.js";
import { PHRASE_LINES, type PhraseId } from "../../display/phrases.js";
import { configSchema } from "./config-schema.js";
import { drawGlyphs, type ShownText } from "./glyph-font.js";
import { lineOf, parseSite, personSchema, siteSchema, textOfPhrase, textOfReason, textsOfPerson } from "./site.js";
import { CONFIG_FIELDS } from "./stored-config.js";
import { nearest } from "./suggest.js";
import { MissingGlyphError } from "./text-drawing.js";
import { readYaml } from "./yaml-document.js";

/** One problem of a site file. */
export interface SiteProblem {
  /** Counted from 1. */
  readonly line: number;
  /** Where in the file, such as `counters[0].timeoutMs`. */
  readonly field: string;
  /** What the field should be. */
  readonly words: string;
}

/** `file:line: field: what it should be`, as editors understand it. */
export function wordsOf(fileName: string, { line, field, words }: SiteProblem): string {
  return `${fileName}:${line}: ${field ? `${field}: ` : ""}${words}`;
}

type Path = readonly PropertyKey[];

/**
 * @param size of the display that has to show it all; without it 128x64 pixels, as most boards have; null: it shows no pictures
 * @returns everything that is wrong, by lines; empty: it can be installed
 */
export function checkSite(text: string, size: DisplaySize | null = DISPLAY_SIZES[0] as DisplaySize): SiteProblem[] {
  const { document, lines: counter, value } = readYaml(text);
  if (document.errors.length > 0) {
    return document.errors.map(({ message, linePos }) => ({ line: linePos?.[0].line ?? 1, field: "", words: message.split("\n")[0] as string }));
  }
  const problems: SiteProblem[] = [];
  const report = (path: Path, words: string): void => {
    const field = path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`)).join("");
    const problem = { line: lineOf(document, counter, path), field, words };
    if (!problems.some((each) => each.field === problem.field && each.words === words)) problems.push(problem);
  };
  const site = z.record(z.string(), z.unknown()).safeParse(value);
  if (!site.success) return [{ line: 1, field: "", words: "must be fields and their values: common, counters, people, reasons, phrases" }];
  // With every key: a record leaves out __proto__.
  checkAgainst(siteSchema, value, [], report);
  checkReasons(listOf(site.data.reasons), report);
  checkCounters(site.data, report);
  checkPeople(site.data, report);
  if (size) checkPictures(site.data, size, report);
  if (problems.length === 0) parseSite(text, "");
  return problems.sort((a, b) => a.line - b.line);
}

type Reporter = (path: Path, words: string) => void;

function checkAgainst(schema: z.ZodType, value: unknown, path: Path, report: Reporter): void {
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    if (issue.code === "unrecognized_keys")
      for (const key of issue.keys) {
        const meant = nearest(key, fieldNames(schema, issue.path));
        report([...path, ...issue.path, key], `unknown field: ${meant ? `did you mean ${meant}?` : "take it out"}`);
      }
    else report([...path, ...issue.path], issue.message);
  }
}

/** The fields that there are at a place of a schema. */
function fieldNames(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const part of [...path, undefined]) {
    while (at instanceof z.ZodDefault || at instanceof z.ZodOptional) at = at.unwrap();
    if (part !== undefined) at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? at.shape[part as string] : undefined;
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Checks each counter with the fields that all share, and that no two are alike. A problem of a field in `common` is reported there, once. */
function checkCounters(site: Readonly<Record<string, unknown>>, report: Reporter): void {
  const common = fieldsOf(site.common);
  // Some file systems take upper and lower case for the same, and a key file has the device's name.
  const formOf = { device: (value: unknown) => String(value).toLowerCase(), counter: String };
  const seen: Record<"device" | "counter", unknown[]> = { device: [], counter: [] };
  listOf(site.counters).forEach((each, i) => {
    const own = fieldsOf(each);
    const fields: Record<string, unknown> = { ...common, ...own };
    const pathOf = (path: Path): Path => {
      const isCommon = path.length > 0 && !((path[0] as string) in own) && (path[0] as string) in common;
      return isCommon ? ["common", ...path] : ["counters", i, ...path];
    };
    checkAgainst(configSchema, fields, [], (path, words) => report(pathOf(path), words));
    for (const name of ["device", "counter"] as const) {
      const form = formOf[name](fields[name]);
      if (fields[name] !== undefined && seen[name].includes(form)) report(pathOf([name]), `"${String(fields[name])}" is another counter's already`);
      seen[name].push(form);
    }
    checkOffered(fields, listOf(site.reasons), (place, words) => report(pathOf(["reasons", place]), words));
  });
}

/** The codes of a reason, with those that are written wrongly: what is wrong with them is said where they stand. */
function codesOf(reason: unknown): readonly string[] {
  const { codes } = fieldsOf(reason);
  return (codes && typeof codes === "object" ? Object.values(codes) : [codes]).map(String);
}

/** Checks that no two reasons have the same text or code: citizens would see one twice, or nobody would know which one was meant. */
function checkReasons(reasons: readonly unknown[], report: Reporter): void {
  reasons.forEach((reason, i) => {
    const { text, codes } = fieldsOf(reason);
    const other = reasons.findIndex((each) => fieldsOf(each).text === text);
    if (typeof text === "string" && other < i) report(["reasons", i, "text"], `${text} stands above already: put its codes there, by their grades`);
    for (const [grade, code] of Object.entries(fieldsOf(codes)))
      if (reasons.some((each, j) => j !== i && codesOf(each).includes(String(code))))
        report(["reasons", i, "codes", grade], `the code ${String(code)} belongs to two reasons`);
  });
}

/** Checks the reasons that a counter offers: each is in the list, is named once, and has a code for a key of this counter. */
function checkOffered(counter: Readonly<Record<string, unknown>>, reasons: readonly unknown[], report: (place: number, words: string) => void): void {
  const grades = Array.isArray(counter.grades) ? counter.grades.map(String) : ["5", "4", "3", "2", "1"];
  const seen = new Map<number, unknown>();
  listOf(counter.reasons).forEach((code, place) => {
    const at = reasons.findIndex((each) => codesOf(each).includes(String(code)));
    const { codes } = fieldsOf(reasons[at]);
    const bad = Object.keys(fieldsOf(codes)).filter((grade) => grade === "1" || grade === "2");
    if (typeof code === "string") report(place, `"${code}" must be a number: take the quotes away`);
    else if (at < 0) report(place, `the code ${String(code)} has no text under reasons`);
    else if (seen.has(at)) report(place, `${String(code)} is the same reason as ${String(seen.get(at))}: name it once`);
    else if (bad.length > 0 && !bad.some((grade) => grades.includes(grade)))
      report(place, `no key of this counter has the grade ${bad.join(" or ")}: of this reason no code would ever be recorded`);
    seen.set(at, code);
  });
}

/** Checks that nobody is in the list twice. */
function checkPeople(site: Readonly<Record<string, unknown>>, report: Reporter): void {
  const people = listOf(site.people).map(fieldsOf);
  for (const name of ["badge", "number"] as const) {
    people.forEach((person, i) => {
      const first = people.findIndex((each) => each[name] !== undefined && each[name] === person[name]);
      // A person may have two badges, one after another.
      if (first >= 0 && first < i && (name === "badge" || people[first]?.name !== person.name))
        report(["people", i, name], `${name} ${String(person[name])} belongs to ${String(people[first]?.name)} already`);
    });
  }
}

/** Checks that everybody's number, name and post, every reason and every phrase of the hall's own can be drawn and fit the display. */
function checkPictures(site: Readonly<Record<string, unknown>>, size: DisplaySize, report: Reporter): void {
  const check = (path: Path, texts: readonly ShownText[]): void => {
    for (const text of texts) {
      try {
        drawGlyphs(size, [text], []);
      } catch (error) {
        if (!(error instanceof MissingGlyphError)) throw error;
        // The place in the file says already whose text it is.
        report(path, `${error.message.slice(text.where.length + 2)}: write it with another character`);
      }
    }
  };
  const common = fieldsOf(site.common);
  const languages = new Set(
    listOf(site.counters).flatMap((each) => configSchema.shape.language.safeParse(fieldsOf(each).language ?? common.language).data ?? []),
  );
  listOf(site.people).forEach((each, i) => {
    const { data: person } = personSchema.safeParse(each);
    for (const language of languages) if (person) check(["people", i], textsOfPerson(person, language, person.counters[0] ?? ""));
  });
  for (const [id, text] of Object.entries(fieldsOf(site.phrases)))
    if (id in PHRASE_LINES && typeof text === "string" && text) check(["phrases", id], [textOfPhrase(id as PhraseId, text, id)]);
  listOf(site.reasons).forEach((each, i) => {
    const { text } = fieldsOf(each);
    if (typeof text === "string" && text) check(["reasons", i, "text"], [textOfReason({ code: 0, text })]);
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

// --- for editors and beginners ---

/** The JSON Schema of a site file. */
export function siteJsonSchema(): object {
  const fields = configSchema.partial();
  return z.toJSONSchema(siteSchema.extend({ common: fields.default({}), counters: z.array(fields).min(1) }), { io: "input" });
}

/** Fields that every counter has to have. */
const OWN_FIELDS: readonly string[] = ["version", "device", "counter"];

/**
 * A site file to begin with: two counters, four people, and every other field with its meaning and its default behind a `#`.
 * @param fileName its own name, for the commands in its comments
 * @param schemaFile the JSON Schema beside it
 */
export function exampleSite(fileName: string, schemaFile: string): string {
  const defaults = configSchema.parse({ version: 1, device: "d", counter: "1" }) as unknown as Readonly<Record<string, unknown>>;
  const optional = CONFIG_FIELDS.filter((name) => !OWN_FIELDS.includes(name)).flatMap((name) => [
    `  # ${configSchema.shape[name].description}`,
    `  # ${name}: ${JSON.stringify(defaults[name])}`,
  ]);
  return `# yaml-language-server: $schema=${schemaFile}
# One hall: its counters, and the people who work there. Check it with: counter-terminal check ${fileName}
# Make the terminal of its first counter with: counter-terminal flash --board pico --port /dev/ttyACM0 --config ${fileName}

# What all counters share. A counter's own field goes before it.
common:
  # ${configSchema.shape.version.description} One more at each change.
  version: 1
${optional.join("\n")}

# One entry a counter, with any field of above.
counters:
  # device: ${configSchema.shape.device.description}
  # counter: ${configSchema.shape.counter.description}
  - { device: hall-1, counter: "1", neighbours: ["2"] }
  - { device: hall-2, counter: "2", neighbours: ["1"] }

# Everybody who has a badge. Numbers stand in quotes: 00010 is not 10.
#   badge   W26: and 6, or W34: and 8 hexadecimal digits, as the reader tells it: counter-terminal self-test shows it
#   role    clerk; supervisor: approves; maintainer: whose number opens a closed terminal for service (counter-terminal unlock)
#   more    department: 民政科, party: true, stars: 0 to 5, from and until: "YYYY-MM-DD", counters: ["1"], revoked: true
people:
  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }
  - { badge: "W26:2C4D5E", number: "00010", name: 欧阳静怡, post: 社会保障, counters: ["1"] }
  - { badge: "W26:0F0F0F", number: "9001", name: 陈敏, post: 首席代表, role: supervisor }
  - { badge: "W26:0E0E0E", number: "9003", name: 周敏, post: 设备维护, role: maintainer }

# Reasons that citizens may give, each with its official codes by grade: the first digit of a code is its grade. The code of the pressed grade is recorded,
# and everybody sees the same text. A counter offers those in its field reasons, each named by one of its codes.
reasons:
  - { text: 业务不熟练, codes: { 2: 213 } }
  - { text: 服务态度, codes: { 2: 214, 1: 115 } }

# Phrases in the hall's own words, by their names in firmware/display/phrases.ts. | is where one may be broken into two lines.
# phrases:
#   thanks: 谢谢
#   pleaseWait: 请稍候
`;
}
