// The check of a site file: everything at once, each with its line, field and what it should be; the JSON Schema and the example that go with it.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONFIG_FIELDS } from "../../../../firmware/tools/provision/config-schema.js";
import { checkSite, exampleSite, siteJsonSchema, wordsOf } from "../../../../firmware/tools/provision/site-check.js";

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
