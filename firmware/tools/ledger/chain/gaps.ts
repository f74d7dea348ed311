// Says which records are missing: between others, in pages without a header, and at the end, where the host has stored more.

import { type Case, namesOf, runsOf, say, sayOfPage } from "./case.js";
import { type ChainItem, type HeadState, macOf } from "./question.js";

/**
 * Says which numbers are missing between others.
 * @returns the highest number that there is, or was
 */
export function findGaps(log: Case): number {
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
    const before = recordBeforeJump(log, from, to);
    if (before !== undefined) {
      sayOfJump(log, before, from, to);
      continue;
    }
    const where = from === start ? "at the beginning" : `behind record ${from - 1}`;
    const words = from === to ? "is missing" : "are missing";
    const what = from === to ? "it was removed, or its slot was destroyed" : "they were removed, or their slots were destroyed";
    const behind = records.get(to + 1);
    // A record whose number nobody confirms may have another number.
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

/**
 * The record behind which the terminal itself wrote the one behind a gap: it goes on from that one's MAC, which only the device key can make. Without the key the header
 * of the page says so, and proves nothing.
 * @returns its number; undefined: the terminal has left out none of these numbers
 */
function recordBeforeJump({ key, records, pages }: Case, from: number, to: number): number | undefined {
  const behind = records.get(to + 1);
  const before = records.get(Math.max(...[...records.keys()].filter((number) => number < from)));
  if (!behind || !before || (key && !before.isProven)) return undefined;
  const goesOn = key
    ? macOf(key, before.mac, behind.signed).equals(behind.mac)
    : pages.some(({ firstSequence, mac }) => firstSequence === to + 1 && mac.equals(before.mac));
  return goesOn ? before.number : undefined;
}

function sayOfJump(log: Case, before: number, from: number, to: number): void {
  const numbers = from === to ? `number ${from}` : `numbers ${from} to ${to}`;
  const [said, proof] = log.key
    ? ["has", `The device key proves that it wrote record ${to + 1} right behind record ${before}. Nobody has removed records from between since.`]
    : ["seems to have", "Only the device key can prove that."];
  const why = `at a start it could not read a page behind record ${before}, and went on with a number that cannot have been given before`;
  const what = `What stood in that page has numbers from ${before + 1} on: see which of them the host has.`;
  say(log, "jumped", from, `The terminal itself ${said} jumped over the ${numbers}: ${why}. ${proof} ${what}`, to);
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
export function checkHead(log: Case, end: number): HeadState {
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
  // The MAC of the record just before the oldest one is still in a header.
  const left = sequence === begin.sequence ? begin.mac : sequence === start - 1 ? pages[0]?.mac : undefined;
  const mac = (here?.mac ?? left)?.toString("hex");
  if (mac === head.mac.toLowerCase()) return here ? "found" : "overwritten";
  if (mac !== undefined && (!here || (here.isProven && here.damage === undefined))) {
    say(log, "missing", sequence, `The record ${sequence} that the host has stored is missing: its MAC is ${head.mac}, and here it is ${mac}.`);
  }
  return mac === undefined && sequence < start ? "overwritten" : "missing";
}
