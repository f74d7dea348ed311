// Says which records stand out of order, and which headers of pages are wrong.

import { type Case, namesOf, realOnes, say, sayOfPage } from "./case.js";

/** Says which records stand out of order. @returns whether none does */
export function checkOrder(log: Case): boolean {
  const inOrder = realOnes(log);
  const numbers = inOrder.map(({ number }) => number as number);
  const moved = movedOf(numbers);
  const isNext = (place: number): boolean => numbers[place] === (numbers[place - 1] as number) + 1;
  for (let i = 0; i < moved.length; i++) {
    const begin = moved[i] as number;
    while (moved[i + 1] === (moved[i] as number) + 1 && isNext(moved[i + 1] as number)) i++;
    const [from, to] = [numbers[begin] as number, numbers[moved[i] as number] as number];
    const place = begin > 0 ? `behind record ${numbers[begin - 1]}` : "before all others";
    const verb = from === to ? "stands" : "stand";
    say(log, "reordered", from, `${namesOf(from, to)} ${verb} out of order: ${place}, at ${inOrder[begin]?.where}.`, to);
  }
  return moved.length === 0;
}

/** Says which headers contradict the records. @param isInOrder whether the records stand in the order of their numbers */
export function checkHeaders(log: Case, isInOrder: boolean): void {
  const { pages, records, begin, wrongPages } = log;
  const inOrder = realOnes(log);
  for (const [i, page] of pages.entries()) {
    const { firstSequence, mac } = page;
    const isLate = inOrder.some((link) => link.page === page.index && (link.number as number) < firstSequence);
    const earlierPages = pages.slice(0, i).map(({ index }) => index);
    const isEarly = inOrder.some((link) => earlierPages.includes(link.page as number) && (link.number as number) >= firstSequence);
    // Where records stand out of order, the header is not to blame.
    if (isInOrder && (isLate || isEarly)) wrongPages.add(page);
    if (wrongPages.has(page)) {
      sayOfPage(log, page, `its header says that record ${firstSequence} comes first in it, which is not so`);
      continue;
    }
    const before = records.get(firstSequence - 1);
    const known = records.get(firstSequence)?.proof?.mac ?? (before?.isProven ? before.mac : mac);
    if (firstSequence - 1 === begin.sequence && !begin.mac.equals(mac))
      sayOfPage(log, page, "its header was changed, where it has not the name of this log");
    else if (!known.equals(mac)) sayOfPage(log, page, `its header was changed, where it has not the MAC of record ${firstSequence - 1}`);
  }
}

/** Places of the numbers that stand out of order: as few as explain it. */
function movedOf(numbers: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const misplaced = numbers.flatMap((number, i) => (number === sorted[i] ? [] : [i]));
  if (misplaced.length === 0) return [];
  // The longest ascending row stays; the numbers beside it were moved. The best row to a number continues the best row to a smaller number before it.
  const ends: number[] = [];
  const before: number[] = [];
  numbers.forEach((number, i) => {
    const length = ends.filter((end) => (numbers[end] as number) < number).length;
    before[i] = length > 0 ? (ends[length - 1] as number) : -1;
    ends[length] = i;
  });
  const kept = new Set<number>();
  for (let i = ends[ends.length - 1] as number; i >= 0; i = before[i] as number) kept.add(i);
  const others = numbers.flatMap((_, i) => (kept.has(i) ? [] : [i]));
  return misplaced.length <= others.length ? misplaced : others;
}
