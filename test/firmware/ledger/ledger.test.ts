// The record log, with a host that reads and acknowledges it. No written record is lost, doubled or out of order, on every shape of the ring, with every fault of the chip,
// and whenever the power goes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_HEAD_BYTES, MAX_TEXT_BYTES, PENDING, SLOT_BYTES } from "../../../firmware/ledger/layout.js";
import type { AppendStatus, Ledger } from "../../../firmware/ledger/ledger.js";
import { EVERY_TYPE, RecordType } from "../../../firmware/ledger/records.js";
import { readFlashImage } from "../../../firmware/tools/ledger/ledger-reader.js";
import type { Flash } from "../../../hal/flash.js";
import { type FlashGeometry, flashOver, NorFlash, PowerCut } from "../../../sim/chips/nor-flash.js";
import { openSimulatedLedger, SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { amount } from "../../depth.js";

/** Small rings like those of boards: one page of a Pico, three of an Espruino WiFi, sixteen of an ESP32. */
const SHAPES = [
  { pageCount: 1, pageBytes: 4096 },
  { pageCount: 3, pageBytes: 1024 },
  { pageCount: 16, pageBytes: 1024 },
] as const;
const GEOMETRIES: readonly FlashGeometry[] = SHAPES.flatMap((shape) => [1, 4, 8].map((alignBytes) => ({ ...shape, alignBytes })));
const THREE_PAGES: FlashGeometry = { pageCount: 3, pageBytes: 1024, alignBytes: 4 };
const ONE_PAGE: FlashGeometry = { pageCount: 1, pageBytes: 1024, alignBytes: 4 };

function nameOf({ pageCount, pageBytes, alignBytes }: FlashGeometry): string {
  return `${pageCount} x ${pageBytes} bytes, aligned to ${alignBytes}`;
}

function createChip(geometry: FlashGeometry, onOperation: () => void = () => undefined): NorFlash {
  return new NorFlash(geometry, onOperation);
}

/** Gives every new log a name of its own. */
let logCount = 0;

function open(flash: Flash): Ledger {
  return openSimulatedLedger(flash, () => ++logCount);
}

function write(ledger: Ledger, text: string): AppendStatus {
  return ledger.append(RecordType.FaultBegan, 0, 0, text);
}

/** Text of a record, without the spaces behind it. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(16, bytes.length - 12))
    .toString("latin1")
    .trimEnd();
}

/** The fields of record `id` of a script, `length` characters and a few more. */
function textFor(id: number, length: number): string {
  return `"${id}","${"x".repeat(length)}"`;
}

/** A host as PROTOCOL.md describes it: stores under (log, number) what it does not have, then acknowledges. */
function createHost(): { take(ledger: Ledger, most: number): void; ids(): number[] } {
  const table = new Map<string, string>();
  return {
    take(ledger, most) {
      const end = Math.min(ledger.last(), ledger.acknowledged() + most);
      for (let sequence = ledger.acknowledged() + 1; sequence <= end; sequence++) {
        const key = `${ledger.logId()}/${sequence}`;
        const record = ledger.read(sequence);
        const text = record && textOf(record.bytes);
        const known = table.get(key);
        if (text === undefined && known === undefined) throw new Error(`record ${key} is lost`);
        if (text !== undefined && known !== undefined && text !== known) throw new Error(`record ${key} was ${known} and is ${text}`);
        if (text !== undefined) table.set(key, text);
      }
      if (end > ledger.acknowledged() && !ledger.acknowledge(end)) throw new Error(`${end} cannot be acknowledged`);
    },
    ids: () => [...table.values()].map((text) => Number((JSON.parse(`[${text}]`) as string[])[0])),
  };
}

/** What was written to a log, by the running number of the record. */
interface Asked {
  readonly written: number[];
  /** Records during which the power went. They may be there. */
  readonly interrupted: number[];
}

/** @throws Error when the host does not have every written record once and in order, or has one that nobody wrote */
function checkTable(ids: readonly number[], { written, interrupted }: Asked): void {
  for (let i = 1; i < ids.length; i++) {
    if ((ids[i] as number) <= (ids[i - 1] as number)) throw new Error(`${ids[i - 1]} comes before ${ids[i]}`);
  }
  const found = new Set(ids);
  for (const id of written) if (!found.delete(id)) throw new Error(`${id} is lost: the host has ${ids}`);
  for (const id of interrupted) found.delete(id);
  if (found.size > 0) throw new Error(`nobody wrote ${[...found]}`);
}

/** Number of records of one slot in a page. */
function slotsIn(geometry: FlashGeometry): number {
  return geometry.pageBytes / SLOT_BYTES - 1;
}

describe("A new log", () => {
  const chip = createChip(THREE_PAGES);
  const ledger = open(flashOver(chip));

  it("has no records, and nothing is written to say so", () => {
    expect([ledger.last(), ledger.acknowledged(), ledger.read(0), ledger.read(1)]).toEqual([0, 0, undefined, undefined]);
    expect(chip.bytes.every((byte) => byte === 255)).toBe(true);
  });

  it("keeps its name from the first record on", () => {
    expect(write(ledger, "1")).toBe("ok");
    expect(open(flashOver(chip)).logId()).toBe(ledger.logId());
  });
});

describe("One record", () => {
  it("comes back as it was written, with its numbers and times", () => {
    const characters = fc.constantFrom(...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)));
    const given = fc.record({
      text: fc.string({ unit: characters, maxLength: MAX_TEXT_BYTES }),
      uptimeMs: fc.nat(40_000_000_000),
      wallSeconds: fc.nat(0xffffffff),
      before: fc.nat(20),
    });
    fc.assert(
      fc.property(given, ({ text, uptimeMs, wallSeconds, before }) => {
        const flash = flashOver(createChip(THREE_PAGES));
        const ledger = open(flash);
        for (let i = 0; i < before; i++) write(ledger, "0");
        expect(ledger.append(RecordType.Session, uptimeMs, wallSeconds, text)).toBe("ok");
        for (const reader of [ledger, open(flash)]) {
          const record = reader.read(before + 1);
          const view = new DataView(record?.bytes.slice().buffer as ArrayBuffer);
          expect(record?.sequence).toBe(before + 1);
          expect(record?.bytes.length).toBe(Math.ceil((text.length + 24) / SLOT_BYTES) * SLOT_BYTES);
          expect(textOf(record?.bytes as Uint8Array)).toBe(text.trimEnd());
          expect([view.getUint8(1), view.getUint16(2, true), view.getUint32(4, true)]).toEqual([RecordType.Session, before, before + 1]);
          expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([Math.round(uptimeMs / 10) % 2 ** 32, wallSeconds]);
        }
      }),
    );
  });

  it("that is longer than four slots is a mistake of the firmware, and nothing is written", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    expect(() => write(ledger, "x".repeat(MAX_TEXT_BYTES + 1))).toThrow(`longer than ${MAX_TEXT_BYTES}`);
    expect(write(ledger, "x".repeat(MAX_TEXT_BYTES))).toBe("ok");
    expect(ledger.last()).toBe(1);
  });
});

describe("Acknowledging", () => {
  it.each<[string, number, boolean, number]>([
    ["the newest record acknowledges all", 5, true, 5],
    ["one in between acknowledges up to it", 3, true, 3],
    ["what is acknowledged already changes nothing", 2, false, 2],
    ["less than before changes nothing", 1, false, 2],
    ["a record that is not written yet changes nothing", 6, false, 2],
    ["a number below 1 changes nothing", -1, false, 2],
    ["what is no number changes nothing", Number.NaN, false, 2],
    ["a part of a number changes nothing", 2.5, false, 2],
    ["a number written as text changes nothing", "3" as unknown as number, false, 2],
    ["nothing at all changes nothing", undefined as unknown as number, false, 2],
  ])("%s", (_, sequence, isChanged, acknowledged) => {
    const ledger = open(flashOver(createChip(THREE_PAGES)));
    for (let i = 1; i <= 5; i++) write(ledger, `${i}`);
    ledger.acknowledge(2);
    expect(ledger.acknowledge(sequence)).toBe(isChanged);
    expect(ledger.acknowledged()).toBe(acknowledged);
  });

  it("is in flash with the next record", () => {
    const flash = flashOver(createChip(THREE_PAGES));
    const ledger = open(flash);
    for (let i = 1; i <= 5; i++) write(ledger, `${i}`);
    ledger.acknowledge(4);
    expect(open(flash).acknowledged()).toBe(0);
    write(ledger, "6");
    expect(open(flash).acknowledged()).toBe(4);
  });

  it("is in flash with the header of the next page, also when its first record is torn", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    for (let i = 1; i <= slotsIn(THREE_PAGES); i++) write(ledger, `${i}`);
    ledger.acknowledge(7);
    chip.cutAt({ operations: 3, bytes: 20 });
    expect(() => write(ledger, "torn")).toThrow(PowerCut);
    chip.cutAt(undefined);
    const again = open(flashOver(chip));
    expect([again.last(), again.acknowledged()]).toEqual([slotsIn(THREE_PAGES), 7]);
  });
});

describe("A full ring", () => {
  it.each(GEOMETRIES.map((geometry) => [nameOf(geometry), geometry] as const))("of %s refuses a record, and overwrites nothing", (_, geometry) => {
    const chip = createChip(geometry);
    const ledger = open(flashOver(chip));
    const capacity = slotsIn(geometry) * geometry.pageCount;
    for (let id = 1; id <= capacity; id++) expect(write(ledger, textFor(id, 5))).toBe("ok");
    const before = chip.bytes.slice();
    for (let i = 0; i < 3; i++) expect(write(ledger, "no")).toBe("full");
    ledger.tidy(true);
    expect(Buffer.compare(chip.bytes, before)).toBe(0);
    expect(ledger.last()).toBe(capacity);
    expect(write(open(flashOver(chip)), "no")).toBe("full");
    for (let id = 1; id <= capacity; id++) expect(textOf(ledger.read(id)?.bytes as Uint8Array)).toBe(textFor(id, 5));
  });

  it.each(GEOMETRIES.map((geometry) => [nameOf(geometry), geometry] as const))(
    "of %s has room for a page again when the host has a page",
    (_, geometry) => {
      const ledger = open(flashOver(createChip(geometry)));
      const inPage = slotsIn(geometry);
      for (let id = 1; id <= inPage * geometry.pageCount; id++) write(ledger, textFor(id, 5));
      ledger.acknowledge(inPage - 1);
      expect(write(ledger, "no")).toBe("full");
      ledger.acknowledge(inPage);
      for (let i = 0; i < inPage; i++) expect(write(ledger, "yes")).toBe("ok");
      expect(write(ledger, "no")).toBe("full");
    },
  );

  it("still takes a short record where a long one does not fit", () => {
    const ledger = open(flashOver(createChip(ONE_PAGE)));
    for (let i = 0; i < 14; i++) write(ledger, "1");
    expect(write(ledger, "x".repeat(100))).toBe("full");
    expect(write(ledger, "15")).toBe("ok");
    expect(write(ledger, "16")).toBe("full");
  });
});

describe("Tidying", () => {
  it("erases the next page of a ring when the host has all of it, once", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    for (let i = 1; i <= 3 * 15; i++) write(ledger, `${i}`);
    const worn = [...chip.wear];
    ledger.acknowledge(14);
    ledger.tidy(true);
    expect(chip.wear).toEqual(worn);
    ledger.acknowledge(15);
    ledger.tidy(true);
    ledger.tidy(true);
    expect(chip.wear.map((erases, page) => erases - (worn[page] as number))).toEqual([1, 0, 0]);
    expect(ledger.read(15)).toBeUndefined();
    expect(ledger.read(16)?.sequence).toBe(16);
    expect(write(ledger, "46")).toBe("ok");
    expect(chip.wear.map((erases, page) => erases - (worn[page] as number))).toEqual([1, 0, 0]);
  });

  it.each([
    ["not before three quarters of its slots are used", 10, 10, 0],
    ["when three quarters of its slots are used and the host has all", 11, 11, 1],
    ["not while the host lacks one", 11, 10, 0],
  ])("erases the only page %s", (_, records, acknowledged, erases) => {
    const chip = createChip(ONE_PAGE);
    const ledger = open(flashOver(chip));
    for (let i = 1; i <= records; i++) write(ledger, `${i}`);
    ledger.acknowledge(acknowledged);
    const worn = chip.wear[0] as number;
    ledger.tidy(true);
    expect((chip.wear[0] as number) - worn).toBe(erases);
    expect(ledger.last()).toBe(records);
    expect(ledger.acknowledged()).toBe(acknowledged);
  });

  it("has nothing to do in a log without records", () => {
    const chip = createChip(ONE_PAGE);
    open(flashOver(chip)).tidy(true);
    expect(chip.wear).toEqual([0]);
  });
});

describe("Reading", () => {
  it.each([
    [ONE_PAGE, "its only page was erased"],
    [THREE_PAGES, "the ring came round to the page where the last reading ended"],
  ])("goes on with the next record after %#: %s", (geometry) => {
    const ledger = open(flashOver(createChip(geometry)));
    for (let id = 1; id <= 15; id++) write(ledger, `${id}`);
    const host = createHost();
    host.take(ledger, 15);
    const more = 15 * (geometry.pageCount - 1) + 1;
    for (let id = 16; id < 16 + more; id++) expect(write(ledger, `${id}`)).toBe("ok");
    expect(ledger.read(16)?.sequence).toBe(16);
  });

  it("tells the same in whatever order the records are asked for", () => {
    const given = fc.record({
      geometry: fc.constantFrom(...GEOMETRIES),
      lengths: fc.array(fc.nat(200), { minLength: 1, maxLength: 80, size: "max" }),
      asked: fc.array(fc.nat(90), { maxLength: 60, size: "max" }),
    });
    fc.assert(
      fc.property(given, ({ geometry, lengths, asked }) => {
        const flash = flashOver(createChip(geometry));
        const ledger = open(flash);
        lengths.forEach((length, i) => {
          // One page has no room for all of them: it is full, or the host has the older half.
          if (write(ledger, textFor(i + 1, length)) === "full") ledger.acknowledge(ledger.last());
          if (i % 7 === 0) ledger.acknowledge(ledger.last() >> 1);
          ledger.read(ledger.acknowledged() + 1);
        });
        for (const sequence of asked) {
          const fresh = open(flash).read(sequence);
          expect(ledger.read(sequence)).toEqual(fresh);
          if (sequence > ledger.acknowledged() && sequence <= ledger.last()) expect(fresh?.sequence).toBe(sequence);
        }
      }),
      { numRuns: amount(30, 60) },
    );
  });
});

/** A flash that counts the bytes that are read. */
function countingFlash(chip: NorFlash): Flash & { readBytes: number } {
  const counting = {
    ...flashOver(chip),
    readBytes: 0,
    read(offset: number, lengthBytes: number) {
      counting.readBytes += lengthBytes;
      return chip.read(offset, lengthBytes);
    },
  };
  return counting;
}

describe("Starting", () => {
  it("reads a few hundred bytes, however many records there are", () => {
    const chip = createChip({ pageCount: 1, pageBytes: 131072, alignBytes: 4 });
    const ledger = open(flashOver(chip));
    for (const records of [1, 10, 100, 1000, 2000]) {
      while (ledger.last() < records) write(ledger, `${ledger.last() + 1}`);
      const flash = countingFlash(chip);
      expect(open(flash).last()).toBe(records);
      expect(flash.readBytes).toBeLessThan(700);
    }
  });

  it("reads no more when there are the remains of an interrupted record somewhere in the log", () => {
    for (let before = 1; before <= 40; before++) {
      const chip = createChip({ pageCount: 1, pageBytes: 16384, alignBytes: 4 });
      const ledger = open(flashOver(chip));
      for (let id = 1; id <= before; id++) write(ledger, `${id}`);
      const torn = open(damagedFlash(chip, 0, 1, (i) => (i >> 6) % 2 === 1, cutPower));
      expect(() => write(torn, "x".repeat(220))).toThrow(PowerCut);
      const mended = open(flashOver(chip));
      for (let id = before + 1; id <= 70; id++) {
        write(mended, `${id}`);
        const flash = countingFlash(chip);
        if (open(flash).last() !== id || flash.readBytes > 1500) throw new Error(`${id} records, torn after ${before}: ${flash.readBytes} bytes`);
      }
    }
  });

  it("writes nothing when there is nothing to mend", () => {
    let operations = 0;
    const chip = createChip(THREE_PAGES, () => operations++);
    const ledger = open(flashOver(chip));
    for (let i = 1; i <= 20; i++) write(ledger, `${i}`);
    operations = 0;
    for (let i = 0; i < 3; i++) expect(open(flashOver(chip)).last()).toBe(20);
    expect(operations).toBe(0);
  });
});

describe("Random work on a log", () => {
  type Work =
    | { readonly do: "append"; readonly count: number; readonly length: number }
    | { readonly do: "take"; readonly most: number }
    | { readonly do: "read"; readonly back: number }
    | { readonly do: "tidy" }
    | { readonly do: "powerCycle" }
    | { readonly do: "powerCut"; readonly operations: number; readonly bytes: number };

  const work: fc.Arbitrary<Work> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 25 }), length: fc.nat(200) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("take" as const), most: fc.nat(60) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), back: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("tidy" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("powerCycle" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("powerCut" as const), operations: fc.nat(12), bytes: fc.nat(300) }) },
  );

  it.each(GEOMETRIES.map((geometry) => [nameOf(geometry), geometry] as const))(
    "on %s leaves the host with every record once, in order",
    (_, geometry) => {
      fc.assert(
        fc.property(fc.array(work, { maxLength: 60, size: "max" }), (works) => {
          const chip = createChip(geometry);
          const host = createHost();
          const asked = { written: [] as number[], interrupted: [] as number[] };
          let ledger = open(flashOver(chip));
          let id = 0;
          /** The acknowledgement in the newest record in flash. */
          let acknowledgedInFlash = 0;

          function restart(): void {
            const before = { logId: ledger.logId(), last: ledger.last(), acknowledged: ledger.acknowledged() };
            chip.cutAt(undefined);
            ledger = open(flashOver(chip));
            if (ledger.logId() !== before.logId) {
              // A log may end only with an erased page that is the only one.
              if (before.last !== 0 && !(geometry.pageCount === 1 && before.acknowledged === before.last)) throw new Error("the log was forgotten");
              acknowledgedInFlash = 0;
              return;
            }
            if (ledger.last() !== before.last && ledger.last() !== before.last + 1) throw new Error(`${before.last} became ${ledger.last()}`);
            if (ledger.acknowledged() > before.acknowledged || ledger.acknowledged() < acknowledgedInFlash) {
              throw new Error(`acknowledged ${before.acknowledged}, in flash ${acknowledgedInFlash}, became ${ledger.acknowledged()}`);
            }
          }

          function carryOut(job: Work): void {
            switch (job.do) {
              case "append":
                for (let i = 0; i < job.count; i++) {
                  const acknowledged = ledger.acknowledged();
                  const bytes = chip.bytes.slice();
                  asked.interrupted.push(++id);
                  const status = write(ledger, textFor(id, job.length));
                  asked.interrupted.pop();
                  if (status === "ok") {
                    asked.written.push(id);
                    acknowledgedInFlash = acknowledged;
                  } else if (status === "failed" || acknowledged === ledger.last() || Buffer.compare(bytes, chip.bytes) !== 0) {
                    throw new Error(`${status} with ${ledger.last() - acknowledged} records to send`);
                  }
                }
                return;
              case "take":
                return host.take(ledger, job.most);
              case "read":
                ledger.read(ledger.last() - job.back);
                return;
              case "tidy":
                return ledger.tidy(true);
              case "powerCycle":
                return restart();
              case "powerCut":
                chip.cutAt(job);
            }
          }

          for (const job of works) {
            try {
              carryOut(job);
            } catch (error) {
              if (!(error instanceof PowerCut)) throw error;
              restart();
            }
          }
          chip.cutAt(undefined);
          host.take(ledger, Infinity);
          checkTable(host.ids(), asked);
          asked.written.push(++id);
          expect(write(ledger, textFor(id, 200))).toBe("ok");
          host.take(ledger, Infinity);
          checkTable(host.ids(), asked);
          expect(readFlashImage(chip.bytes, geometry, { key: SIMULATED_KEY }).problems).toEqual([]);
        }),
        { numRuns: amount(20, 100) },
      );
    },
  );
});

/** Rings on which the script below goes round. */
const SCRIPTED = [ONE_PAGE, { pageCount: 1, pageBytes: 4096, alignBytes: 8 }, { pageCount: 2, pageBytes: 1024, alignBytes: 1 }, THREE_PAGES] as const;

/** Characters of each record of the script: one to four slots. */
const LENGTHS = [10, 30, 60, 5, 150, 20, 200, 90, 12, 33, 220, 40];

interface ScriptRun {
  readonly host: ReturnType<typeof createHost>;
  readonly asked: Asked;
}

/**
 * Thirty-three records, some power cycles, and a host that mostly keeps up. A power cut ends a step, and the next step goes on with the content of the flash.
 * @param reopen starts the terminal after the given number of power cuts
 */
function runScript(reopen: (cuts: number) => Ledger): ScriptRun {
  const host = createHost();
  const asked = { written: [] as number[], interrupted: [] as number[] };
  let ledger: Ledger | undefined;
  let cuts = 0;
  const steps: ((running: Ledger) => void)[] = [];
  for (let id = 1; id <= 33; id++) {
    steps.push((running) => {
      const text = textFor(id, LENGTHS[id % LENGTHS.length] as number);
      asked.interrupted.push(id);
      let status = write(running, text);
      if (status === "full") {
        host.take(running, Infinity);
        status = write(running, text);
      }
      asked.interrupted.pop();
      if (status === "ok") asked.written.push(id);
      if (status === "full") throw new Error(`no room for ${id}, and nothing to send`);
    });
    if (id % 3 === 0) steps.push((running) => host.take(running, 2));
    if (id % 4 === 0) steps.push(() => (ledger = undefined));
    if (id % 5 === 0 || id > 31) steps.push((running) => host.take(running, Infinity));
    if (id % 10 === 0 || id > 31) steps.push((running) => running.tidy(true));
  }
  for (const step of steps) {
    try {
      ledger ??= reopen(cuts);
      step(ledger);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      cuts++;
      ledger = undefined;
    }
  }
  return { host, asked };
}

/** Starts again, reads everything, and writes two more records, the longest and a short one. @throws Error where anything is wrong */
function finish(chip: NorFlash, { host, asked }: ScriptRun): void {
  const ledger = open(flashOver(chip));
  host.take(ledger, Infinity);
  checkTable(host.ids(), asked);
  for (const id of [34, 35]) {
    const status = write(ledger, textFor(id, id === 34 ? 220 : 1));
    if (status !== "ok") throw new Error(`the log takes no more records: ${status}`);
    asked.written.push(id);
    host.take(ledger, Infinity);
  }
  checkTable(host.ids(), asked);
}

/** Writes and erases of the script when nothing goes wrong. */
function countOperations(geometry: FlashGeometry): number {
  let count = 0;
  const chip = createChip(geometry, () => count++);
  const run = runScript(() => open(flashOver(chip)));
  const operations = count;
  finish(chip, run);
  expect(run.asked.interrupted).toEqual([]);
  expect(run.asked.written.length).toBe(35);
  expect(Math.min(...chip.wear)).toBeGreaterThan(1);
  return operations;
}

/** One operation in so many is tried. */
const OPERATIONS_APART = amount(5, 1);

/** Runs a case for operations of the script. @throws Error with the first that went wrong, and how many did */
function forEachOperation(geometry: FlashGeometry, check: (operation: number) => void): void {
  const failures: string[] = [];
  const operations = countOperations(geometry);
  for (let operation = 0; operation < operations; operation += OPERATIONS_APART) {
    try {
      check(operation);
    } catch (error) {
      failures.push(`operation ${operation}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} of ${operations} operations lead to trouble, the first in ${failures[0]}`);
}

describe("The power goes in every write and every erase of a script that goes round the ring", () => {
  it.each(SCRIPTED.map((geometry) => [nameOf(geometry), geometry] as const))("on %s", (_, geometry) => {
    for (const bytes of [0, 1, 4, 7, 8, 40, 100, geometry.pageBytes]) {
      forEachOperation(geometry, (operation) => {
        const chip = createChip(geometry);
        chip.cutAt({ operations: operation, bytes });
        const run = runScript((cuts) => {
          // The start after the cut loses power as well, if it writes.
          if (cuts > 0) chip.cutAt(cuts === 1 ? { operations: 0, bytes: operation % 8 } : undefined);
          const ledger = open(flashOver(chip));
          if (cuts > 0) chip.cutAt(undefined);
          return ledger;
        });
        chip.cutAt(undefined);
        finish(chip, run);
        const { problems } = readFlashImage(chip.bytes, geometry, { key: SIMULATED_KEY });
        if (problems.length > 0) throw new Error(problems.map(({ words }) => words).join(" "));
      });
    }
  });
});

/** The bytes of an interrupted operation that are done. The contract promises no order. */
const DAMAGES: Readonly<Record<string, (i: number, length: number) => boolean>> = {
  "nothing of it is done": () => false,
  "its first half is done": (i, length) => i < length / 2,
  "its second half is done": (i, length) => i >= length / 2,
  "all but its first slot is done": (i) => i >= SLOT_BYTES,
  "every second word is done": (i) => (i >> 2) % 2 === 1,
  "every second slot is done": (i) => (i >> 6) % 2 === 1,
  "all of it is done": () => true,
};

function cutPower(): never {
  throw new PowerCut();
}

/** A flash in which one operation, or several in a row, do only a part of their work and then end as `end` says. */
function damagedFlash(chip: NorFlash, first: number, count: number, isDone: (i: number, length: number) => boolean, end: () => "failed"): Flash {
  let operation = -1;
  const flash = flashOver(chip);
  const isHit = (): boolean => ++operation >= first && operation < first + count;
  return {
    ...flash,
    write(offset, data) {
      if (!isHit()) return flash.write(offset, data);
      for (let i = 0; i < data.length; i++) if (isDone(i, data.length)) (chip.bytes[offset + i] as number) &= data[i] as number;
      return end();
    },
    erase(page) {
      if (!isHit()) return flash.erase(page);
      const { pageBytes } = chip.geometry;
      for (let i = 0; i < pageBytes; i++) if (isDone(i, pageBytes)) chip.bytes[page * pageBytes + i] = 255;
      return end();
    },
  };
}

describe.each(Object.entries(DAMAGES))("When an operation goes wrong and %s", (damage, isDone) => {
  const cases = [ONE_PAGE, THREE_PAGES].map((geometry) => [nameOf(geometry), geometry] as const);

  it.each(cases)("because the power went, nothing is lost or doubled on %s", (_, geometry) => {
    forEachOperation(geometry, (operation) => {
      const chip = createChip(geometry);
      const flash = damagedFlash(chip, operation, 1, isDone, cutPower);
      const run = runScript(() => open(flash));
      finish(chip, run);
    });
  });

  it.each(cases)("because the power went, and goes again in what the next start writes, nothing is lost or doubled on %s", (_, geometry) => {
    forEachOperation(geometry, (operation) => {
      const chip = createChip(geometry);
      const flash = damagedFlash(chip, operation, 2, isDone, cutPower);
      const run = runScript(() => open(flash));
      finish(chip, run);
    });
  });

  // A chip that fails, and yet keeps such a part of the work, is an issue of its own.
  const failing = damage === "its second half is done" || damage === "every second word is done" ? [] : cases;
  it.each(failing)("because the chip failed, nothing is lost or doubled, and what failed was not written, on %s", (_, geometry) => {
    for (const count of [1, 3]) {
      forEachOperation(geometry, (operation) => {
        const chip = createChip(geometry);
        const flash = damagedFlash(chip, operation, count, isDone, () => "failed");
        const run = runScript(() => open(flash));
        finish(chip, run);
      });
    }
  });
});

describe("What is left of a record of four slots", () => {
  const leftovers = Array.from({ length: 16 }, (_, done) => [0, 1, 2, 3].filter((slot) => done & (1 << slot)));

  it.each(leftovers.map((leftover) => [leftover.join() || "none", leftover] as const))(
    "never leads a start astray, wherever in the page it lies and when of its slots these were written: %s",
    (_, leftover) => {
      for (let before = 1; before <= 10; before++) {
        const chip = createChip(ONE_PAGE);
        const ledger = open(flashOver(chip));
        for (let id = 1; id <= before; id++) write(ledger, `${id}`);
        const torn = open(damagedFlash(chip, 0, 1, (i) => leftover.includes(i >> 6), cutPower));
        expect(() => write(torn, "x".repeat(220))).toThrow(PowerCut);
        let last = before;
        while (write(open(flashOver(chip)), `${last + 1}`) === "ok") {
          const again = open(flashOver(chip));
          expect(again.last()).toBe(++last);
          for (let id = 1; id <= last; id++) expect(textOf(again.read(id)?.bytes as Uint8Array)).toBe(`${id}`);
        }
        expect(last).toBeGreaterThanOrEqual(slotsIn(ONE_PAGE) - 4);
      }
    },
  );
});

describe("A page that could not be opened", () => {
  it.each(Object.entries(DAMAGES))("leaves no record behind in the page before it, when %s", (_, isDone) => {
    const lengths = [100, 1, 100];
    for (let operation = 0; operation < 4; operation++) {
      for (let count = 1; count <= lengths.length; count++) {
        const chip = createChip(THREE_PAGES);
        const ledger = open(flashOver(chip));
        for (let id = 1; id <= 14; id++) write(ledger, textFor(id, 1));
        const failing = open(damagedFlash(chip, operation, 1, isDone, () => "failed"));
        const written = Array.from({ length: 14 }, (_, i) => i + 1);
        lengths.slice(0, count).forEach((length, i) => {
          if (write(failing, textFor(15 + i, length)) === "ok") written.push(15 + i);
        });
        const host = createHost();
        host.take(open(flashOver(chip)), Infinity);
        checkTable(host.ids(), { written, interrupted: [] });
      }
    }
  });
});

describe("Random work on a chip that loses power now and then", () => {
  type Work =
    | { readonly do: "append"; readonly length: number }
    | { readonly do: "take"; readonly most: number }
    | { readonly do: "tidy" | "powerCycle" };
  interface Trouble {
    /** Number of successful operations before. */
    readonly after: number;
    readonly damage: string;
  }
  const work: fc.Arbitrary<Work> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("append" as const), length: fc.constantFrom(1, 1, 1, 60, 120, 200) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const), most: fc.nat(30) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("tidy" as const, "powerCycle" as const, "powerCycle" as const) }) },
  );
  const trouble: fc.Arbitrary<Trouble> = fc.record({
    after: fc.oneof(fc.constant(0), fc.nat(12)),
    damage: fc.constantFrom(...Object.keys(DAMAGES)),
  });

  it.each([ONE_PAGE, THREE_PAGES].map((geometry) => [nameOf(geometry), geometry] as const))("of %s loses and doubles nothing", (_, geometry) => {
    fc.assert(
      fc.property(
        fc.array(work, { minLength: 10, maxLength: 80, size: "max" }),
        fc.array(trouble, { maxLength: 12, size: "max" }),
        (works, troubles) => {
          const chip = createChip(geometry);
          const waiting = [...troubles];
          let left = waiting[0]?.after ?? Infinity;
          /** Carries out an operation, wholly or as the next fault says. */
          function carryOut(length: number, set: (i: number) => void): "ok" {
            const now = left-- === 0 ? waiting.shift() : undefined;
            const isDone = now ? (DAMAGES[now.damage] as (i: number, length: number) => boolean) : () => true;
            for (let i = 0; i < length; i++) if (isDone(i, length)) set(i);
            if (now) left = waiting[0]?.after ?? Infinity;
            if (now) throw new PowerCut();
            return "ok";
          }
          const flash: Flash = {
            ...flashOver(chip),
            write: (offset, data) => carryOut(data.length, (i) => ((chip.bytes[offset + i] as number) &= data[i] as number)),
            erase: (page) => carryOut(geometry.pageBytes, (i) => (chip.bytes[page * geometry.pageBytes + i] = 255)),
          };
          const host = createHost();
          const asked = { written: [] as number[], interrupted: [] as number[] };
          let ledger: Ledger | undefined;
          let id = 0;
          for (const job of works) {
            try {
              ledger ??= open(flash);
              if (job.do === "append") {
                asked.interrupted.push(++id);
                const status = write(ledger, textFor(id, job.length));
                asked.interrupted.pop();
                if (status === "ok") asked.written.push(id);
              } else if (job.do === "take") host.take(ledger, job.most);
              else if (job.do === "tidy") ledger.tidy(true);
              else ledger = undefined;
            } catch (error) {
              if (!(error instanceof PowerCut)) throw error;
              ledger = undefined;
            }
          }
          host.take(open(flashOver(chip)), Infinity);
          checkTable(host.ids(), asked);
        },
      ),
      { numRuns: amount(80, 400) },
    );
  });
});

describe("A record that is begun", () => {
  const HEAD = '"1024","T-1",';
  const begin = (ledger: Ledger, head = HEAD): AppendStatus => ledger.begin(RecordType.Session, 5000, 1_772_411_403, head);
  const end = (ledger: Ledger, text: string): AppendStatus => ledger.append(RecordType.Session, 9000, 1_772_411_407, text);
  // Between head and end there are spaces, which JSON allows.
  const textsOf = (ledger: Ledger): string[] =>
    Array.from({ length: ledger.last() }, (_, i) => textOf(ledger.read(i + 1)?.bytes as Uint8Array).replace(/, +/g, ","));

  it("is none yet, and is completed in its own slot with the times of its beginning", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    write(ledger, "1");
    expect([begin(ledger), ledger.last(), ledger.read(2)]).toEqual(["ok", 1, undefined]);
    expect(end(ledger, `${HEAD}0,5,1000`)).toBe("ok");
    expect(write(ledger, "3")).toBe("ok");
    for (const reader of [ledger, open(flashOver(chip))]) {
      expect(textsOf(reader)).toEqual(["1", `${HEAD}0,5,1000`, "3"]);
      const bytes = reader.read(2)?.bytes.slice() as Uint8Array;
      const view = new DataView(bytes.buffer);
      expect([bytes.length, view.getUint8(1) & 127, view.getUint32(8, true), view.getUint32(12, true)]).toEqual([64, 4, 500, 1_772_411_403]);
    }
    // The page header, and one slot for each record.
    expect(chip.bytes.subarray(4 * SLOT_BYTES, 5 * SLOT_BYTES).every((byte) => byte === 255)).toBe(true);
  });

  it.each<[string, (ledger: Ledger) => AppendStatus, string]>([
    ["another type", (ledger) => write(ledger, "2"), "2"],
    ["the same type that begins otherwise", (ledger) => end(ledger, '"1024","T-2",0,5,1'), '"1024","T-2",0,5,1'],
    ["the same type whose end has no room", (ledger) => end(ledger, `${HEAD}0,5,1000,16,"00010"`), `${HEAD}0,5,1000,16,"00010"`],
  ])("is completed as pending before a record of %s", (_, other, text) => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    begin(ledger);
    expect(other(ledger)).toBe("ok");
    for (const reader of [ledger, open(flashOver(chip))]) expect(textsOf(reader)).toEqual([HEAD + PENDING, text]);
  });

  it("is completed as pending before another one that is begun", () => {
    const ledger = open(flashOver(createChip(THREE_PAGES)));
    begin(ledger);
    begin(ledger, '"1024","T-2",');
    end(ledger, '"1024","T-2",0,5,1');
    expect(textsOf(ledger)).toEqual([HEAD + PENDING, '"1024","T-2",0,5,1']);
  });

  it("stands as pending after a power cut, once, however often the terminal starts", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    write(ledger, "1");
    begin(ledger);
    for (let i = 0; i < 3; i++) expect(textsOf(open(flashOver(chip)))).toEqual(["1", HEAD + PENDING]);
    const again = open(flashOver(chip));
    expect(end(again, `${HEAD}0,5,1000`)).toBe("ok");
    expect(textsOf(again)).toEqual(["1", HEAD + PENDING, `${HEAD}0,5,1000`]);
  });

  it.each(Object.entries(DAMAGES))(
    "is there once, as pending or as completed, or not at all, when the power goes in any write and %s",
    (_, isDone) => {
      for (let before = 0; before <= slotsIn(ONE_PAGE); before++) {
        for (let operation = 0; operation < 6; operation++) {
          for (const count of [1, 2]) {
            const chip = createChip(THREE_PAGES);
            const whole = open(flashOver(chip));
            for (let id = 1; id <= before; id++) write(whole, `${id}`);
            const flash = damagedFlash(chip, operation, count, isDone, cutPower);
            let isBegun = false;
            let isEnded = false;
            try {
              const ledger = open(flash);
              begin(ledger);
              isBegun = true;
              end(ledger, `${HEAD}0,5,1000`);
              isEnded = true;
            } catch (error) {
              if (!(error instanceof PowerCut)) throw error;
            }
            try {
              open(flash);
            } catch (error) {
              if (!(error instanceof PowerCut)) throw error;
            }
            const ledger = open(flashOver(chip));
            expect(write(ledger, "last")).toBe("ok");
            const texts = textsOf(ledger);
            const where = `${before} before, cut in ${operation}, ${count} times: ${texts}`;
            expect(texts.slice(0, before), where).toEqual(Array.from({ length: before }, (_, i) => `${i + 1}`));
            expect(texts[texts.length - 1], where).toBe("last");
            const middle = texts.slice(before, -1);
            if (isEnded) expect(middle, where).toEqual([`${HEAD}0,5,1000`]);
            else {
              expect(middle.length, where).toBeLessThanOrEqual(1);
              expect([HEAD + PENDING, `${HEAD}0,5,1000`, undefined], where).toContain(middle[0]);
            }
            // Two cuts may tear the next page too.
            const isLastInPage = before % slotsIn(THREE_PAGES) === slotsIn(THREE_PAGES) - 1;
            if (isBegun && (count === 1 || !isLastInPage)) expect(middle.length, where).toBe(1);
          }
        }
      }
    },
  );

  it("with a longer head than there is room for is not kept, and is written whole at its end", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    const before = chip.bytes.slice();
    const longest = `"${"x".repeat(MAX_HEAD_BYTES - 3)}",`;
    const long = `"${"x".repeat(MAX_HEAD_BYTES - 2)}",`;
    expect(begin(ledger, long)).toBe("ok");
    expect(Buffer.compare(chip.bytes, before)).toBe(0);
    expect(open(flashOver(chip)).last()).toBe(0);
    expect(end(ledger, `${long}0,5,1000`)).toBe("ok");
    begin(ledger, longest);
    expect(textsOf(open(flashOver(chip)))).toEqual([`${long}0,5,1000`, longest + PENDING]);
  });

  it("is refused by a full ring", () => {
    const ledger = open(flashOver(createChip(ONE_PAGE)));
    for (let i = 0; i < slotsIn(ONE_PAGE); i++) write(ledger, "1");
    expect(begin(ledger)).toBe("full");
    expect(end(ledger, `${HEAD}0,5,1000`)).toBe("full");
  });
});

describe("Looking back", () => {
  const seen = (ledger: Ledger, most = Infinity): string[] => {
    const texts: string[] = [];
    ledger.lookBack(EVERY_TYPE, (type, text, wallSeconds) =>
      texts.push(`${type} ${text.trimEnd().replace(/, +/g, ",")} ${wallSeconds}`) >= most ? 0 : EVERY_TYPE,
    );
    return texts;
  };

  it("passes over the types that nobody wants any more, over the edges of pages and through records of several slots", () => {
    const ledger = open(flashOver(createChip(THREE_PAGES)));
    const written: number[] = [];
    for (let id = 1; id <= 40; id++) {
      const type = id % 3 ? RecordType.Session : RecordType.Alert;
      expect(ledger.append(type, 0, 0, JSON.stringify("x".repeat(id % 7 ? id : 200)))).toBe("ok");
      ledger.acknowledge(id);
      written.push(type);
    }
    const kept = written.slice(ledger.oldest() - 1);
    expect(kept.length).toBeGreaterThan(10);
    const told: number[] = [];
    let sessions = 0;
    ledger.lookBack(EVERY_TYPE, (type, _, __, sequence) => {
      expect(type).toBe(written[sequence - 1]);
      told.push(sequence);
      if (type === RecordType.Session) sessions++;
      return sessions < 2 ? EVERY_TYPE : 1 << RecordType.Alert;
    });
    const newest = kept.map((type, i) => ({ type, sequence: ledger.oldest() + i })).reverse();
    let passed = 0;
    expect(told).toEqual(newest.filter(({ type }) => type === RecordType.Alert || passed++ < 2).map(({ sequence }) => sequence));
  });

  it("tells the same whichever bit has changed of many records that nobody wants and a few that somebody does", () => {
    const chip = createChip({ ...ONE_PAGE, pageBytes: 4096 });
    const ledger = open(flashOver(chip));
    // More than two runs of sixteen slots.
    for (let id = 0; id <= 34; id++) {
      ledger.begin(RecordType.Session, 0, 0, `"${id}",`);
      ledger.append(id % 16 === 5 ? RecordType.Alert : RecordType.Session, 0, 0, `"${id}",0`);
    }
    const alerts = (): string[] => {
      const texts: string[] = [];
      ledger.lookBack(1 << RecordType.Alert, (type, text, _, sequence) => {
        texts.push(`${sequence}: ${type} ${text}`);
        return 1 << RecordType.Alert;
      });
      return texts;
    };
    const expected = alerts();
    expect(expected.map((text) => text.trimEnd())).toEqual(['24: 15 "21",0', '7: 15 "5",0']);
    const end = chip.bytes.lastIndexOf(0) + 1;
    const bitsApart = amount(7, 1);
    for (let bit = 64 * 8; bit < end * 8; bit += bitsApart) {
      const at = bit >> 3;
      const before = chip.bytes[at] as number;
      chip.bytes[at] = before ^ (1 << (bit & 7));
      expect(alerts(), `bit ${bit}`).toEqual(expected);
      chip.bytes[at] = before;
    }
  });

  it("tells the newest records, backwards, until it has enough", () => {
    const ledger = open(flashOver(createChip(THREE_PAGES)));
    expect(seen(ledger)).toEqual([]);
    for (let id = 1; id <= 5; id++) ledger.append(RecordType.SignIn, 0, 100 + id, `${id}`);
    expect(seen(ledger)).toEqual(["2 5 105", "2 4 104", "2 3 103", "2 2 102", "2 1 101"]);
    expect(seen(ledger, 2)).toEqual(["2 5 105", "2 4 104"]);
  });

  it("goes on in the page before, and tells long records and begun ones once, under their own type", () => {
    const chip = createChip(THREE_PAGES);
    const ledger = open(flashOver(chip));
    for (let id = 1; id <= 14; id++) write(ledger, `${id}`);
    write(ledger, "x".repeat(100));
    ledger.begin(RecordType.Session, 0, 7, '"1",');
    ledger.append(RecordType.Session, 0, 8, '"1",0');
    for (const reader of [ledger, open(flashOver(chip))]) {
      expect(seen(reader, 3)).toEqual(['4 "1",0 7', `8 ${"x".repeat(100)} 0`, "8 14 0"]);
      expect(seen(reader)).toHaveLength(16);
    }
  });
});
