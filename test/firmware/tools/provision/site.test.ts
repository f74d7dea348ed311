// Site files: what a technician writes, what a terminal's store gets of it, and what is said of a mistake: the file, the line, the field.

import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Config, readConfig } from "../../../../firmware/config/config.js";
import { findStaff } from "../../../../firmware/config/roster.js";
import { PHRASES } from "../../../../firmware/display/phrases.js";
import { configOf, parseSite, picturesFile, rosterText, SiteError, storeFiles } from "../../../../firmware/tools/provision/site.js";
import { unpackConfig } from "../../../../firmware/tools/provision/stored-config.js";
import { MissingGlyphError } from "../../../../firmware/tools/provision/text-drawing.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";
import { type GlyphReader, readGlyphFile } from "./glyph-reader.js";

const FILE = "hall.yaml";

const GOOD = `# a hall
common:
  version: 3
  language: en
  timeoutMs: 20000
counters:
  - device: hall-1
    counter: "1"
  - device: hall-2
    counter: "2"
    timeoutMs: 90000
people:
  - badge: W26:1A2B3C
    number: "00010"
    name: 王小明
    post: 综合受理
  - badge: W34:00C0FFEE
    number: A-2077
    name: 李国强
    post: 税务登记
    role: supervisor
`;

/** A counter of it. */
const GOOD_COUNTER = { version: 3, device: "hall-1", counter: "1" };

/** Whether a glyph file has a line, in the room of some line. */
function hasLine(glyphs: GlyphReader, words: string): boolean {
  return [..."abcdefghijklmnopqrstuvwxyz"].some((room) => glyphs.has(room + words));
}

/** What somebody is of whom nothing else is said. */
const PLAIN = { party: false, stars: 0, counters: [], revoked: false };

/** The message of the error that a site file makes. */
function complaintOf(text: string): string {
  try {
    parseSite(text, FILE);
  } catch (error) {
    expect(error).toBeInstanceOf(SiteError);
    return (error as Error).message;
  }
  return "it is taken";
}

/** The good file with one line replaced. */
function withLine(line: string, replacement: string): string {
  expect(GOOD.split(line)).toHaveLength(2);
  return GOOD.replace(line, replacement);
}

/** Number of the line in the good file that contains a text. */
function lineOf(part: string): number {
  const line = GOOD.split("\n").findIndex((each) => each.includes(part));
  expect(line).toBeGreaterThanOrEqual(0);
  return line + 1;
}

describe("A site file", () => {
  it("gives each counter the common fields and its own, which go before", () => {
    expect(parseSite(GOOD, FILE).counters).toEqual([
      { version: 3, language: "en", timeoutMs: 20000, device: "hall-1", counter: "1" },
      { version: 3, language: "en", timeoutMs: 90000, device: "hall-2", counter: "2" },
    ]);
  });

  it("gives everybody a role, clerk where none is said, and leaves staff numbers as they are written", () => {
    expect(parseSite(GOOD, FILE).people).toEqual([
      { badge: "W26:1A2B3C", number: "00010", name: "王小明", post: "综合受理", role: "clerk", ...PLAIN },
      { badge: "W34:00C0FFEE", number: "A-2077", name: "李国强", post: "税务登记", role: "supervisor", ...PLAIN },
    ]);
  });

  it("may have names of six characters, posts of ten and staff numbers of eight", () => {
    const person = { badge: "W26:1A2B3C", number: "20260001", name: "欧阳静怡上官", post: "社会保障综合受理窗口", role: "clerk" };
    expect(parseSite(JSON.stringify({ counters: [{}], people: [person] }), FILE).people).toEqual([{ ...person, ...PLAIN }]);
  });

  it("needs no common fields and no people", () => {
    expect(parseSite("counters: [{ device: a }]\npeople: []\n", FILE)).toEqual({ counters: [{ device: "a" }], people: [], reasons: [], phrases: {} });
  });

  it("of the sample hall holds for every counter in it", () => {
    const site = parseSite(readFileSync(new URL("../../../../sim/site.yaml", import.meta.url), "utf8"), "sim/site.yaml");
    expect(site.counters.length).toBeGreaterThan(0);
    for (const counter of site.counters) expect(configOf(counter)).toMatchObject(counter);
  });
});

describe("A mistake is told with file, line and field", () => {
  it.each<[title: string, good: string, bad: string, message: string]>([
    ["a staff number without quotes", 'number: "00010"', "number: 00010", "people.0.number: must be text: put the staff number in quotes"],
    ["a staff number that is too long", 'number: "00010"', 'number: "123456789"', "people.0.number: must be 1 to 8 letters, digits or -"],
    ["an empty staff number", 'number: "00010"', 'number: ""', "people.0.number: must be 1 to 8 letters, digits or -"],
    ["a staff number with a space", 'number: "00010"', 'number: "1 2"', "people.0.number: must be 1 to 8 letters, digits or -"],
    [
      "a badge in small letters",
      "badge: W26:1A2B3C",
      "badge: W26:1a2b3c",
      "people.0.badge: must be W26: and 6, W34: and 8, EM: and 10, or UID: and 8 or 14 upper-case hexadecimal digits",
    ],
    [
      "a badge that is too short",
      "badge: W34:00C0FFEE",
      "badge: W34:C0FFEE",
      "people.1.badge: must be W26: and 6, W34: and 8, EM: and 10, or UID: and 8 or 14 upper-case hexadecimal digits",
    ],
    ["a badge that another has", "badge: W34:00C0FFEE", "badge: W26:1A2B3C", "badge W26:1A2B3C belongs to 王小明 already"],
    ["a name of 41 characters", "name: 李国强", `name: ${"一".repeat(41)}`, "people.1.name: "],
    ["an empty name", "name: 李国强", 'name: ""', "people.1.name: "],
    ["a name that is a number", "name: 李国强", "name: 12", "people.1.name: "],
    ["a post of 41 characters", "post: 税务登记", `post: ${"一".repeat(41)}`, "people.1.post: "],
    ["a role that does not exist", "role: supervisor", "role: boss", "people.1.role: "],
  ])("%s", (_, good, bad, message) => {
    const complaint = complaintOf(withLine(good, bad));
    expect(complaint.split("\n")).toHaveLength(1);
    expect(complaint.startsWith(`${FILE}:${lineOf(good)}: ${message}`), complaint).toBe(true);
    expect(complaint.length).toBeGreaterThan(`${FILE}:${lineOf(good)}: ${message}`.length - 1);
  });

  it("a field that nobody knows, at the person who has it", () => {
    const complaint = complaintOf(withLine("    role: supervisor", "    rolle: supervisor"));
    expect(complaint).toBe(`${FILE}:${lineOf("W34:00C0FFEE")}: people.1: Unrecognized key: "rolle"`);
  });

  it("a field that is missing, at the person who lacks it", () => {
    const complaint = complaintOf(withLine("    name: 李国强\n", ""));
    expect(complaint.startsWith(`${FILE}:${lineOf("W34:00C0FFEE")}: people.1.name: `), complaint).toBe(true);
  });

  it("a part that nobody knows", () => {
    expect(complaintOf(`${GOOD}rooms: []\n`)).toContain('Unrecognized key: "rooms"');
  });

  it("several mistakes, a line each, from the top", () => {
    const complaint = complaintOf(withLine('number: "00010"', "number: 10").replace("role: supervisor", "role: boss"));
    const lines = complaint.split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`${FILE}:${lineOf('number: "00010"')}: people.0.number: `);
    expect(lines[1]).toContain(`${FILE}:${lineOf("role: supervisor")}: people.1.role: `);
  });

  it.each([
    ["no counters", "people: []\n", 1, "counters: "],
    ["an empty list of counters", "people: []\ncounters: []\n", 2, "counters: "],
    ["counters that are no list", "people: []\ncounters: 8\n", 2, "counters: "],
    ["a counter that is no fields", "people: []\ncounters:\n  - 8\n", 3, "counters.0: "],
    ["no people", "counters: [{ device: a }]\n", 1, "people: "],
    ["people that are no list", "counters: [{ device: a }]\npeople: nobody\n", 2, "people: "],
  ])("%s", (_, text, line, field) => {
    const complaint = complaintOf(text);
    expect(complaint.startsWith(`${FILE}:${line}: ${field}`), complaint).toBe(true);
  });

  it.each([
    ["nothing at all", ""],
    ["a list", "- 1\n"],
    ["a text", "hello\n"],
  ])("a file that is %s", (_, text) => {
    expect(complaintOf(text).startsWith(`${FILE}:1: `)).toBe(true);
  });

  it.each([
    ["quotes that are not closed", withLine('counter: "1"', 'counter: "1'), lineOf('counter: "1"')],
    ["a field twice", withLine("    role: supervisor", "    role: supervisor\n    role: clerk"), lineOf("role: supervisor") + 1],
    ["a tab where spaces should be", withLine("  language: en", "\tlanguage: en"), lineOf("language: en")],
  ])("YAML with %s", (_, text, line) => {
    const complaint = complaintOf(text);
    expect(complaint.split("\n")).toHaveLength(1);
    const [, found] = /^hall\.yaml:(\d+): ./.exec(complaint) as RegExpExecArray;
    expect(Math.abs(Number(found) - line), complaint).toBeLessThanOrEqual(1);
  });
});

/** The configuration as a board reads it. */
function readBack(file: Buffer): { config: Config | undefined; problem: string | undefined } {
  const { config, problem } = readConfig(file.toString("latin1"), (data) => crc32(Buffer.from(data, "latin1")));
  return { config: config && unpackConfig(config), problem };
}

describe("The files of a terminal's store", () => {
  const site = parseSite(GOOD, FILE);
  const files = storeFiles(site.counters[1] ?? {}, site, SIMULATED_KEY);

  it("hold the configuration with its defaults, which the firmware reads", () => {
    expect(readBack(files.config)).toEqual({ config: configOf(site.counters[1] ?? {}), problem: undefined });
    expect(readBack(files.config).config).toMatchObject({
      version: 3,
      device: "hall-2",
      counter: "2",
      language: "en",
      timeoutMs: 90000,
      quietMs: 50,
    });
  });

  it("hold everybody in the roster, as the firmware finds them", () => {
    expect(files.roster.toString("utf8")).toBe(rosterText(site.people));
    const store = { read: (name: string) => (name === "roster" ? files.roster.toString("latin1") : undefined) };
    for (const person of site.people) expect(findStaff(store, person.badge)?.number).toBe(person.number);
  });

  it("hold a ready picture of everybody who can be on duty here, and of nobody else", () => {
    const glyphs = readGlyphFile(files.glyphs as Buffer);
    for (const { name, number, role, counters, revoked } of site.people) {
      const isHere = role === "clerk" && !revoked && (counters.length === 0 || counters.includes("2"));
      expect(hasLine(glyphs, `${number} ${name}`), name).toBe(isHere);
    }
  });

  it("hold every phrase of the configured language", () => {
    const glyphs = readGlyphFile(files.glyphs as Buffer);
    // The name of each supervisor is a line of its own.
    const leaders = site.people.filter(({ role }) => role === "supervisor").map(({ number }) => `leader${number}`);
    for (const id of [...Object.keys(PHRASES.en).filter((each) => each !== "leader"), ...leaders])
      expect(hasLine(glyphs, `@${id}`) || hasLine(glyphs, `@${id}<`), id).toBe(true);
  });

  it.each<[title: string, fields: Record<string, unknown>, message: string]>([
    ["one thing", { device: "c8", counter: "8", version: 1, grades: [5, 4, 3] }, "counters: device c8: grades: must have a 1 or a 2"],
    [
      "several things",
      { device: "c8", counter: 8, version: 1, grades: [], thankMs: 1 },
      "counters: device c8: counter: must be text.*\ncounters: device c8: grades: must be 3 to 5.*\n.*\n.*\ncounters: device c8: thankMs: unknown field$",
    ],
    ["the device", { counter: "8", version: 1 }, "counters: counter 8: device: must be 1 to 16 letters"],
    ["everything", {}, "counters: version: must be a whole number from 1 to 65535\ncounters: device: must be.*\ncounters: counter: must be"],
  ])("are not made of a configuration that is wrong in %s: all of it is told, a line each, with the counter", (_, fields, message) => {
    const make = () => storeFiles(fields, { people: [], reasons: [] }, SIMULATED_KEY);
    expect(make).toThrow(SiteError);
    expect(make).toThrow(new RegExp(`^${message}`));
  });

  it.each(["王🫨", "𠮷", "王\t明", "王\n明"])("cannot be made for %j, whom no terminal could show", (name) => {
    const person = { badge: "W26:1A2B3C", number: "1", name, post: "窗口", role: "clerk" as const, ...PLAIN };
    expect(() => storeFiles(GOOD_COUNTER, { people: [person], reasons: [] }, SIMULATED_KEY)).toThrow(MissingGlyphError);
    expect(() => storeFiles(GOOD_COUNTER, { people: [person], reasons: [] }, SIMULATED_KEY)).toThrow(`${name}" is not`);
  });

  it.each(["㛃", "龘"])("have a rare %s of a name, though only one of the fonts has it", (name) => {
    const person = { badge: "W26:1A2B3C", number: "1", name, post: "窗口", role: "clerk" as const, ...PLAIN };
    const { glyphs } = storeFiles(GOOD_COUNTER, { people: [person], reasons: [] }, SIMULATED_KEY);
    expect(hasLine(readGlyphFile(glyphs as Buffer), name)).toBe(true);
  });
});

describe("A hall's own phrases", () => {
  const SIZE = { width: 128, height: 64 };
  const FIELDS = { ...GOOD_COUNTER, language: "zh-CN" as const };
  const NOBODY = { people: [], reasons: [] };
  const person = { badge: "W26:1A2B3C", number: "1", name: "冯骥才", post: "户籍登记", role: "clerk" as const, ...PLAIN };
  const site = (phrases: string): unknown => parseSite(`counters: [{ device: a }]\npeople: []\nphrases: { ${phrases} }\n`, FILE).phrases;

  it("are drawn instead of the usual ones", () => {
    const usual = storeFiles(FIELDS, NOBODY, SIMULATED_KEY).glyphs as Buffer;
    const own = storeFiles(FIELDS, { ...NOBODY, phrases: { thanks: "感谢" } }, SIMULATED_KEY).glyphs as Buffer;
    expect(own.equals(usual)).toBe(false);
    expect(storeFiles(FIELDS, { ...NOBODY, phrases: { thanks: "谢谢" } }, SIMULATED_KEY).glyphs).toEqual(usual);
  });

  it.each([
    ["goodbye: 再见", "goodbye"],
    ['thanks: "谢#谢"', "thanks: must be text of 1 to 40 characters, without #"],
    ["goTo: 请到别的窗口", "goTo: must be text of 1 to 40 characters, with one #, for what the terminal puts in, as in 请到#号窗口"],
    ['thanks: ""', "thanks: must be text of 1 to"],
  ])("have known names, and a # where the terminal puts something in: %s", (phrases, words) => {
    expect(() => site(phrases)).toThrow(words);
  });

  it("may have other words, of which the terminal's own are a part", () => {
    expect(site('goTo: "去#号台", thanks: 多谢')).toEqual({ goTo: "去#号台", thanks: "多谢" });
  });

  it("come as pictures with those of people and reasons, and with nothing that each terminal has, nor with layouts", () => {
    const file = picturesFile(FIELDS, { people: [person], reasons: [], phrases: { thanks: "感谢", closed: PHRASES["zh-CN"].closed } }, SIZE);
    expect(Number.parseInt(file.toString("latin1", 0, 8), 16)).toBe(crc32(file.subarray(8)));
    const glyphs = readGlyphFile(file.subarray(8));
    for (const key of ["@thanks", "冯骥才"]) expect(hasLine(glyphs, key), key).toBe(true);
    for (const key of ["@closed", "@badgeUnknown<", "@party<"]) expect(hasLine(glyphs, key), key).toBe(false);
    expect(["=title", "S", "M"].filter((key) => glyphs.has(key))).toEqual([]);
    expect(file.length).toBeLessThan(1200);
  });
});

/** A roster with its CRC-32 before it. */
function withCrc(text: string): string {
  return crc32(Buffer.from(text, "utf8")).toString(16).padStart(8, "0") + text;
}

describe("Everybody in the roster", () => {
  it("has a line with a line feed before and after it, the fields apart by tabs", () => {
    expect(rosterText(parseSite(GOOD, FILE).people)).toBe(
      withCrc("\nW26:1A2B3C\t00010\t王小明\t综合受理\tclerk\t0\t0\t\t\t\t0\nW34:00C0FFEE\tA-2077\t李国强\t税务登记\tsupervisor\t0\t0\t\t\t\t0\n"),
    );
  });

  it("has all that a site file says of them", () => {
    const more = `    party: true\n    stars: 4\n    from: "2026-01-01"\n    until: "2026-12-31"\n    counters: ["1", "A-2"]\n    revoked: true\n`;
    const [, second] = parseSite(GOOD + more, FILE).people;
    expect(rosterText(second ? [second] : [])).toBe(
      withCrc("\nW34:00C0FFEE\tA-2077\t李国强\t税务登记\tsupervisor\t1\t4\t20260101\t20261231\t1 A-2\t1\n"),
    );
  });
});
