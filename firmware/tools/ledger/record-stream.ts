// Verifies records of one log that somebody has stored, such as a host.

import { judgeChain } from "./chain/judge.js";
import type { ChainItem, LedgerProblem, RecordHead } from "./chain/question.js";
import { bufferOver, damageOf, SLOT_BYTES } from "./record-reader.js";
import { bytesOf, type Evidence, itemOf, readInto, scopeOf, type Verification } from "./verification.js";

/** The evidence against which a stream of records is checked. */
export interface StreamEvidence extends Evidence {
  readonly logId: number;
  /** The record before the first one. Without it the first one is the first of the log. */
  readonly previous?: RecordHead | undefined;
}

/**
 * Checks records of one log that somebody has stored, such as a host.
 * @param records each as it came in the uplink's `record` message, oldest first
 */
export function verifyRecords(records: readonly Uint8Array[], evidence: StreamEvidence): Verification {
  const { key, head, previous, logId } = evidence;
  const problems: LedgerProblem[] = [];
  const items: ChainItem[] = [];
  records.forEach((bytes, i) => {
    const where = `place ${i + 1}`;
    const buffer = bufferOver(bytes);
    const damage = damageOf(buffer);
    if (buffer.length < SLOT_BYTES) {
      problems.push({ kind: "changed", sequence: undefined, last: undefined, words: `The bytes at ${where} are no record: ${damage}.` });
      return;
    }
    const item = itemOf(buffer, where, damage);
    items.push(item);
    if (damage === undefined) readInto([], problems, buffer, item);
  });
  const begin = previous ? { sequence: previous.sequence, mac: Buffer.from(previous.mac, "hex") } : { sequence: 0, mac: bytesOf(logId) };
  const judged = judgeChain({ items, pages: [], first: begin.sequence + 1, begin, key, head });
  return { ...judged, problems: [...problems, ...judged.problems], scope: scopeOf(judged.verified, items.length, head) };
}
