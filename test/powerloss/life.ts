// A ledger on a chip that may lose power or break, beside a plain list of what it was asked to keep. After each step both have to agree.

import type { AppendStatus, Ledger } from "../../firmware/ledger/ledger.js";
import { Outcome, RecordType } from "../../firmware/ledger/records.js";
import type { Flash } from "../../hal/flash.js";
import { cutsOf } from "../../sim/chips/cut-models.js";
import { type FlashGeometry, flashOver, NorFlash, PowerCut } from "../../sim/chips/nor-flash.js";
import { differenceOf, type Expected, readImage, readOne, startLedger, textOf, type Value } from "../../sim/powercut/device.js";

/** One thing that happens. */
export type Work =
  | { readonly do: "append"; readonly length: number }
  | { readonly do: "begin"; readonly length: number }
  /** Completes what was begun, or writes a session of its own. */
  | { readonly do: "end"; readonly grade: number }
  | { readonly do: "acknowledge"; readonly allBut: number }
  | { readonly do: "tidy" | "restart" }
  /** The power goes in an operation, and in the first operations of the starts after it. */
  | { readonly do: "cut"; readonly operations: number; readonly choices: readonly number[] }
  | { readonly do: "break"; readonly fault: Fault };

/** What may be wrong with a chip for good. */
export type Fault =
  /** A bit that does not clear, or does not set, whatever is done. */
  | { readonly kind: "stuck"; readonly place: number; readonly bit: number; readonly level: 0 | 1 }
  | { readonly kind: "notErased"; readonly page: number };

/** A chip whose parts break. */
export class BreakingChip extends NorFlash {
  private readonly faults: Fault[] = [];

  constructor(geometry: FlashGeometry) {
    super(geometry, () => undefined);
  }

  /** Nothing changes before the next write or erase there. */
  breakDown(fault: Fault): void {
    this.faults.push(
      fault.kind === "stuck" ? { ...fault, place: fault.place % this.bytes.length } : { ...fault, page: fault.page % this.geometry.pageCount },
    );
  }

  override write(offset: number, data: Uint8Array): void {
    this.spoilAfter(offset, data.length, () => super.write(offset, data));
  }

  override overwrite(offset: number, data: Uint8Array): void {
    this.spoilAfter(offset, data.length, () => super.overwrite(offset, data));
  }

  private spoilAfter(offset: number, lengthBytes: number, write: () => void): void {
    const before = this.bytes.slice();
    try {
      write();
    } finally {
      this.spoil(before, offset, lengthBytes);
    }
  }

  override erase(page: number): void {
    const { pageBytes } = this.geometry;
    const before = this.bytes.slice();
    try {
      super.erase(page);
    } finally {
      if (this.faults.some((fault) => fault.kind === "notErased" && fault.page === page)) this.bytes.set(before);
      this.spoil(before, page * pageBytes, pageBytes);
    }
  }

  private spoil(before: Uint8Array, offset: number, lengthBytes: number): void {
    for (const fault of this.faults) {
      if (fault.kind !== "stuck" || fault.place < offset || fault.place >= offset + lengthBytes) continue;
      const mask = 1 << fault.bit;
      // It stays as it is, if it is so already; a bit does not change where nothing is written.
      if (((before[fault.place] as number) & mask ? 1 : 0) !== fault.level) continue;
      this.bytes[fault.place] = ((this.bytes[fault.place] as number) & ~mask) | (fault.level ? mask : 0);
    }
  }
}

/** What a step may have added behind the records before it, each in order. */
type Orders = readonly (readonly Expected[])[];

const SLOT_BYTES = 64;
const MOST_SLOTS = 4;
/** The text of records: cleared in part by a power cut, this letter may be the length of any record, 1 to 4. */
const LETTER = "7";

/** One life of a ledger. Whatever is wrong is thrown. */
export class Life {
  readonly chip: BreakingChip;
  /** Every record of the log whose writing has been told of, and those that were under way when the power went and are there. */
  written: Expected[] = [];
  /** The host has everything up to here. */
  stored = 0;
  /** How often the power went, and how many records were refused by a broken chip. */
  cuts = 0;
  refused = 0;
  ledger: Ledger;
  private begun: Expected | undefined;
  /** What was begun and found no room as pending: a later start may find it, until its number is given to another record. */
  private waiting: Expected[] = [];
  private isBroken = false;
  private choices: readonly number[] = [];
  private names = 0;
  private atMs = 0;

  /** @param flashOn makes the flash of a start over the chip */
  constructor(
    readonly geometry: FlashGeometry,
    private readonly flashOn: (chip: NorFlash) => Flash = flashOver,
  ) {
    this.chip = new BreakingChip(geometry);
    this.ledger = this.start();
  }

  live(works: readonly Work[]): this {
    for (const work of works) {
      this.happen(work);
      this.checkEnd();
    }
    this.chip.cutAt(undefined);
    this.restart();
    this.checkAll();
    return this;
  }

  private happen(work: Work): void {
    switch (work.do) {
      case "append":
        this.append(RecordType.Alert, ["key", LETTER.repeat(work.length)]);
        return;
      case "begin":
        this.begin(["1024", `T-${"7".repeat(work.length)}`]);
        return;
      case "end":
        this.append(RecordType.Session, [...(this.begun?.values.slice(0, 2) ?? ["1024", "T-1"]), Outcome.Rated, work.grade, 1000]);
        return;
      case "acknowledge":
        // The host has what it acknowledges: it reads it first.
        this.deliver(work.allBut);
        return;
      case "tidy":
        this.act(this.begun ? [[this.begun]] : [], () => {
          this.ledger.tidy(true);
          return "ok";
        });
        return;
      case "restart":
        this.chip.cutAt(undefined);
        this.restart();
        return;
      case "cut":
        this.choices = work.choices;
        this.armCut(work.operations);
        return;
      case "break":
        this.isBroken = true;
        this.chip.breakDown(work.fault);
    }
  }

  private append(type: RecordType, values: readonly Value[]): void {
    const { begun } = this;
    const isItsEnd = begun !== undefined && type === begun.type && begun.values[1] === values[1];
    const alone = this.next(type, values, 0);
    const orders: (readonly Expected[])[] = [];
    if (begun) orders.push([begun]);
    if (begun && !isItsEnd) orders.push([begun, { ...alone, sequence: alone.sequence + 1 }]);
    if (isItsEnd) orders.push([{ ...alone, uptimeMs: begun.uptimeMs, wallSeconds: begun.wallSeconds }]);
    // Where the chip fails, what was begun is given up, and the whole text stands alone.
    if (!begun || this.isBroken) orders.push([alone]);
    this.begun = undefined;
    this.act(orders, () => this.ledger.append(type, alone.uptimeMs, alone.wallSeconds, textOf(values)), { type, values });
  }

  private begin(values: readonly [string, string]): void {
    const { begun } = this;
    const pending = this.next(RecordType.Session, [...values, Outcome.Pending, 0, 0], 0);
    const orders: (readonly Expected[])[] = [[pending]];
    if (begun) orders.push([begun], [begun, { ...pending, sequence: pending.sequence + 1 }]);
    this.begun = undefined;
    const status = this.act(orders, () => this.ledger.begin(RecordType.Session, pending.uptimeMs, pending.wallSeconds, `${textOf(values)},`));
    // A head that is too long is not kept.
    if (status === "ok" && textOf(values).length < 24) this.begun = { ...pending, sequence: this.written.length + 1 };
  }

  private deliver(allBut: number): void {
    const end = this.ledger.last() - allBut;
    for (let sequence = this.ledger.acknowledged() + 1; sequence <= end; sequence++) this.checkRead(sequence);
    if (end <= this.ledger.acknowledged()) return;
    if (!this.ledger.acknowledge(end)) throw new Error(`it does not take the acknowledgement of ${end}`);
    this.stored = Math.max(this.stored, end);
  }

  private next(type: RecordType, values: readonly Value[], behind: number): Expected {
    this.atMs += 1230;
    return {
      sequence: this.written.length + 1 + behind,
      type,
      uptimeMs: this.atMs,
      wallSeconds: 1_772_411_403 + Math.floor(this.atMs / 1000),
      values,
    };
  }

  /** @param wanted what is there for sure when it returns `ok` */
  private act(orders: Orders, run: () => AppendStatus, wanted?: Pick<Expected, "type" | "values">): AppendStatus | "cut" {
    const count = this.written.length;
    let status: AppendStatus;
    try {
      status = run();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.restart(orders);
      return "cut";
    }
    if (status === "failed" && !this.isBroken) throw new Error("a whole chip failed");
    if (status !== "ok") this.refused++;
    if (status === "full" && this.ledger.acknowledged() === this.ledger.last() && !this.isBroken)
      throw new Error("it is full, and the host has everything");
    this.takeOver(orders, "it returned");
    const newest = this.written[this.written.length - 1];
    const isThere = this.written.length > count && newest?.type === wanted?.type && newest?.values === wanted?.values;
    if (wanted && isThere !== (status === "ok")) throw new Error(`append returned ${status}, and ${JSON.stringify(newest)} is the newest record`);
    return status;
  }

  /** The power comes back, and may go again in what the start writes. */
  private restart(orders: Orders = this.begun ? [[this.begun]] : []): void {
    const name = this.ledger.logId();
    this.begun = undefined;
    const count = this.written.length;
    const pending = orders.flat().filter(({ type, values }) => type === RecordType.Session && values[2] === Outcome.Pending);
    this.waiting = [...this.waiting, ...pending].filter(({ sequence }) => sequence > count);
    for (;;) {
      this.armCut(0);
      try {
        this.ledger = this.start();
        break;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
    }
    this.chip.cutAt(undefined);
    if (this.ledger.logId() !== name && this.written.length > 0) {
      if (this.geometry.pageCount > 1 && !this.isBroken) throw new Error("the log was forgotten");
      if (this.stored < this.written.length)
        throw new Error(`the log was forgotten, and the host had ${this.stored} of ${this.written.length} records`);
      this.written = [];
      this.stored = 0;
    }
    if (this.ledger.acknowledged() > this.stored) throw new Error(`${this.ledger.acknowledged()} is acknowledged, and the host had ${this.stored}`);
    this.takeOver([...orders, ...this.waiting.map((expected) => [expected])], "the power went");
  }

  private start(): Ledger {
    return startLedger(this.flashOn(this.chip), () => ++this.names);
  }

  /** The next of the planned cuts, in so many operations; none when they are used up. */
  private armCut(operations: number): void {
    const [choice, ...others] = this.choices;
    if (choice === undefined) {
      this.chip.cutAt(undefined);
      return;
    }
    this.chip.cutAt({
      operations,
      choose: (operation, bytes) => {
        this.choices = others;
        this.cuts++;
        const cuts = cutsOf(operation, bytes, this.geometry, "all", choice % 7);
        return cuts[choice % cuts.length] as (typeof cuts)[number];
      },
    });
  }

  /** What is in flash now behind the records before: one of the orders, or nothing. */
  private takeOver(orders: Orders, when: string): void {
    const count = this.written.length;
    const last = this.ledger.last();
    if (last < count) throw new Error(`${when}: ${count} records were written, and ${last} are there`);
    if (last === count) return;
    const reads = Array.from({ length: last - count }, (_, i) => this.ledger.read(count + 1 + i)?.bytes);
    const records = reads.map((bytes) => bytes && readOne(bytes));
    const order = orders.find(
      (each) => each.length === records.length && each.every((expected, i) => records[i] && differenceOf(records[i], expected) === undefined),
    );
    if (!order) throw new Error(`${when}: nobody wrote ${JSON.stringify(records)}, but ${JSON.stringify(orders)}`);
    order.forEach((expected, i) => {
      this.written.push({ ...expected, bytes: (reads[i] as Uint8Array).slice() });
    });
  }

  private checkRead(sequence: number): void {
    const record = this.ledger.read(sequence);
    const expected = this.written[sequence - 1] as Expected;
    if (record && Buffer.compare(record.bytes, expected.bytes as Uint8Array) !== 0) throw new Error(`record ${sequence} is read with other bytes`);
    if (!record && sequence > this.stored) throw new Error(`record ${sequence} is lost`);
  }

  /** The newest record, after each step: the whole log takes too long. */
  private checkEnd(): void {
    if (this.ledger.last() !== this.written.length)
      throw new Error(`${this.written.length} records were written, and ${this.ledger.last()} are there`);
    if (this.written.length > 0) this.checkRead(this.written.length);
  }

  /** Both readers find every record that is not gone. */
  checkAll(): void {
    for (let sequence = 1; sequence <= this.written.length; sequence++) this.checkRead(sequence);
    const image = readImage(this.chip.bytes, this.geometry);
    // A page that takes no writes looks erased. The app records that it has failed, and these lives do not.
    const problems = image.problems.filter((problem) => !this.isBroken || !problem.includes("erased before the ring came round"));
    if (problems.length > 0) throw new Error(`the reader finds: ${problems.join("; ")}`);
    for (const record of image.records) {
      const difference = differenceOf(record, this.written[record.sequence - 1] as Expected);
      if (difference) throw new Error(`the reader gives another record: ${difference}`);
    }
    const found = new Set(image.records.map(({ sequence }) => sequence));
    for (let sequence = this.stored + 1; sequence <= this.written.length; sequence++) {
      if (!found.has(sequence)) throw new Error(`the reader does not find record ${sequence}`);
    }
  }

  /**
   * One bit in flash changes by itself, in a chip that is whole: the ledger and the reader read every record as it was written, and both tell of a record that
   * was hit.
   */
  flip(place: number, bit: number): void {
    const { bytes } = this.chip;
    const at = place % bytes.length;
    const before = readImage(bytes, this.geometry);
    const hit = before.records.map(({ sequence }) => sequence).find((sequence) => this.isIn(sequence, at));
    const isMended = before.flaws.length > 0;
    bytes[at] = (bytes[at] as number) ^ (1 << bit);
    // A bit that a power cut had left is put right by this one, or there are two wrong bits now. What a cut commit has left is more than one bit from whole, too.
    if (isMended || (hit === undefined && this.isInCutCommit(at))) return;
    const image = readImage(bytes, this.geometry);
    if (JSON.stringify([image.records, image.problems]) !== JSON.stringify([before.records, before.problems]))
      throw new Error(`the reader gives other records, and says ${image.problems}`);
    if (hit !== undefined && !image.flaws.join().includes(`Record ${hit} at`))
      throw new Error(`the reader does not tell that record ${hit} was changed`);
    this.checkReads();
    this.ledger = this.start();
    if (this.ledger.last() !== this.written.length)
      throw new Error(`${this.written.length} records were written, and a start finds ${this.ledger.last()}`);
    this.checkReads();
    if (hit !== undefined && !this.ledger.flaws()) throw new Error(`the ledger does not tell that record ${hit} was changed`);
  }

  /** Whether a record that is read back lies at a place of flash. */
  private isIn(sequence: number, at: number): boolean {
    const record = (this.written[sequence - 1] as Expected).bytes as Uint8Array;
    const start = Buffer.from(this.chip.bytes.buffer).indexOf(record);
    return start >= 0 && at >= start && at < start + record.length;
  }

  /** Whether a place of flash lies in a record whose commit the power has cut when its mark was written, and its CRC was not. */
  private isInCutCommit(at: number): boolean {
    const { bytes } = this.chip;
    for (let slots = 1; slots <= MOST_SLOTS; slots++) {
      for (let start = at - (at % SLOT_BYTES), end = start + slots * SLOT_BYTES; end > at && start >= 0; start -= SLOT_BYTES, end -= SLOT_BYTES) {
        if (bytes[start] !== slots || end > bytes.length) continue;
        const mark = bytes.slice(end - 4, end).reduce((bits, byte) => bits + byte.toString(2).replace(/0/g, "").length, 0);
        if (mark <= 1) return true;
      }
    }
    return false;
  }

  private checkReads(): void {
    for (let sequence = 1; sequence <= this.written.length; sequence++) this.checkRead(sequence);
  }
}
