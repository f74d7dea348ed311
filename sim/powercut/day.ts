// A day at a counter, played once on a chip whose power stays on. Every write and erase is kept with the content of flash before it, and with the conditions
// that must hold when the power goes in it. So each point of the proof begins there, and not in the morning.

import { SLOT_BYTES } from "../../firmware/ledger/layout.js";
import type { AppendStatus, Ledger } from "../../firmware/ledger/ledger.js";
import { Outcome, RecordType } from "../../firmware/ledger/records.js";
import type { LedgerRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import type { FlashOperation } from "../chips/cut-models.js";
import { flashOver, type NorFlash } from "../chips/nor-flash.js";
import {
  createChip,
  differenceOf,
  type Expected,
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

/** A complete record in flash, with its content from both readers. */
export interface Written extends Expected {
  readonly bytes: Uint8Array;
  readonly read: LedgerRecord;
}

/** The conditions that must hold when the power goes in a step of the day. */
export interface Moment {
  /** The request to the ledger, in words. */
  readonly step: string;
  /** Records from number 1 on. The first `count` were appended before the step: none of them may be lost, doubled or altered. Days share one array, for speed. */
  readonly written: readonly Written[];
  /** The number of records before the step. */
  readonly count: number;
  /** The sequences of records that may follow them: none, the begun record as pending, the record that was being written. */
  readonly continuations: readonly (readonly Expected[])[];
  /** Whether a session was begun before the step. */
  readonly isBegun: boolean;
  readonly logId: number;
  /** Sequence number up to which the host has the records. */
  readonly stored: number;
  /** Sequence numbers up to which the records were acknowledged: in the terminal's memory, and in flash. */
  readonly acknowledged: number;
  readonly acknowledgedInFlash: number;
  /** Sequence numbers of the oldest record in flash, before and after the step: a page is erased as a whole or not at all. */
  readonly oldest: readonly number[];
  /** Whether the operation clears, erases or begins a ring of one page. Only then may the name of the log be lost. */
  readonly isForgotten: boolean;
  /** Time of the clocks. */
  readonly uptimeMs: number;
  readonly wallSeconds: number;
}

/** One write or erase of the day. */
export interface DayOperation extends Recorded {
  readonly moment: Moment;
}

/** 2026-03-02, a Monday, 09:00 at the counter. */
const OPENING_SECONDS = Date.UTC(2026, 2, 2, 1) / 1000;
export const CLERK = "1024";
const BADGE = "W26:1A2B3C";
/** Logs that begin behind a cut have names above this one. */
export const FIRST_LOG = 1000;

/** Plays a script on a chip, and keeps its operations. */
export class Rehearsal {
  readonly operations: DayOperation[] = [];
  readonly written: Written[] = [];
  readonly chip: NorFlash;
  private readonly flash: RecordingFlash;
  private ledger: Ledger | undefined;
  private begun: Expected | undefined;
  private uptimeMs = 0;
  private wallSeconds = OPENING_SECONDS;
  private transactions = 0;
  private stored = 0;

  constructor(readonly ring: Ring) {
    this.chip = createChip(ring);
    this.flash = recordingFlash(this.chip);
  }

  /** The power comes on, without a cut before. A begun record becomes pending, and nothing else changes. */
  start(): void {
    this.uptimeMs = 0;
    this.take("start", this.begun ? [[this.begun]] : [], this.begun ? 1 : 0, () => {
      this.ledger = startLedger(this.flash, () => FIRST_LOG);
      return "ok";
    });
    this.begun = undefined;
  }

  append(type: RecordType, values: readonly Value[]): AppendStatus {
    const begun = this.begun;
    const isItsEnd =
      begun !== undefined && type === begun.type && begun.values.slice(0, 2).every((value, i) => value === values[i]) && values.length === 5;
    const next = this.expect(type, values, begun && !isItsEnd ? 1 : 0);
    // A record that completes the begun one has the times of its beginning.
    const ended = isItsEnd ? { ...next, uptimeMs: begun.uptimeMs, wallSeconds: begun.wallSeconds } : next;
    const orders = !begun ? [[ended]] : isItsEnd ? [[begun], [ended]] : [[begun], [begun, ended]];
    const status = this.take(`append ${textOf(values)}`, orders, begun && !isItsEnd ? 2 : 1, () =>
      this.running.append(type, next.uptimeMs, next.wallSeconds, textOf(values)),
    );
    this.begun = undefined;
    return status;
  }

  /** Begins a session. @param values of staff and transaction */
  begin(values: readonly [string, string]): AppendStatus {
    const before = this.begun;
    const pending = this.expect(RecordType.Session, [...values, Outcome.Pending, 0, 0], before ? 1 : 0);
    const status = this.take(`begin ${textOf(values)}`, before ? [[before], [before, pending]] : [[pending]], before ? 1 : 0, () =>
      this.running.begin(RecordType.Session, pending.uptimeMs, pending.wallSeconds, `${textOf(values)},`),
    );
    this.begun = status === "ok" && this.chipHolds(pending) ? pending : undefined;
    return status;
  }

  /** The host acknowledges all records except the newest ones. @param allBut number of records that it leaves */
  acknowledge(allBut = 0): void {
    this.running.acknowledge(this.running.last() - allBut);
    this.stored = Math.max(this.stored, this.running.acknowledged());
  }

  tidy(): void {
    this.take("tidy", this.begun ? [[this.begun]] : [], 0, () => {
      this.running.tidy(true);
      return "ok";
    });
  }

  /** A new transaction for each session. */
  newTransaction(): string {
    return `T-${2041 + this.transactions++}`;
  }

  private get running(): Ledger {
    if (!this.ledger) throw new Error("the terminal has no power");
    return this.ledger;
  }

  private expect(type: RecordType, values: readonly Value[], behind: number): Expected {
    this.uptimeMs += 7010;
    this.wallSeconds += 7;
    return { sequence: this.written.length + 1 + behind, type, uptimeMs: this.uptimeMs, wallSeconds: this.wallSeconds, values };
  }

  /** Whether a begun record is in flash, for a start to find. A head that is too long is not kept. */
  private chipHolds(pending: Expected): boolean {
    const copy = createChip(this.ring);
    copy.bytes.set(this.chip.bytes);
    return startLedger(flashOver(copy), () => 0).last() === pending.sequence;
  }

  /**
   * Carries out one step.
   * @param orders the sequences of records that the step may leave in flash behind those before it
   * @param added the number of records that it adds when it returns `ok`
   */
  private take(step: string, orders: readonly (readonly Expected[])[], added: number, act: () => AppendStatus): AppendStatus {
    const count = this.written.length;
    const acknowledged = this.ledger ? this.running.acknowledged() : count;
    const before = this.look();
    const done = this.flash.recorded.length;
    const status = act();
    const after = this.look();
    if (status === "failed") throw new Error(`${step}: the chip is whole, and the ledger says failed`);
    const last = this.running.last();
    if (status === "ok" && last !== count + added) throw new Error(`${step}: it was to write ${added} records, and wrote ${last - count}`);
    for (let sequence = count + 1; sequence <= last; sequence++) this.written.push(this.readBack(sequence, orders));
    const recorded = this.flash.recorded.slice(done);
    const moment: Moment = {
      step,
      written: this.written,
      count,
      continuations: [[], ...orders.map((order) => order.map((expected) => this.withBytes(expected)))],
      isBegun: this.begun !== undefined,
      logId: this.ledger ? this.running.logId() : 0,
      stored: this.stored,
      acknowledged,
      acknowledgedInFlash: before.acknowledged,
      oldest: [before.oldest, after.oldest],
      isForgotten: false,
      uptimeMs: this.uptimeMs,
      wallSeconds: this.wallSeconds,
    };
    for (const each of recorded) this.operations.push({ ...each, moment: { ...moment, isForgotten: this.isForgotten(each.operation) } });
    return status;
  }

  /** Whether the only page has no header: from its clearing until the new header is complete. */
  private isForgotten(operation: FlashOperation): boolean {
    return this.ring.pageCount === 1 && (operation.kind === "erase" || operation.offset < SLOT_BYTES);
  }

  /** The content of flash for a technician, and for a start. */
  private look(): { oldest: number; acknowledged: number } {
    const image = readImage(this.chip.bytes, this.ring);
    if (image.problems.length > 0) throw new Error(`the reader finds: ${image.problems.join("; ")}`);
    const copy = createChip(this.ring);
    copy.bytes.set(this.chip.bytes);
    return {
      oldest: image.records[0]?.sequence ?? this.written.length + 1,
      acknowledged: startLedger(flashOver(copy), () => FIRST_LOG).acknowledged(),
    };
  }

  /** Checks a new record: it must have the requested content. */
  private readBack(sequence: number, orders: readonly (readonly Expected[])[]): Written {
    const bytes = this.running.read(sequence)?.bytes.slice();
    if (!bytes) throw new Error(`record ${sequence} cannot be read back`);
    const read = readOne(bytes);
    const candidates = orders.flat().filter((expected) => expected.sequence === sequence);
    const expected = candidates.find((candidate) => differenceOf(read, candidate) === undefined);
    if (!expected) throw new Error(candidates.map((candidate) => differenceOf(read, candidate)).join("; "));
    return { ...expected, bytes, read };
  }

  /** The record as it is written without a cut. A record that a start completes as pending has no bytes before. */
  private withBytes(expected: Expected): Expected {
    const written = this.written[expected.sequence - 1];
    const isPending = expected.type === RecordType.Session && expected.values[2] === Outcome.Pending;
    return written && !isPending && differenceOf(written.read, expected) === undefined ? written : expected;
  }
}

/** A text of so many letters. */
export function letters(count: number): string {
  return "abcdefghijklmnopqrstuvwxyz".repeat(10).slice(0, count);
}

/** A usual session: begun at the invite, and completed by the press. */
export function rate(counter: Rehearsal, grade: number): void {
  const transaction = counter.newTransaction();
  counter.begin([CLERK, transaction]);
  counter.append(RecordType.Session, [CLERK, transaction, Outcome.Rated, grade, 1000 + 10 * grade]);
}

/** The record of a start, as `startApp` writes it. */
function boot(counter: Rehearsal, author = ""): void {
  counter.start();
  counter.append(RecordType.Started, ["0.1.0", 1, author, "ok", 0]);
}

/** The script of a ring. */
export function rehearse(ring: Ring): Rehearsal {
  // With an alignment of one byte there are so many cuts that a morning must be enough.
  return ring.alignBytes === 1 ? playMorning(new Rehearsal(ring)) : playDays(new Rehearsal(ring));
}

/** A start, a session, a long record, a switch-off while a citizen is asked, and records until the ring has gone round. */
function playMorning(counter: Rehearsal): Rehearsal {
  boot(counter, letters(30));
  counter.tidy();
  rate(counter, 5);
  counter.acknowledge();
  counter.append(RecordType.Alert, ["key", letters(130)]);
  counter.begin([CLERK, "T-1"]);
  boot(counter);
  counter.acknowledge();
  counter.tidy();
  counter.append(RecordType.Alert, ["key", letters(190)]);
  counter.acknowledge();
  counter.tidy();
  counter.append(RecordType.Session, [CLERK, "T-1", Outcome.Rated, 4, 1500]);
  return counter;
}

/** Appends until the ring is full. @throws Error when it takes more than its size: it overwrites records that nobody has acknowledged */
function fill(counter: Rehearsal, append: () => AppendStatus): void {
  const { pageBytes, pageCount } = counter.chip.geometry;
  for (let records = 0; append() === "ok"; records++) {
    if (records * SLOT_BYTES > pageBytes * pageCount) throw new Error("a ring that should be full takes more records");
  }
}

/** Two days with every request to a ledger, in which the ring goes round. */
function playDays(counter: Rehearsal): Rehearsal {
  // The very first start, with a record of two slots.
  boot(counter, letters(30));
  counter.tidy();
  counter.append(RecordType.SignIn, [CLERK, BADGE, "onTime"]);
  counter.acknowledge();
  for (const grade of [5, 4, 1]) rate(counter, grade);
  counter.append(RecordType.Reason, [CLERK, "T-2043", 213]);
  counter.acknowledge(1);

  // Sessions with other outcomes.
  counter.begin([CLERK, "T-1"]);
  counter.append(RecordType.Session, [CLERK, "T-1", Outcome.Timeout, 0, 30000]);
  counter.begin([CLERK, "T-2"]);
  counter.append(RecordType.Session, [CLERK, "T-2", Outcome.Rated, 2, 800, 1, "00010"]);
  counter.begin([CLERK, "T-3"]);
  counter.append(RecordType.BadgeRefused, ["W34:0BADBEEF", "Unknown"]);
  counter.append(RecordType.Session, [CLERK, "T-3", Outcome.Cancelled, 0, 4000, 16]);
  counter.begin([CLERK, "T-4"]);
  counter.begin([CLERK, "T-5"]);
  counter.tidy();
  counter.append(RecordType.Session, [CLERK, "T-5", Outcome.Rated, 3, 2000]);
  counter.begin([CLERK, "T-0123456789-0123456789"]);
  counter.append(RecordType.Session, [CLERK, "T-0123456789-0123456789", Outcome.Rated, 4, 1500]);
  counter.append(RecordType.NotInvited, [CLERK, "T-6"]);
  counter.append(RecordType.Card, [CLERK, "T-7", 5, "9001"]);
  counter.append(RecordType.Voided, [counter.written.length, "9001", letters(12)]);
  counter.acknowledge();
  counter.tidy();

  // A pause, and records of three and four slots.
  counter.append(RecordType.PauseBegan, [CLERK, "lunch", "9001"]);
  counter.append(RecordType.FaultBegan, ["link", letters(110)]);
  counter.append(RecordType.FaultEnded, ["link", letters(180)]);
  counter.append(RecordType.PauseEnded, [CLERK, 1800, "lunch"]);
  counter.acknowledge(2);

  // The power is switched off while a citizen is asked.
  counter.begin([CLERK, "T-8"]);
  boot(counter);
  counter.append(RecordType.Session, [CLERK, "T-8", Outcome.Rated, 5, 3000, 16]);
  counter.acknowledge();
  counter.tidy();

  // The host is silent until the ring is full. Then it acknowledges, and the ring goes round.
  fill(counter, () => {
    const status = counter.append(RecordType.Alert, ["key", letters(200)]);
    if (status === "ok") rate(counter, 5);
    return status;
  });
  fill(counter, () => counter.append(RecordType.Card, [CLERK, counter.newTransaction(), 4, "9001"]));
  counter.begin([CLERK, "T-9"]);
  counter.append(RecordType.Session, [CLERK, "T-9", Outcome.Rated, 5, 900]);
  counter.tidy();
  counter.acknowledge(3);
  rate(counter, 3);
  counter.acknowledge();
  counter.tidy();
  rate(counter, 2);
  counter.append(RecordType.Reason, [CLERK, "T-10", 209]);
  counter.append(RecordType.SignOut, [CLERK, "", 12]);
  counter.acknowledge();
  counter.tidy();

  // The next morning.
  boot(counter);
  counter.tidy();
  counter.append(RecordType.SignIn, [CLERK, BADGE, "early"]);
  // Long records use up pages sooner.
  for (let i = 0; i < 4; i++) {
    counter.append(RecordType.Alert, ["key", letters(150)]);
    counter.acknowledge(i % 2);
    counter.tidy();
  }
  rate(counter, 5);
  counter.append(RecordType.SignOut, [CLERK, "00010", 0]);
  counter.acknowledge();
  return counter;
}
