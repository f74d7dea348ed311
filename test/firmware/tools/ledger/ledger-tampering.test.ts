// Whatever somebody without the key does to a log, the reader names the records that it was done to, and no others; of a log that nobody touched it
// says nothing.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LedgerImage,
  type LedgerProblem,
  readFlashImage,
  type StreamEvidence,
  type Verification,
  verifyRecords,
} from "../../../../firmware/tools/ledger/ledger-reader.js";
import { type EncodedLog, encodeLog, encodeRecords, headOf, type RecordText, sealCrc } from "../../ledger/ledger-encoder.js";

const KEY = Buffer.alloc(32, 0x5a);
const OTHER_KEY = Buffer.alloc(32, 0xa5);
const LOG_ID = 3777279546;
const RUNS = { numRuns: 100 };

const text: fc.Arbitrary<RecordText & { readonly torn: boolean }> = fc.record({
  type: fc.constantFrom(60, 99),
  text: fc.integer({ min: 2, max: 228 }).map((length) => `"${"x".repeat(length - 2)}"`),
  uptimeMs: fc.nat(1000).map((n) => n * 10),
  backlog: fc.nat(20),
  torn: fc.boolean(),
});
const texts = fc.array(text, { minLength: 1, maxLength: 30 });
const stream = texts.map((all) => encodeRecords(KEY, LOG_ID, all));

/** A log in flash, in several pages, of which the oldest may be overwritten. */
const inFlash = fc
  .record({ texts: fc.array(text, { minLength: 1, maxLength: 70 }), pageCount: fc.integer({ min: 2, max: 6 }), isRetired: fc.boolean() })
  .map(({ texts: all, pageCount, isRetired }) => {
    const geometry = { pageBytes: 1024, pageCount };
    const retired = isRetired && pageCount > 2 ? [1] : [];
    return { geometry, ...encodeLog({ key: KEY, logId: LOG_ID, ...geometry, retired }, all) };
  });
type InFlash = EncodedLog & { readonly geometry: { readonly pageBytes: number; readonly pageCount: number } };

/** A place from 0 to below a length that is not known yet. */
const place = fc.nat(1_000_000);
/** What a byte is changed by. */
const change = fc.integer({ min: 1, max: 255 });

function verify(records: readonly Buffer[], evidence: Partial<StreamEvidence> = {}): Verification {
  return verifyRecords(records, { key: KEY, logId: LOG_ID, ...evidence });
}

/** Kind and numbers of what is wrong, without what only cannot be read, or not be proven. */
function accused({ problems }: { readonly problems: readonly LedgerProblem[] }): string[] {
  return problems.filter(({ kind }) => kind !== "unverified" && kind !== "unreadable").map(shortOf);
}

function shortOf({ kind, sequence, last }: LedgerProblem): string {
  return `${kind} ${sequence === last ? sequence : `${sequence}-${last}`}`;
}

function unverified({ problems }: Verification): string[] {
  return problems.filter(({ kind }) => kind === "unverified").map(shortOf);
}

/** Whether a change turns one bit only. */
function isOneBit(by: number): boolean {
  return (by & (by - 1)) === 0;
}

function withChange(record: Buffer, at: number, by: number): Buffer {
  const changed = Buffer.from(record);
  changed[at] = (changed[at] as number) ^ by;
  return changed;
}

function replaced(records: readonly Buffer[], at: number, by: Buffer): Buffer[] {
  return records.map((record, i) => (i === at ? by : record));
}

function swapped(records: readonly Buffer[], one: number, other: number): Buffer[] {
  return records.map((record, i) => (i === one ? records[other] : i === other ? records[one] : record) as Buffer);
}

function inserted(records: readonly Buffer[], at: number, record: Buffer): Buffer[] {
  return [...records.slice(0, at), record, ...records.slice(at)];
}

describe("Records that a host has stored", () => {
  it("are not accused while nobody touches them, from wherever they are read", () => {
    fc.assert(
      fc.property(stream, place, place, (records, from, upTo) => {
        const first = from % records.length;
        const previous = first > 0 ? headOf(records[first - 1] as Buffer) : undefined;
        const head = headOf(records[upTo % records.length] as Buffer);
        const verdict = verify(records.slice(first), { previous, head });
        expect(verdict).toMatchObject({ problems: [], verified: records.length - first });
        expect(verdict.head).toBe(head.sequence > first ? "found" : "overwritten");
        expect(verify(records.slice(first), { previous, head, key: undefined })).toMatchObject({ problems: [], verified: undefined });
      }),
      RUNS,
    );
  });

  it("miss one that was removed, and only the one behind it is without proof", () => {
    fc.assert(
      fc.property(stream, place, (records, which) => {
        const sequence = (which % records.length) + 1;
        const verdict = verify(
          records.filter((_, i) => i !== sequence - 1),
          { head: headOf(records[records.length - 1] as Buffer) },
        );
        const isLast = sequence === records.length;
        expect(accused(verdict)).toEqual([`${isLast ? "missing" : "removed"} ${sequence}`]);
        // Where the host vouches for the newest, its MAC is known, but not what it says.
        expect(unverified(verdict)).toEqual(isLast ? [] : [`unverified ${sequence + 1}`]);
      }),
      RUNS,
    );
  });

  it("miss each of several that were removed", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (records, isRemoved) => {
        const left = records.filter((_, i) => !isRemoved[i]);
        const { problems } = verify(left, { head: headOf(records[records.length - 1] as Buffer) });
        const named = problems.filter(({ kind }) => kind === "removed" || kind === "missing");
        expect(named.flatMap(numbersOf)).toEqual(records.flatMap((_, i) => (isRemoved[i] ? [i + 1] : [])));
        expect(problems.filter(({ kind }) => kind !== "removed" && kind !== "missing" && kind !== "unverified")).toEqual([]);
      }),
      RUNS,
    );
  });

  it("name one with a changed byte and a wrong CRC, and no other", () => {
    fc.assert(
      fc.property(stream, place, place, change, (records, which, at, by) => {
        const i = which % records.length;
        const record = records[i] as Buffer;
        const verdict = verify(replaced(records, i, withChange(record, at % record.length, by)));
        expect(verdict.problems.map(shortOf)).toEqual([`changed ${i + 1}`]);
      }),
      RUNS,
    );
  });

  it("name one with a changed byte and its CRC put right, and no other", () => {
    fc.assert(
      fc.property(stream, place, place, change, (records, which, at, by) => {
        fc.pre(records.length > 1);
        const i = which % (records.length - 1);
        const record = records[i] as Buffer;
        const changed = sealCrc(withChange(record, at % (record.length - 8), by));
        const verdict = verify(replaced(records, i, changed));
        expect(accused(verdict)).toEqual([`changed ${i + 1}`]);
        expect(unverified(verdict)).toEqual([]);
      }),
      RUNS,
    );
  });

  it("name the newest when a byte of it was changed, and say that it was changed when the host vouches for it", () => {
    fc.assert(
      fc.property(stream, place, change, (records, at, by) => {
        const record = records[records.length - 1] as Buffer;
        const changed = sealCrc(withChange(record, 8 + (at % (record.length - 16)), by));
        const all = replaced(records, records.length - 1, changed);
        expect(accused(verify(all))).toEqual([`invented ${records.length}`]);
        expect(accused(verify(all, { head: headOf(record) }))).toEqual([`changed ${records.length}`]);
      }),
      RUNS,
    );
  });

  it("name one that was replaced by another of its number, whoever made it", () => {
    fc.assert(
      fc.property(stream, texts, place, fc.boolean(), (records, others, which, isSameKey) => {
        const foreign = encodeRecords(isSameKey ? KEY : OTHER_KEY, LOG_ID + 1, others);
        const i = which % Math.min(records.length, foreign.length);
        fc.pre(records.length > 2 && !(records[i] as Buffer).subarray(0, -12).equals((foreign[i] as Buffer).subarray(0, -12)));
        const verdict = verify(replaced(records, i, foreign[i] as Buffer));
        const isLast = i === records.length - 1;
        // Only a record that is proven, so not the next one, says that there was a record with this number.
        expect(accused(verdict)).toEqual([`${i < records.length - 2 ? "changed" : "invented"} ${i + 1}`]);
        expect(unverified(verdict)).toEqual(isLast ? [] : [`unverified ${i + 2}`]);
      }),
      RUNS,
    );
  });

  it("name one or both of two that changed places", () => {
    fc.assert(
      fc.property(stream, place, place, (records, one, other) => {
        const [i, j] = [one % records.length, other % records.length];
        fc.pre(i !== j);
        const verdict = verify(swapped(records, i, j));
        expect(verdict.verified).toBe(records.length);
        expect(verdict.problems.length).toBeGreaterThan(0);
        for (const { kind, sequence, last } of verdict.problems) {
          expect(kind).toBe("reordered");
          expect([i + 1, j + 1]).toContain(sequence);
          expect([i + 1, j + 1]).toContain(last);
        }
      }),
      RUNS,
    );
  });

  it("name one that stands there twice", () => {
    fc.assert(
      fc.property(stream, place, place, (records, which, where) => {
        const i = which % records.length;
        const doubled = inserted(records, where % (records.length + 1), records[i] as Buffer);
        expect(verify(doubled).problems.map(shortOf)).toEqual([`invented ${i + 1}`]);
      }),
      RUNS,
    );
  });

  it("name one that was invented, wherever it stands and whatever number it has", () => {
    fc.assert(
      fc.property(stream, text, place, place, (records, invented, which, where) => {
        fc.pre(records.length > 1);
        const sequence = 1 + (which % (records.length + 1));
        const forged = encodeRecords(
          OTHER_KEY,
          LOG_ID,
          Array.from({ length: sequence }, () => invented),
        )[sequence - 1] as Buffer;
        const verdict = verify(inserted(records, where % (records.length + 1), forged));
        expect(verdict.problems.map(shortOf)).toEqual([`invented ${sequence}`]);
      }),
      RUNS,
    );
  });

  it("name one that was invented far beyond the newest as without proof", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 2, max: 4_000_000_000 }), (records, beyond) => {
        const forged = Buffer.from(records[0] as Buffer);
        forged.writeUInt32LE(records.length + beyond, 4);
        const verdict = verify([...records, sealCrc(forged)]);
        expect(unverified(verdict)).toEqual([`unverified ${records.length + beyond}`]);
        expect(accused(verdict).length).toBe(1);
        expect(verdict.problems[0]?.words).toContain(`, or the number of record ${records.length + beyond} was changed.`);
      }),
      RUNS,
    );
  });

  it("name those that were cut off at the end, where there is a head", () => {
    fc.assert(
      fc.property(stream, place, (records, which) => {
        const left = which % records.length;
        const head = headOf(records[records.length - 1] as Buffer);
        const verdict = verify(records.slice(0, left), { head });
        expect(verdict.problems.flatMap(numbersOf)).toEqual(records.slice(left).map((_, i) => left + i + 1));
        expect(verdict).toMatchObject({ head: "missing" });
        expect(verify(records.slice(0, left)).problems).toEqual([]);
      }),
      RUNS,
    );
  });

  it("name the record that the host has stored when another with its number is in its place", () => {
    fc.assert(
      fc.property(stream, place, text, (records, which, other) => {
        const i = which % records.length;
        // As a terminal writes on whose flash was set back to an earlier time.
        const texts = records.map((record) => ({ type: record[1] as number, text: record.toString("latin1", 16, record.length - 12).trimEnd() }));
        const before = encodeRecords(KEY, LOG_ID, [...texts.slice(0, i), other]);
        const after = encodeRecords(KEY, LOG_ID, [...texts.slice(0, i), { ...other, text: `"${other.text.length}"` }]);
        const verdict = verify(after, { head: headOf(before[i] as Buffer) });
        expect(verdict.problems.map(shortOf)).toEqual([`missing ${i + 1}`]);
      }),
      RUNS,
    );
  });

  it("are all named, in one sentence, where the key is another terminal's", () => {
    fc.assert(
      fc.property(stream, (records) => {
        const verdict = verify(records, { key: OTHER_KEY });
        expect(verdict.problems.map(shortOf)).toEqual([records.length > 1 ? `invented 1-${records.length}` : "invented 1"]);
        expect(verdict.verified).toBe(0);
      }),
      RUNS,
    );
  });

  it("are never taken for untouched, whatever was done to them together", () => {
    const deed = fc.record({ what: fc.constantFrom("remove", "change", "seal", "swap", "double", "invent"), i: place, j: place, by: change });
    fc.assert(
      fc.property(stream, fc.array(deed, { minLength: 1, maxLength: 5 }), (records, deeds) => {
        let all = records;
        for (const { what, i, j, by } of deeds) {
          const [at, other] = [i % Math.max(1, all.length), j % Math.max(1, all.length)];
          const record = all[at];
          if (!record) break;
          const changed = withChange(record, j % (record.length - 8), by);
          if (what === "remove") all = all.filter((_, k) => k !== at);
          else if (what === "change") all = replaced(all, at, changed);
          else if (what === "seal") all = replaced(all, at, sealCrc(changed));
          else if (what === "swap") all = swapped(all, at, other);
          else if (what === "double") all = inserted(all, other, record);
          else all = inserted(all, other, encodeRecords(OTHER_KEY, LOG_ID, [{ type: 99, text: String(j) }])[0] as Buffer);
        }
        fc.pre(!Buffer.concat(all).equals(Buffer.concat(records)));
        expect(verify(all, { head: headOf(records[records.length - 1] as Buffer) }).problems).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("are judged in a second or so, also when there are thousands and all are wrong", () => {
    const records = encodeRecords(
      KEY,
      LOG_ID,
      Array.from({ length: 2047 }, () => ({ type: 99, text: "1" })),
    );
    expect(verify(records, { key: OTHER_KEY }).problems.map(shortOf)).toEqual(["invented 1-2047"]);
    const broken = records.map((record) => withChange(record, 20, 1));
    expect(verify(broken).problems.map(shortOf)).toEqual(records.map((_, i) => `changed ${i + 1}`));
    const sealed = broken.map(sealCrc);
    expect(accused(verify(sealed))).toEqual(["invented 1-2047"]);
    expect(accused(verify([...records].reverse()))).toHaveLength(2046);
  }, 10_000);

  it("may be no records at all", () => {
    const [record] = encodeRecords(KEY, LOG_ID, [{ type: 99, text: "1" }]) as [Buffer];
    expect(verify([])).toMatchObject({ problems: [], verified: 0 });
    expect(verify([record, Buffer.alloc(3)]).problems.map(({ words }) => words)).toEqual([
      "The bytes at place 2 are no record: its first byte is 0, and should be its number of slots, 1 to 4.",
    ]);
  });

  it("of which some were removed without a trace of their numbers are told by the record before them alone", () => {
    const records = encodeRecords(
      KEY,
      LOG_ID,
      Array.from({ length: 9 }, () => ({ type: 99, text: "1" })),
    );
    expect(verify(records.slice(3)).problems.map(({ words }) => words)).toEqual([
      "Records 1 to 3 are missing at the beginning: they were removed, or their slots were destroyed.",
      "Record 4 cannot be verified: the MAC of the record before is not known.",
    ]);
  });
});

describe("A log in flash", () => {
  /** The newest record, which the host has. */
  const newestOf = ({ records }: InFlash): { sequence: number; mac: string } => headOf(records[records.length - 1] as Buffer);
  const read = (log: InFlash, image: Buffer): LedgerImage => readFlashImage(image, log.geometry, { key: KEY, head: newestOf(log) });
  /** Numbers of the records that are still in the ring. */
  const present = (log: InFlash): number[] => readFlashImage(log.image, log.geometry).records.map(({ sequence }) => sequence);
  const bytesOf = (image: Buffer, log: InFlash, sequence: number): Buffer => {
    const { offset } = log.places[sequence - 1] as { offset: number };
    return image.subarray(offset, offset + (log.records[sequence - 1] as Buffer).length);
  };

  it("is not accused while nobody touches it, with torn slots, retired pages and however often the ring went round", () => {
    fc.assert(
      fc.property(inFlash, (log) => {
        expect(read(log, log.image)).toMatchObject({ problems: [], head: "found", verified: present(log).length });
      }),
      RUNS,
    );
  });

  it("names a record of which any byte was changed", () => {
    fc.assert(
      fc.property(inFlash, place, place, change, (log, which, at, by) => {
        const numbers = present(log);
        const sequence = numbers[which % numbers.length] as number;
        const image = Buffer.from(log.image);
        const record = bytesOf(image, log, sequence);
        withChange(record, at % record.length, by).copy(record);
        const verdict = read(log, image);
        if (isOneBit(by)) {
          // The CRC tells which bit it was, so nothing is lost.
          expect(verdict).toMatchObject({ problems: [], verified: numbers.length });
          expect(verdict.flaws.join()).toContain(`Record ${sequence} at `);
          return;
        }
        expect(accused(verdict)).toHaveLength(1);
        const [problem] = verdict.problems;
        expect(["changed", "removed", "missing"]).toContain(problem?.kind);
        expect(problem).toMatchObject({ sequence, last: sequence });
      }),
      RUNS,
    );
  });

  it("names a record that was changed and its CRC put right, and no other", () => {
    fc.assert(
      fc.property(inFlash, place, place, change, (log, which, at, by) => {
        const numbers = present(log);
        const sequence = numbers[which % numbers.length] as number;
        const image = Buffer.from(log.image);
        const record = bytesOf(image, log, sequence);
        // The number of slots decides how long the record is: see the test above.
        sealCrc(withChange(record, 8 + (at % (record.length - 20)), by)).copy(record);
        const verdict = read(log, image);
        expect(accused(verdict)).toEqual([`changed ${sequence}`]);
        expect(unverified(verdict)).toEqual([]);
      }),
      RUNS,
    );
  });

  it("names a record whose slots were cleared, and the ones around it are proven all the same", () => {
    fc.assert(
      fc.property(inFlash, place, (log, which) => {
        const numbers = present(log);
        const sequence = numbers[which % numbers.length] as number;
        const image = Buffer.from(log.image);
        const record = bytesOf(image, log, sequence);
        for (let at = 0; at < record.length; at += 64) record.fill(0, at, at + 8);
        const verdict = read(log, image);
        const kind = sequence === log.records.length ? "missing" : "removed";
        expect(verdict.problems.map(shortOf)).toEqual([`${kind} ${sequence}`]);
      }),
      RUNS,
    );
  });

  it("names one or both of two records that changed their slots", () => {
    fc.assert(
      fc.property(inFlash, place, place, (log, one, other) => {
        const numbers = present(log);
        const [a, b] = [numbers[one % numbers.length] as number, numbers[other % numbers.length] as number];
        fc.pre(a !== b && log.records[a - 1]?.length === log.records[b - 1]?.length);
        const image = Buffer.from(log.image);
        (log.records[a - 1] as Buffer).copy(bytesOf(image, log, b));
        (log.records[b - 1] as Buffer).copy(bytesOf(image, log, a));
        const { problems } = read(log, image);
        expect(problems.length).toBeGreaterThan(0);
        for (const { kind, sequence } of problems) {
          expect(kind).toBe("reordered");
          expect([a, b]).toContain(sequence);
        }
      }),
      RUNS,
    );
  });

  it("names the records of a page whose header was touched, however", () => {
    fc.assert(
      fc.property(inFlash, place, fc.nat(63), change, (log, which, at, by) => {
        const numbers = present(log);
        const { page } = log.places[(numbers[which % numbers.length] as number) - 1] as { page: number };
        const inPage = numbers.filter((number) => log.places[number - 1]?.page === page);
        const image = Buffer.from(log.image);
        const header = image.subarray(page * 1024, page * 1024 + 64);
        withChange(header, at, by).copy(header);
        const verdict = read(log, image);
        const isSeal = at >= 32 && at < 40;
        if (isSeal || isOneBit(by)) {
          expect(verdict.records.map(({ sequence }) => sequence)).toEqual(numbers);
          if (!isSeal) expect(verdict).toMatchObject({ problems: [], flaws: [expect.stringContaining(`header of page ${page}`)] });
          return;
        }
        const named = verdict.problems.flatMap(numbersOf);
        // Without their header the oldest look like overwritten ones.
        if (inPage.includes(numbers[0] as number) && inPage.length < numbers.length) expect(named).toEqual([]);
        else for (const number of inPage) expect(named).toContain(number);
      }),
      RUNS,
    );
  });

  it("names a page whose header has another number or another MAC", () => {
    fc.assert(
      fc.property(inFlash, place, fc.constantFrom(12, 13, 24, 25, 26, 27), change, (log, which, at, by) => {
        const numbers = present(log);
        const { page } = log.places[(numbers[which % numbers.length] as number) - 1] as { page: number };
        const image = Buffer.from(log.image);
        const header = image.subarray(page * 1024, page * 1024 + 64);
        sealCrc(withChange(header, at, by)).copy(header);
        const { problems } = read(log, image);
        expect(problems).toHaveLength(1);
        const isOldest = log.places[(numbers[0] as number) - 1]?.page === page;
        if (problems[0]?.kind === "changed") expect([isOldest, problems[0].sequence]).toEqual([true, numbers[0]]);
        else expect(problems).toMatchObject([{ kind: "page", words: expect.stringContaining(`Page ${page}: `) }]);
      }),
      RUNS,
    );
  });

  it("names the records that an old copy of a page took the place of", () => {
    fc.assert(
      fc.property(inFlash, place, place, (log, which, when) => {
        const numbers = present(log);
        const { page } = log.places[(numbers[which % numbers.length] as number) - 1] as { page: number };
        const inPage = numbers.filter((number) => log.places[number - 1]?.page === page);
        const old = log.history[when % log.history.length] as Buffer;
        const image = Buffer.from(log.image);
        old.copy(image, page * 1024, page * 1024, (page + 1) * 1024);
        fc.pre(!image.equals(log.image));
        const lost = inPage.filter((number) => !bytesOf(image, log, number).equals(log.records[number - 1] as Buffer));
        const named = read(log, image).problems.flatMap(numbersOf);
        const isOldestLost = lost[0] === numbers[0] && inPage.length < numbers.length;
        if (isOldestLost) expect(named.filter((number) => number > (inPage[inPage.length - 1] as number))).toEqual([]);
        else for (const number of lost) expect(named).toContain(number);
      }),
      RUNS,
    );
  });

  it("names all records when the key is another terminal's", () => {
    fc.assert(
      fc.property(inFlash, (log) => {
        const numbers = present(log);
        fc.pre(numbers.length > 1);
        const verdict = readFlashImage(log.image, log.geometry, { key: OTHER_KEY });
        expect(verdict.problems.map(shortOf)).toEqual([`invented ${numbers[0]}-${numbers[numbers.length - 1]}`]);
      }),
      RUNS,
    );
  });
});

function numbersOf({ sequence, last }: LedgerProblem): number[] {
  if (sequence === undefined || last === undefined) return [];
  return Array.from({ length: last - sequence + 1 }, (_, i) => sequence + i);
}
