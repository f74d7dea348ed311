// Numbers that the terminal itself has jumped over, as it does where the header of its newest page is lost: the check says so, and tells them from records that somebody
// has removed. Whoever has not the device key cannot make the one look like the other.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../../firmware/ledger/ledger.js";
import { RecordType } from "../../../../firmware/ledger/records.js";
import { type LedgerImage, readFlashImage } from "../../../../firmware/tools/ledger/ledger-reader.js";
import { flashOver, NorFlash } from "../../../../sim/chips/nor-flash.js";
import { startLedger } from "../../../../sim/powercut/device.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";

const GEOMETRY = { pageBytes: 1024, pageCount: 6, alignBytes: 4 };
const SLOTS = GEOMETRY.pageBytes / 64 - 1;
const HEADER_BYTES = 64;

type Chip = NorFlash;

function append(ledger: Ledger, count: number): void {
  for (let i = 0; i < count; i++) expect(ledger.append(RecordType.SignOut, ledger.last() * 1000, 0, '"1024","",0')).toBe("ok");
}

/** A ring with two full pages and 5 records in the third. */
function ring(): Chip {
  const chip = new NorFlash(GEOMETRY, () => undefined);
  append(
    startLedger(flashOver(chip), () => 7),
    2 * SLOTS + 5,
  );
  return chip;
}

function start(chip: Chip): Ledger {
  return startLedger(flashOver(chip), () => 8);
}

/** The terminal goes on at its next start. @returns the number of its first record then */
function goOn(chip: Chip, count = 3): number {
  const ledger = start(chip);
  append(ledger, count);
  return ledger.last() - count + 1;
}

function page(chip: Chip, index: number): Buffer {
  return Buffer.from(chip.bytes.buffer, chip.bytes.byteOffset + index * GEOMETRY.pageBytes, GEOMETRY.pageBytes);
}

/** The header of a page is lost. */
function spoil(chip: Chip, index: number): void {
  page(chip, index).fill(0x5a, 0, HEADER_BYTES);
}

function erase(chip: Chip, index: number): void {
  page(chip, index).fill(255);
}

function read({ bytes }: Chip, key: Uint8Array | undefined = SIMULATED_KEY): LedgerImage {
  return readFlashImage(bytes, GEOMETRY, { key });
}

function problems(chip: Chip, key?: Uint8Array): string[] {
  return read(chip, key).problems.map(({ kind, sequence, last }) => `${kind} ${sequence} to ${last}`);
}

const LAST = 2 * SLOTS;

describe("A terminal that has lost the header of its newest page", () => {
  it("has jumped over numbers: the check says so, says why, and what was in that page", () => {
    const chip = ring();
    spoil(chip, 2);
    const first = goOn(chip);
    expect(first).toBeGreaterThan(LAST + SLOTS);
    const { problems: found, verified } = read(chip);
    expect(found.map(({ kind, sequence, last }) => [kind, sequence, last])).toEqual([
      ["removed", LAST + 1, LAST + 5],
      ["jumped", LAST + 6, first - 1],
    ]);
    expect(found[0]?.words).toBe(`Records ${LAST + 1} to ${LAST + 5} stand in page 2, whose header was destroyed.`);
    expect(found[1]?.words).toBe(
      `The terminal itself has jumped over the numbers ${LAST + 6} to ${first - 1}: at a start it could not read a page behind record ${LAST}, and went on with a number that cannot have been given before. The device key proves that it wrote record ${first} right behind record ${LAST}. Nobody has removed records from between since. What stood in that page has numbers from ${LAST + 1} on: see which of them the host has.`,
    );
    expect(verified).toBe(LAST + 3);
  });

  it("and all of that page: nothing of it is left, and the check does not say that anybody has removed records since", () => {
    const chip = ring();
    erase(chip, 2);
    const first = goOn(chip);
    expect(problems(chip)).toEqual([`jumped ${LAST + 1} to ${first - 1}`]);
  });

  it("is told so without the key as well, as what the header says", () => {
    const chip = ring();
    erase(chip, 2);
    const first = goOn(chip);
    const [problem] = readFlashImage(chip.bytes, GEOMETRY).problems;
    expect([problem?.kind, problem?.sequence, problem?.last]).toEqual(["jumped", LAST + 1, first - 1]);
    expect(problem?.words).toContain("Only the device key can prove that.");
  });
});

describe("Somebody without the key who removes records and wants it to look like a jump", () => {
  /** A ring whose terminal has gone on undisturbed to the fourth page. */
  function whole(): Chip {
    const chip = ring();
    goOn(chip, SLOTS);
    expect(problems(chip)).toEqual([]);
    return chip;
  }

  /** Writes into the header of a page, with a right CRC. */
  function forge(chip: Chip, index: number, write: (header: Buffer) => void): void {
    const header = page(chip, index).subarray(0, HEADER_BYTES);
    write(header);
    const seal = Buffer.from(header.subarray(32, 40));
    header.fill(255, 32, 40);
    header.writeUInt32LE(crc32(header.subarray(0, 56)), 56);
    seal.copy(header, 32);
  }

  const macOfLast = (chip: Chip, index: number): Buffer => Buffer.from(page(chip, index).subarray(-12, -8));

  it("by erasing a page: removed", () => {
    const chip = whole();
    erase(chip, 2);
    expect(problems(chip)).toEqual([`removed ${LAST + 1} to ${LAST + SLOTS}`]);
  });

  it("by spoiling the header of a page: its records stand there", () => {
    const chip = whole();
    spoil(chip, 2);
    expect(problems(chip)).toContain(`removed ${LAST + 1} to ${LAST + SLOTS}`);
    expect(problems(chip).join()).not.toContain("jumped");
  });

  it("by erasing a page, and writing into the header behind it what a jump leaves there: the record that was behind them is proven no more", () => {
    const chip = whole();
    const mac = macOfLast(chip, 1);
    erase(chip, 2);
    forge(chip, 3, (header) => mac.copy(header, 24));
    const kinds = read(chip).problems.map(({ kind }) => kind);
    expect(kinds).toContain("removed");
    expect(kinds).not.toContain("jumped");
    expect(read(chip).verified).toBeLessThan(LAST + 5);
  });

  it("by giving the record before them the MAC of the last that is removed", () => {
    const chip = whole();
    const mac = macOfLast(chip, 2);
    erase(chip, 2);
    const last = page(chip, 1).subarray(-64);
    mac.copy(last, 52);
    last.writeUInt32LE(crc32(last.subarray(0, 56)), 56);
    const found = read(chip).problems;
    expect(found.map(({ kind }) => kind)).not.toContain("jumped");
    expect(found).toContainEqual(expect.objectContaining({ kind: "changed", sequence: LAST }));
  });

  it("by making a real jump longer: removed, as the record behind it does not go on from there", () => {
    const chip = ring();
    erase(chip, 2);
    const first = goOn(chip);
    erase(chip, 1);
    expect(problems(chip)).toEqual([`removed ${SLOTS + 1} to ${first - 1}`]);
  });
});

describe("A terminal that loses its newest page, goes on, and loses that page too", () => {
  const LOSSES: Readonly<Record<string, (chip: Chip, index: number) => void>> = {
    "noise in its header": spoil,
    "a header that lacks two bits": (chip, index) => {
      const header = page(chip, index);
      header[8] = (header[8] as number) ^ 1;
      header[12] = (header[12] as number) ^ 2;
    },
    "noise in all of it": (chip, index) => page(chip, index).fill(0x5a),
    "an erased header": (chip, index) => page(chip, index).fill(255, 0, HEADER_BYTES),
    "all of it erased": erase,
  };
  const names = Object.keys(LOSSES);
  const pairs = names.flatMap((first) => names.map((second) => [first, second] as const));

  it.each(pairs)("gives no number twice: first %s, then %s", (first, second) => {
    const chip = ring();
    LOSSES[first]?.(chip, 2);
    const begin = goOn(chip);
    const end = begin + 2;
    LOSSES[second]?.(chip, 3);
    const third = goOn(chip);
    expect(third).toBeGreaterThan(end);
    // And once more.
    LOSSES[second]?.(chip, 4);
    expect(goOn(chip)).toBeGreaterThan(third + 2);
  });
});
