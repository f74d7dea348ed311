// A site file is one YAML file with the counters of a hall and the people who work there. This module reads it, and makes the files of a terminal's store.

import { isDeepStrictEqual } from "node:util";
import type { Document, LineCounter } from "yaml";
import { z } from "zod";
import type { Config, Language } from "../../config/config.js";
import { DISPLAY_SIZES, type DisplaySize } from "../../display/layouts.js";
import { type LineName, PHRASE_LINES, PHRASES, type PhraseId, RARE_PHRASES } from "../../display/phrases.js";
import { postText } from "../../display/view.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";
import { COUNTER, ConfigError, parseConfig } from "./config-schema.js";
import { emergencyCharacters, leastEmergencyCharacters } from "./emergency-characters.js";
import { packGlyphs } from "./glyph-file.js";
import { ASCII, drawGlyphs, type GlyphEntries, type ShownText } from "./glyph-font.js";
import { seal, sealBytes } from "./seal.js";
import { packConfig } from "./stored-config.js";
import { readYaml } from "./yaml-document.js";

const BADGE = /^(W26:[0-9A-F]{6}|W34:[0-9A-F]{8}|EM:[0-9A-F]{10}|UID:([0-9A-F]{8}|[0-9A-F]{14}))$/;

const DATE = 'must be a date in quotes, "YYYY-MM-DD"';
const DAY = z
  .string(DATE)
  .regex(/^20\d\d-\d\d-\d\d$/, DATE)
  .transform((date) => date.replaceAll("-", ""));

/** Text on the display, without the signs that phrases and views are made with. */
function shown(most: number): z.ZodString {
  const wanted = `must be text of 1 to ${most} characters, without #, |, @ and tab`;
  return z
    .string(wanted)
    .min(1, wanted)
    .max(most, wanted)
    .regex(/^[^#|@\t\n]*$/, wanted);
}

const BADGES = "must be W26: and 6, W34: and 8, EM: and 10, or UID: and 8 or 14 upper-case hexadecimal digits";
const ROLES = "must be clerk, supervisor or maintainer";
const YES_NO = "must be true or false";
const STARS = "must be a whole number from 0 to 5";
const COUNTER_WORDS = "must be 1 to 4 letters, digits or -, in quotes";
const CODES = "must be codes of three digits, each behind its grade, such as { 2: 214, 1: 115 }";

export const personSchema = z.strictObject({
  badge: z.string(BADGES).regex(BADGE, BADGES).describe("As the reader tells it: W26:1A2B3C, W34:00C0FFEE, EM:0F00A1B2C3 or UID:04A1B2C3."),
  number: z
    .string("must be text: put the staff number in quotes")
    .regex(/^[A-Za-z0-9-]{1,8}$/, "must be 1 to 8 letters, digits or -")
    .describe("Staff number, 1 to 8 letters, digits or -, in quotes: 00010 is not 10."),
  name: shown(40).describe("As on the staff card, as long as the display has room for: 10 Chinese characters, or about 20 letters."),
  post: shown(40).describe("As long as the display has room for: 10 Chinese characters, or about 20 letters."),
  department: shown(40)
    .optional()
    .describe("Shown on displays of 256 pixels that have room for it: 10 Chinese characters, or about 20 letters. Default none."),
  role: z
    .enum(["clerk", "supervisor", "maintainer"], ROLES)
    .default("clerk")
    .describe("clerk; supervisor: approves, and is never on duty; maintainer: whose number opens a closed terminal. Default clerk."),
  party: z.boolean(YES_NO).default(false).describe("A party member, who shows it, true or false. Default false."),
  stars: z.int(STARS).min(0, STARS).max(5, STARS).default(0).describe("0 to 5, default 0."),
  from: DAY.optional().describe('First day of validity, "YYYY-MM-DD". Default: from ever.'),
  until: DAY.optional().describe('Last day of validity, "YYYY-MM-DD". Default: for ever.'),
  counters: z
    .array(z.string(COUNTER_WORDS).regex(COUNTER, COUNTER_WORDS), "must be a list of counters")
    .default([])
    .describe('Counters at which this person may work, such as ["8", "9"]. Default all.'),
  revoked: z.boolean(YES_NO).default(false).describe("The badge is refused, true or false. Default false."),
});

const PHRASE_IDS = Object.keys(PHRASE_LINES) as PhraseId[];

const PHRASE_CHARACTERS = 40;

/** A phrase in the hall's own words. It has a `#` where the usual phrase has one, and a `|` where it may be broken. */
function phraseSchema(id: PhraseId): z.ZodOptional<z.ZodString> {
  const isOpen = PHRASES.en[id].includes("#");
  const form = isOpen ? /^[^#@\t\n]*#[^#@\t\n]*$/ : /^[^#@\t\n]+$/;
  const sign = isOpen ? "with one #, for what the terminal puts in" : "without #, @ and tab";
  const wanted = `must be text of 1 to ${PHRASE_CHARACTERS} characters, ${sign}, as in ${PHRASES["zh-CN"][id]}`;
  return z.string(wanted).max(PHRASE_CHARACTERS, wanted).regex(form, wanted).optional();
}

const REASONS = "must be a list of reasons, each with its text and its codes";

/** What a code should be that is no whole number. */
function codeWords(given: unknown): string {
  if (typeof given === "string") return "must be a number: take the quotes away";
  if (given === null) return "must be a grade, a colon of half width, a space and its code, such as 2: 214";
  return CODES;
}

/** Official codes by the grade that they belong to: the first digit of a code is its grade. */
const codesSchema = z
  .record(z.string(), z.int({ error: ({ input }) => codeWords(input) }), {
    error: ({ input }) => (Array.isArray(input) ? "must say the grade of each code, such as { 2: 214, 1: 115 }: a list has no grades" : CODES),
  })
  .superRefine((codes, context) => {
    const complain = (message: string, ...path: string[]): void => context.addIssue({ code: "custom", message, path });
    for (const [grade, code] of Object.entries(codes)) {
      if (!/^[1-5]$/.test(grade)) complain(`there is no grade ${grade}: grades are 1 to 5`, grade);
      else if (Math.floor(code / 100) !== Number(grade))
        complain(`${code} is no code of grade ${grade}: it has three digits, the first of them ${grade}`, grade);
    }
    if (!codes["1"] && !codes["2"])
      complain("must have a code for grade 1 or 2, which the terminal records; those of better grades are optional, and off");
  });

/** The code of a reason as terminals store it: the code of grade 1, if there is one too, stands before that of grade 2. */
function storedCode(codes: Readonly<Record<string, number>>): number {
  return (codes["2"] ?? 0) + (codes["1"] ?? 0) * (codes["2"] ? 1000 : 1);
}

/** The fields of a counter with the codes of its reasons as terminals store them. Each reason is named by one of its codes. */
export function withReasons(fields: Readonly<Record<string, unknown>>, reasons: readonly Reason[]): Readonly<Record<string, unknown>> {
  if (!Array.isArray(fields.reasons)) return fields;
  const stored = (fields.reasons as readonly unknown[]).map((named) => reasons.find(({ names }) => names.includes(named as number))?.code ?? named);
  return { ...fields, reasons: stored };
}

export const siteSchema = z.strictObject({
  common: z
    .record(z.string(), z.unknown(), "must be fields and their values")
    .default({})
    .describe("Fields of the configuration that all counters share."),
  counters: z
    .array(z.record(z.string(), z.unknown(), "must be fields and their values"), "must be a list of counters")
    .min(1, "must have at least one counter")
    .describe("A counter an entry: its device, its counter, and any other field, which goes before the one in common."),
  people: z.array(personSchema, "must be a list of people; [] while there are none").describe("Everybody who has a badge."),
  reasons: z
    .array(z.strictObject({ text: shown(40), codes: codesSchema }, REASONS), REASONS)
    .default([])
    .describe(
      "Reasons that citizens may give: the text, and the official codes by grade, such as { 2: 214, 1: 115 }. The code of the pressed grade is recorded.",
    ),
  phrases: z
    .strictObject(Object.fromEntries(PHRASE_IDS.map((id) => [id, phraseSchema(id)])) as Record<PhraseId, z.ZodOptional<z.ZodString>>)
    .default({})
    .describe("Phrases in the hall's own words, by their names in display/phrases.ts."),
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

/** The parts of a site that are drawn. */
export type Shown = Pick<Site, "people" | "reasons" | "phrases">;

/** A reason why a citizen is not satisfied: the authority's codes and its text. */
export interface Reason {
  /** Its codes of grades 1 and 2 as terminals store them. */
  readonly code: number;
  /** Each of its codes. */
  readonly names: readonly number[];
  readonly text: string;
}

/** A site file that cannot be used. The message names file, line, field and what it should be, a line for each thing that is wrong. */
export class SiteError extends ToolError {
  constructor(message: string) {
    super("siteInvalid", message, UNTOUCHED, "Correct the site file, and run the same command again.");
  }
}

/** The line of a field, counted from 1. A missing field has the line of whatever it should stand in. */
export function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** @param fileName for messages */
export function parseSite(text: string, fileName: string): Site {
  const { document, lines, value } = readYaml(text);
  const lineAt = (path: readonly PropertyKey[]): number => lineOf(document, lines, path);
  const broken = document.errors[0];
  if (broken) throw new SiteError(`${fileName}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split("\n")[0]}`);
  const result = siteSchema.safeParse(value);
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
  const reasons = result.data.reasons.map(({ text, codes }) => ({ text, code: storedCode(codes), names: Object.values(codes) }));
  return {
    counters: result.data.counters.map((own) => withReasons({ ...result.data.common, ...own }, reasons)),
    people: result.data.people,
    reasons,
    phrases: result.data.phrases,
  };
}

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
 * The files of one terminal's store, with few characters for emergency texts: `filesOn` has as many as a board can hold.
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
  return filesWith(size ? packFully(config, shown, size, 0) : undefined, config, shown, key);
}

/** The files of a terminal's store around its glyph file. @param key the device's own key, 32 bytes */
export function filesWith(glyphs: Buffer | undefined, config: Config, { people }: Shown, key: Uint8Array): StoreFiles {
  return {
    config: Buffer.from(packConfig(config), "utf8"),
    roster: Buffer.from(rosterText(people), "utf8"),
    ...(glyphs && { glyphs }),
    key: keyFile(key),
  };
}

/** Printable ASCII without the signs that no text at a counter needs. Each sign takes about 40 bytes. */
const SIGNS = [...ASCII].filter((character) => !"$*;<=>[\\]^`{|}~".includes(character)).join("");

/** What the board puts together in the larger font: times, numbers of staff and counters, whose small letters are shown as capital ones, and the mark of a phrase that it does not know. */
const NUMBERS = " -0123456789:@ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** @param bytes UTF-8 in a byte string, which is the form of the firmware's texts */
function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/**
 * The pictures that only this terminal needs: its people, reasons and own phrases, without those that every terminal of its language has. The host can send them.
 * @throws as `storeFiles` does
 */
export function picturesFile(fields: Readonly<Record<string, unknown>>, shown: Shown, size: DisplaySize): Buffer {
  const config = configOf(fields);
  const everywhere = glyphsOf(config, { people: [], reasons: [] }, size);
  const own = [...glyphsOf(config, shown, size)].filter(([key, entry]) => !isDeepStrictEqual(everywhere.get(key), entry));
  return sealBytes(packGlyphs(new Map(own)));
}

/** The widest text that views put in the place of a phrase's `#`. A phrase that is not listed gets the number of a counter. */
const MOST_PUT_IN: Readonly<Partial<Record<PhraseId, string>>> = { opensAt: "00:00", opensOn: "00-00 00:00", moreOrNone: "5", none: "5", party: "" };
const MOST_COUNTER = "WWWW";

/** A phrase as it is drawn. */
export function textOfPhrase(id: PhraseId, text: string, where: string): ShownText {
  const isRare = RARE_PHRASES.includes(id);
  return { key: `@${id}`, text, most: MOST_PUT_IN[id] ?? MOST_COUNTER, isRare, isSmall: isRare, lines: PHRASE_LINES[id], where };
}

/**
 * A glyph file with as many characters of emergency texts as a room allows, and with the first ones in any case.
 * @param roomBytes the most that the file may measure
 * @throws as `storeFiles` does
 */
export function packFully(config: Config, shown: Shown, size: DisplaySize, roomBytes: number): Buffer {
  const pack = (count: number): Buffer => packGlyphs(glyphsOf(config, shown, size, count));
  let few = leastEmergencyCharacters(config.language);
  let best = pack(few);
  // Most boards have room for all of them, or for none.
  if (best.length >= roomBytes) return best;
  let many = [...emergencyCharacters(config.language)].length;
  const full = pack(many);
  if (full.length <= roomBytes) return full;
  while (many - few > 1) {
    const middle = (few + many) >> 1;
    const packed = pack(middle);
    if (packed.length > roomBytes) many = middle;
    else [few, best] = [middle, packed];
  }
  return best;
}

/** Everything that a terminal may show. @param emergency number of characters for emergency texts */
function glyphsOf(
  { language, counter }: Config,
  { people, reasons, phrases = {} }: Shown,
  size: DisplaySize,
  emergency = leastEmergencyCharacters(language),
): GlyphEntries {
  const characters = [...emergencyCharacters(language)].slice(0, emergency).join("");
  const texts = PHRASE_IDS.map((id) => textOfPhrase(id, phrases[id] ?? PHRASES[language][id], `phrases: ${id} in ${language}`));
  texts.push(...reasons.map(textOfReason), ...people.flatMap((person) => textsOfPerson(person, language, counter, phrases)));
  return drawGlyphs(size, texts, [
    { characters: NUMBERS, line: "card 1", where: "numbers" },
    { characters: SIGNS, line: "technical 2", where: "printable ASCII" },
    { characters, line: "alert 2", where: "characters of emergency texts" },
  ]);
}

/** A reason as it is drawn, behind the number of its key. */
export function textOfReason({ code, text }: Pick<Reason, "code" | "text">): ShownText {
  const name = code % 1000;
  return { key: `@reason${name}`, text: `# ${text}`, most: "5", lines: ["list 2"], where: `reasons: ${name}` };
}

/** The texts with which the terminal of a counter shows a person. */
export function textsOfPerson(person: Person, language: Language, counter: string, phrases: OwnPhrases = {}): ShownText[] {
  const { number, name, post, department = "", party, stars, role, counters, revoked } = person;
  const where = `people: ${number} ${name}`;
  const shownIn = (text: string, otherwise: string, ...lines: LineName[]): ShownText => ({ key: text, text, otherwise, lines, where });
  const asLeader = (who: string): string => (phrases.leader ?? PHRASES[language].leader).replace("#", who);
  const leader: ShownText = {
    key: `@leader${number}`,
    text: asLeader(name),
    otherwise: asLeader(number),
    isRare: true,
    isSmall: true,
    lines: ["title 3"],
    where,
  };
  const texts = role === "supervisor" ? [shownIn(name, "", "notice 2"), leader] : [];
  // Only people who can be on duty here have a staff card.
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
  return [
    ...texts,
    shownIn(number, "", "card 1"),
    // The department stands under the staff number, where the display has room for it.
    { ...shownIn(department, "", "card 4"), key: number },
    // A long name in two lines, where there is room for them.
    { ...shownIn(name, "", "card 2"), text: /^[ -~]*$/.test(name) ? name.replace(" ", "|") : name.replace(/(?<=·)/, "|") },
    // A long name leaves room for the number alone, which identifies the clerk.
    shownIn(`${number} ${name}`, number, "prompt 1", "thanks 1"),
    card,
  ];
}

/** The key as the firmware uses it: see ledger/chain.ts. @param key the device's own key, 32 bytes */
export function keyFile(key: Uint8Array): Buffer {
  const block = Buffer.concat([key], 64);
  return Buffer.concat([0x36, 0x5c].map((pad) => block.map((byte) => byte ^ pad)));
}
