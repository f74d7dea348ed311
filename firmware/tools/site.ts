// A site file: one YAML file with the counters of a hall and the people who work there. This checks it and makes the files of a terminal's store.

import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Config, Language } from "../config/config.js";
import { openGlyphs } from "../display/glyphs.js";
import { PHRASES, type PhraseId, SMALL_PHRASES } from "../display/phrases.js";
import { ConfigError, packConfig, parseConfig } from "./config-schema.js";
import { drawGlyphFile } from "./glyph-file.js";
import { seal } from "./seal.js";

const BADGE = /^(W26:[0-9A-F]{6}|W34:[0-9A-F]{8})$/;

const DAY = z
  .string({ error: "must be text: put the date in quotes" })
  .regex(/^20\d\d-\d\d-\d\d$/, "must be a date, YYYY-MM-DD")
  .transform((date) => date.replaceAll("-", ""));

export const personSchema = z.strictObject({
  badge: z.string().regex(BADGE, "must be W26: and 6, or W34: and 8 upper-case hexadecimal digits"),
  number: z.string({ error: "must be text: put the staff number in quotes" }).regex(/^[A-Za-z0-9-]{1,8}$/, "must be 1 to 8 letters, digits or -"),
  name: z.string().min(1).max(8),
  post: z.string().min(1).max(10),
  role: z.enum(["clerk", "supervisor", "maintainer"]).default("clerk"),
  /** A party member, who shows it. */
  party: z.boolean().default(false),
  stars: z.number().int().min(0).max(5).default(0),
  /** First and last day of validity. */
  from: DAY.optional(),
  until: DAY.optional(),
  /** Counters at which this person may work; without it all. */
  counters: z.array(z.string({ error: "must be text: put the counter in quotes" }).regex(/^[A-Za-z0-9-]{1,4}$/)).default([]),
  revoked: z.boolean().default(false),
});

export const siteSchema = z.strictObject({
  /** Fields of the configuration that all counters share. */
  common: z.record(z.string(), z.unknown()).default({}),
  /** Per counter, its own fields. */
  counters: z.array(z.record(z.string(), z.unknown())).min(1),
  people: z.array(personSchema),
  /** Texts of the reasons that citizens may give, by their official codes. */
  reasons: z.array(z.strictObject({ code: z.number().int().min(1).max(999), text: z.string().min(1).max(9) })).default([]),
});

export type Person = z.infer<typeof personSchema>;
export interface Site {
  /** The whole configuration of each counter, unchecked until `configOf`. */
  readonly counters: readonly Readonly<Record<string, unknown>>[];
  readonly people: readonly Person[];
  readonly reasons: readonly Reason[];
}

/** Why a citizen is not satisfied: the authority's code and its text. */
export interface Reason {
  readonly code: number;
  readonly text: string;
}

/** A site file that cannot be used. The message names file, line, field and what it should be. */
export class SiteError extends Error {}

/** @param fileName for messages */
export function parseSite(text: string, fileName: string): Site {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineAt = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const broken = document.errors[0];
  if (broken) throw new SiteError(`${fileName}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split("\n")[0]}`);
  const result = siteSchema.safeParse(document.toJS());
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${fileName}:${lineAt(issue.path)}: ${issue.path.join(".")}: ${issue.message}`);
    throw new SiteError(problems.join("\n"));
  }
  const badges = new Map<string, number>();
  result.data.people.forEach((person, i) => {
    const before = badges.get(person.badge);
    if (before !== undefined) {
      throw new SiteError(
        `${fileName}:${lineAt(["people", i, "badge"])}: badge ${person.badge} belongs to ${result.data.people[before]?.name} already`,
      );
    }
    badges.set(person.badge, i);
  });
  return {
    counters: result.data.counters.map((own) => ({ ...result.data.common, ...own })),
    people: result.data.people,
    reasons: result.data.reasons,
  };
}

/** Characters that are always in the glyph file, so that the host can show an emergency text that nobody thought of before. */
const EMERGENCY_CHARACTERS = "火警地震停电疏散请从安全出口离开大厅撤离注意有序不要乘电梯暴雨台风系统故障稍候恢复通知紧急,。!";

/** The roster as the firmware searches it: see config/roster.ts. */
export function rosterText(people: readonly Person[]): string {
  const lines = people.map((person) =>
    [
      person.badge,
      person.number,
      person.name,
      person.post,
      person.role,
      person.party ? "1" : "0",
      String(person.stars),
      person.from ?? "",
      person.until ?? "",
      person.counters.join(" "),
      person.revoked ? "1" : "0",
    ].join("\t"),
  );
  return seal(`\n${lines.join("\n")}\n`);
}

/** The phrases of one language as the firmware searches them. */
export function phrasesText(language: Language, reasons: readonly Reason[]): string {
  const lines = Object.entries(PHRASES[language]).map(([id, words]) => `${id}=${words}`);
  // A reason stands behind the number of its key.
  for (const { code, text } of reasons) lines.push(`reason${code}=# ${text}`);
  return `\n${lines.join("\n")}\n`;
}

/**
 * The configuration of one counter, checked and with its defaults.
 * @throws SiteError naming the counter and everything that is wrong, a line each
 */
export function configOf(fields: Readonly<Record<string, unknown>>): Config {
  try {
    return parseConfig(fields);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const name = ["device", "counter"].find((field) => typeof fields[field] === "string");
    const where = name ? `counters: ${name} ${fields[name]}` : "counters";
    throw new SiteError(error.problems.map((problem) => `${where}: ${problem}`).join("\n"));
  }
}

/** Names of the store's files and their bytes. */
export type StoreFiles = Readonly<Record<"config" | "roster" | "phrases" | "glyphs" | "key", Buffer>>;

/**
 * The files of one terminal's store.
 * @param fields of its configuration, as in a site file
 * @param key the device's own key, 32 bytes
 * @throws SiteError when the configuration is wrong, or somebody's name does not fit the display
 * @throws MissingGlyphError when a name or phrase cannot be shown
 */
export function storeFiles(
  fields: Readonly<Record<string, unknown>>,
  { people, reasons }: Pick<Site, "people" | "reasons">,
  key: Uint8Array,
): StoreFiles {
  const config = configOf(fields);
  const phrases = PHRASES[config.language];
  const names = people.map(({ name }) => name);
  const glyphs = drawGlyphFile(
    [
      ...SMALL_PHRASES.map((id) => phrases[id]),
      ...names,
      ...people.map(({ post }) => post),
      ...reasons.map(({ text }) => text),
      EMERGENCY_CHARACTERS,
    ],
    [
      ...(Object.keys(phrases) as PhraseId[]).filter((id) => id === "approvalNeeded" || !SMALL_PHRASES.includes(id)).map((id) => phrases[id]),
      ...names,
    ],
  );
  checkHeaders(glyphs, people);
  return {
    config: Buffer.from(packConfig(config), "utf8"),
    roster: Buffer.from(rosterText(people), "utf8"),
    phrases: Buffer.from(phrasesText(config.language, reasons), "utf8"),
    glyphs,
    key: keyFile(key),
  };
}

/** The key as the firmware uses it: see ledger/chain.ts. @param key the device's own key, 32 bytes */
export function keyFile(key: Uint8Array): Buffer {
  const block = Buffer.concat([key], 64);
  return Buffer.concat([0x36, 0x5c].map((pad) => block.map((byte) => byte ^ pad)));
}

/** Width of the smallest display. */
const LINE_PIXELS = 128;

/** @throws SiteError naming who does not fit */
function checkHeaders(glyphFile: Buffer, people: readonly Person[]): void {
  for (const person of people) {
    const problem = headerProblem(glyphFile, person);
    if (problem) throw new SiteError(`people: ${problem}`);
  }
}

/** While a citizen is asked, staff number and name share a small line. @returns what is wrong with it, or undefined */
export function headerProblem(glyphFile: Buffer, { number, name }: Pick<Person, "number" | "name">): string | undefined {
  const width = openGlyphs(glyphFile.toString("latin1"))?.measure("small", Buffer.from(`${number} ${name}`, "utf8").toString("latin1")) ?? 0;
  if (width <= LINE_PIXELS) return undefined;
  return `"${number} ${name}" takes ${width} of the display's ${LINE_PIXELS} pixels: use a shorter name or staff number`;
}
