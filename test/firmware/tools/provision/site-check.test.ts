// The check of a site file: everything at once, each with its line, field and what it should be; the JSON Schema and the example that go with it.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkSite, exampleSite, siteJsonSchema, wordsOf } from "../../../../firmware/tools/provision/site-check.js";
import { CONFIG_FIELDS } from "../../../../firmware/tools/provision/stored-config.js";

const WRONG = `common: { version: 0, colour: red }
counters:
  - { device: d, counter: 1, timeoutMs: 1 }
  - { device: d, counter: "2", reasons: [213] }
people:
  - { badge: "W26:1A2B3C", number: 12, name: 王, post: 综合受理 }
  - { badge: "W26:1A2B3C", number: "13", name: 🫨, post: 综合受理 }
foo: 1
`;

describe("the check of a site file", () => {
  it("finds nothing in the sample, nor in the example that init writes", () => {
    expect(checkSite(readFileSync("sim/site.yaml", "utf8"))).toEqual([]);
    expect(checkSite(exampleSite("hall.yaml", "site.schema.json"))).toEqual([]);
  });

  it("says everything that is wrong at once, by lines", () => {
    expect(checkSite(WRONG).map((problem) => wordsOf("hall.yaml", problem))).toEqual([
      "hall.yaml:1: common.version: must be a whole number from 1 to 65535",
      "hall.yaml:1: common.colour: unknown field: take it out",
      "hall.yaml:3: counters[0].counter: must be text of 1 to 4 letters, digits or -",
      "hall.yaml:3: counters[0].timeoutMs: must be a whole number from 5000 to 120000",
      `hall.yaml:4: counters[1].device: "d" is another counter's already`,
      "hall.yaml:4: counters[1].reasons[0]: the code 213 has no text under reasons",
      "hall.yaml:6: people[0].number: must be text: put the staff number in quotes",
      "hall.yaml:7: people[1].badge: badge W26:1A2B3C belongs to 王 already",
      'hall.yaml:7: people[1]: "🫨" (U+1FAE8) in "🫨" is not in the font fusion-pixel-12px-proportional-sc: write it with another character',
      "hall.yaml:8: foo: unknown field: take it out",
    ]);
  });

  it("names the field that was meant, wherever one is mistyped", () => {
    const text = `comon: { version: 1 }
common: { version: 1, timoutMs: 9000 }
counters: [{ device: a, counter: "1", neigbours: [] }]
people: [{ badge: "W26:1A2B3C", number: "1", name: 王, pots: 综合受理, post: 综合受理 }]
reasons: [{ codes: { 2: 213 }, texts: 业务, text: 业务 }]
phrases: { thank: 谢谢 }
`;
    expect(checkSite(text).map(({ line, field, words }) => `${line} ${field}: ${words}`)).toEqual([
      "1 comon: unknown field: did you mean common?",
      "2 common.timoutMs: unknown field: did you mean timeoutMs?",
      "3 counters[0].neigbours: unknown field: did you mean neighbours?",
      "4 people[0].pots: unknown field: did you mean post?",
      "5 reasons[0].texts: unknown field: did you mean text?",
      "6 phrases.thank: unknown field: did you mean thanks?",
    ]);
  });

  it.each([
    [
      "a code whose first digit is not its grade",
      "{ 2: 115 }",
      "115",
      ["reasons[0].codes.2: 115 is no code of grade 2: it has three digits, the first of them 2"],
    ],
    ["a code of two digits", "{ 2: 21 }", "21", ["reasons[0].codes.2: 21 is no code of grade 2: it has three digits, the first of them 2"]],
    ["a grade that there is not", "{ 2: 214, 6: 614 }", "214", ["reasons[0].codes.6: there is no grade 6: grades are 1 to 5"]],
    [
      "a reason with codes of good grades alone",
      "{ 5: 501 }",
      "501",
      ["reasons[0].codes: must have a code for grade 1 or 2, which the terminal records; those of better grades are optional, and off"],
    ],
    ["codes as a list", "[214, 115]", "214", ["reasons[0].codes: must say the grade of each code, such as { 2: 214, 1: 115 }: a list has no grades"]],
    ["a single code", "214", "214", ["reasons[0].codes: must be codes of three digits, each behind its grade, such as { 2: 214, 1: 115 }"]],
    ["a code in quotes", '{ 2: "214" }', "214", ["reasons[0].codes.2: must be a number: take the quotes away"]],
    [
      "a colon of full width",
      "{ 2：214, 1: 115 }",
      "115",
      ["reasons[0].codes.2：214: must be a grade, a colon of half width, a space and its code, such as 2: 214"],
    ],
    ["a grade twice", "{ 2: 214, 2: 213 }", "214", ["the field at column 36 stands there twice: keep one"]],
    [
      "a reason that is named by two of its codes",
      "{ 2: 214, 1: 115 }",
      "214, 115",
      ["counters[0].reasons[1]: 115 is the same reason as 214: name it once"],
    ],
    [
      "a code in quotes at a counter",
      "{ 2: 214 }",
      '"214"',
      ["must be up to 8 codes from 1 to 999", '"214" must be a number: take the quotes away'].map((words) => `counters[0].reasons[0]: ${words}`),
    ],
    ["a code that nobody has", "{ 2: 214 }", "213", ["counters[0].reasons[0]: the code 213 has no text under reasons"]],
  ])("says of reasons what is wrong with %s", (_, codes, offered, words) => {
    const text = `counters: [{ version: 1, device: d, counter: "1", reasons: [${offered}] }]\npeople: []\nreasons:\n  - { text: 服务态度, codes: ${codes} }\n`;
    expect(checkSite(text).map((problem) => wordsOf("", problem).replace(/^:\d+: /, ""))).toEqual(words);
  });

  it("takes the reasons in GUIDE.md, and refuses what it says is refused", () => {
    const guide = (readFileSync("firmware/tools/GUIDE.md", "utf8").split("## 原因")[1] as string).split("\n## ")[0] as string;
    const example = (/```yaml\n([\s\S]*?)```/.exec(guide) as RegExpExecArray)[1] as string;
    const site = `common: { version: 1 }\npeople: []\n${example}`;
    expect(checkSite(site)).toEqual([]);
    const forms = [...guide.matchAll(/^\| (`[{[].*?`) \|/gm)].flatMap(([, cell]) =>
      (cell as string).split("`, `").map((form) => form.replaceAll("`", "")),
    );
    expect(forms.length).toBeGreaterThan(7);
    for (const form of forms) expect(checkSite(site.replace("{ 2: 213 }", form)), form).not.toEqual([]);
  });

  it("says of reasons that a text or a code stands twice, and takes codes of good grades, which are off", () => {
    const site = (reasons: string): string => `counters: [{ version: 1, device: d, counter: "1", reasons: [214] }]\npeople: []\nreasons:\n${reasons}`;
    const twice = "  - { text: 服务态度, codes: { 2: 214 } }\n  - { text: 服务态度, codes: { 1: 115 } }\n  - { text: 材料, codes: { 2: 214 } }\n";
    expect(checkSite(site(twice)).map((problem) => wordsOf("hall.yaml", problem))).toEqual([
      "hall.yaml:4: reasons[0].codes.2: the code 214 belongs to two reasons",
      "hall.yaml:5: reasons[1].text: 服务态度 stands above already: put its codes there, by their grades",
      "hall.yaml:6: reasons[2].codes.2: the code 214 belongs to two reasons",
    ]);
    expect(checkSite(site("  - { text: 服务态度, codes: { 2: 214, 1: 115, 5: 501 } }\n"))).toEqual([]);
  });

  it("says of a reason that no key of its counter can bring a code, and is content with one that can", () => {
    const site = (grades: string): string =>
      `counters: [{ version: 1, device: d, counter: "1", reasons: [214, 115], grades: ${grades} }]\npeople: []\nreasons:\n  - { text: 材料, codes: { 2: 214 } }\n  - { text: 服务态度, codes: { 1: 115 } }\n`;
    expect(checkSite(site("[5, 4, 2, 1]"))).toEqual([]);
    expect(checkSite(site("[5, 4, 1]")).map(({ field, words }) => `${field}: ${words}`)).toEqual([
      "counters[0].reasons[0]: no key of this counter has the grade 2: of this reason no code would ever be recorded",
    ]);
  });

  it("says of a field __proto__, wherever it stands, what it says of any other", () => {
    const text = '__proto__: { a: 1 }\ncounters:\n  - { version: 1, device: a, counter: "1", __proto__: {} }\npeople: []\n';
    expect(checkSite(text).map(({ line, field, words }) => `${line} ${field}: ${words}`)).toEqual([
      "1 __proto__: unknown field: take it out",
      "3 counters[0].__proto__: unknown field: take it out",
    ]);
  });

  it("takes two devices whose names differ in capitals alone for one: their key files may be one", () => {
    const text = 'counters:\n  - { version: 1, device: hall-A, counter: "1" }\n  - { version: 1, device: hall-a, counter: "2" }\npeople: []\n';
    expect(checkSite(text)).toEqual([{ line: 3, field: "counters[1].device", words: '"hall-a" is another counter\'s already' }]);
  });

  it("names the line where YAML itself is broken", () => {
    expect(checkSite("counters:\n  - { device: d\npeople: []\n")[0]?.line).toBeGreaterThan(1);
    expect(checkSite("just words\n")).toHaveLength(1);
  });

  it("reports a field that all counters share where it stands, once", () => {
    const text = `common: { version: 1, timeoutMs: 1 }\ncounters: [{ device: a, counter: "1" }, { device: b, counter: "2" }]\npeople: []\n`;
    expect(checkSite(text)).toEqual([{ line: 1, field: "common.timeoutMs", words: "must be a whole number from 5000 to 120000" }]);
  });
});

describe("what editors get", () => {
  it("is a JSON Schema with every field of a configuration, and what it means", () => {
    const schema = siteJsonSchema() as { properties: { common: { properties: Record<string, { description?: string }> } } };
    const { properties } = schema.properties.common;
    expect(Object.keys(properties).sort()).toEqual([...CONFIG_FIELDS].sort());
    for (const field of Object.values(properties)) expect(field.description).toBeTruthy();
  });

  it("is named in the first line of the example, which explains every field", () => {
    const example = exampleSite("hall.yaml", "site.schema.json");
    expect(example.split("\n")[0]).toBe("# yaml-language-server: $schema=site.schema.json");
    for (const name of CONFIG_FIELDS) expect(example).toMatch(new RegExp(`\\b${name}: `));
  });
});
