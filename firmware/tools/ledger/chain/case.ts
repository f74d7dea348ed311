// A log while it is judged: its records with everything that is found out about them, and the problems so far.

import type { ChainItem, ChainPage, ChainQuestion, LedgerProblem, ProblemKind } from "./question.js";

/** A MAC that the record before may have, and where it comes from. */
export interface Candidate {
  readonly mac: Buffer;
  /** The record that contains it, or whose contents give it. */
  readonly item?: Link | undefined;
  readonly isExpected?: boolean;
}

/** A record of the case. */
export interface Link extends ChainItem {
  /** Its place among all. */
  readonly place: number;
  /** Its number, as far as its neighbours tell. */
  number: number | undefined;
  isProven: boolean;
  /** By which MAC of the record before it was proven. */
  proof: Candidate | undefined;
  /** MACs that fit its contents. */
  expected: Buffer[];
  /** Who says that a record with its MAC was here; "": nobody does. */
  vouchedBy: string;
  /** Who proves its contents, but not its MAC; "": nobody does. */
  contentsProvenBy: string;
}

/** A MAC that is known without the record that it stands in. */
interface Anchor {
  readonly sequence: number;
  readonly mac: Buffer;
  /** Whoever knows it. */
  readonly words: string;
  readonly page?: ChainPage;
}

/** A log while it is judged. */
export interface Case extends ChainQuestion {
  readonly links: readonly Link[];
  readonly anchors: readonly Anchor[];
  /** One record for each number. */
  readonly records: Map<number, Link>;
  readonly invented: Set<Link>;
  /** Pages whose header is wrong about its first record. */
  readonly wrongPages: Set<ChainPage>;
  /** The number of its first record, whatever the header of the oldest page says. */
  start: number;
  readonly problems: LedgerProblem[];
}

/** Opens the case of a log. */
export function openCase(question: ChainQuestion): Case {
  const { items, key, pages, begin, head } = question;
  return {
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
}

export function say(log: Case, kind: ProblemKind, sequence: number | undefined, words: string, last = sequence): void {
  log.problems.push({ kind, sequence, last, words });
}

export function sayOfPage(log: Case, { index }: ChainPage, words: string): void {
  say(log, "page", undefined, `Page ${index}: ${words}.`);
}

/** Records that were not invented, in their order in flash. */
export function realOnes({ links, invented, records }: Case): Link[] {
  return links.filter((link) => !invented.has(link) && records.get(link.number as number) === link);
}

/** Rows of neighbouring numbers, as first and last. */
export function runsOf(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs[runs.length - 1];
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

export function namesOf(from: number, to: number): string {
  return from === to ? `Record ${from}` : `Records ${from} to ${to}`;
}
