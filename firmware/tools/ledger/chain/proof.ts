// Finds out which records follow from which, and gives every record its number.

import { type Candidate, type Case, type Link, say } from "./case.js";
import { macOf } from "./question.js";

/** Finds out which records follow from which. A record is proven when its MAC follows from some MAC before it, wherever that stands. */
export function proveAll({ links, anchors, pages, key }: Case): void {
  const bySequence = new Map<number, Link[]>();
  for (const link of links) bySequence.set(link.sequence, [...(bySequence.get(link.sequence) ?? []), link]);

  function candidatesFor(link: Link): Candidate[] {
    const before = bySequence.get(link.sequence - 1) ?? [];
    const neighbour = links[link.place - 1];
    const page = neighbour?.page === link.page ? undefined : pages.find(({ index }) => index === link.page);
    return [
      ...before.map((item) => ({ mac: item.mac, item })),
      ...anchors.filter(({ sequence }) => sequence === link.sequence - 1),
      ...before.flatMap((item) => item.expected.map((mac) => ({ mac, item, isExpected: true }))),
      ...(neighbour ? [{ mac: neighbour.mac, item: neighbour }] : []),
      ...(page ? [{ mac: page.mac }] : []),
      ...(link.remains ?? []).map((mac) => ({ mac })),
    ];
  }

  function prove(link: Link, secret: Uint8Array): void {
    const candidates = candidatesFor(link);
    link.proof = candidates.find(({ mac }) => macOf(secret, mac, link.signed).equals(link.mac));
    link.isProven = link.proof !== undefined;
    // One step only: behind two wrong records nothing is certain.
    if (!link.proof) link.expected = candidates.filter(({ isExpected }) => !isExpected).map(({ mac }) => macOf(secret, mac, link.signed));
    else if (link.proof.item && link.proof.isExpected) link.proof.item.contentsProvenBy = `record ${link.sequence}`;
    else if (link.proof.item) link.proof.item.vouchedBy = `record ${link.sequence}`;
  }

  if (key) for (const link of [...links].sort((a, b) => a.sequence - b.sequence)) prove(link, key);
  for (const link of links) {
    // The proof decides the number of the record before, whatever number stands in it.
    const before = link.proof?.item;
    if (before && !before.isProven) before.number = link.sequence - 1;
    link.vouchedBy ||= anchors.find(({ sequence, mac }) => sequence === link.sequence && mac.equals(link.mac))?.words ?? "";
  }
}

/** Gives numbers to damaged records: the number in them where it fits between their neighbours, else the next one. */
export function numberDamaged({ links, start }: Case): void {
  let before = start - 1;
  for (const link of links) {
    if (link.number === undefined) {
      const after = links.slice(link.place + 1).find(({ number }) => number !== undefined)?.number ?? Number.POSITIVE_INFINITY;
      const isClaimFit = link.sequence > before && link.sequence < after && (Number.isFinite(after) || link.sequence === before + 1);
      const isDueFit = !link.isProven && !isClaimFit && before + 1 < after;
      link.number = isDueFit ? before + 1 : link.sequence;
    }
    before = link.number;
  }
}

/** Chooses one of several records with the same number: at most one of them is real. */
export function takeOneOfEachNumber(log: Case): void {
  for (const [number, same] of groupByNumber(log.links)) {
    const [best, ...others] = same.sort((a, b) => rankOf(b, log.links) - rankOf(a, log.links)) as [Link, ...Link[]];
    log.records.set(number, best);
    for (const other of others) {
      log.invented.add(other);
      // The remains of a failed write: it never counted, and the record was written again.
      if (other.damage !== undefined && other.page !== undefined) continue;
      const isCopy = other.mac.equals(best.mac) && other.signed.equals(best.signed);
      const what = isCopy ? "it is a copy of the one" : "the record with this number is another, the one";
      say(log, "invented", number, `Record ${number} at ${other.where} was invented: ${what} at ${best.where}.`);
    }
  }
}

/** Finds where the log begins, and headers that contradict the MAC in them. */
export function findStart(log: Case): void {
  const { links, pages, records, wrongPages } = log;
  const oldest = pages[0];
  for (const page of pages) {
    const follower = links.find((link) => link.page === page.index);
    if (!follower?.proof?.mac.equals(page.mac) || follower.number === page.firstSequence) continue;
    wrongPages.add(page);
    if (page === oldest) log.start = follower.number as number;
  }
  const early = [...records].filter(([number]) => number < log.start);
  if (oldest && early.some(([, { isProven }]) => isProven)) {
    wrongPages.add(oldest);
    log.start = Math.min(...early.map(([number]) => number));
    return;
  }
  for (const [number, link] of early) {
    log.invented.add(link);
    records.delete(number);
    say(log, "invented", number, `Record ${number} at ${link.where} was invented: this log begins with record ${log.start} here.`);
  }
}

function groupByNumber(links: readonly Link[]): Map<number, Link[]> {
  const groups = new Map<number, Link[]>();
  for (const link of links) groups.set(link.number as number, [...(groups.get(link.number as number) ?? []), link]);
  return groups;
}

/** How much speaks for a record among several with the same number. */
function rankOf(link: Link, links: readonly Link[]): number {
  const isBehind = links[link.place - 1]?.number === (link.number as number) - 1;
  const isBefore = links[link.place + 1]?.number === (link.number as number) + 1;
  const trust = link.isProven ? 16 : link.contentsProvenBy ? 12 : link.vouchedBy ? 8 : 0;
  return trust + (link.damage === undefined ? 4 : 0) + Number(isBehind) + Number(isBefore);
}
