// A site file: one YAML file with the counters of a hall and the people who work there. This checks it and makes the files of a terminal's store.

import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Config, Language } from "../config/config.js";
import { DISPLAY_SIZES, type DisplaySize } from "../display/layouts.js";
import { type LineName, PHRASE_LINES, PHRASES, type PhraseId } from "../display/phrases.js";
import { postText } from "../display/view.js";
import { ConfigError, packConfig, parseConfig } from "./config-schema.js";
import { ASCII, drawGlyphs, type GlyphEntries, packGlyphs, type ShownText } from "./glyph-file.js";
import { seal, sealBytes } from "./seal.js";

const BADGE = /^(W26:[0-9A-F]{6}|W34:[0-9A-F]{8}|EM:[0-9A-F]{10}|UID:([0-9A-F]{8}|[0-9A-F]{14}))$/;

const DAY = z
  .string({ error: "must be text: put the date in quotes" })
  .regex(/^20\d\d-\d\d-\d\d$/, "must be a date, YYYY-MM-DD")
  .transform((date) => date.replaceAll("-", ""));

/** Text on the display. The signs that phrases and views are made with have no place in it. */
function shown(most: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^#|@\t\n]*$/, "must not have #, |, @ or a tab");
}

export const personSchema = z.strictObject({
  badge: z.string().regex(BADGE, "must be W26: and 6, W34: and 8, EM: and 10, or UID: and 8 or 14 upper-case hexadecimal digits"),
  number: z.string({ error: "must be text: put the staff number in quotes" }).regex(/^[A-Za-z0-9-]{1,8}$/, "must be 1 to 8 letters, digits or -"),
  name: shown(8),
  post: shown(10),
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

const PHRASE_IDS = Object.keys(PHRASE_LINES) as PhraseId[];

/** A phrase in other words: a `#` stands where it has to, and a `|` where it may be broken. */
function phraseSchema(id: PhraseId): z.ZodOptional<z.ZodString> {
  const isOpen = PHRASES.en[id].includes("#");
  const form = isOpen ? /^[^#@\t\n]*#[^#@\t\n]*$/ : /^[^#@\t\n]+$/;
  const words = isOpen ? "must have one #, for what the terminal puts in, as in" : "must have no #, @ or tab, as in";
  return z.string().max(40).regex(form, `${words} ${PHRASES["zh-CN"][id]}`).optional();
}

export const siteSchema = z.strictObject({
  /** Fields of the configuration that all counters share. */
  common: z.record(z.string(), z.unknown()).default({}),
  /** Per counter, its own fields. */
  counters: z.array(z.record(z.string(), z.unknown())).min(1),
  people: z.array(personSchema),
  /** Texts of the reasons that citizens may give, by their official codes. */
  reasons: z.array(z.strictObject({ code: z.number().int().min(1).max(999), text: shown(9) })).default([]),
  /** Phrases in the hall's own words, by their names in display/phrases.ts. */
  phrases: z
    .strictObject(Object.fromEntries(PHRASE_IDS.map((id) => [id, phraseSchema(id)])) as Record<PhraseId, z.ZodOptional<z.ZodString>>)
    .default({}),
});

export type Person = z.infer<typeof personSchema>;
export interface Site {
  /** The whole configuration of each counter, unchecked until `configOf`. */
  readonly counters: readonly Readonly<Record<string, unknown>>[];
  readonly people: readonly Person[];
  readonly reasons: readonly Reason[];
  /** Phrases in the hall's own words. */
  readonly phrases?: OwnPhrases;
}

export type OwnPhrases = Readonly<Partial<Record<PhraseId, string | undefined>>>;

/** What is drawn of a site. */
export type Shown = Pick<Site, "people" | "reasons" | "phrases">;

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
    phrases: result.data.phrases,
  };
}

/** Characters that are in the glyph file beside ASCII, so that the host can show an emergency text that nobody thought of before. */
const EMERGENCY_CHARACTERS: Readonly<Record<Language, string>> = {
  "zh-CN": "火警地震停电疏散请从安全出口离开大厅撤离注意有序不要乘电梯暴雨台风系统故障稍候恢复通知紧急，。！：、",
  "zh-TW": "火警地震停電疏散請從安全出口離開大廳撤離注意有序不要乘電梯暴雨颱風系統故障稍候恢復通知緊急，。！：、",
  en: "",
};

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
export type StoreFiles = Readonly<Record<"config" | "roster" | "key", Buffer>> & { readonly glyphs?: Buffer };

/**
 * The files of one terminal's store.
 * @param fields of its configuration, as in a site file
 * @param key the device's own key, 32 bytes
 * @param size of the terminal's display; without it 128x64 pixels, as most boards have; null: it shows no pictures
 * @throws SiteError when the configuration is wrong
 * @throws DisplayError when there are no layouts for the display
 * @throws MissingGlyphError when a name or phrase cannot be shown
 */
export function storeFiles(
  fields: Readonly<Record<string, unknown>>,
  shown: Shown,
  key: Uint8Array,
  size: DisplaySize | null = DISPLAY_SIZES[0] as DisplaySize,
): StoreFiles {
  const config = configOf(fields);
  return {
    config: Buffer.from(packConfig(config), "utf8"),
    roster: Buffer.from(rosterText(shown.people), "utf8"),
    ...(size && { glyphs: packGlyphs(glyphsOf(config, shown, size)) }),
    key: keyFile(key),
  };
}

/** Printable ASCII without signs that no text at a counter needs: each takes about 40 bytes. */
const SIGNS = [...ASCII].filter((character) => !"$*<>[\\]^`{|}~".includes(character)).join("");

/** Lines whose texts are put together on the board, from printable ASCII. */
const DYNAMIC_LINES: readonly LineName[] = ["technical 2", "notice 2", "emergency 2"];

/** @param bytes UTF-8 in a byte string, as the firmware has its texts */
function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/**
 * The pictures that a terminal needs beside those that each terminal of its language has: people, reasons and phrases of its own. The host can send them.
 * @throws as `storeFiles` does
 */
export function picturesFile(fields: Readonly<Record<string, unknown>>, shown: Shown, size: DisplaySize): Buffer {
  const config = configOf(fields);
  const everywhere = glyphsOf(config, { people: [], reasons: [] }, size);
  const own = [...glyphsOf(config, shown, size)].filter(([key, bytes]) => !everywhere.get(key)?.equals(bytes));
  return sealBytes(packGlyphs(new Map(own)));
}

/** A phrase as it is drawn. */
export function textOfPhrase(id: PhraseId, text: string, where: string): ShownText {
  return { key: `@${id}`, text, lines: PHRASE_LINES[id], where };
}

/** Everything that a terminal may show. */
function glyphsOf({ language, counter }: Config, { people, reasons, phrases = {} }: Shown, size: DisplaySize): GlyphEntries {
  const texts = PHRASE_IDS.map((id) => textOfPhrase(id, phrases[id] ?? PHRASES[language][id], `phrases: ${id} in ${language}`));
  texts.push(...reasons.map(textOfReason), ...people.flatMap((person) => textsOfPerson(person, language, counter, phrases)));
  return drawGlyphs(size, texts, [
    ...DYNAMIC_LINES.map((line) => ({ characters: SIGNS, line, where: "printable ASCII" })),
    { characters: EMERGENCY_CHARACTERS[language], line: "emergency 2", where: "characters of emergency texts" },
  ]);
}

/** A reason stands behind the number of its key. */
export function textOfReason({ code, text }: Reason): ShownText {
  return { key: `@reason${code}`, text: `# ${text}`, lines: ["list 1"], where: `reasons: ${code}` };
}

/** What the terminal of a counter shows of somebody. */
export function textsOfPerson(person: Person, language: Language, counter: string, phrases: OwnPhrases = {}): ShownText[] {
  const { number, name, post, party, stars, role, counters, revoked } = person;
  const where = `people: ${number} ${name}`;
  const shownIn = (text: string, ...lines: LineName[]): ShownText => ({ key: text, text, lines, where });
  const texts = role === "supervisor" ? [shownIn(name, "notice 2")] : [];
  // Only who can be on duty here has a staff card.
  if (role !== "clerk" || revoked || (counters.length > 0 && !counters.includes(counter))) return texts;
  const line = utf8(postText(Buffer.from(post, "utf8").toString("latin1"), party, stars));
  const isParty = (phrases.party ?? PHRASES[language].party).replace("#", "");
  const card: ShownText = {
    key: line,
    text: line.replace(/^@party#/, isParty),
    otherwise: `${party ? isParty : ""}${utf8(postText("", false, stars)).trim()}|${post}`,
    lines: ["card 3"],
    where,
  };
  return [...texts, shownIn(number, "card 1"), shownIn(name, "card 2"), shownIn(`${number} ${name}`, "prompt 1", "thanks 1"), card];
}

/** The key as the firmware uses it: see ledger/chain.ts. @param key the device's own key, 32 bytes */
export function keyFile(key: Uint8Array): Buffer {
  const block = Buffer.concat([key], 64);
  return Buffer.concat([0x36, 0x5c].map((pad) => block.map((byte) => byte ^ pad)));
}
