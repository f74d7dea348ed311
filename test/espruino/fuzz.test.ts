// Everything that a host can send, on the real interpreter: the board's line reader, the decoder, the signatures, and the checks of a command's fields. A crash of
// the interpreter, an error that nobody caught, or a good line that was not heard behind a bad one, is a failure. Each crash that was found is a case.

import { availableParallelism } from "node:os";
import { crc32 } from "node:zlib";
import { expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { lineOf, parseMessage } from "../../firmware/uplink/codec.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";
import { entryProgram } from "../../sim/espruino/entry-program.js";
import { amount, IS_DEEP } from "../depth.js";
import { seedFrom } from "../seed.js";
import { type FuzzMessage, FuzzMessages } from "./fuzz-messages.js";
import { FuzzProgram, type FuzzRun } from "./fuzz-program.js";

const binary = process.env.ESPRUINO;
if (!binary) console.warn("SKIPPED the decoders' fuzz on the real interpreter: set ESPRUINO=/path/to/espruino");

/** Messages for the whole terminal, and lines for the decoder alone. */
const MESSAGES = amount(500, 20_000, "FUZZ_RUNS");
const LINES = amount(20_000, 1_000_000, "FUZZ_LINES");
/** Messages that one terminal gets before the next one starts, and lines that one program reads. */
const LIFE = 200;
const BATCH = 10_000;
/** Chunks in which fuzz-decoder-entry.ts reads. */
const CHUNK_BYTES = 211;
/** Fields that the interpreter does not show to a loop. Nobody reads them. */
const HIDDEN = /^(constructor$|\xff)/;
/** Longest time for a message and a line on a machine that does other things too, and for a start, in ms. */
const MESSAGE_MS = 100;
const LINE_MS = 10;
const START_MS = 30_000;

/** So many variables may be kept: the interpreter makes some itself when it needs them first. */
const PINNED = 10;

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
  ...Object.fromEntries(
    ['"a":"b"', '"a":1', '"a":[1', '"a":[]', '"a":{"b":2}', '"a"', '"a":true'].flatMap((before) =>
      [64, 65, 220].map((length) => [
        `a string of ${length} characters behind ${before}`,
        `{"id":1,${before}${" ".repeat(length % 3)}"${"x".repeat(length)}"}`,
      ]),
    ),
  ),
  "nesting as deep as a message": `{"do":${"[".repeat(240)}${"]".repeat(240)}}`,
};

/** What the program reads for a message. */
function entryOf(kind: "fresh" | "same", { text, signedId = "", spoilt }: FuzzMessage): string {
  return `${kind}\n${text}\n${signedId}\n${spoilt ? spoilt.join(" ") : ""}\n`;
}

/** Whether the program came to its end, and if not, where it ended. */
function endOf({ progress, output }: FuzzRun, messages: readonly FuzzMessage[]): string {
  const lines = progress.trimEnd().split("\n");
  if (lines.at(-1) === `end ${messages.length}`) return "";
  const at = Number(lines.findLast((line) => line.startsWith("message "))?.slice(8) ?? 0);
  return `message ${at}: ${JSON.stringify(messages[at])}\n${output}`;
}

async function tryOut(program: FuzzProgram, messages: readonly FuzzMessage[], life: number): Promise<FuzzRun> {
  const file = messages.map((message, i) => entryOf(i % life ? "same" : "fresh", message)).join("");
  const run = await program.run("messages", `${file}\n`, START_MS + messages.length * MESSAGE_MS);
  expect(endOf(run, messages)).toBe("");
  expect(run.progress.split("\n").filter((line) => line.startsWith("problem "))).toEqual([]);
  const pinned = [...run.progress.matchAll(/^pinned (\d+)$/gm)].map(([, variables]) => Number(variables));
  expect(Math.max(...pinned) - Math.min(...pinned), `variables that were never freed, life by life: ${pinned}`).toBeLessThan(PINNED);
  return run;
}

const ENTRIES = { messages: "test/espruino/fuzz-entry.ts", lines: "test/espruino/fuzz-decoder-entry.ts" };

// Nobody who has no interpreter would see that they have come to import what no program can have.
it.runIf(IS_DEEP || binary).each(Object.entries(ENTRIES))("has a program for its %s, with an interpreter or without", async (_, entry) => {
  expect(await entryProgram(board.name, entry)).toContain("progress");
});

it.skipIf(!binary)("answers the good line behind each input that has ended an interpreter", { timeout: 200_000 }, async () => {
  const program = await FuzzProgram.inFlash(binary as string, ENTRIES.messages);
  for (const [name, text] of Object.entries(CASES)) {
    await tryOut(program, [{ text }], 1).catch((error: Error) => expect.fail(`${name}\n${error.message}`));
  }
});

it.skipIf(!binary)("survives random messages", { timeout: START_MS * 4 + MESSAGES * MESSAGE_MS }, async () => {
  const program = await FuzzProgram.inFlash(binary as string, ENTRIES.messages);
  const source = new FuzzMessages(seedFrom("FUZZ_SEED"));
  const messages = Array.from({ length: MESSAGES }, () => source.next());
  const { seconds } = await tryOut(program, messages, LIFE);
  console.info(`${MESSAGES} messages in ${seconds.toFixed(0)} s`);
});

/** Lines as a hostile host sends them: most with a right CRC, or nobody would look at them. */
function hostileLines(source: FuzzMessages, count: number): string[] {
  const lines: string[] = [];
  const crc = (text: string): number => crc32(Buffer.from(text, "latin1"));
  while (lines.length < count) {
    const { text } = source.next();
    const relatives = Array.from({ length: 9 }, () => source.relative(text));
    for (const each of [text, ...relatives]) {
      const line = lineOf(each, crc);
      lines.push(source.below(50) ? line + (source.below(8) ? "" : "\r") : line.slice(source.below(line.length)));
    }
  }
  return lines.slice(0, count);
}

/** What the line reader hears of lines, on Node. */
function textsIn(lines: string): string[] {
  const texts: string[] = [];
  const crc = (text: string): number => crc32(Buffer.from(text, "latin1"));
  const hear = createLineReader((text) => texts.push(text), crc);
  // The same chunks: whether a line that is shorter than any message is heard depends on them.
  for (let at = 0; at < lines.length; at += CHUNK_BYTES) hear(lines.slice(at, at + CHUNK_BYTES));
  return texts;
}

async function readAsNode(program: FuzzProgram, lines: string): Promise<void> {
  const { progress, output } = await program.run("lines", lines, START_MS + BATCH * LINE_MS);
  const texts = textsIn(lines);
  const heard = progress.trimEnd();
  expect(progress.endsWith("\n"), `what stands behind ${JSON.stringify(texts[heard.length])} ended the program\n${output}`).toBe(true);
  expect(heard.length).toBe(texts.length);
  // The interpreter reads more than JSON. What is JSON, and what could harm it, it has to take as Node does. Of a field that comes twice it takes the first one, which
  // PROTOCOL.md forbids.
  const different = texts.filter((text, i) => {
    const message = parseMessage(text);
    const names = [...text.matchAll(/"([^"]*)":/g)].map(([, name]) => name);
    const isShown = (name: string): boolean => !HIDDEN.test(name);
    return message && new Set(names).size === names.length && heard[i] !== `${Math.min(Object.keys(message).filter(isShown).length, 9)}`;
  });
  expect(different).toEqual([]);
}

it.skipIf(!binary)("reads lines as Node does", { timeout: START_MS * 4 + LINES * LINE_MS }, async () => {
  const program = await FuzzProgram.inMemory(binary as string, ENTRIES.lines);
  const source = new FuzzMessages(seedFrom("FUZZ_SEED"));
  const begin = performance.now();
  let left = LINES;
  async function work(): Promise<void> {
    while (left > 0) {
      const count = Math.min(BATCH, left);
      left -= count;
      await readAsNode(program, `${hostileLines(source, count).join("\n")}\n`);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.info(`${LINES} lines in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
});
