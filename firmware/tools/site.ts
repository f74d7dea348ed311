// A site file: one YAML file with the counters of a hall and the people who work there. This checks it and makes the files of a terminal's store.

import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { checkConfig, type Language } from "../config/config.js";
import { openGlyphs } from "../display/glyphs.js";
import { PHRASES } from "../display/phrases.js";
import { drawGlyphFile } from "./glyph-file.js";

const BADGE = /^(W26:[0-9A-F]{6}|W34:[0-9A-F]{8})$/;

const personSchema = z.strictObject({
  badge: z.string().regex(BADGE, "must be W26: and 6, or W34: and 8 upper-case hexadecimal digits"),
  number: z.string({ error: "must be text: put the staff number in quotes" }).regex(/^[A-Za-z0-9-]{1,8}$/, "must be 1 to 8 letters, digits or -"),
  name: z.string().min(1).max(8),
  post: z.string().min(1).max(10),
  role: z.enum(["clerk", "supervisor", "maintainer"]).default("clerk"),
});

const siteSchema = z.strictObject({
  /** Fields of the configuration that all counters share. */
  common: z.record(z.string(), z.unknown()).default({}),
  /** Per counter, its own fields. */
  counters: z.array(z.record(z.string(), z.unknown())).min(1),
  people: z.array(personSchema),
});

export type Person = z.infer<typeof personSchema>;
export interface Site {
  /** The whole configuration of each counter, unchecked until `storeFiles`. */
  readonly counters: readonly Readonly<Record<string, unknown>>[];
  readonly people: readonly Person[];
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
  return { counters: result.data.counters.map((own) => ({ ...result.data.common, ...own })), people: result.data.people };
}

/** The roster as the firmware searches it: see config/roster.ts. */
export function rosterText(people: readonly Person[]): string {
  return `\n${people.map((person) => [person.badge, person.number, person.name, person.post, person.role].join("\t")).join("\n")}\n`;
}

/** The phrases of one language as the firmware searches them. */
export function phrasesText(language: Language): string {
  return `\n${Object.entries(PHRASES[language])
    .map(([id, words]) => `${id}=${words}`)
    .join("\n")}\n`;
}

/** Names of the store's files and their bytes. */
export type StoreFiles = Readonly<Record<"config" | "roster" | "phrases" | "glyphs", Buffer>>;

/**
 * The files of one terminal's store. The configuration is stored as given, so that a wrong one can be tried; `checkConfig` says what is wrong.
 * @throws MissingGlyphError when a name or phrase cannot be shown
 */
export function storeFiles(config: Readonly<Record<string, unknown>>, people: readonly Person[]): StoreFiles {
  const text = JSON.stringify(config);
  const language = checkConfig(text).config?.language ?? "zh-CN";
  const glyphs = drawGlyphFile([...Object.values(PHRASES[language]), ...people.flatMap((person) => [person.name, person.post])]);
  checkHeaders(glyphs, people);
  return {
    config: Buffer.from(text, "utf8"),
    roster: Buffer.from(rosterText(people), "utf8"),
    phrases: Buffer.from(phrasesText(language), "utf8"),
    glyphs,
  };
}

/** Width of the smallest display. */
const LINE_PIXELS = 128;

/** While a citizen is asked, staff number and name share a small line. @throws SiteError naming who does not fit */
function checkHeaders(glyphFile: Buffer, people: readonly Person[]): void {
  const glyphs = openGlyphs(glyphFile.toString("latin1"));
  for (const { number, name } of people) {
    const width = glyphs?.measure("small", Buffer.from(`${number} ${name}`, "utf8").toString("latin1")) ?? 0;
    if (width > LINE_PIXELS) {
      throw new SiteError(`people: "${number} ${name}" takes ${width} of the display's ${LINE_PIXELS} pixels: use a shorter name or staff number`);
    }
  }
}
