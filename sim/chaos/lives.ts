// Plays many lives of chaos at once, on all processors. Each has its own hall with terminals, links and a receiver, and its own seed.

import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { ChaosOptions, ChaosResult } from "./chaos.js";
import type { Fault } from "./faults.js";

/** Most messages of one life, because its records are kept in memory to the end. */
const MOST_MESSAGES = 125_000;
/** Most objects of a life are garbage at once: with more room for young ones it takes a tenth less time. */
const NODE_OPTIONS = ["--import", "tsx", "--max-semi-space-size=64"];

/** The sum of the results of all lives. The first life has this seed, and each later one the next number. */
export interface LivesResult extends ChaosResult {
  readonly lives: number;
  readonly processes: number;
}

/** @throws Error when a life ends without a result */
export async function runLives(options: ChaosOptions, onProgress?: (messages: number) => void): Promise<LivesResult> {
  const { seed, messages } = options;
  const lives = Math.max(1, Math.ceil(messages / MOST_MESSAGES));
  const processes = Math.min(lives, availableParallelism());
  const beginMs = performance.now();
  const results: ChaosResult[] = [];
  let next = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = fork(fileURLToPath(new URL("./life.ts", import.meta.url)), { execArgv: NODE_OPTIONS, serialization: "advanced" });
      try {
        while (next < lives) {
          const life = next++;
          const result = await live(child, { ...options, seed: seed + life, messages: Math.ceil(messages / lives) });
          results[life] = result;
          done += result.messages.up + result.messages.down;
          onProgress?.(done);
        }
      } finally {
        child.kill();
      }
    }),
  );
  return { ...together(results), seed, lives, processes, seconds: (performance.now() - beginMs) / 1000 };
}

function live(child: ChildProcess, options: ChaosOptions): Promise<ChaosResult> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`the process of seed ${options.seed} has ended`));
    child.once("exit", onExit);
    child.once("message", (result: ChaosResult) => {
      child.off("exit", onExit);
      resolve(result);
    });
    child.send(options);
  });
}

function together(results: readonly ChaosResult[]): Omit<ChaosResult, "seed" | "seconds"> {
  const sum = (numberIn: (result: ChaosResult) => number): number => results.reduce((total, result) => total + numberIn(result), 0);
  const kinds = Object.keys((results[0] as ChaosResult).faults) as Fault[];
  const alarms = new Map<string, number>();
  for (const result of results) for (const [kind, count] of result.alarms) alarms.set(kind, (alarms.get(kind) ?? 0) + count);
  return {
    faults: Object.fromEntries(kinds.map((kind) => [kind, sum(({ faults }) => faults[kind])])) as ChaosResult["faults"],
    messages: { up: sum(({ messages }) => messages.up), down: sum(({ messages }) => messages.down) },
    written: sum(({ written }) => written),
    writtenByCounters: sum(({ writtenByCounters }) => writtenByCounters),
    stored: sum(({ stored }) => stored),
    repeated: sum(({ repeated }) => repeated),
    commits: sum(({ commits }) => commits),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    altered: sum(({ altered }) => altered),
    problems: results.flatMap(({ seed, problems }) => problems.map((problem) => `seed ${seed}: ${problem}`)),
    alarms,
    virtualSeconds: sum(({ virtualSeconds }) => virtualSeconds),
  };
}
