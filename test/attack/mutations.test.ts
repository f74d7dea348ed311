// Whether the attacker notices: each protection of the firmware is taken out in a copy of the project, and the case that needs it has to go red.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { IS_DEEP } from "../depth.js";
import { type Edit, Mutant, strayEdits } from "./mutant.js";

const binary = process.env.ESPRUINO;
if (IS_DEEP && !binary) console.warn("SKIPPED the mutations that only a real interpreter suffers from: set ESPRUINO=/path/to/espruino");

interface Mutation extends Edit {
  readonly what: string;
  readonly red: string;
  /** Node takes no harm from it. */
  readonly needsInterpreter?: boolean;
  /** A program that an interpreter does not survive, if it takes harm from the mutation. Builds differ. */
  readonly deadly?: string;
}

const GUARD = "firmware/uplink/command-authentication.ts";
const CODEC = "firmware/uplink/codec.ts";

const MUTATIONS: readonly Mutation[] = [
  {
    what: "an answer is that to the id, whatever the command was",
    file: "firmware/uplink/uplink.ts",
    from: "if (known.substr(0, text.length) === text) {",
    to: 'if (known.substr(0, text.indexOf(",")) === text.substr(0, text.indexOf(","))) {',
    red: "an id comes again with another signed command",
  },
  {
    what: "signed and plain answers are remembered together, by their ids",
    file: "firmware/uplink/uplink.ts",
    from: 'const answers = message["signed"] ? signedAnswers : plainAnswers;',
    to: "const answers = plainAnswers; text = text.substr(0, text.indexOf(',') + 1);",
    red: "a stranger uses the id that the hall uses next",
  },
  {
    what: "no signature is compared",
    file: GUARD,
    from: 'if (!hasKey || parts.toBase64(ledger.mac("command:" + text)) !== message["mac"]) error = "badMac";',
    to: 'if (!hasKey) error = "badMac";',
    red: "a signed command in clear, and with a wrong MAC",
  },
  {
    what: "commands that change records need no signature",
    file: GUARD,
    from: "|card",
    to: "",
    red: "a signed command in clear, and with a wrong MAC",
  },
  {
    what: "acknowledgements need no signature",
    file: GUARD,
    from: "(acknowledge|",
    to: "(",
    red: "an acknowledgement without a signature",
  },
  {
    what: "numbers may come again",
    file: GUARD,
    from: 'else if (!(n > newest)) error = "replayed";',
    to: "",
    red: "the number of a signed command is used again",
  },
  {
    what: "signatures outlive a restart",
    file: GUARD,
    from: 'const isThisStart = command["start"] === start;',
    to: "const isThisStart = true;",
    red: "what was signed before a restart",
  },
  {
    what: "a start has no random part",
    file: GUARD,
    from: '":" + parts.random32()',
    to: '":"',
    red: "what was signed before the flash was restored from a copy",
  },
  {
    what: "fields may be objects",
    file: GUARD,
    from: 'if (command[name] && typeof command[name] === "object") return "bad object";',
    to: "",
    red: "objects and lists as fields",
  },
  {
    what: "any counter is a neighbour",
    file: "firmware/terminal/neighbours.ts",
    from: 'state.config.neighbours.indexOf(counter) < 0 ? "bad counter" : ',
    to: "",
    red: "states of a thousand invented neighbours",
  },
  {
    what: "__proto__ is parsed",
    file: CODEC,
    from: 'if (text.indexOf("__proto__") >= 0) return {};',
    to: "",
    red: "__proto__ in every escape, as a key",
    needsInterpreter: true,
    deadly: 'var o = JSON.parse(\'{"__proto__":"xxxxxxxxxxxxxxxxxxxx"}\'); o["do"];',
  },
  {
    what: "exponents are parsed",
    file: CODEC,
    from: "|[0-9.][eE]/",
    to: "/",
    red: "numbers with an exponent that a slow parser multiplies out",
    needsInterpreter: true,
  },
  {
    what: "strings are parsed wherever they stand",
    file: CODEC,
    from: " || (i < parts.length - 1 && !/[{,:\\x5b]\\s*$/.test(part))",
    to: "",
    red: "long texts where JSON has none",
    needsInterpreter: true,
  },
];

const mutant = new Mutant();
beforeAll(() => {
  if (IS_DEEP) mutant.copy();
});
afterAll(() => mutant.remove());

/** Whether the interpreter comes to the end of a program. */
function survives(program: string): boolean {
  const file = path.join(mutant.folder, "probe.js");
  writeFileSync(file, `${program}\nprint("survived");\nquit();\n`);
  return spawnSync(binary as string, [file], { encoding: "latin1", timeout: 10_000, cwd: mutant.folder, input: "" }).stdout.includes("survived");
}

it.each(MUTATIONS)("the firmware has what a mutation takes out: $what", (mutation) => {
  expect(strayEdits([mutation])).toEqual([]);
});

it.skipIf(!IS_DEEP).for(MUTATIONS)("the attacker notices that $what", { timeout: 240_000 }, (mutation, { skip }) => {
  const { red, needsInterpreter, deadly } = mutation;
  skip(needsInterpreter === true && !binary, "needs ESPRUINO");
  skip(deadly !== undefined && survives(deadly), "this build of the interpreter takes no harm from it");
  const env = { ESPRUINO: needsInterpreter ? binary : undefined };
  // A terminal that dies has no outcome.
  const { outcomes, words, complaints } = mutant.attack([mutation], "test/attack/terminals.ts", red, env);
  expect(outcomes.map(({ case: name }) => name).filter((name) => name !== red)).toEqual([]);
  expect(
    outcomes.every(({ outcome }) => outcome !== "held"),
    words + complaints,
  ).toBe(true);
  if (outcomes.length === 0) expect(complaints).toMatch(/Uncaught|Error/);
});
