// Everything that a host can send, on the real interpreter: the board's line reader, the decoder, the signatures, and the checks of a command's fields. A crash of
// the interpreter, an error that nobody caught, or a good line that was not heard behind a bad one, is a failure. Each crash that was found is a case.

import { expect, it } from "vitest";
import { amount } from "../depth.js";
import { seedFrom } from "../seed.js";
import { FuzzProgram, type FuzzResult } from "./fuzz-program.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the decoders' fuzz on the real interpreter: set ESPRUINO=/path/to/espruino");

const RUNS = amount(1000, 20_000, "FUZZ_RUNS");
const BATCH = 200;
/** Longest time for an input on a machine that does other things too, and for a start, in ms. */
const INPUT_MS = 100;
const START_MS = 30_000;

const LONG = "0123456789abcdef".repeat(16);
const message = (fields: object): string => JSON.stringify(fields);

/** What has ended an interpreter, or has left an error that nobody caught. */
const CASES: Readonly<Record<string, string>> = {
  "a prototype that is a text": '{"__proto__":"xxxxxxxxxxxxxxxxxxxx"}',
  "the same in an escape": '{"\\u005f_proto__":"xxxxxxxxxxxxxxxxxxxx"}',
  "an object as the command": '{"do":{"toString":1}}',
  "a number of a hundred digits": `{"do":"waiting","count":${"9".repeat(100)}}`,
  "a long text as a count": message({ do: "waiting", count: LONG }),
  "a long text as a number of a record": message({ do: "resend", seq: LONG }),
  "a long text as an offset": message({ do: "piece", at: LONG, data: "AAAAAAAAAAA=" }),
  "an exponent that takes seconds": '{"do":"waiting","count":1e999999999}',
  "the same behind another quote": `{'"':1e999999999,"a":1}`,
  "the same behind a comment": '{/*"*/"a":1e999999999,"b":"\\""}',
  "a small exponent that takes seconds": '{"do":"waiting","count":0.1e-999999999}',
  "a list as a count": '{"do":"waiting","count":[1]}',
  "nesting as deep as a message": `{"do":${"[".repeat(240)}${"]".repeat(240)}}`,
};

function failed(result: FuzzResult): string {
  return [`the newest it began: ${result.begun.at(-1)}`, `input: ${result.lastInput}`, result.output].join("\n");
}

it.skipIf(!binary)("answers the good line behind each input that has ended an interpreter", { timeout: 200_000 }, async () => {
  const program = await FuzzProgram.install(binary as string);
  for (const [name, text] of Object.entries(CASES)) {
    const result = await program.run({ seed: 1, batches: 0, inputs: 0, isVerbose: true, cases: [text] }, START_MS);
    expect(result.isWhole, `${name}\n${failed(result)}`).toBe(true);
    expect(result.problems, name).toEqual([]);
  }
});

it.skipIf(!binary)("survives random messages", { timeout: START_MS * 4 + RUNS * INPUT_MS }, async () => {
  const program = await FuzzProgram.install(binary as string);
  const batches = Math.ceil(RUNS / BATCH);
  const seed = seedFrom("FUZZ_SEED");
  const result = await program.run({ seed, batches, inputs: BATCH }, START_MS + RUNS * INPUT_MS);
  if (!result.isWhole) {
    // The batch again, this time with each input written down before it is tried.
    const last = Number(result.begun.at(-1)?.split(" ")[1]);
    const again = await program.run({ seed: last, batches: 1, inputs: BATCH, isVerbose: true }, START_MS * 2);
    expect.fail(`batch ${last} of FUZZ_SEED=${seed} ended the program\n${failed(result)}\nagain: ${failed(again)}`);
  }
  expect(result.problems).toEqual([]);
  console.info(`${batches * BATCH} inputs in ${result.seconds.toFixed(0)} s`);
});
