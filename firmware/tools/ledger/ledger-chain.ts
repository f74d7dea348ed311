// Judges a chain of records: what was removed, changed, put into another order or invented. It knows MACs and numbers; ledger-reader.ts knows bytes.

import { createHmac } from "node:crypto";

/**
 * What is wrong.
 * - `removed`: numbers are missing between others.
 * - `changed`: a record is not as it was written.
 * - `reordered`: a record stands at another place than its own.
 * - `invented`: a record that the chain does not lead to, or a second one with its number.
 * - `missing`: the host has stored records that should be there, or another record with that number.
 * - `unverified`: nothing says that a record is wrong, but what would prove it is gone.
 * - `unreadable`: the fields of a record are not what its type has.
 * - `page`: the header of a page contradicts the others, or the records.
 * - `totals`: the terminal's own totals are not what its records give.
 */
export type ProblemKind = "removed" | "changed" | "reordered" | "invented" | "missing" | "unverified" | "unreadable" | "page" | "totals";

/** One thing that is wrong with a log. */
export interface LedgerProblem {
  readonly kind: ProblemKind;
  /** Number of the record; undefined where it is none or not known. */
  readonly sequence: number | undefined;
  /** Last of several neighbouring records that share the problem, else as `sequence`. */
  readonly last: number | undefined;
  /** The same as a sentence. */
  readonly words: string;
}

/** Number and MAC of a record that somebody else has seen: of the newest that the host has stored, for instance. */
export interface RecordHead {
  readonly sequence: number;
  /** The 4 bytes of its MAC as 8 hexadecimal digits, in their order in flash. */
  readonly mac: string;
}

/** What became of the head: `overwritten` is no fault, its page was used again. */
export type HeadState = "notGiven" | "found" | "overwritten" | "missing";

/** A record, or what is left of one, at its place. */
export interface ChainItem {
  /** For people. */
  readonly where: string;
  /** Page that it stands in; undefined where there are no pages. */
  readonly page?: number | undefined;
  /** The number in it. */
  readonly sequence: number;
  /** The MAC in it. */
  readonly mac: Buffer;
  /** The bytes that the MAC is made over, without the MAC before them. */
  readonly signed: Buffer;
  /** Why it is no whole record, as the end of a sentence. */
  readonly damage?: string | undefined;
  /** What may be MACs in slots before it that hold no record any more. */
  readonly remains?: readonly Buffer[];
}

/** The header of a page in use. */
export interface ChainPage {
  readonly index: number;
  readonly order: number;
  /** Number of its first record. */
  readonly firstSequence: number;
  /** MAC of the record before that one. */
  readonly mac: Buffer;
}

export interface ChainQuestion {
  /** Oldest first, as they stand. */
  readonly items: readonly ChainItem[];
  /** Oldest first; none for a stream of records. */
  readonly pages: readonly ChainPage[];
  /** Whole records in pages that have no valid header. */
  readonly strays?: readonly ChainItem[];
  /** The number that should come first. */
  readonly first: number;
  /** Number and MAC of the record before the first of all: of the log itself, 0 and its id. */
  readonly begin: { readonly sequence: number; readonly mac: Buffer };
  readonly key: Uint8Array | undefined;
  readonly head: RecordHead | undefined;
}

export interface ChainJudgement {
  /** In the order of their numbers. */
  readonly problems: readonly LedgerProblem[];
  /** How many records the chain proves; undefined without a key. */
  readonly verified: number | undefined;
  readonly head: HeadState;
}

/** A MAC that the record before may have, and where it comes from. */
interface Candidate {
  readonly mac: Buffer;
  /** The record that it stands in, or whose contents it follows from. */
  readonly item?: Link | undefined;
  readonly isExpected?: boolean;
}

/** A record while it is judged. */
interface Link extends ChainItem {
  /** Its place among all. */
  readonly place: number;
  /** The number that it has, as far as its neighbours tell. */
  number: number | undefined;
  isProven: boolean;
  /** By which MAC of the record before it was proven. */
  proof: Candidate | undefined;
  /** MACs that its contents should have had. */
  expected: Buffer[];
  /** Who says that a record with its MAC was there. */
  vouchedBy: string;
  /** Who proves its contents, but not its MAC. */
  contentsProvenBy: string;
}

/** MAC of a record: 4 bytes of HMAC-SHA-256 over the MAC before it and the record. */
export function macOf(key: Uint8Array, before: Uint8Array, signed: Uint8Array): Buffer {
  return createHmac("sha256", key).update(before).update(signed).digest().subarray(0, 4);
}

/** A MAC that is known without the record that it stands in. */
interface Anchor {
  readonly sequence: number;
  readonly mac: Buffer;
  /** Who knows it. */
  readonly words: string;
  readonly page?: ChainPage;
}

/** A log while it is judged. */
interface Case extends ChainQuestion {
  readonly links: readonly Link[];
  readonly anchors: readonly Anchor[];
  /** One record for each number. */
  readonly records: Map<number, Link>;
  readonly invented: Set<Link>;
  /** Pages whose header is wrong about its first record. */
  readonly wrongPages: Set<ChainPage>;
  /** The number that comes first, whatever the header of the oldest page says. */
  start: number;
  readonly problems: LedgerProblem[];
}

/** Says everything that is wrong with a log. Of a log that nobody touched it says nothing. */
export function judgeChain(question: ChainQuestion): ChainJudgement {
  const { items, key, pages, begin, head } = question;
  const log: Case = {
    ...question,
    links: items.map((item, place) => ({
      ...item,
      place,
      number: item.damage === undefined ? item.sequence : undefined,
      isProven: !key && item.damage === undefined,
      proof: undefined,
      expected: [],
      vouchedBy: "",
      contentsProvenBy: "",
    })),
    anchors: [
      { ...begin, words: "what came before" },
      ...pages.map((page) => ({ sequence: page.firstSequence - 1, mac: page.mac, words: `the header of page ${page.index}`, page })),
      ...(head ? [{ sequence: head.sequence, mac: Buffer.from(head.mac, "hex"), words: "the host" }] : []),
    ],
    records: new Map(),
    invented: new Set(),
    wrongPages: new Set(),
    start: question.first,
    problems: [],
  };
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
  return { problems: log.problems, verified: key ? proven.length : undefined, head: headState };
}

function say(log: Case, kind: ProblemKind, sequence: number | undefined, words: string, last = sequence): void {
  log.problems.push({ kind, sequence, last, words });
}

function sayOfPage(log: Case, { index }: ChainPage, words: string): void {
  say(log, "page", undefined, `Page ${index}: ${words}.`);
}

/** Finds out which records follow from which. A record is proven when its MAC is right for some MAC before it, wherever that stands. */
function proveAll({ links, anchors, pages, key }: Case): void {
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
    // One step only: behind two records that are wrong nothing can be said.
    if (!link.proof) link.expected = candidates.filter(({ isExpected }) => !isExpected).map(({ mac }) => macOf(secret, mac, link.signed));
    else if (link.proof.item && link.proof.isExpected) link.proof.item.contentsProvenBy = `record ${link.sequence}`;
    else if (link.proof.item) link.proof.item.vouchedBy = `record ${link.sequence}`;
  }

  if (key) for (const link of [...links].sort((a, b) => a.sequence - b.sequence)) prove(link, key);
  for (const link of links) {
    // Whatever number the record before claims, this one says which it is.
    const before = link.proof?.item;
    if (before && !before.isProven) before.number = link.sequence - 1;
    link.vouchedBy ||= anchors.find(({ sequence, mac }) => sequence === link.sequence && mac.equals(link.mac))?.words ?? "";
  }
}

/** Gives numbers to damaged records: the one that they claim where it fits between their neighbours, else the one that is due. */
function numberDamaged({ links, start }: Case): void {
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

/** Of several records with one number one is real, at the most. */
function takeOneOfEachNumber(log: Case): void {
  for (const [number, same] of groupByNumber(log.links)) {
    const [best, ...others] = same.sort((a, b) => rankOf(b, log.links) - rankOf(a, log.links)) as [Link, ...Link[]];
    log.records.set(number, best);
    for (const other of others) {
      log.invented.add(other);
      // What a write left that failed: it never counted, and the record was written again.
      if (other.damage !== undefined && other.page !== undefined) continue;
      const isCopy = other.mac.equals(best.mac) && other.signed.equals(best.signed);
      const what = isCopy ? "it is a copy of the one" : "the record with this number is another, the one";
      say(log, "invented", number, `Record ${number} at ${other.where} was invented: ${what} at ${best.where}.`);
    }
  }
}

/** Finds where the log begins, and headers that the MAC in them contradicts. */
function findStart(log: Case): void {
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

/** Says what the MACs say. */
function accuseAll(log: Case): void {
  const { key, links, records } = log;
  const numbers = sortedNumbers(records);
  // Two whole neighbours of which nothing is proven: a record alone may only have lost the one before it.
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

/** Says what is wrong with a record whatever stands before it. */
function accuseByItself(log: Case, number: number, link: Link): boolean {
  const start = `Record ${number} at ${link.where} was changed`;
  if (link.damage !== undefined) say(log, "changed", number, `${start} or damaged: ${link.damage}.`);
  else if (link.sequence !== number) say(log, "changed", number, `${start}: it says that it is record ${link.sequence}.`);
  else if (!link.isProven && link.contentsProvenBy)
    say(log, "changed", number, `${start}: ${link.contentsProvenBy} proves what it says, but not the MAC that stands in it.`);
  else return false;
  return true;
}

/** Who knows for certain the MAC of the record before this number: "" where nobody does. */
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

/** Two neighbours that are both proven, but not one by the other. */
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

/** @returns whether the records stand in the order of their numbers */
function checkOrder(log: Case): boolean {
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

/** Records that were not invented, as they stand. */
function realOnes({ links, invented, records }: Case): Link[] {
  return links.filter((link) => !invented.has(link) && records.get(link.number as number) === link);
}

function checkHeaders(log: Case, isInOrder: boolean): void {
  const { pages, records, begin, wrongPages } = log;
  const inOrder = realOnes(log);
  for (const [i, page] of pages.entries()) {
    const { firstSequence, mac } = page;
    const isLate = inOrder.some((link) => link.page === page.index && (link.number as number) < firstSequence);
    const earlierPages = pages.slice(0, i).map(({ index }) => index);
    const isEarly = inOrder.some((link) => earlierPages.includes(link.page as number) && (link.number as number) >= firstSequence);
    // Where records stand out of order it is their fault.
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

/**
 * Says which numbers are missing between others.
 * @returns the highest number that there is, or was
 */
function findGaps(log: Case): number {
  const { start, records, pages, wrongPages } = log;
  const rescued = rescue(log);
  const trusted = pages.filter((page) => !wrongPages.has(page));
  const end = Math.max(start - 1, ...records.keys(), ...rescued, ...trusted.map(({ firstSequence }) => firstSequence - 1));
  const gaps: [number, number][] = [];
  let next = start;
  for (const number of [...records.keys(), ...rescued, end + 1].sort((a, b) => a - b)) {
    if (number > next) gaps.push([next, number - 1]);
    next = Math.max(next, number + 1);
  }
  for (const [from, to] of gaps) {
    const where = from === start ? "at the beginning" : `behind record ${from - 1}`;
    const words = from === to ? "is missing" : "are missing";
    const what = from === to ? "it was removed, or its slot was destroyed" : "they were removed, or their slots were destroyed";
    const behind = records.get(to + 1);
    // Whose number nobody confirms may have another.
    const doubt = behind && !behind.isProven && !behind.vouchedBy ? `, or the number of record ${to + 1} was changed` : "";
    say(log, "removed", from, `${namesOf(from, to)} ${words} ${where}: ${what}${doubt}.`, to);
  }
  for (const [i, page] of pages.entries()) {
    const before = pages[i - 1];
    if (!before || page.order === before.order + 1 || gaps.some(([, to]) => to === page.firstSequence - 1)) continue;
    sayOfPage(log, page, `its order is ${page.order}, which does not follow the order ${before.order} of page ${before.index}`);
  }
  return end;
}

/** Says which records of this log stand in pages without a header. @returns their numbers */
function rescue(log: Case): number[] {
  const { key, records, anchors, start, strays = [] } = log;
  if (!key) return [];
  const macs = new Map<number, Buffer[]>();
  const note = (sequence: number, mac: Buffer): void => void macs.set(sequence, [...(macs.get(sequence) ?? []), mac]);
  for (const [number, { isProven, vouchedBy, mac }] of records) if (isProven || vouchedBy) note(number, mac);
  for (const { sequence, mac } of anchors) note(sequence, mac);
  const found = new Map<number, ChainItem>();
  for (const stray of [...strays].sort((a, b) => a.sequence - b.sequence)) {
    const { sequence, signed, mac } = stray;
    if (records.has(sequence) || sequence < start || found.has(sequence)) continue;
    if (!macs.get(sequence - 1)?.some((before) => macOf(key, before, signed).equals(mac))) continue;
    note(sequence, mac);
    found.set(sequence, stray);
  }
  for (const page of new Set([...found.values()].map((stray) => stray.page))) {
    for (const [from, to] of runsOf([...found.keys()].filter((sequence) => found.get(sequence)?.page === page))) {
      const verb = from === to ? "stands" : "stand";
      say(log, "removed", from, `${namesOf(from, to)} ${verb} in page ${page}, whose header was destroyed.`, to);
    }
  }
  return [...found.keys()];
}

/** Says whether the record that the host has stored is there. @param end the highest number that there is, or was */
function checkHead(log: Case, end: number): HeadState {
  const { head, records, begin, start, pages } = log;
  if (!head) return "notGiven";
  const { sequence } = head;
  if (sequence > end) {
    const from = Math.max(end + 1, start);
    const verb = from === sequence ? "is" : "are";
    say(log, "missing", from, `${namesOf(from, sequence)} ${verb} missing at the end: the host has stored record ${sequence}.`, sequence);
    return "missing";
  }
  const here = records.get(sequence);
  // Of the record just before the oldest one its MAC is left.
  const left = sequence === begin.sequence ? begin.mac : sequence === start - 1 ? pages[0]?.mac : undefined;
  const mac = (here?.mac ?? left)?.toString("hex");
  if (mac === head.mac.toLowerCase()) return here ? "found" : "overwritten";
  if (mac !== undefined && (!here || (here.isProven && here.damage === undefined))) {
    say(log, "missing", sequence, `The record ${sequence} that the host has stored is missing: its MAC is ${head.mac}, and here it is ${mac}.`);
  }
  return mac === undefined && sequence < start ? "overwritten" : "missing";
}

function sortedNumbers(records: ReadonlyMap<number, unknown>): number[] {
  return [...records.keys()].sort((a, b) => a - b);
}

function groupByNumber(links: readonly Link[]): Map<number, Link[]> {
  const groups = new Map<number, Link[]>();
  for (const link of links) groups.set(link.number as number, [...(groups.get(link.number as number) ?? []), link]);
  return groups;
}

/** How much speaks for this one among several with the same number. */
function rankOf(link: Link, links: readonly Link[]): number {
  const isBehind = links[link.place - 1]?.number === (link.number as number) - 1;
  const isBefore = links[link.place + 1]?.number === (link.number as number) + 1;
  const trust = link.isProven ? 16 : link.contentsProvenBy ? 12 : link.vouchedBy ? 8 : 0;
  return trust + (link.damage === undefined ? 4 : 0) + Number(isBehind) + Number(isBefore);
}

/** Places of the numbers that stand out of order: as few as explain it. */
function movedOf(numbers: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const misplaced = numbers.flatMap((number, i) => (number === sorted[i] ? [] : [i]));
  if (misplaced.length === 0) return [];
  // What is left beside the longest ascending row: each number's best row ends with the best of those before it that are smaller.
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

/** Rows of neighbouring numbers, as first and last. */
function runsOf(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs[runs.length - 1];
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

function namesOf(from: number, to: number): string {
  return from === to ? `Record ${from}` : `Records ${from} to ${to}`;
}
