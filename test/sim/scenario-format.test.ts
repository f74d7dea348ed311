// The format of scenario files: the examples of SCENARIOS.md are valid, faults are reported with their lines, and wrong expectations fail.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nearest } from "../../firmware/tools/provision/suggest.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { contactEdges } from "../../sim/scenario/keys.js";
import { compareTraces, loadScenario, runScenario, ScenarioError } from "../../sim/scenario/scenario.js";
import { EXPECTATIONS, refusedSchema, STEP_NAMES, scenarioSchema } from "../../sim/scenario/schema.js";
import { soundsOf } from "../../sim/scenario/sounds.js";
import type { TraceLine } from "../../sim/world/world.js";

const HEAD = "title: A test\nproves: E2\nsteps:\n";

/** The messages for an invalid file. */
function problemsOf(text: string): readonly string[] {
  try {
    loadScenario(text, "test.yaml");
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

/** The failures of these steps on the simulated terminal. */
function failuresOf(...steps: string[]): string {
  return runScenario(loadScenario(HEAD + steps.map((step) => `  - ${step}\n`).join(""), "test.yaml"), nodeEngine).failures.join("\n");
}

describe("A file that cannot be read", () => {
  it("is told with the line of each problem, all at once and in order", () => {
    const text = [
      "title: A test",
      "proves: [E2, E99]",
      "board: picco",
      "steps:",
      "  - wiat: 2 s",
      "  - wait: 2",
      "  - key: key9",
      "colour: red",
    ].join("\n");
    const beginnings = problemsOf(text).map((problem) => problem.split(": ", 2).join(": "));
    expect(beginnings).toEqual([
      "test.yaml:2: proves",
      "test.yaml:3: board",
      'test.yaml:5: there is no step "wiat"',
      "test.yaml:6: wait",
      "test.yaml:7: key",
      'test.yaml:8: there is no "colour" here',
    ]);
  });

  it.each([
    ["- wiat: 2 s", 'there is no step "wiat": did you mean "wait"?'],
    ["- wait", '"wait" is no step'],
    ["- wait: 2 s\n    link: up", "wait and link are two steps"],
    ["- wait: 2 seconds", 'wait: "2 seconds" is no duration: write a number and its unit, such as "500 ms"'],
    ["- wait: 0.5 ms", "not a whole number of milliseconds"],
    ["- wait: 2 s\n    hold: 1 s", 'there is no "hold" here'],
    ["- badge: 1024", "put it in quotes"],
    ["- badge: 王小朋", 'nobody on the roster is called or numbered "王小朋": did you mean "王小明"?'],
    ["- badge: W26:12345", "W26: and 6, or W34: and 8"],
    ["- badge: 王小明\n    flip-bit: 27", "the frame has 26 bits only"],
    ["- badge: 王小明\n    every: 1 s", "Add hold"],
    ["- badge: { bits: 012 }", "is no badge"],
    ["- key: verry-satisfied", 'did you mean "very-satisfied"?'],
    ["- key: key1\n    bounce: { press: 200 ms }", "make hold longer"],
    ["- keys: [key1]", "name two keys at least"],
    ["- host: { invite: 2041 }", "put it in quotes"],
    ["- host: { time: now }", "only when the scenario has a start"],
    ['- host: { time: "2026-03-02 08:30" }', "write it with its time zone"],
    ["- host: { invite: a, raw: b }", "write one of invite, time, acknowledge, replace, raw, message"],
    ["- power: off\n    away: 2 s", "only a cycle has it"],
    ["- tamper: { remove: last }", 'remove: "last" is wrong: write the number of a record'],
    ["- tamper: { remove: 1, append: { type: signIn } }", "write one of remove, change, append"],
    ["- tamper: { change: { grade: 5 } }", "sequence: is missing"],
    ["- tamper: { change: { sequence: 3 } }", "say what is changed"],
    ["- tamper: { change: { sequence: 3, graed: 5 } }", 'no record has a "graed": did you mean "grade"?'],
    ["- tamper: { change: { sequence: 3, staff: 1024 } }", "staff: 1024 is text in a record: put it in quotes"],
    ["- tamper: { append: { type: sesion } }", 'there is no record of type "sesion": did you mean "session"?'],
    ["- tamper: { append: { type: signIn, grade: 5 } }", 'a signIn has no "grade"'],
    ["- forget: { bits: 3 }", "write one of record, page"],
    ["- forget: { record: 1, page: 0, bits: 3 }", "write one of record, page"],
    ["- forget: { record: 1, bits: [] }", "name a bit at least"],
    ["- expect: { ledger: [] }", "write ok"],
    ["- expect: {}", "nothing is expected"],
    ["- expect: { dispaly: 谢谢 }", 'there is no "dispaly" here: did you mean "display"?'],
    ["- expect: { lamp: { pause: on } }", '"on" is not possible here'],
    ["- expect: { sent: [] }", 'write "none"'],
    ["- expect: { sound: [none, press] }", '"none" stands alone'],
    ["- expect: { records: [{ type: sesion }] }", 'there is no record of type "sesion": did you mean "session"?'],
    ['- expect: { records: [{ type: session, stuff: "1" }] }', 'a session has no "stuff": did you mean "staff"?'],
    ["- expect: { records: [{ type: session, staff: 1024 }] }", "staff: 1024 is text in a record: put it in quotes"],
    ["- expect: { records: [{ type: session, outcome: done }] }", "known are rated, timeout, cancelled, staffLeft, pending"],
  ])("%s", (step, message) => {
    const problems = problemsOf(`${HEAD}  ${step}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
    expect(problems[0]).toMatch(/^test\.yaml:[45]: /);
  });

  it("may be no YAML at all", () => {
    expect(problemsOf("title: [")[0]).toMatch(/^test\.yaml:\d+: this is not YAML: /);
    expect(problemsOf("")[0]).toContain("title");
    expect(problemsOf("just words")[0]).toContain("test.yaml:1: ");
  });

  it("is told what is missing", () => {
    expect(problemsOf("title: A test").join("\n")).toMatch(/proves: is missing.*\n.*steps: is missing/);
    expect(problemsOf("title: A test\nproves: E2\nsteps: []")).toEqual(["test.yaml:3: steps: there are no steps"]);
  });

  it("may not name a key that this counter lacks", () => {
    expect(problemsOf(`config: { grades: [5, 3, 1] }\n${HEAD}  - key: satisfied\n`)).toEqual([
      'test.yaml:5: this counter has no key "satisfied": its keys mean [5,3,1], from the left',
    ]);
  });

  it("may not give two people one badge", () => {
    const people =
      'people:\n  - { badge: "W26:777777", number: "3001", name: 周敏 }\n  - { badge: "W26:1A2B3C", number: "3002", name: 周敏, post: 税务 }\n';
    expect(problemsOf(`${people}${HEAD}  - wait: 1 s\n`)[0]).toMatch(/^test\.yaml:2: post: /);
    expect(problemsOf(`${people.replace("name: 周敏 }", "name: 周敏, post: 税务 }")}${HEAD}  - wait: 1 s\n`)[0]).toContain(
      "belongs to 王小明 already",
    );
  });
});

describe("A scenario of a terminal that is not provisioned", () => {
  const REFUSED = "title: A test\nproves: E10\n";
  const failuresWith = (text: string): readonly string[] => runScenario(loadScenario(REFUSED + text, "test.yaml"), nodeEngine).failures;

  it("holds when every text is in the refusal, and leaves no trace", () => {
    const text = `${REFUSED}config: { timeoutMs: 1, thankMs: 2 }\nrefused: ["device sim-08: timeoutMs: must be", "thankMs: unknown field"]\n`;
    expect(runScenario(loadScenario(text, "test.yaml"), nodeEngine)).toEqual({ failures: [], trace: [] });
    expect(failuresWith("config: { thankMs: 2 }\nrefused: unknown field\n")).toEqual([]);
  });

  it("holds when somebody's name cannot be shown", () => {
    const people = 'people: [{ badge: "W26:777777", number: "3001", name: 王𠮷, post: 税务 }]';
    expect(failuresWith(`${people}\nrefused: is not in the font\n`)).toEqual([]);
  });

  it("fails where a text is not in the refusal, with the line of the text and the refusal", () => {
    expect(failuresWith('config: { thankMs: 2 }\nrefused:\n  - "thankMs: unknown field"\n  - "timeoutMs: "\n')).toEqual([
      'test.yaml:6: refused: "timeoutMs: " should be in the refusal, which says\ncounters: device sim-08: thankMs: unknown field',
    ]);
  });

  it("fails where the tool takes it", () => {
    expect(failuresWith("config: { timeoutMs: 6000 }\nrefused: timeoutMs\n")).toEqual([
      'test.yaml:4: refused: "timeoutMs" should be refused, and the terminal was provisioned',
    ]);
  });

  it.each([
    ["refused: []\n", "refused: name a text at least"],
    ["refused: 7\n", "refused: a text that the refusal contains is text: put it in quotes"],
    ["refused: x\nsteps: [{ wait: 1 s }]\n", 'there is no "steps" here'],
    ["refused: x\nunchecked-config: {}\n", 'there is no "unchecked-config" here'],
    ["refused: x\nstorage: {}\n", 'there is no "storage" here'],
  ])("cannot be read when it is %j", (text, message) => {
    const problems = problemsOf(REFUSED + text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^test\.yaml:[34]: /);
    expect(problems[0]).toContain(message);
  });
});

describe("The store of a scenario's terminal", () => {
  const stepsAfter = (head: string, step: string): readonly string[] =>
    runScenario(loadScenario(`title: A test\nproves: E10\n${head}\nsteps:\n  - wait: 1 s\n  - ${step}\n`, "test.yaml"), nodeEngine).failures;

  it.each([
    ["storage: { config: damaged }", "config: damaged"],
    ["storage: { config: missing }", "config: missing"],
    ["storage: { roster: damaged }", "roster: damaged or missing"],
    ["storage: { roster: missing }", "roster: damaged or missing"],
    ["unchecked-config: { grades: [5, 4] }", "grades: 3 to 5 different 1..5"],
    ["unchecked-config: { grades: [5, 4] }\nstorage: { config: damaged }", "config: damaged"],
  ])("is as %s says", (head, detail) => {
    expect(stepsAfter(head, `expect: { records: [{ type: started, selfTest: config }, { type: faultBegan, detail: "${detail}" }] }`)).toEqual([]);
  });

  it("has what the tool would not have written, and the tool's defaults besides", () => {
    const head = "config: { grades: [5, 3, 1] }\nunchecked-config: { thanksMs: 500, version: 77 }";
    expect(stepsAfter(head, "expect: { records: [{ type: started, configuration: 77, selfTest: ok }] }")).toEqual([]);
  });

  it("is not made of a configuration that the tool refuses: each problem is told where its field stands", () => {
    expect(problemsOf(`config:\n  timeoutMs: 1\n  colour: red\n${HEAD}  - wait: 1 s\n  - wiat: 2 s\n`)).toEqual([
      "test.yaml:2: timeoutMs: must be a whole number from 5000 to 120000; if the scenario is about that, write refused instead of steps",
      "test.yaml:3: colour: unknown field; if the scenario is about that, write refused instead of steps",
      expect.stringContaining('test.yaml:8: there is no step "wiat"'),
    ]);
  });

  it.each([
    ["unchecked-config: { grade: [5, 4] }", 'there is no "grade" here: did you mean "grades"?'],
    ["storage: { phrases: damaged }", 'there is no "phrases" here'],
    ["storage: { config: lost }", '"lost" is not possible here'],
  ])("cannot be as %s says", (head, message) => {
    const problems = problemsOf(`${head}\n${HEAD}  - wait: 1 s\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`test.yaml:1: `);
    expect(problems[0]).toContain(message);
  });
});

describe("An expectation", () => {
  it("that holds says nothing", () => {
    expect(
      failuresOf("badge: 王小明", 'expect: { display: ["1024", 王小明], records-total: 2, lamp: { pause: dark }, sound: signIn, power: on }'),
    ).toBe("");
  });

  it("of a text tells the line, the picture, and what can be read instead", () => {
    const failure = failuresOf("wait: 1 s", "expect:\n      lamp: { pause: lit }\n      display: [谢谢]");
    expect(failure).toMatch(/^test\.yaml:7: display: "谢谢" should be on the display, and is not/);
    expect(failure).toContain('On the display: "暂停服务", "无人在岗"');
    expect(failure).toMatch(/[▀▄█]/);
    expect(failure).toContain("This was at 1000 ms.");
  });

  it("of a text that no glyph can show fails, also when the text should not be there", () => {
    expect(failuresOf("expect: { not-display: [𪚥] }")).toContain('no font has "𪚥"');
  });

  it("of a dark display notices a lit one", () => {
    expect(failuresOf("expect: { display: dark }")).toContain("display: should be dark");
    expect(failuresOf("power: off", "expect: { display: dark, power: off }")).toBe("");
  });

  it("of records compares them one by one", () => {
    const failure = failuresOf("badge: 王小明", 'expect: { records: [{ type: started }, { type: signIn, staff: "7" }, { type: signOut }] }');
    expect(failure).toContain('  - signIn {"staff":"7"}\n  + signIn {"staff":"1024","badge":"W26:1A2B3C","punctuality":""}');
    expect(failure).toContain("  - signOut {}");
  });

  it("of nothing notices something", () => {
    const failure = failuresOf("badge: 王小明", "expect: { records: [], records-added: [], sent: none, sound: none, tone: [], records-total: 0 }");
    expect(failure.match(/^test\.yaml:5: (\S+):/gm)).toEqual([
      "test.yaml:5: tone:",
      "test.yaml:5: sound:",
      "test.yaml:5: records:",
      "test.yaml:5: records-added:",
      "test.yaml:5: records-total:",
      "test.yaml:5: sent:",
    ]);
  });

  it("of an answer looks at the last one, and notices that there is none", () => {
    const asked = ["badge: 王小明", "host: { invite: T-1 }", "host: { message: { id: x, do: sing } }"];
    expect(failuresOf(...asked, "expect: { answer: unknownCommand }")).toBe("");
    expect(failuresOf(...asked, "expect: { answer: ok }")).toContain("answer: expected ok; the last command was answered by unknownCommand");
    expect(failuresOf("wait: 1 s", "expect: { answer: ok }")).toContain("answer: expected ok; no command was answered");
  });

  it("of messages wants them in their order", () => {
    expect(failuresOf("badge: 王小明", "expect: { sent: [{ seq: 1 }, { seq: 2, record: { type: signIn } }] }")).toBe("");
    expect(failuresOf("badge: 王小明", "expect: { sent: [{ seq: 2 }, { seq: 1 }] }")).toContain('expected {"seq":1}');
  });

  it("of the ledger wants all that is wrong with it, and nothing else", () => {
    const changed = ["badge: 王小明", 'tamper: { change: { sequence: 2, staff: "7" } }'];
    expect(failuresOf("badge: 王小明", "expect: { ledger: ok }")).toBe("");
    expect(failuresOf(...changed, "expect: { ledger: [Record 2] }")).toBe("");
    expect(failuresOf(...changed, "expect: { ledger: ok }")).toMatch(
      /ledger: expected ok; wrong with it is\n {4}Record 2 at page 0, slot 2 was changed/,
    );
    expect(failuresOf(...changed, "expect: { ledger: [Record 2, Record 3] }")).toContain('expected "Record 2", "Record 3"');
    expect(failuresOf("badge: 王小明", "expect: { ledger: Record 2 }")).toContain("wrong with it is\n    nothing");
  });

  it("of tampering tells what stands in its way", () => {
    expect(failuresOf("tamper: { remove: 9 }")).toContain("test.yaml:4: tamper: there is no record 9 in flash");
    expect(failuresOf("power: off", "tamper: { change: { sequence: 1, grade: 5 } }")).toContain('tamper: a started has no "grade", but firmware');
    expect(failuresOf(`tamper: { change: { sequence: 1, author: "${"x".repeat(300)}" } }`)).toContain("has no room for");
  });

  it("of flash that forgets tells what is not there", () => {
    expect(failuresOf("forget: { record: 9, bits: 1 }")).toContain("test.yaml:4: forget: there is no record 9 in flash");
    expect(failuresOf("forget: { page: 1, bits: 1 }")).toContain("forget: the ledger has 1 page, counted from 0");
    expect(failuresOf("wait: 1 s", "forget: { record: 1, bits: 512 }")).toContain("forget: record 1 has 512 bits only");
  });

  it("of flash that forgets two bits of a record wants all that is wrong with it", () => {
    expect(failuresOf("badge: 王小明", "forget: { record: 2, bits: [130, 131] }", "expect: { ledger: ok }")).toContain("Record 2");
  });

  it("looks only at what came after the one before", () => {
    expect(failuresOf("badge: 王小明", "expect: { power: on }", "wait: 1 s", "expect: { records-added: [], sound: none, sent: none }")).toBe("");
  });

  it("of what is cut off by the power counts a cut that never came as a failure", () => {
    expect(failuresOf("cut: { bytes: 1 }", "wait: 1 s")).toContain("test.yaml:4: the power was never cut");
    expect(failuresOf("cut: { bytes: 1 }", "badge: 王小明", "expect: { power: off }")).toBe("");
  });
});

describe("SCENARIOS.md", () => {
  const document = readFileSync(new URL("../../sim/scenario/SCENARIOS.md", import.meta.url), "utf8");
  const examples = [...document.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] as string);

  it.each(STEP_NAMES)("explains the step %s, with an example", (name) => {
    expect(document.split("## Expectations")[0]).toContain(`### \`${name}\``);
    expect(examples.some((example) => new RegExp(`^ *- ${name}: `, "m").test(example) || (name === "expect" && example.includes("- expect:")))).toBe(
      true,
    );
  });

  it.each(EXPECTATIONS)("explains the expectation %s, with an example", (name) => {
    expect(document.split("## Expectations")[1]).toContain(`### \`${name}\``);
    expect(examples.some((example) => new RegExp(`expect:.*\\s(${name}):`, "s").test(example))).toBe(true);
  });

  it.each(examples.map((example) => [example.split("\n")[0], example]))("has an example that can be read: %s", (_, example) => {
    const steps = example?.startsWith("title:") ? example : `${HEAD}${example?.replace(/^(?=.)/gm, "  ")}`;
    expect(problemsOf(steps as string)).toEqual([]);
  });

  it.each([...new Set([...Object.keys(scenarioSchema.shape), ...Object.keys(refusedSchema.shape)])])("explains the field %s of a file", (name) => {
    expect(document.split("## Steps")[0]).toContain(`\n| \`${name}\` | `);
  });

  const wholes = examples.filter((example) => example.startsWith("title:"));

  it.each(wholes.map((example) => [example.split("\n")[0], example]))("has an example that holds: %s", (_, example) => {
    expect(runScenario(loadScenario(example as string, "SCENARIOS.md"), nodeEngine).failures).toEqual([]);
  });

  it("shows all sides of the format in whole examples", () => {
    expect(wholes).toHaveLength(7);
  });
});

describe("A bouncing contact", () => {
  const levels = (isDown: boolean, bounceMs: number): string =>
    contactEdges("key1", isDown, 0, bounceMs)
      .map((edge) => `${edge.atMs}${edge.isDown ? "v" : "^"}`)
      .join(" ");

  it("falls back for a millisecond again and again, and ends as it began", () => {
    expect(levels(true, 0)).toBe("0v");
    expect(levels(true, 2)).toBe("0v 1^ 2v");
    expect(levels(true, 8)).toBe("0v 1^ 2v 4^ 8v");
    expect(levels(false, 8)).toBe("0^ 1v 2^ 4v 8^");
  });

  it("settles exactly when its bouncing ends, whatever the time", () => {
    for (let bounceMs = 2; bounceMs <= 60; bounceMs++) {
      const edges = contactEdges("key1", true, 5, bounceMs);
      expect(edges[edges.length - 1]).toEqual({ atMs: 5 + bounceMs, key: "key1", isDown: true });
      for (const [i, edge] of edges.entries()) expect(edge.isDown).toBe(i % 2 === 0);
      expect(edges.every((edge, i) => i === 0 || edge.atMs > (edges[i - 1]?.atMs as number))).toBe(true);
    }
  });
});

describe("Sounds in a trace", () => {
  const heard = (nowMs: number, ...tones: [number, number][]): string[] =>
    soundsOf(
      tones.map(([atMs, toneHz]) => ({ atMs, toneHz })),
      nowMs,
    ).map(({ text }) => text);

  it("are told by notes and lengths", () => {
    expect(heard(1000, [0, 1047], [120, 0], [160, 1319], [340, 0], [500, 2093], [530, 0])).toEqual(["invite", "press or apology"]);
  });

  it("that still play may be several things", () => {
    expect(heard(50, [0, 1047])).toEqual(["invite or signIn"]);
    expect(heard(100, [0, 1047])).toEqual(["invite"]);
  });

  it("that begin again before they are over count twice", () => {
    expect(heard(1000, [0, 2093], [50, 0])).toEqual(["press or apology", "press or apology"]);
  });

  it("of no length were not heard", () => {
    expect(heard(1000, [0, 1047], [0, 2093], [30, 0])).toEqual(["press or apology"]);
  });

  it("that are no pattern are told as tones", () => {
    expect(heard(1000, [0, 555], [70, 0])).toEqual(["a tone of 555 Hz for 70 ms"]);
  });
});

describe("Two traces", () => {
  const trace: readonly TraceLine[] = [
    { atMs: 0, power: "on" },
    { atMs: 5, lamp: "pause", isLit: true },
    { atMs: 9, display: "00".repeat(1024) },
  ];
  const compare = (other: readonly TraceLine[]): string | undefined => compareTraces({ name: "node", trace }, { name: "bundle", trace: other });

  it("that are equal differ in nothing", () => {
    expect(compare([...trace])).toBeUndefined();
  });

  it("show both sides of their first difference, and what came before", () => {
    const difference = compare([trace[0] as TraceLine, { atMs: 5, lamp: "pause", isLit: false }]);
    expect(difference).toContain("part at line 2:");
    expect(difference).toContain("both   |       0 ms  power on");
    expect(difference).toContain("node   |       5 ms  pause light lit");
    expect(difference).toContain("bundle |       5 ms  pause light dark");
  });

  it("say where one of them ends", () => {
    expect(compare(trace.slice(0, 1))).toContain("bundle | (its trace ends here)");
  });

  it("show rows of a picture that differ twice", () => {
    const difference = compare([...trace.slice(0, 2), { atMs: 9, display: `ff${"00".repeat(1023)}` }]);
    expect(difference).toContain("  node   > \n  bundle > █\n");
  });
});

describe("The nearest word", () => {
  it("is near, or there is none", () => {
    expect(nearest("dispaly", ["display", "lamp"])).toBe("display");
    expect(nearest("banana", ["display", "lamp"])).toBeUndefined();
  });
});
