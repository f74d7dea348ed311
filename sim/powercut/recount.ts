// Counts a month's totals from the requests to the ledger, without reading flash, and compares them with the totals that the tool counts in an image.

import { Outcome, RecordType } from "../../firmware/ledger/records.js";
import type { LedgerRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { type Tally, totalsOf } from "../../firmware/tools/ledger/totals.js";
import type { Expected } from "./device.js";

/** The totals of a clerk's records. */
type Sums = Map<string, number>;

/** @returns the difference between the totals of an image and those of the records that should be in it, or undefined */
export function totalsProblem(records: readonly LedgerRecord[], expected: readonly Expected[]): string | undefined {
  const wanted = sumsOf(expected);
  const counted = totalsOf(records);
  const found: Sums = new Map();
  for (const [staff, tally] of Object.entries(counted.byClerk)) addTally(found, staff, tally);
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    if ((wanted.get(key) ?? 0) !== (found.get(key) ?? 0)) return `${key}: ${found.get(key) ?? 0}, and ${wanted.get(key) ?? 0} were given`;
  }
  let all = 0;
  for (const number of wanted.values()) all += number;
  const total: Sums = new Map();
  addTally(total, "all", counted.all);
  let sum = 0;
  for (const number of total.values()) sum += number;
  return sum === all ? undefined : `${sum} in all, and ${all} were given`;
}

function addTally(sums: Sums, staff: string, tally: Tally): void {
  for (const [grade, number] of Object.entries(tally.grades)) add(sums, `${staff} grade ${grade}`, number);
  add(sums, `${staff} cards`, tally.cards);
  add(sums, `${staff} timeouts`, tally.timeouts);
  add(sums, `${staff} cancelled`, tally.cancelled);
  add(sums, `${staff} staffLeft`, tally.staffLeft);
  add(sums, `${staff} notInvited`, tally.notInvited);
  add(sums, `${staff} voided`, tally.voided);
}

function sumsOf(expected: readonly Expected[]): Sums {
  const sums: Sums = new Map();
  const voided = new Set(expected.filter(({ type }) => type === RecordType.Voided).map(({ values }) => values[0]));
  for (const { sequence, type, values } of expected) {
    for (const what of wordsOf(type, values)) {
      if (!voided.has(sequence)) add(sums, `${values[0]} ${what}`, 1);
    }
    if (voided.has(sequence)) add(sums, `${values[0]} voided`, 1);
  }
  return sums;
}

/** The count to which a record belongs. */
function wordsOf(type: RecordType, values: Expected["values"]): readonly string[] {
  if (type === RecordType.NotInvited) return ["notInvited"];
  if (type === RecordType.Card) return ["cards", `grade ${values[2]}`];
  if (type !== RecordType.Session) return [];
  switch (values[2]) {
    case Outcome.Rated:
      return [`grade ${values[3]}`];
    case Outcome.Timeout:
      return ["timeouts"];
    case Outcome.Cancelled:
      return ["cancelled"];
    case Outcome.StaffLeft:
      return ["staffLeft"];
    default:
      return [];
  }
}

function add(sums: Sums, key: string, number: number): void {
  if (number > 0) sums.set(key, (sums.get(key) ?? 0) + number);
}
