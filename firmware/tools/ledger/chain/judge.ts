// Judges a chain of records: which were removed, changed, put into another order or invented. It knows MACs and numbers, and no bytes of records.

import { accuseAll } from "./accusation.js";
import { openCase } from "./case.js";
import { checkHead, findGaps } from "./gaps.js";
import { checkHeaders, checkOrder } from "./order.js";
import { findStart, numberDamaged, proveAll, takeOneOfEachNumber } from "./proof.js";
import type { ChainJudgement, ChainQuestion } from "./question.js";

/** Says everything that is wrong with a log. Of a log that nobody touched it says nothing. */
export function judgeChain(question: ChainQuestion): ChainJudgement {
  const log = openCase(question);
  proveAll(log);
  numberDamaged(log);
  takeOneOfEachNumber(log);
  findStart(log);
  accuseAll(log);
  const isInOrder = checkOrder(log);
  checkHeaders(log, isInOrder);
  const end = findGaps(log);
  const headState = checkHead(log, end);
  log.problems.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const proven = [...log.records.values()].filter(({ isProven }) => isProven);
  return { problems: log.problems, verified: question.key ? proven.length : undefined, head: headState };
}
