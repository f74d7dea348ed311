// npm run powercut: cuts the power in every write and erase, in every way, and checks whether a rating is lost, doubled or altered. The exit code is 1 when
// one is.

import { Command } from "commander";
import { boardNames, readBoard } from "../../firmware/tools/build/build.js";
import { runProgram, wholeNumber } from "../../firmware/tools/program.js";
import { ERASE_MODELS, WRITE_MODELS } from "../chips/cut-models.js";
import { PointError, proveLedger, tryPoint } from "./exhaustive.js";
import { RINGS, type Ring } from "./geometries.js";
import { joinProofs, lossesOf, type Proof, pointsOf, proofTable } from "./proof.js";
import { LONG_RINGS, proveAgain } from "./repeated-cut.js";
import { proveSlots, SLOT_RINGS } from "./slots.js";
import { proveTerminal, TERMINAL_RINGS } from "./terminal.js";
import { FIVE_YEARS, isWornOut, simulateWear, type Wear, wearTable } from "./wear.js";

interface Options {
  readonly deep?: boolean;
  readonly only?: string;
  readonly seed: number;
  readonly wear?: boolean;
  readonly explain?: boolean;
}

/** Number of failures that are printed. */
const MOST_PRINTED = 20;

const HOW = `
ledger    A script of two days, or of a morning, drives the ledger on rings of flash like the boards', in small. Each of its writes and erases is cut in every way,
          and so is each write of the start after it (with --deep of the one after that, too). Then both readers have to find every record once, in order,
          as it was written, and nothing else; the totals are counted again; the log has to take more records, and a page has to turn.
slots     Roster, pictures, configuration, pictures and roster again are replaced. Each write and erase of it is cut in every way, and so is each of the start after it. The terminal
          then has the new files where the record of the switch is in the ledger, and the old ones where it is not, never one of each; the next start has
          the same, and another roster can be brought in.
again     The same record is cut at start after start, on rings with pages as long as the boards have them.
terminal  The whole terminal through a day with badges, sessions, a pause and a night. The power comes back: who was on duty still is, who was asked is asked
          again, and the host has whatever anybody was thanked for, once.

${Object.entries({ ...WRITE_MODELS, ...ERASE_MODELS })
  .map(([name, what]) => `${name.padEnd(10)}${what}`)
  .join("\n")}
`;

/** Shows the progress to somebody who waits at a terminal. */
function tell(ring: Ring, operation: number, operations: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${ring.name}: operation ${operation + 1} of ${operations}`);
}

function ringNamed(rings: readonly Ring[], name: string | undefined): Ring {
  const ring = rings.find((each) => each.name === name);
  if (!ring) throw new PointError(`there is no ring ${name} in this part: ${rings.map((each) => each.name).join(", ")}`);
  return ring;
}

function operationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber()(text);
}

function proveAll(options: Options): Proof {
  const depth = options.deep ? 2 : 1;
  return joinProofs([
    proveLedger({ depth, seed: options.seed, onProgress: tell }),
    proveAgain(),
    proveSlots({ seed: options.seed, onProgress: tell }),
    proveTerminal({ onProgress: tell }),
  ]);
}

/** The part, ring or operation that `--only` names. @param words of `--only` */
function proveSome([part, name, operation]: readonly string[], options: Options): Proof {
  if (part === "again") return proveAgain([ringNamed(LONG_RINGS, name)]);
  if (part === "slots") {
    return proveSlots({ rings: [ringNamed(SLOT_RINGS, name)], operation: operationOf(operation), seed: options.seed, onProgress: tell });
  }
  if (part === "terminal") return proveTerminal({ rings: [ringNamed(TERMINAL_RINGS, name)], operation: operationOf(operation), onProgress: tell });
  return proveLedger({
    rings: [ringNamed(RINGS, part)],
    operation: operationOf(name),
    depth: options.deep ? 2 : 1,
    seed: options.seed,
    onProgress: tell,
  });
}

/** Prints one point with all details. @returns whether it holds */
function lookAt(words: readonly string[]): boolean {
  const { step, operations, verdict, recovery } = tryPoint(ringNamed(RINGS, words[0]), words.slice(1));
  console.log(`under way: ${step}`);
  for (const operation of operations) console.log(operation);
  console.log(`the next start makes ${recovery.length} operations${recovery.map((operation, i) => `\n  ${i}: ${operation}`).join("")}`);
  if (verdict.isBegunLost) console.log("a session that was begun has left no record");
  console.log(verdict.problem ? `LOST: ${verdict.problem}` : "nothing is lost");
  return !verdict.problem;
}

/** @returns whether every point holds */
function print(proof: Proof, seconds: number): boolean {
  console.log(proofTable(proof));
  console.log(`\n${pointsOf(proof)} points, ${proof.images} different contents of flash, ${lossesOf(proof)} losses, in ${seconds.toFixed(0)} s`);
  console.log(
    `At ${proof.begunLost} of them a session that was begun left no record: the ring was full, or the power went more than once. Nobody was thanked.`,
  );
  for (const { point, step, problem } of proof.failures.slice(0, MOST_PRINTED)) {
    console.log(`\nLOST  npm run powercut -- --only ${point}\n      under way: ${step}\n      ${problem}`);
  }
  if (proof.failures.length > MOST_PRINTED) console.log("\nand more");
  return proof.failures.length === 0;
}

/** @returns whether the flash of every board lasts */
async function printWear(): Promise<boolean> {
  const wears: Wear[] = [];
  for (const name of boardNames()) {
    const board = readBoard(name);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}`);
    wears.push(simulateWear(board));
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(`${FIVE_YEARS.days} days with ${FIVE_YEARS.sessions} sessions each, simulated in full\n\n${wearTable(wears)}`);
  return !wears.some(isWornOut);
}

/** @returns whether everything holds */
async function run(options: Options): Promise<boolean> {
  if (options.explain) console.log(HOW);
  if (options.wear) return printWear();
  const words = options.only?.split(":") ?? [];
  if (words.length > 2 && words[0] !== "terminal" && words[0] !== "slots") return lookAt(words);
  const beginMs = performance.now();
  const proof = words.length > 0 ? proveSome(words, options) : proveAll(options);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  if (pointsOf(proof) === 0) throw new PointError(`nothing was tried: there is no operation ${words.at(-1)} there`);
  return print(proof, (performance.now() - beginMs) / 1000);
}

const program = new Command("powercut")
  .description("Takes the power away in every write and erase, in every way, and looks whether a rating is lost, doubled or altered.")
  .option("--deep", "cut two starts in a row after each cut, not one: takes hours")
  .option(
    "--only <point>",
    "a ring, one of its operations, or one point: 3x512/4:117:bits-3-1; again:RING, slots:RING:OPERATION or terminal:RING:OPERATION",
  )
  .option("--seed <number>", "other random patterns", wholeNumber(), 0)
  .option("--wear", "erases of each page in five years, instead")
  .option("--explain", "say what is tried")
  .action(async (options: Options) => {
    if (!(await run(options))) process.exitCode = 1;
  });

await runProgram(program);
