// The stored configuration: the board reads every file that the tool writes, and no other.
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Config, readConfig, unconfigured } from "../../../firmware/config/config.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { seal } from "../../../firmware/tools/provision/seal.js";
import { CONFIG_FIELDS, packConfig, unpackConfig } from "../../../firmware/tools/provision/stored-config.js";

/** The fields that a configuration must have. */
const LEAST = { version: 7, device: "sim-08", counter: "8" };

/** A configuration without any default. */
const ALL: Config = {
  version: 65535,
  device: "hall-3_a-B",
  counter: "A12",
  language: "zh-TW",
  author: "li.guoqiang",
  grades: [5, 3, 1],
  timeoutMs: 91000,
  longTimeoutMs: 180000,
  longMode: true,
  reminderMs: 0,
  reasons: [213, 214, 115],
  reasonMs: 8000,
  fastPressMs: 200,
  mostPerMinute: 11,
  stuckKeyMs: 31000,
  approvalMs: 21000,
  pauseLimitMinutes: 15,
  phoneLimitMinutes: 2,
  neighbours: ["A11", "A13"],
  hours: [...Array<string>(5).fill("0900-1200 1300-1700"), "0900-1200", ""],
  exceptions: { "2026-10-01": "", "2026-10-10": "0900-1700" },
  utcOffsetMinutes: -60,
  earlyMinutes: 3,
  opensEarly: true,
  lunchDuty: true,
  unattendedS: 61,
  linkLostS: 30,
  thanksMs: 1500,
  noticeMs: 4000,
  quietMs: 20,
  host: "10.0.0.5:4000",
  wifi: ["Hall 3", "password1"],
  volumePercent: 70,
  quietHours: "2130-0700",
  attendMinutes: 25,
  litMinutes: 45,
  matterLimitMinutes: 90,
};

/** The values of a stored file. */
const VALUES = JSON.parse(packConfig(ALL).slice(8)) as unknown[];

/** Characters in a line of a display of 128 pixels. */
const LINE_CHARACTERS = 21;

/** A file as a board reads it: as a byte string. */
function read(text: string | undefined): { config: Config | undefined; problem: string | undefined } {
  const bytes = text === undefined ? undefined : Buffer.from(text, "utf8").toString("latin1");
  const { config, problem } = readConfig(bytes, (data) => crc32(Buffer.from(data, "latin1")));
  return { config: config && unpackConfig(config), problem };
}

/** A file with grades that the tool did not check, as a board reads it. */
function readGrades(grades: unknown): ReturnType<typeof read> {
  return read(packConfig({ ...ALL, grades: grades as number[] }));
}

describe("The stored configuration", () => {
  it("is its CRC-32 in 8 lower-case hexadecimal digits, and a JSON array: the format, and every field at its place", () => {
    // Terminals in the field read this file. Another order, or another field, needs another `FORMAT`.
    const values =
      '[4,65535,"hall-3_a-B","A12","zh-TW","li.guoqiang",[5,3,1],91000,180000,true,0,[213,214,115],8000,200,11,31000,21000,15,2,["A11","A13"],' +
      '["0900-1200 1300-1700","0900-1200 1300-1700","0900-1200 1300-1700","0900-1200 1300-1700","0900-1200 1300-1700","0900-1200",""],' +
      '{"2026-10-01":"","2026-10-10":"0900-1700"},-60,3,true,true,61,30,1500,4000,20,"10.0.0.5:4000",["Hall 3","password1"],70,"2130-0700",25,45,90]';
    expect(packConfig(ALL)).toBe(crc32(values).toString(16).padStart(8, "0") + values);
    expect(CONFIG_FIELDS).toEqual(Object.keys(ALL));
  });

  it("has eight digits also where the CRC begins with zeros", () => {
    for (let version = 1; version < 300; version++) expect(packConfig({ ...ALL, version })).toMatch(/^[0-9a-f]{8}\[4,/);
  });

  it("is read as it was written", () => {
    expect(read(packConfig(ALL))).toEqual({ config: ALL, problem: undefined });
    expect(read(packConfig(parseConfig(LEAST)))).toEqual({ config: parseConfig(LEAST), problem: undefined });
  });

  it.each<[string, string | undefined, string]>([
    ["no file", undefined, "config: missing"],
    ["an empty file", "", "config: missing"],
    ["a CRC and nothing behind it", seal(""), "config: damaged"],
    ["less than a CRC", "1234567", "config: damaged"],
    ["an array without its CRC", JSON.stringify(VALUES), "config: damaged"],
    ["another file's CRC", seal("[1]").slice(0, 8) + JSON.stringify(VALUES), "config: damaged"],
    ["a file that was cut off", packConfig(ALL).slice(0, -1), "config: damaged"],
    ["more than the file", `${packConfig(ALL)} `, "config: damaged"],
    ["broken JSON, well sealed", seal('[3,65535,"hall'), "config: damaged"],
    ["nothing, well sealed", seal("null"), "config: damaged"],
    ["the fields by name, well sealed", seal(JSON.stringify(ALL)), "config: other version"],
    ["a text, well sealed", seal('"1"'), "config: other version"],
    ["an older format", seal(JSON.stringify([3, ...VALUES.slice(1)])), "config: other version"],
    ["a newer format", seal(JSON.stringify([5, ...VALUES.slice(1)])), "config: other version"],
    ["a format that is text", seal(JSON.stringify(["4", ...VALUES.slice(1)])), "config: other version"],
    ["a value too few", seal(JSON.stringify(VALUES.slice(0, -1))), "config: other version"],
    ["a value too many", seal(JSON.stringify([...VALUES, 1])), "config: other version"],
    ["no values", seal("[]"), "config: other version"],
  ])("is not there or not right: %s", (_, text, problem) => {
    expect(read(text)).toEqual({ config: undefined, problem });
  });

  it("is not read with any byte of it changed", () => {
    const bytes = Buffer.from(packConfig(ALL));
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 7; bit++) {
        const changed = Buffer.from(bytes);
        changed[i] = (changed[i] as number) ^ (1 << bit);
        // The same digit as a capital letter.
        if (i < 8 && changed.toString().toLowerCase() === bytes.toString().toLowerCase()) continue;
        expect(read(changed.toString()), changed.toString()).toEqual({ config: undefined, problem: "config: damaged" });
      }
    }
  });

  it("whatever it is, is a configuration or a problem of two lines that the display has room for, and never an error", () => {
    const value = fc.jsonValue();
    const swapped = fc
      .tuple(fc.integer({ min: 0, max: VALUES.length }), value)
      .map(([place, other]) => seal(JSON.stringify([...VALUES.slice(0, place), other, ...VALUES.slice(place + 1)])));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map(seal),
          fc.array(value).map((values) => seal(JSON.stringify([1, ...values]))),
          swapped,
        ),
        (text) => {
          const { config, problem } = read(text);
          expect(!config).toBe(!!problem);
          if (!problem) return;
          const [name, matter, ...more] = problem.split(": ") as [string, string];
          expect(more).toEqual([]);
          for (const line of [name, matter]) expect(line).toMatch(new RegExp(`^[\\x20-\\x7e]{1,${LINE_CHARACTERS}}$`));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("Grades that could cheat are refused by the board, whoever sealed them", () => {
  it.each<[unknown, string]>([
    [[5, 4, 3], "needs a 1 or a 2"],
    [[3, 4, 5], "needs a 1 or a 2"],
    [[1, 2, 3], "needs a 4 or a 5"],
    [[3, 2, 1], "needs a 4 or a 5"],
    [[5, 5, 1], "3 to 5 different 1..5"],
    [[5, 4, 3, 2, 2], "3 to 5 different 1..5"],
    [[5, 5, 5], "3 to 5 different 1..5"],
    [[5, 1], "3 to 5 different 1..5"],
    [[5], "3 to 5 different 1..5"],
    [[], "3 to 5 different 1..5"],
    [[5, 4, 3, 2, 1, 5], "3 to 5 different 1..5"],
    [[6, 4, 1], "3 to 5 different 1..5"],
    [[5, 4, 0], "3 to 5 different 1..5"],
    [[5, 4, 2, 0], "3 to 5 different 1..5"],
    [[5, -1, 1], "3 to 5 different 1..5"],
    [[5, 33, 1], "3 to 5 different 1..5"],
    [[5, 4.5, 1], "3 to 5 different 1..5"],
    [["5", "3", "1"], "3 to 5 different 1..5"],
    [[5, null, 1], "3 to 5 different 1..5"],
    [[5, 3, true], "3 to 5 different 1..5"],
    [[[5], [3], [1]], "3 to 5 different 1..5"],
    ["54321", "3 to 5 different 1..5"],
    [5, "3 to 5 different 1..5"],
    [null, "3 to 5 different 1..5"],
    [{ length: 3, 0: 5, 1: 3, 2: 1 }, "3 to 5 different 1..5"],
  ])("%j", (grades, wanted) => {
    expect(readGrades(grades)).toEqual({ config: undefined, problem: `grades: ${wanted}` });
  });

  it.each([[[5, 4, 3, 2, 1]], [[1, 2, 3, 4, 5]], [[5, 4, 2, 1]], [[5, 3, 1]], [[4, 3, 2]]])("and not %j", (grades) => {
    expect(readGrades(grades).config?.grades).toEqual(grades);
  });

  it("and no others: three to five different grades, a bad one and a good one among them, as the tool has it too", () => {
    const isTaken = (grades: readonly number[]): boolean => {
      try {
        parseConfig({ ...LEAST, grades });
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 6 }), (grades) => {
        const isFair =
          grades.length >= 3 &&
          grades.length <= 5 &&
          new Set(grades).size === grades.length &&
          grades.every((grade) => grade >= 1 && grade <= 5) &&
          grades.some((grade) => grade <= 2) &&
          grades.some((grade) => grade >= 4);
        expect(readGrades(grades).config?.grades).toEqual(isFair ? grades : undefined);
        expect(isTaken(grades)).toBe(isFair);
      }),
      { numRuns: 2000 },
    );
  });

  it("but not before the format is known", () => {
    const values = VALUES.map((value, place) => (place === CONFIG_FIELDS.indexOf("grades") + 1 ? [5] : value));
    expect(read(seal(JSON.stringify(values))).problem).toBe("grades: 3 to 5 different 1..5");
    expect(read(seal(JSON.stringify([5, ...values.slice(1)]))).problem).toBe("config: other version");
  });
});

describe("A name of a terminal", () => {
  it.each(["", "../../../evil", "a/b", "$(id)", ".hidden", "a:b", "hall.3", "a b", "a\n", "a#", "+", "大厅", "a\u0000", "a".repeat(17)])(
    "that leads elsewhere is refused by the board, whoever sealed it: %j",
    (device) => {
      expect(read(packConfig({ ...ALL, device }))).toEqual({ config: undefined, problem: "device: A-Z a-z 0-9 _-" });
    },
  );

  it.each(["a", "0", "-", "_", "hall-08_B", "A".repeat(16)])("that does not is taken: %j", (device) => {
    expect(read(packConfig({ ...ALL, device })).config?.device).toBe(device);
  });
});

describe("A terminal without a configuration", () => {
  it("keeps running with the defaults, and with no version", () => {
    expect(unpackConfig(unconfigured())).toEqual({ ...parseConfig({ version: 1, device: "unconfigured", counter: "-" }), version: 0 });
  });
});
