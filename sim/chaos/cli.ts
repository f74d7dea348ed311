// npm run chaos: a million messages over faulty links, between terminals and a receiver that die now and then. The exit code is 1 when a record is lost,
// doubled or altered.

import { Command } from "commander";
import { runProgram, wholeNumber } from "../../firmware/tools/program.js";
import { isWhole } from "./chaos.js";
import { FAULTS, type Fault } from "./faults.js";
import { type LivesResult, runLives } from "./lives.js";

/** See test/seed.ts. */
function seedOf(wanted = process.env.CHAOS_SEED ?? "20261123"): number {
  return wanted === "new" ? Math.floor(Math.random() * 0x7fffffff) : wholeNumber()(wanted);
}

/** The result as a table for people. */
export function chaosTable(result: LivesResult): string {
  const { seed, faults, messages, written, writtenByCounters, stored, repeated, commits, lost, doubled, altered } = result;
  const total = messages.up + messages.down;
  const rows: [string, number, string][] = [
    ...(Object.entries(faults) as [Fault, number][]).map(([fault, count]): [string, number, string] => [fault, count, FAULTS[fault]]),
    ["faults", Object.values(faults).reduce((sum, count) => sum + count, 0), "all of them"],
    ["messages", total, `${messages.up} from terminals, ${messages.down} to them`],
    ["records", written, `committed in flash, ${writtenByCounters} of them by whole terminals`],
    ["stored", stored, `in ${commits} transactions; ${repeated} came again and changed nothing`],
    ["lost", lost, ""],
    ["doubled", doubled, ""],
    ["altered", altered, ""],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, count, words]) => `${name.padEnd(width)}  ${`${count}`.padStart(8)}  ${words}`.trimEnd());
  const { lives, processes, virtualSeconds, seconds } = result;
  const seeds = lives > 1 ? `seeds ${seed} to ${seed + lives - 1}` : `seed ${seed}`;
  return [
    ...lines,
    "",
    `${seeds}: ${Math.round(virtualSeconds)} s of the terminals in ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} messages a second in ${processes} processes`,
    ...result.problems.map((problem) => `WRONG: ${problem}`),
  ].join("\n");
}

const program = new Command("chaos")
  .description("Terminals and a receiver over links that go wrong: is every record in the database, once?")
  .option("--messages <number>", "lines that are sent before everything is healed", wholeNumber(), 1_000_000)
  .option("--ledgers <number>", "terminals that consist of the firmware's ledger and uplink", wholeNumber(), 400)
  .option("--counters <number>", "whole terminals, with people at them", wholeNumber(), 12)
  .option("--seed <number>", "which random life; CHAOS_SEED does the same, and CHAOS_SEED=new draws one", wholeNumber())
  .action(async (options: { messages: number; ledgers: number; counters: number; seed?: number }) => {
    const seed = options.seed ?? seedOf();
    console.log(`seed ${seed}: --seed ${seed} repeats this`);
    const result = await runLives({ ...options, seed }, (messages) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${messages} messages`);
    });
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    console.log(chaosTable(result));
    if (!isWhole(result)) process.exitCode = 1;
  });

await runProgram(program);
