// The check of the configuration, field by field: what it takes, what it puts where nothing is said, and what it says of the rest.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, configSchema, parseConfig } from "../../../../firmware/tools/provision/config-schema.js";
import { CONFIG_FIELDS, packConfig } from "../../../../firmware/tools/provision/stored-config.js";

/** The least that a configuration has to say. */
const LEAST = { version: 7, device: "sim-08", counter: "8" };

const DEFAULTS = {
  language: "zh-CN",
  author: "-",
  grades: [5, 4, 3, 2, 1],
  timeoutMs: 30000,
  longTimeoutMs: 90000,
  longMode: false,
  reminderMs: 15000,
  reasons: [],
  reasonMs: 10000,
  fastPressMs: 300,
  mostPerMinute: 6,
  stuckKeyMs: 20000,
  approvalMs: 15000,
  pauseLimitMinutes: 10,
  phoneLimitMinutes: 3,
  neighbours: [],
  hours: [],
  exceptions: {},
  utcOffsetMinutes: 480,
  earlyMinutes: 10,
  opensEarly: false,
  lunchDuty: false,
  unattendedS: 300,
  linkLostS: 60,
  thanksMs: 3000,
  noticeMs: 3000,
  quietMs: 50,
  host: "",
  wifi: [],
  volumePercent: 100,
  quietHours: "",
  attendMinutes: 10,
  litMinutes: 120,
  matterLimitMinutes: 0,
};

/** Everything that is said of a configuration; nothing where it is taken. */
function problemsOf(fields: unknown): readonly string[] {
  try {
    parseConfig(fields);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe((error as ConfigError).problems.join("\n"));
    return (error as ConfigError).problems;
  }
  return [];
}

/** A configuration without one of its fields. */
function without(name: string): object {
  return Object.fromEntries(Object.entries(LEAST).filter(([other]) => other !== name));
}

describe("A configuration", () => {
  it("of the fields without a default gets the defaults of all others", () => {
    expect(parseConfig(LEAST)).toEqual({ ...LEAST, ...DEFAULTS });
  });

  it("is stored the same in whatever order its fields come", () => {
    const entries = Object.entries({ ...LEAST, ...DEFAULTS });
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(packConfig(parseConfig(Object.fromEntries(shuffled)))).toBe(packConfig(parseConfig(LEAST)));
      }),
    );
  });
});

describe("A field is taken", () => {
  it.each<[string, unknown]>([
    ["version", 1],
    ["version", 65535],
    ["device", "a"],
    ["device", "ABCxyz0189_-_abc"],
    ["counter", "1"],
    ["counter", "A-12"],
    ["language", "zh-CN"],
    ["language", "zh-TW"],
    ["language", "en"],
    ["timeoutMs", 5000],
    ["timeoutMs", 120000],
    ["thanksMs", 1000],
    ["thanksMs", 10000],
    ["noticeMs", 1000],
    ["noticeMs", 10000],
    ["quietMs", 5],
    ["quietMs", 100],
    ["author", "a"],
    ["author", "ABCxyz0189._-abc"],
    ["longTimeoutMs", 5000],
    ["longTimeoutMs", 300000],
    ["longMode", true],
    ["reminderMs", 0],
    ["reminderMs", 120000],
    ["reasons", []],
    ["reasons", [1, 2, 3, 4, 5, 6, 7, 999]],
    ["fastPressMs", 0],
    ["mostPerMinute", 60],
    ["phoneLimitMinutes", 2],
    ["neighbours", ["1", "A-12"]],
    ["neighbours", ["1", "2", "3", "4", "5", "6", "7", "8"]],
    ["hours", Array(7).fill("0000-2400")],
    ["hours", ["0800-1800", "0900-1200 1300-1700", "0830-1730", "", "", "", "0000-0001"]],
    ["hours", Array(7).fill("0000-0100 0200-0300 2359-2400")],
    ["exceptions", {}],
    ["exceptions", { "2026-12-31": "0900-1200", "2026-10-01": "" }],
    ["utcOffsetMinutes", -720],
    ["utcOffsetMinutes", 840],
    ["opensEarly", true],
    ["lunchDuty", true],
    ["host", ""],
    ["host", "a:1"],
    ["host", `${"h".repeat(114)}:65535`],
    ["host", "mqtt://10.0.0.5:1883"],
    ["host", "mqtt://counter-8:s3cr:et/x@broker.hall:1883"],
    ["host", "mqtts://counter-8:secret@broker.hall:8883"],
    ["wifi", ["hall", ""]],
    ["wifi", ["大厅", "password1"]],
    ["grades", [5, 4, 3, 2, 1]],
    ["grades", [1, 2, 3, 4, 5]],
    ["grades", [5, 4, 2, 1]],
    ["grades", [5, 3, 1]],
    ["grades", [4, 3, 2]],
  ])("%s: %j", (name, value) => {
    expect(parseConfig({ ...LEAST, [name]: value })).toEqual({ ...LEAST, ...DEFAULTS, [name]: value });
  });
});

describe("A field is refused, with what it should be", () => {
  const wholes: readonly (readonly [name: string, least: number, most: number])[] = [
    ["version", 1, 65535],
    ["timeoutMs", 5000, 120000],
    ["longTimeoutMs", 5000, 300000],
    ["reasonMs", 1000, 60000],
    ["mostPerMinute", 1, 60],
    ["stuckKeyMs", 5000, 120000],
    ["approvalMs", 5000, 60000],
    ["pauseLimitMinutes", 1, 240],
    ["phoneLimitMinutes", 1, 240],
    ["unattendedS", 10, 3600],
    ["linkLostS", 10, 3600],
    ["thanksMs", 1000, 10000],
    ["noticeMs", 1000, 10000],
    ["quietMs", 5, 100],
    ["reminderMs", 0, 120000],
    ["fastPressMs", 0, 2000],
    ["earlyMinutes", 0, 120],
    ["utcOffsetMinutes", -720, 840],
  ];
  const words: readonly (readonly [name: string, most: number, wanted: string])[] = [
    ["device", 16, "must be 1 to 16 letters (A to Z, a to z), digits, _ or -"],
    ["counter", 4, "must be text of 1 to 4 letters, digits or -"],
    ["author", 16, 'must be text of 1 to 16 plain characters: ASCII without spaces, " and \\'],
  ];

  it.each(
    wholes.flatMap(([name, least, most]) =>
      [least - 1, most + 1, least + 0.5, 1e300, String(least), true, null, [least], {}].map((value) => [name, value, least, most] as const),
    ),
  )("%s: %j", (name, value, least, most) => {
    expect(problemsOf({ ...LEAST, [name]: value })).toEqual([`${name}: must be a whole number from ${least} to ${most}`]);
  });

  it.each(
    words.flatMap(([name, most, wanted]) =>
      ["", "x".repeat(most + 1), "a b", " ", "a\tb", 'a"', "a\\", "\u007f", "号", "\u00e9", 8, true, null, ["a"], {}].map(
        (value) => [name, value, wanted] as const,
      ),
    ),
  )("%s: %j", (name, value, wanted) => {
    expect(problemsOf({ ...LEAST, [name]: value })).toEqual([`${name}: ${wanted}`]);
  });

  it.each([
    ["device", "a.b"],
    ["device", "a/b"],
    ["device", "a:b"],
    ["counter", "A.1"],
    ["counter", "A_1"],
  ])("%s: %j, which other places could not take", (name, value) => {
    expect(problemsOf({ ...LEAST, [name]: value })).toEqual([`${name}: ${words.find(([each]) => each === name)?.[2]}`]);
  });

  it.each([
    ["version", "must be a whole number from 1 to 65535"],
    ["device", "must be 1 to 16 letters (A to Z, a to z), digits, _ or -"],
    ["counter", "must be text of 1 to 4 letters, digits or -"],
  ])("%s: not said, and it has no default", (name, wanted) => {
    expect(problemsOf(without(name))).toEqual([`${name}: ${wanted}`]);
  });

  it.each([
    ["language", ["", "de", "zh", "zh-HK", "EN", "zh-cn", null, 1, ["en"]], "zh-CN, zh-TW or en"],
    ["longMode", [1, "true", null], "true or false"],
    ["opensEarly", ["true", "yes", 0], "true or false"],
    ["lunchDuty", [null, {}], "true or false"],
    ["reasons", [213, null, [0], [1000], ["213"], [1.5], [1, 2, 3, 4, 5, 6, 7, 8, 9]], "up to 8 codes from 1 to 999"],
    [
      "neighbours",
      ["7", null, [7], [""], ["12345"], ["a b"], ["号"], ["1", "2", "3", "4", "5", "6", "7", "8", "9"]],
      "up to 8 counters, each text of 1 to 4 letters, digits or -",
    ],
    [
      "hours",
      ["0900-1700", null, ["0900-1700"], Array(6).fill(""), Array(8).fill(""), Array(7).fill(null)],
      "7 texts of HHMM-HHMM, apart by a space and in order, from Monday to Sunday, or none",
    ],
    [
      "hours",
      [
        "09:00-17:00",
        "0900",
        "1700-0900",
        "0900-0900",
        "0900-1760",
        "0900-2401",
        "2400-2500",
        "0900-1300 1200-1700",
        "0900-1200 1200-1700",
        "0900-1200  1300-1700",
        "0900-1200 1300",
        "0900-1200 ",
        " 0900-1200",
        "0900-1200\n",
        "900-1200",
        "091x-1200",
        "closed",
      ].map((text) => ["", "", "", text, "", "", ""]),
      "7 texts of HHMM-HHMM, apart by a space and in order, from Monday to Sunday, or none",
    ],
    [
      "exceptions",
      [
        [],
        null,
        "2026-01-01",
        { "2026-1-1": "" },
        { "1999-01-01": "" },
        { "2026-01-01": "closed" },
        { "2026-01-01": null },
        { "2026-01-01": "0900-1300 1200-1700" },
      ],
      "dates, YYYY-MM-DD, each with HHMM-HHMM, apart by a space and in order",
    ],
    [
      "host",
      [
        ...[
          "10.0.0.5",
          ":4000",
          "10.0.0.5:",
          "10.0.0.5:http",
          "a:b:1",
          "10.0.0.5:40x",
          "10.0.0.5:-1",
          "a b:1",
          `${"h".repeat(115)}:65535`,
          4000,
          null,
        ],
        ...["10.0.0.5:0", "10.0.0.5:65536", "http://10.0.0.5:80", "mqtt://10.0.0.5", "mqtt://counter@10.0.0.5:1883", "mqtt://:secret@10.0.0.5:1883"],
        ...["mqtt://counter:sec ret@10.0.0.5:1883", "mqtt://counter:sec@ret@10.0.0.5:1883", "counter:secret@10.0.0.5:1883"],
      ],
      "address:port, mqtt://address:port or mqtt://user:password@address:port (mqtts:// for TLS), with a port from 1 to 65535, up to 120 plain characters, or empty",
    ],
    [
      "wifi",
      [
        ["hall"],
        ["", "password1"],
        ["hall", "short"],
        ["hall", "p".repeat(64)],
        ["hall", "密码密码密码密码"],
        ["大".repeat(11), ""],
        ["a", "", ""],
        "hall",
        null,
      ],
      '[name, password]: a name of 1 to 32 bytes, and a password of 8 to 63 ASCII characters, or ""; or none',
    ],
  ] as readonly (readonly [name: string, values: readonly unknown[], wanted: string])[])("%s, each of %j", (name, values, wanted) => {
    for (const value of values) expect(problemsOf({ ...LEAST, [name]: value }), JSON.stringify(value)).toEqual([`${name}: must be ${wanted}`]);
  });
});

describe("Grades that could cheat are refused", () => {
  const DIFFERENT = "must be 3 to 5 different grades from 1 to 5";
  const BAD = "must have a 1 or a 2, or nobody could be dissatisfied";
  const GOOD = "must have a 4 or a 5, or nobody could be satisfied";

  it.each<[unknown, ...string[]]>([
    [[5, 4, 3], BAD],
    [[1, 2, 3], GOOD],
    [[5, 5, 1], DIFFERENT],
    [[5, 1], DIFFERENT],
    [[3, 3, 3], DIFFERENT, BAD, GOOD],
    [[5, 4], DIFFERENT, BAD],
    [[], DIFFERENT, BAD, GOOD],
    [[5, 4, 3, 2, 1, 5], DIFFERENT],
    [[6, 4, 1], DIFFERENT],
    [[5, 4, 2, 0], DIFFERENT],
    [[5, 4.5, 1], DIFFERENT],
    [["5", "3", "1"], DIFFERENT],
    [[5, null, 1], DIFFERENT],
    ["54321", DIFFERENT],
    [5, DIFFERENT],
    [null, DIFFERENT],
    [{ length: 3, 0: 5, 1: 3, 2: 1 }, DIFFERENT],
  ])("%j", (grades, ...wanted) => {
    expect(problemsOf({ ...LEAST, grades })).toEqual(wanted.map((each) => `grades: ${each}`));
  });
});

describe("What is wrong", () => {
  it.each(["timeoutms", "timeout", "Version", "grade", "isLongMode", "x", "toString", "constructor", "version device", "__proto__"])(
    "is told of a field that does not exist: %s",
    (name) => {
      expect(problemsOf(JSON.parse(`{"version":7,"device":"a","counter":"8",${JSON.stringify(name)}:1}`))).toEqual([`${name}: unknown field`]);
    },
  );

  it("is told of every field at once, each problem once", () => {
    expect(problemsOf({ device: "a", counter: "8", quietMs: 1, hours: ["x", "y"], reasons: [0, 1000], thankMs: 2000, colour: "red" })).toEqual([
      "version: must be a whole number from 1 to 65535",
      "reasons: must be up to 8 codes from 1 to 999",
      "hours: must be 7 texts of HHMM-HHMM, apart by a space and in order, from Monday to Sunday, or none",
      "quietMs: must be a whole number from 5 to 100",
      "thankMs: unknown field",
      "colour: unknown field",
    ]);
  });

  it.each([undefined, null, 7, "version", [], [7]])("is told of what is no fields at all: %j", (fields) => {
    expect(problemsOf(fields)).toEqual(["config: must be fields and their values"]);
  });
});

describe("The JSON Schema", () => {
  interface Field {
    readonly description?: string;
    readonly type?: string;
    readonly default?: unknown;
    readonly minimum?: number;
    readonly maximum?: number;
  }
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const fields = schema.properties as Readonly<Record<string, Field>>;

  /** The comments in the firmware, where the next reader looks for them. */
  const source = readFileSync(new URL("../../../../firmware/config/config.ts", import.meta.url), "utf8");
  const comments = Object.fromEntries([...source.matchAll(/^ {2}\/\*\* (.*) \*\/\n {2}readonly (\w+):/gm)].map(([, text, name]) => [name, text]));

  it("knows every field and no other, and which have no default", () => {
    expect(Object.keys(fields)).toEqual(CONFIG_FIELDS);
    expect(schema.required).toEqual(["version", "device", "counter"]);
    expect(schema.additionalProperties).toBe(false);
    expect(Object.fromEntries(CONFIG_FIELDS.slice(3).map((name) => [name, fields[name]?.default]))).toEqual(DEFAULTS);
  });

  it.each(CONFIG_FIELDS)("describes %s as the firmware does, with its range and its default", (name) => {
    const { description, minimum, maximum, default: standard } = fields[name] as Field;
    expect(description).toMatch(/^[A-Z]/);
    expect(description).toBe(comments[name]);
    if (fields[name]?.type === "integer") expect(description?.replace(" (never)", "")).toContain(` ${minimum} to ${maximum}`);
    const isNothing = standard === "" || (typeof standard === "object" && Object.keys(standard as object).length === 0);
    const words = standard === undefined ? "No default." : `default ${isNothing ? "none" : JSON.stringify(standard)}`;
    const plain = (text = ""): string => text.toLowerCase().replace(/[" ]/g, "");
    expect(plain(description)).toContain(plain(words));
  });
});
