// Whether the attacker notices: each protection of the firmware is taken out in a copy of the project, and the case that needs it has to go red.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Edit } from "../compiled-program.js";
import { IS_DEEP } from "../depth.js";
import { COUNTER_CASES } from "./counter-attacker.js";
import { Mutant, strayEdits } from "./mutant.js";

const binary = process.env.ESPRUINO;
if (IS_DEEP && !binary) console.warn("SKIPPED the mutations that only a real interpreter suffers from: set ESPRUINO=/path/to/espruino");

interface Mutation extends Edit {
  readonly what: string;
  readonly red: string;
  /** What plays the case; where it is not said, the attacker of the link. */
  readonly program?: string;
  /** Node takes no harm from it. */
  readonly needsInterpreter?: boolean;
  /** A program that an interpreter does not survive, if it takes harm from the mutation. Builds differ. */
  readonly deadly?: string;
}

const GUARD = "firmware/uplink/command-authentication.ts";
const CODEC = "firmware/uplink/codec.ts";
const SESSION = "firmware/terminal/session.ts";
const BADGE = "firmware/terminal/badge.ts";

/** A protection of the counter. */
function counter(what: string, red: string, file: string, from: string, to = ""): Mutation {
  return { what, red, file, from, to, program: "test/attack/counters.ts" };
}

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
    from: " card ",
    to: " ",
    red: "a signed command in clear, and with a wrong MAC",
  },
  {
    what: "acknowledgements need no signature",
    file: GUARD,
    from: " acknowledge ",
    to: " ",
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
    from: 'state.config[Setting.Neighbours].indexOf(counter) < 0 ? "bad counter" : ',
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
  counter(
    "a press counts where nobody is asked",
    "a passer-by presses every key where nobody is asked: no clerk is there, one is, and before the invite",
    SESSION,
    "if (state.session !== Session.Open || !grade ||",
    "if (!grade ||",
  ),
  counter(
    "a rating stays open behind its press",
    "a citizen presses all keys a hundred times within one rating",
    SESSION,
    "state.session = Session.Thanks;",
    "state.session = Session.Open;",
  ),
  counter(
    "the first of two keys counts",
    "a citizen presses two keys at once, in every pair, and then one",
    SESSION,
    "  state.session = Session.Open;\n  state.chordAtMs = atMs;\n",
    "",
  ),
  counter(
    "another grade is recorded than the pressed one",
    "somebody else than the citizen presses while the rating is open, which no terminal can tell",
    SESSION,
    "state.grade = grade;",
    "state.grade = 6 - grade;",
  ),
  counter(
    "the answer light tells the grade",
    "somebody watches and listens at the counter to learn the grade",
    SESSION,
    'state.answerUntilMs = atMs + ANSWER_MS;\n  return "press";',
    'state.answerUntilMs = atMs + ANSWER_MS + grade;\n  return "press";',
  ),
  counter(
    "a missed invite is an end like any other",
    "a clerk ends matters of the host without an invite, and by the next citizen, a pause and going home",
    "firmware/terminal/transaction.ts",
    "isMissed ? RecordType.NotInvited : RecordType.Ended",
    "RecordType.Ended",
  ),
  counter(
    "a power cut lets a citizen be asked again",
    "a clerk cuts the power behind a bad press, and asks again",
    "firmware/terminal/restore.ts",
    "mark = isVoid ? Mark.Again : Mark.Rated;",
    "mark = Mark.Again;",
  ),
  counter(
    "a power cut ends a rating",
    "a clerk cuts the power while the citizen is asked, again and again",
    SESSION,
    "if (values[2] === Outcome.Pending) openSession(",
    "if (!values) openSession(",
  ),
  counter(
    "a fast press is like any other",
    "a clerk presses the best key for citizens who are not there, fast and often",
    "firmware/terminal/suspicion.ts",
    "state.suspect |= Suspect.Fast;",
    ";",
  ),
  counter(
    "nobody hears of a key that is out of order",
    "a clerk blocks the worst key, and one that only chatters",
    "firmware/terminal/key-health.ts",
    'raiseAlert(state, "key", detail);',
  ),
  counter(
    "a revoked badge is like any other",
    "badges of strangers, of people who may not work here, and of nobody",
    "firmware/terminal/admission.ts",
    'if (staff.isRevoked) return "Revoked";',
  ),
  counter(
    "anybody approves",
    "a clerk approves with the badge of a stranger, of another clerk, and the own one",
    BADGE,
    '} else if (staff.role === "supervisor") {',
    '} else if (staff.role === "supervisor" || state.asked) {',
  ),
  counter(
    "a record of a sign-in does not have the badge",
    "a copy of a badge is used while its owner is away, which no terminal can tell",
    "firmware/terminal/duty.ts",
    "[staff.number, badge].concat",
    '[staff.number, ""].concat',
  ),
  counter(
    "an alert names people",
    "somebody reads all that is sent: staff numbers and grades, and neither key, name nor citizen",
    SESSION,
    'raiseAlert(state, "badRating", clerk.number);',
    'raiseAlert(state, "badRating", clerk.name);',
  ),
  counter(
    "a line needs no check",
    "what opens a console is typed at the link",
    CODEC,
    "lineOf(text, crc32) === text + line.substr(text.length).toLowerCase() ? text : undefined;",
    "lineOf(text, crc32) === text + line.substr(text.length).toLowerCase() ? text : line;",
  ),
  counter(
    "anybody may open the console",
    "somebody opens the console, restarts, and changes the files without a name, as a stranger, and as a maintainer",
    "firmware/app/host-commands.ts",
    'if (!isRole(by, "maintainer")) return "bad by";',
  ),
];

/** Cases that show what is not prevented: nothing stands behind them that could be taken out. */
const LIMITS: readonly string[] = ["a clerk serves without the host and invites nobody, which nothing notices"];

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

it("each case at the counter has a mutation that it notices", () => {
  const noticed = [...MUTATIONS.map(({ red }) => red), ...LIMITS];
  expect(COUNTER_CASES.map(({ name }) => name).filter((name) => !noticed.includes(name))).toEqual([]);
});

it.each(MUTATIONS)("the firmware has what a mutation takes out: $what", (mutation) => {
  expect(strayEdits([mutation])).toEqual([]);
});

it.skipIf(!IS_DEEP).for(MUTATIONS)("the attacker notices that $what", { timeout: 240_000 }, (mutation, { skip }) => {
  const { red, needsInterpreter, deadly } = mutation;
  skip(needsInterpreter === true && !binary, "needs ESPRUINO");
  skip(deadly !== undefined && survives(deadly), "this build of the interpreter takes no harm from it");
  const env = { ESPRUINO: needsInterpreter ? binary : undefined };
  // A terminal that dies has no outcome.
  const { outcomes, words, complaints } = mutant.attack([mutation], mutation.program ?? "test/attack/terminals.ts", red, env);
  expect(outcomes.map(({ case: name }) => name).filter((name) => name !== red)).toEqual([]);
  expect(
    outcomes.every(({ outcome }) => outcome !== "held"),
    words + complaints,
  ).toBe(true);
  if (outcomes.length === 0) expect(complaints).toMatch(/Uncaught|Error/);
});
