// Cuts every write and erase of a script in every way, on every ring; then the start behind each cut in every way; and so on to any depth.

import { ToolError } from "../../firmware/tools/tool-error.js";
import { cutOfName, cutsOf, nameOfCut } from "../chips/cut-models.js";
import { Examiner, type Verdict } from "./check.js";
import { type DayOperation, rehearse } from "./day.js";
import { cutImage, type Recorded } from "./device.js";
import { RINGS, type Ring } from "./geometries.js";
import { Counting, type OnProgress, type Proof, Sample } from "./proof.js";

export interface LedgerOptions {
  /** Names of the rings. Default: all. */
  readonly rings?: readonly Ring[];
  /** Number of starts in a row that are cut behind the cut of the script. */
  readonly depth: number;
  /** Number of the only operation to cut. Default: all. */
  readonly operation?: number | undefined;
  /** Seed of the random patterns. */
  readonly seed?: number | undefined;
  /** One cut in so many is tried, of an operation and of each start after it. Default: 1, all. */
  readonly oneIn?: number | undefined;
  readonly onProgress?: OnProgress;
}

/** Tries every point. */
export function proveLedger({ rings = RINGS, depth, operation: only, seed = 0, oneIn, onProgress }: LedgerOptions): Proof {
  const counting = new Counting("ledger");
  const sample = new Sample(oneIn);
  for (const ring of rings) {
    const { operations } = rehearse(ring);
    const examiner = new Examiner(ring);
    operations.forEach((operation, number) => {
      if (only !== undefined && only !== number) return;
      onProgress?.(ring, number, operations.length);
      tryOperation(examiner, operation, `${ring.name}:${number}`, depth, seed, sample, counting);
    });
  }
  return counting.proof();
}

/** Tries one operation of the script and all starts behind it, level by level: an image that was met before has been followed to the same depth. */
function tryOperation(
  examiner: Examiner,
  operation: DayOperation,
  name: string,
  depth: number,
  seed: number,
  sample: Sample,
  counting: Counting,
): void {
  const { ring } = examiner;
  /** The result of each image. A start depends on the content of flash alone. */
  const problems = new Map<string, string | undefined>();
  let level: { readonly recorded: Recorded; readonly name: string }[] = [{ recorded: operation, name }];
  for (let starts = 0; starts <= depth && level.length > 0; starts++) {
    const next: typeof level = [];
    for (const point of level) {
      const { before, operation: interrupted } = point.recorded;
      for (const cut of sample.of(cutsOf(interrupted, before, ring, starts === 0 ? "all" : "few", seed))) {
        const image = cutImage(point.recorded, ring, cut);
        const key = Buffer.from(image.buffer, image.byteOffset, image.length).toString("latin1");
        let problem = problems.get(key);
        if (!problems.has(key)) {
          const verdict = examiner.examine(image, operation.moment);
          const cutName = `${point.name}:${nameOfCut(cut)}`;
          problem = verdict.problem;
          problems.set(key, problem);
          if (verdict.isBegunLost) counting.begunLost++;
          if (problem) counting.fail({ point: cutName, step: operation.moment.step, problem });
          else if (starts < depth) next.push(...verdict.recovery.map((recorded, i) => ({ recorded, name: `${cutName}:${i}` })));
        }
        counting.count(ring, cut.model, problem !== undefined);
      }
    }
    level = next;
  }
  counting.images += problems.size;
}

/** There is no such point. */
export class PointError extends ToolError {
  constructor(message: string) {
    super("usage", message, "The power was not cut.", "See with --explain what --only takes.");
  }
}

/** One point in detail. */
export interface ClosePoint {
  readonly step: string;
  /** Each operation that was cut. */
  readonly operations: readonly string[];
  readonly verdict: Verdict;
  /** The operations of the start behind the last cut. */
  readonly recovery: readonly string[];
}

/**
 * Tries one point.
 * @param path an operation and its cut, then an operation of the next start and its cut, and so on
 * @throws PointError
 */
export function tryPoint(ring: Ring, path: readonly string[]): ClosePoint {
  const day = rehearse(ring).operations;
  const examiner = new Examiner(ring);
  const moment = day[Number(path[0])]?.moment;
  let choices: readonly Recorded[] = day;
  let verdict: Verdict | undefined;
  const operations: string[] = [];
  for (let i = 0; i < path.length; i += 2) {
    const recorded = choices[Number(path[i])];
    const cut = cutOfName(path[i + 1] ?? "");
    if (!recorded || !moment || !cut)
      throw new PointError(`there is no point ${path.join(":")} on ${ring.name}, operation ${path[i]} with ${path[i + 1]}`);
    operations.push(`${wordsOf(recorded, ring)}, cut as ${path[i + 1]}`);
    verdict = examiner.examine(cutImage(recorded, ring, cut), moment);
    choices = verdict.recovery;
  }
  if (!verdict || !moment) throw new PointError("a point is an operation and a cut");
  return { step: moment.step, operations, verdict, recovery: choices.map((recorded) => wordsOf(recorded, ring)) };
}

function wordsOf({ operation }: Recorded, { pageBytes }: Ring): string {
  if (operation.kind === "erase") return `erase of page ${operation.page}`;
  const { offset, data } = operation;
  return `write of ${data.length} bytes at page ${Math.floor(offset / pageBytes)}, byte ${offset % pageBytes}`;
}
