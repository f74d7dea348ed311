// Checks flash after a power cut: no record may be lost, doubled, altered or invented, and the log must go on. Two readers read it, the ledger itself and
// the one that was written from FORMAT.md alone, and the month's totals are counted again.

import type { Ledger } from "../../firmware/ledger/ledger.js";
import { EVERY_TYPE, Outcome, RecordType } from "../../firmware/ledger/records.js";
import type { LedgerRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { flashOver, type NorFlash } from "../chips/nor-flash.js";
import type { Moment, Written } from "./day.js";
import {
  createChip,
  differenceOf,
  type Expected,
  type Image,
  type Recorded,
  type RecordingFlash,
  readImage,
  readOne,
  recordingFlash,
  startLedger,
  textOf,
  type Value,
} from "./device.js";
import type { Ring } from "./geometries.js";
import { totalsProblem } from "./recount.js";

/** The result of one point. */
export interface Verdict {
  /** The fault, as a sentence, or undefined. */
  readonly problem: string | undefined;
  /** The writes and erases of the start after the cut, which may be cut too. */
  readonly recovery: readonly Recorded[];
  /** Whether a begun session has left no record. Nobody was thanked for it, and the citizen is not asked again. */
  readonly isBegunLost: boolean;
}

class Loss extends Error {}

function demand(isTrue: boolean, what: () => string): asserts isTrue {
  if (!isTrue) throw new Loss(what());
}

/** Names of logs that begin after the cut. They differ from the name of the log before. */
function newNames(): () => number {
  let name = 2000;
  return () => ++name;
}

/** Checks images of one ring, all on the same chip. */
export class Examiner {
  private readonly chip: NorFlash;

  constructor(readonly ring: Ring) {
    this.chip = createChip(ring);
  }

  /** @param image content of flash when the power comes back after a cut at `moment` */
  examine(image: Uint8Array, moment: Moment): Verdict {
    const flash = recordingFlash(this.chip);
    try {
      return { problem: undefined, recovery: flash.recorded, isBegunLost: this.follow(image, moment, flash) };
    } catch (error) {
      return { problem: error instanceof Loss ? error.message : `it threw ${(error as Error).stack}`, recovery: flash.recorded, isBegunLost: false };
    }
  }

  private follow(image: Uint8Array, moment: Moment, flash: RecordingFlash): boolean {
    this.chip.bytes.set(image);
    const names = newNames();
    // The chain is verified at the end, together with new records.
    const asFound = readImage(image, this.ring, false);
    const found = matchImage(asFound, moment, "before the start");
    const ledger = startLedger(flash, names);
    flash.stopRecording();
    const isMended = flash.recorded.length > 0;
    const repaired = isMended ? readImage(this.chip.bytes, this.ring, false) : asFound;
    const expected = isMended ? matchImage(repaired, moment, "after the start") : found;

    // An empty ring begins a new log.
    const isNew = repaired.logId === undefined;
    demand(isNew || repaired.logId === ledger.logId(), () => `the ledger names the log ${ledger.logId()}, and the reader ${repaired.logId}`);
    demand(!isNew || ledger.logId() !== moment.logId || moment.count === 0, () => "a new log has the name of the old one");
    demand(found.length <= expected.length, () => `the start has made ${expected.length} records of ${found.length}`);
    demand(ledger.last() === expected.length, () => `the ledger has ${ledger.last()} records, and the reader ${expected.length}`);
    const least = isNew ? 0 : moment.acknowledgedInFlash;
    const isKnown = ledger.acknowledged() >= least && ledger.acknowledged() <= (isNew ? 0 : moment.acknowledged);
    demand(isKnown, () => `acknowledged ${least} to ${moment.acknowledged} has become ${ledger.acknowledged()}`);

    checkReading(ledger, expected, (repaired.records[0]?.sequence ?? expected.length + 1) - 1);
    checkNewest(ledger, repaired.records.length > 0 ? expected[expected.length - 1] : undefined);
    const wrong = totalsProblem(
      repaired.records,
      repaired.records.map(({ sequence }) => expected[sequence - 1] as Expected),
    );
    demand(!wrong, () => `the totals are not right: ${wrong}`);
    this.checkSecondStart(ledger, names);
    this.goOn(ledger, expected, isNew ? 0 : moment.stored, moment, names);
    return moment.isBegun && expected.length === moment.count;
  }

  /** Checks that another start finds the same records, and repairs nothing. */
  private checkSecondStart(ledger: Ledger, names: () => number): void {
    const flash = recordingFlash(this.chip);
    const again = startLedger(flash, names);
    demand(flash.recorded.length === 0, () => `a second start writes ${flash.recorded.length} times`);
    demand(
      again.last() === ledger.last() && again.acknowledged() === ledger.acknowledged(),
      () =>
        `a second start finds ${again.last()} records and ${again.acknowledged()} acknowledged, and not ${ledger.last()} and ${ledger.acknowledged()}`,
    );
  }

  /** Checks that the log goes on: it takes records of every kind and acknowledgements, uses the next pages, and everything can be read. */
  private goOn(ledger: Ledger, before: readonly Expected[], stored: number, moment: Moment, names: () => number): void {
    const records = [...before];
    let { uptimeMs, wallSeconds } = moment;
    const next = (type: RecordType, values: readonly Value[]): Expected => {
      uptimeMs += 5000;
      wallSeconds += 5;
      return { sequence: records.length + 1, type, uptimeMs, wallSeconds, values };
    };
    const append = (type: RecordType, values: readonly Value[], begun?: Expected): boolean => {
      const asked = next(type, values);
      const status = ledger.append(type, asked.uptimeMs, asked.wallSeconds, textOf(values));
      demand(status === "ok" || status === "full", () => `it takes no more records: ${status}`);
      if (status === "ok") records.push(begun ? { ...asked, uptimeMs: begun.uptimeMs, wallSeconds: begun.wallSeconds } : asked);
      return status === "ok";
    };
    const deliver = (): void => {
      checkReading(ledger, records, stored, stored + 1);
      stored = records.length;
      ledger.acknowledge(stored);
      demand(ledger.acknowledged() === stored, () => `it does not take the acknowledgement of ${stored}`);
    };
    const rate = (): void => {
      const begun = next(RecordType.Session, []);
      const status = ledger.begin(RecordType.Session, begun.uptimeMs, begun.wallSeconds, '"00010","T-99",');
      demand(status === "ok", () => `a session cannot be begun: ${status}`);
      demand(append(RecordType.Session, ["00010", "T-99", Outcome.Rated, 4, 1234], begun), () => "a begun session cannot be completed");
    };

    const isTaken = append(RecordType.Started, ["0.1.0", 1, "", "ok", 0]);
    demand(isTaken || ledger.acknowledged() < ledger.last(), () => "it is full, and the host has everything");
    deliver();
    demand(append(RecordType.FaultBegan, ["link", "x".repeat(90)]), () => "a record of two slots has no room, and the host has everything");
    deliver();
    ledger.tidy(true);
    rate();
    demand(append(RecordType.SignOut, ["00010", "", 0]), () => "the last record has no room");

    const image = readImage(this.chip.bytes, this.ring);
    demand(image.problems.length === 0, () => `in the end the reader finds: ${image.problems.join("; ")}`);
    for (const record of image.records) checkRecord(record, records[record.sequence - 1], "in the end");
    demand(image.records.at(-1)?.sequence === records.length, () => `in the end the newest record is ${image.records.at(-1)?.sequence}`);
    const last = startLedger(flashOver(this.chip), names);
    demand(last.last() === records.length, () => `the last start finds ${last.last()} records of ${records.length}`);
    checkReading(last, records, stored, stored + 1);
  }
}

/**
 * Compares the records that the reader found with the allowed ones.
 * @returns every record of the log in flash, from number 1 on, including records of erased pages
 */
function matchImage(image: Image, moment: Moment, when: string): readonly Expected[] {
  const { records, problems } = image;
  const { count, written } = moment;
  demand(problems.length === 0, () => `${when} the reader finds: ${problems.join("; ")}`);
  if (image.logId === undefined) {
    demand(records.length === 0, () => `${when} there are records without a log`);
    // Only two logs may disappear: one without records, and one whose only page was being erased.
    demand(count === 0 || (moment.isForgotten && moment.stored === count), () => `${when} the log is gone`);
    return [];
  }
  demand(image.logId === moment.logId, () => `${when} the log has another name`);
  const first = records[0]?.sequence ?? count + 1;
  demand(moment.oldest.includes(first), () => `${when} the oldest record is ${first}, and should be ${moment.oldest.join(" or ")}`);
  const known = Math.max(count + 1 - first, 0);
  demand(records.length >= known, () => `${when} ${known - records.length} records are missing behind ${first + records.length - 1}`);
  for (let i = 0; i < known; i++) checkRecord(records[i] as LedgerRecord, written[first - 1 + i], when);
  const behind = records.slice(known);
  const continuation = moment.continuations.find(
    (each) => each.length === behind.length && each.every((expected, i) => differenceOf(behind[i] as LedgerRecord, expected) === undefined),
  );
  demand(continuation !== undefined, () => `${when} nobody wrote ${JSON.stringify(behind)}`);
  return [...written.slice(0, count), ...continuation];
}

function checkRecord(record: LedgerRecord, expected: Expected | undefined, when: string): void {
  demand(expected !== undefined, () => `${when} nobody wrote ${JSON.stringify(record)}`);
  const read = (expected as Written).read;
  if (read && isSame(record, read)) return;
  const difference = differenceOf(record, expected);
  demand(!difference, () => `${when} ${difference}`);
}

/** Whether two records have the same content, backlog included. */
function isSame(one: LedgerRecord, two: LedgerRecord): boolean {
  const first = one as unknown as Readonly<Record<string, unknown>>;
  const second = two as unknown as Readonly<Record<string, unknown>>;
  for (const name in first) if (first[name] !== second[name]) return false;
  return true;
}

/** Checks that the ledger reads every record as it was written, and no other. @param gone records up to this number may be missing */
function checkReading(ledger: Ledger, expected: readonly Expected[], gone: number, first = 1): void {
  demand(ledger.last() === expected.length, () => `the ledger has ${ledger.last()} records, and ${expected.length} were written`);
  for (let sequence = first; sequence <= expected.length; sequence++) {
    const stored = ledger.read(sequence);
    const wanted = expected[sequence - 1] as Expected;
    if (!stored) demand(sequence <= gone, () => `record ${sequence} cannot be read`);
    else if (wanted.bytes) demand(Buffer.compare(stored.bytes, wanted.bytes) === 0, () => `record ${sequence} is read with other bytes`);
    else {
      const difference = differenceOf(readOne(stored.bytes), wanted);
      demand(!difference, () => `the ledger gives another record: ${difference}`);
    }
  }
  demand(!ledger.read(expected.length + 1), () => `there is a record ${expected.length + 1}`);
}

/** Checks the order in which the ledger looks back, on which a start relies: the newest record comes first. */
function checkNewest(ledger: Ledger, newest: Expected | undefined): void {
  let told = "nothing";
  ledger.lookBack(EVERY_TYPE, (type, text, wallSeconds) => {
    told = `${type} ${textOf(JSON.parse(`[${text}]`) as Value[])} ${wallSeconds}`;
    return 0;
  });
  const wanted = newest ? `${newest.type} ${textOf(newest.values)} ${newest.wallSeconds}` : "nothing";
  demand(told === wanted, () => `looking back it tells ${told}, and should tell ${wanted}`);
}
