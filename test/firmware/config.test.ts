// The check of the configuration, field by field: what it takes, what it puts where nothing is said, and what it says of the rest.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../firmware/config/config.js";

/** The least that a configuration has to say. */
const LEAST = { version: 7, device: "sim-08", counter: "8" };

const DEFAULTS = {
  language: "zh-CN",
  author: "-",
  grades: [5, 4, 3, 2, 1],
  timeoutMs: 30000,
  longTimeoutMs: 90000,
  isLongMode: false,
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
};

/** A display of 128 pixels has room for so many characters. */
const LINE_CHARACTERS = 21;

function check(fields: object): ReturnType<typeof checkConfig> {
  return checkConfig(JSON.stringify(fields));
}

/** A configuration without one of its fields. */
function without(name: string): object {
  return Object.fromEntries(Object.entries(LEAST).filter(([other]) => other !== name));
}

describe("A configuration", () => {
  it("of the fields without a default gets the defaults of all others", () => {
    expect(check(LEAST)).toEqual({ config: { ...LEAST, ...DEFAULTS }, problem: undefined });
  });

  it("that says everything is taken as it is", () => {
    const all = {
      version: 65535,
      device: "hall.3_a-B",
      counter: "A12",
      language: "zh-TW",
      author: "li.guoqiang",
      grades: [5, 3, 1],
      timeoutMs: 90000,
      longTimeoutMs: 180000,
      longMode: true,
      reminderMs: 0,
      reasons: [213, 214, 115],
      reasonMs: 8000,
      fastPressMs: 200,
      mostPerMinute: 10,
      stuckKeyMs: 30000,
      approvalMs: 20000,
      pauseLimitMinutes: 15,
      phoneLimitMinutes: 2,
      neighbours: ["A11", "A13"],
      hours: [...Array<string>(5).fill("0900-1200 1300-1700"), "0900-1200", ""],
      exceptions: { "2026-10-01": "", "2026-10-10": "0900-1700" },
      utcOffsetMinutes: -60,
      earlyMinutes: 3,
      opensEarly: true,
      lunchDuty: true,
      unattendedS: 60,
      linkLostS: 30,
      thanksMs: 1500,
      noticeMs: 4000,
      quietMs: 20,
      host: "10.0.0.5:4000",
    };
    const { longMode, ...rest } = all;
    expect(check(all)).toEqual({ config: { ...rest, isLongMode: longMode }, problem: undefined });
  });

  it("is the same in whatever order its fields come", () => {
    const { isLongMode, ...defaults } = DEFAULTS;
    const entries = Object.entries({ ...LEAST, ...defaults, longMode: isLongMode });
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(check(Object.fromEntries(shuffled))).toEqual(check(LEAST));
      }),
    );
  });
});

describe("A field is taken", () => {
  it.each<[string, unknown]>([
    ["version", 1],
    ["version", 65535],
    ["device", "a"],
    ["device", "ABCxyz0189._-abc"],
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
    ["reminderMs", 0],
    ["reminderMs", 120000],
    ["reasons", []],
    ["reasons", [1, 2, 3, 4, 5, 6, 7, 999]],
    ["fastPressMs", 0],
    ["mostPerMinute", 60],
    ["phoneLimitMinutes", 2],
    ["neighbours", ["1", "A-12"]],
    ["hours", Array(7).fill("0000-2400")],
    ["hours", ["0800-1800", "0900-1200 1300-1700", "0830-1730", "", "", "", "0000-0001"]],
    ["exceptions", {}],
    ["exceptions", { "2026-12-31": "0900-1200" }],
    ["utcOffsetMinutes", -720],
    ["utcOffsetMinutes", 840],
    ["opensEarly", true],
    ["lunchDuty", true],
    ["host", ""],
    ["host", "a:1"],
    ["host", `${"h".repeat(42)}:65535`],
    ["grades", [5, 4, 3, 2, 1]],
    ["grades", [1, 2, 3, 4, 5]],
    ["grades", [5, 4, 2, 1]],
    ["grades", [5, 3, 1]],
    ["grades", [4, 3, 2]],
  ])("%s: %j", (name, value) => {
    const { config, problem } = check({ ...LEAST, [name]: value });
    expect(problem).toBeUndefined();
    expect(config).toEqual({ ...LEAST, ...DEFAULTS, [name]: value });
  });
});

describe("A field is refused, with what it should be", () => {
  const wholes: readonly (readonly [name: string, least: number, most: number])[] = [
    ["version", 1, 65535],
    ["timeoutMs", 5000, 120000],
    ["thanksMs", 1000, 10000],
    ["noticeMs", 1000, 10000],
    ["quietMs", 5, 100],
    ["longTimeoutMs", 5000, 300000],
    ["reasonMs", 1000, 60000],
    ["stuckKeyMs", 5000, 120000],
    ["approvalMs", 5000, 60000],
    ["pauseLimitMinutes", 1, 240],
    ["phoneLimitMinutes", 1, 240],
    ["mostPerMinute", 1, 60],
    ["unattendedS", 10, 3600],
    ["linkLostS", 10, 3600],
  ];
  const words: readonly (readonly [name: string, most: number])[] = [
    ["device", 16],
    ["counter", 4],
    ["author", 16],
    ["language", 5],
    ["host", 48],
  ];

  it.each(
    wholes.flatMap(([name, least, most]) =>
      [least - 1, most + 1, least + 0.5, -least, String(least), true, null, [least], {}].map((value) => [name, value, least, most] as const),
    ),
  )("%s: %j", (name, value, least, most) => {
    expect(check({ ...LEAST, [name]: value })).toEqual({ config: undefined, problem: `${name}: ${least} to ${most}` });
  });

  it.each(
    words.flatMap(([name, most]) =>
      ["x".repeat(most + 1), "a b", " ", "a\tb", 'a"', "a\\", "\u007f", "号", "\u00e9", 8, true, null, ["a"], {}].map(
        (value) => [name, value, most] as const,
      ),
    ),
  )("%s: %j", (name, value, most) => {
    expect(check({ ...LEAST, [name]: value })).toEqual({ config: undefined, problem: `${name}: 1 to ${most} plain letters` });
  });

  it.each([
    ["device", "1 to 16 plain letters"],
    ["counter", "1 to 4 plain letters"],
    ["language", "1 to 5 plain letters"],
  ])("%s: empty", (name, wanted) => {
    expect(check({ ...LEAST, [name]: "" }).problem).toBe(`${name}: ${wanted}`);
  });

  it.each([
    ["version", "1 to 65535"],
    ["device", "1 to 16 plain letters"],
    ["counter", "1 to 4 plain letters"],
  ])("%s: not said, and it has no default", (name, wanted) => {
    expect(check(without(name)).problem).toBe(`${name}: ${wanted}`);
  });

  it.each(["de", "zh", "zh-HK", "EN", "zh-cn"])("language: %s", (language) => {
    expect(check({ ...LEAST, language }).problem).toBe("language: zh-CN, zh-TW or en");
  });

  it.each<[string, unknown, string]>([
    ["longMode", 1, "true or false"],
    ["opensEarly", "true", "true or false"],
    ["lunchDuty", null, "true or false"],
    ["reminderMs", -1, "0 to 120000"],
    ["utcOffsetMinutes", 841, "-720 to 840"],
    ["reasons", 213, "up to 8 codes 1..999"],
    ["reasons", [0], "up to 8 codes 1..999"],
    ["reasons", [1000], "up to 8 codes 1..999"],
    ["reasons", ["213"], "up to 8 codes 1..999"],
    ["reasons", [1, 2, 3, 4, 5, 6, 7, 8, 9], "up to 8 codes 1..999"],
    ["neighbours", "7", "up to 8 counters"],
    ["neighbours", [7], "up to 8 counters"],
    ["neighbours", [""], "up to 8 counters"],
    ["neighbours", ["12345"], "up to 8 counters"],
    ["neighbours", ["a b"], "up to 8 counters"],
    ["hours", "0900-1700", "7 texts HHMM-HHMM"],
    ["hours", ["0900-1700"], "7 texts HHMM-HHMM"],
    ["hours", Array(8).fill(""), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("09:00-17:00"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("1700-0900"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-0900"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-1760"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-2401"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-1300 1200-1700"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-1200  1300-1700"), "7 texts HHMM-HHMM"],
    ["hours", Array(7).fill("0900-1200 1300"), "7 texts HHMM-HHMM"],
    ["exceptions", [], "date: HHMM-HHMM ..."],
    ["exceptions", null, "date: HHMM-HHMM ..."],
    ["exceptions", { "2026-1-1": "" }, "date: HHMM-HHMM ..."],
    ["exceptions", { "2026-01-01": "closed" }, "date: HHMM-HHMM ..."],
    ["exceptions", { "2026-01-01": null }, "date: HHMM-HHMM ..."],
  ])("%s: %j", (name, value, wanted) => {
    expect(check({ ...LEAST, [name]: value })).toEqual({ config: undefined, problem: `${name}: ${wanted}` });
  });

  it.each(["10.0.0.5", ":4000", "10.0.0.5:", "10.0.0.5:http", "a:b:1", "10.0.0.5:40x", "10.0.0.5:-1"])("host: %s", (host) => {
    expect(check({ ...LEAST, host }).problem).toBe("host: address:port");
  });
});

describe("Grades that could cheat are refused", () => {
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
    [[5, -1, 1], "3 to 5 different 1..5"],
    [[5, 33, 1], "3 to 5 different 1..5"],
    [[5, 4.5, 1], "3 to 5 different 1..5"],
    [["5", "3", "1"], "3 to 5 different 1..5"],
    [[5, null, 1], "3 to 5 different 1..5"],
    [[[5], [3], [1]], "3 to 5 different 1..5"],
    ["54321", "3 to 5 different 1..5"],
    [5, "3 to 5 different 1..5"],
    [null, "3 to 5 different 1..5"],
    [{ length: 3, 0: 5, 1: 3, 2: 1 }, "3 to 5 different 1..5"],
  ])("%j", (grades, wanted) => {
    expect(check({ ...LEAST, grades })).toEqual({ config: undefined, problem: `grades: ${wanted}` });
  });

  it("and no others: three to five different grades, a bad one and a good one among them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 6 }), (grades) => {
        const isFair =
          grades.length >= 3 &&
          grades.length <= 5 &&
          new Set(grades).size === grades.length &&
          grades.every((grade) => grade >= 1 && grade <= 5) &&
          grades.some((grade) => grade <= 2) &&
          grades.some((grade) => grade >= 4);
        expect(check({ ...LEAST, grades }).config?.grades).toEqual(isFair ? grades : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("A field that does not exist is refused by its name", () => {
  it.each(["timeoutms", "timeout", "Version", "grade", "x", "toString", "constructor", "version device", "grades timeoutMs", "__proto__"])(
    "%s",
    (name) => {
      expect(checkConfig(`{"version":7,"device":"a","counter":"8",${JSON.stringify(name)}:1}`).problem).toBe(`${name}: unknown field`);
    },
  );

  it("a long name is cut to a line of the display", () => {
    expect(check({ ...LEAST, ["n".repeat(40)]: 1 }).problem).toBe(`${"n".repeat(LINE_CHARACTERS)}: unknown field`);
  });
});

describe("What is no configuration is refused", () => {
  it.each<[string, string | undefined, string]>([
    ["no file", undefined, "config: missing"],
    ["an empty file", "", "config: missing"],
    ["broken JSON", '{"version":1,', "config: not JSON"],
    ["JSON with something behind it", `${JSON.stringify(LEAST)}}`, "config: not JSON"],
    ["a text", '"version"', "config: not a JSON object"],
    ["a number", "7", "config: not a JSON object"],
    ["a list", "[7]", "config: not a JSON object"],
    ["nothing", "null", "config: not a JSON object"],
  ])("%s", (_, text, problem) => {
    expect(checkConfig(text)).toEqual({ config: undefined, problem });
  });

  it("and only the first problem is told", () => {
    expect(check({ ...LEAST, quietMs: 1, timeoutMs: 1, nonsense: 1 }).problem).toBe("timeoutMs: 5000 to 120000");
  });

  it("whatever it is, the answer is a configuration or a problem of two lines that the display has room for, and never an error", () => {
    const names = fc.oneof(fc.constantFrom(...Object.keys({ ...LEAST, ...DEFAULTS })), fc.string());
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(names, fc.jsonValue()).map((fields) => JSON.stringify({ ...LEAST, ...fields })),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const { config, problem } = checkConfig(text);
        expect(!config).toBe(!!problem);
        if (!problem) return;
        const colon = problem.lastIndexOf(": ");
        expect(colon).toBeGreaterThanOrEqual(0);
        expect(colon).toBeLessThanOrEqual(LINE_CHARACTERS);
        expect(problem.length - colon - 2).toBeLessThanOrEqual(LINE_CHARACTERS);
      }),
      { numRuns: 1000 },
    );
  });
});
