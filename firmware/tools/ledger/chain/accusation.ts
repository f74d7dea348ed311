// Says which records were changed or invented, by their MACs.

import { type Case, type Link, namesOf, runsOf, say } from "./case.js";

/** Says of each record whether its MAC accuses it. */
export function accuseAll(log: Case): void {
  const { key, links, records } = log;
  const numbers = sortedNumbers(records);
  // A single record may only have lost the one before it. Two whole neighbours that are both unproven prove that the key is wrong.
  const isWhole = (number: number): boolean => records.get(number)?.damage === undefined && records.has(number);
  const hasNeighbours = numbers.some((number) => isWhole(number) && isWhole(number + 1));
  const isAllForeign = key !== undefined && hasNeighbours && !links.some(({ isProven }) => isProven);
  if (isAllForeign) {
    const words = `None of the ${links.length} records verifies with this key: it is another terminal's key, or all of them were invented.`;
    say(log, "invented", numbers[0], words, numbers[numbers.length - 1]);
  }
  const unverified: number[] = [];
  for (const number of numbers) {
    const link = records.get(number) as Link;
    const isAccused = accuseByItself(log, number, link);
    if (isAccused || isAllForeign) continue;
    if (link.isProven) checkFollows(log, number, link);
    else if (macBefore(log, number)) accuseByMac(log, number, link);
    else unverified.push(number);
  }
  for (const [from, to] of runsOf(unverified)) {
    const doubt = records.get(to)?.vouchedBy ? "" : " It may be invented.";
    say(log, "unverified", from, `${namesOf(from, to)} cannot be verified: the MAC of the record before is not known.${doubt}`, to);
  }
}

/** Says what is wrong with a record by itself, whatever stands before it. @returns whether anything is */
function accuseByItself(log: Case, number: number, link: Link): boolean {
  const start = `Record ${number} at ${link.where} was changed`;
  if (link.damage !== undefined) say(log, "changed", number, `${start} or damaged: ${link.damage}.`);
  else if (link.sequence !== number) say(log, "changed", number, `${start}: it says that it is record ${link.sequence}.`);
  else if (!link.isProven && link.contentsProvenBy)
    say(log, "changed", number, `${start}: ${link.contentsProvenBy} proves what it says, but not the MAC that stands in it.`);
  else return false;
  return true;
}

/** Who knows for certain the MAC of the record before this number; "": nobody does. */
function macBefore({ records, anchors }: Case, number: number): string {
  const before = records.get(number - 1);
  if (before?.isProven || before?.vouchedBy) return `record ${number - 1}`;
  return anchors.find(({ sequence }) => sequence === number - 1)?.words ?? "";
}

/** Says what is wrong with a record that does not follow from a MAC that is certain. */
function accuseByMac(log: Case, number: number, link: Link): void {
  const { head, pages, records, invented } = log;
  const start = `Record ${number} at ${link.where} was changed`;
  if (link.vouchedBy) {
    const before = macBefore(log, number);
    const or = before.startsWith("record") ? "" : number === 1 ? ", or it is of another log" : `, or ${before}`;
    say(log, "changed", number, `${start} or invented${or}: the MAC in it, for which ${link.vouchedBy} vouches, does not fit what it says.`);
    return;
  }
  const proven = [...records].filter(([, { isProven }]) => isProven).map(([each]) => each);
  if (number <= Math.max(head?.sequence ?? 0, ...pages.map(({ firstSequence }) => firstSequence - 1), ...proven)) {
    say(log, "changed", number, `${start} or invented: its MAC is wrong.`);
    return;
  }
  invented.add(link);
  say(log, "invented", number, `Record ${number} at ${link.where} was invented, or changed: the chain does not lead to it.`);
}

/** Two neighbours may both be proven, but not one by the other. */
function checkFollows(log: Case, number: number, link: Link): void {
  const before = log.records.get(number - 1);
  if (!link.proof || !before?.isProven || before.damage !== undefined || link.proof.mac.equals(before.mac)) return;
  const places = `record ${number - 1} at ${before.where} and record ${number} at ${link.where}`;
  say(
    log,
    "invented",
    number,
    `One of ${places} is from another copy of this log: both were made with the key, and the one does not follow the other.`,
  );
}

function sortedNumbers(records: ReadonlyMap<number, unknown>): number[] {
  return [...records.keys()].sort((a, b) => a - b);
}
