// Flash that forgets, on the ring of every standard board: single bits that change by themselves, a page of noise, and pages that are swapped. The terminal comes
// up, gives no number twice, loses nothing that can still be read and the host does not have, and says what is wrong.

import { describe, expect, it } from "vitest";
import type { Ledger } from "../../firmware/ledger/ledger.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { boardNames, readBoard } from "../../firmware/tools/build/build.js";
import { type FlashGeometry, flashOver, NorFlash } from "../../sim/chips/nor-flash.js";
import { randomFrom } from "../../sim/chips/random.js";
import { readImage, startLedger } from "../../sim/powercut/device.js";
import { amount, IS_DEEP, sampleOf } from "../depth.js";

const TIMEOUT_MS = 900_000;
const SLOT_BYTES = 64;
/** Bits of a ledger that are tried at random, beside those of headers, of the newest records, and of the ends of some others. */
const SAMPLE = amount(200, 12_000, "FLIPS");

/** Bits of a byte that are tried in headers, newest records and the ends of others: each, or one that chance picks. */
const EACH_BIT = [0, 1, 2, 3, 4, 5, 6, 7];

/** One of so many harms to pages is tried, and each where there are few pages. */
const HARMS_APART = amount(16, 1);
const FEW_PAGES = 3;

/** How a ledger was used before. */
interface Use {
  readonly name: string;
  /** How often the ring went round. */
  readonly laps: number;
  /** Whether the host has all records but the newest three; else none of the newest page. */
  readonly isStored: boolean;
  /** Whether a session was open when the power went. */
  readonly isBegun: boolean;
}

const USES: readonly Use[] = [
  { name: "with few records", laps: 0, isStored: false, isBegun: false },
  { name: "with few records and an open session", laps: 0, isStored: true, isBegun: true },
  { name: "half full, and nothing stored by the host", laps: 0.45, isStored: false, isBegun: false },
  { name: "that went round", laps: 1.6, isStored: false, isBegun: false },
  { name: "that went round, and an open session", laps: 1.6, isStored: true, isBegun: true },
];

/** A ledger in flash, and what everybody was told of it. */
interface Used {
  readonly geometry: FlashGeometry;
  readonly image: Uint8Array;
  /** Each record that can be read in the unharmed ledger, by number. */
  readonly records: ReadonlyMap<number, Uint8Array>;
  readonly logId: number;
  readonly last: number;
  /** The host has every record up to here. */
  readonly stored: number;
  readonly isBegun: boolean;
}

/** Several texts of one to four slots, in the forms that the terminal writes. */
function textOf(i: number): [RecordType, string] {
  if (i % 11 === 3) return [RecordType.FaultBegan, `"config","${"x".repeat(40 + ((i * 37) % 160))}"`];
  if (i % 5 === 1) return [RecordType.SignOut, `"${1000 + (i % 9)}","",0`];
  return [RecordType.Session, `"1024","T-${i}",0,${1 + (i % 5)},${i * 7}`];
}

function useLedger(geometry: FlashGeometry, { laps, isStored, isBegun }: Use): Used {
  const chip = new NorFlash(geometry, () => undefined);
  const ledger = startLedger(flashOver(chip), () => 7);
  const slots = (geometry.pageBytes / SLOT_BYTES) * geometry.pageCount;
  const perPage = geometry.pageBytes / SLOT_BYTES;
  const count = Math.max(8, Math.floor(laps * slots * 0.75));
  let stored = 0;
  for (let i = 1; i <= count; i++) {
    const [type, text] = textOf(i);
    const wanted = geometry.pageCount === 1 || isStored ? i - 3 : i - perPage;
    if (laps > 1 && wanted > stored && ledger.acknowledge(wanted)) stored = wanted;
    if (geometry.pageCount === 1 && i % 64 === 0 && ledger.acknowledge(i - 1)) {
      stored = i - 1;
      ledger.tidy(true);
    }
    expect(ledger.append(type, i * 1000, 1_772_411_403 + i, text)).toBe("ok");
  }
  if (isStored && ledger.acknowledge(count - 3)) stored = count - 3;
  if (isStored) ledger.append(RecordType.SignOut, 0, 0, '"1024","",0');
  if (isBegun) expect(ledger.begin(RecordType.Session, 5000, 1_772_500_000, '"1024","T-9999",')).toBe("ok");
  const image = chip.bytes.slice();
  const after = startLedger(flashOver(chip), () => 8);
  const records = new Map<number, Uint8Array>();
  for (let sequence = after.oldest(); sequence <= after.last(); sequence++) records.set(sequence, Uint8Array.from(after.read(sequence)?.bytes ?? []));
  expect(after.last()).toBe(count + Number(isStored) + Number(isBegun));
  return { geometry, image, records, logId: after.logId(), last: after.last(), stored, isBegun };
}

/** A chip that is put back to an image after each trial, where something was written. */
class Bench {
  private readonly touched: [number, number][] = [];
  readonly chip: NorFlash;

  constructor(private readonly used: Used) {
    const { pageBytes } = used.geometry;
    this.chip = new NorFlash(used.geometry, (kind, offset, data) => this.touch(offset, kind === "erase" ? pageBytes : data.length));
    this.chip.bytes.set(used.image);
  }

  touch(offset: number, lengthBytes: number): void {
    this.touched.push([offset, lengthBytes]);
  }

  restore(): void {
    for (const [offset, lengthBytes] of this.touched.splice(0)) {
      this.chip.bytes.set(this.used.image.subarray(offset, offset + lengthBytes), offset);
    }
  }

  start(): Ledger {
    return startLedger(flashOver(this.chip), () => 9);
  }
}

/** What went wrong, in words, each counted. */
class Tally {
  tried = 0;
  readonly wrong = { doubled: 0, silent: 0, lost: 0, altered: 0, failed: 0 };
  readonly first: string[] = [];

  note(kind: keyof Tally["wrong"], words: string): void {
    this.wrong[kind]++;
    if (this.first.length < 10) this.first.push(`${kind}: ${words}`);
  }

  hold(name: string): void {
    console.log(`${name}: ${this.tried} tried, ${JSON.stringify(this.wrong)}`);
    expect(this.first).toEqual([]);
    expect(this.tried).toBeGreaterThan(0);
  }
}

/** Where a record or header stands that has a byte at a place; undefined: nothing that counts is there. */
function framesOf({ image, geometry, records }: Used): Map<number, number | "header"> {
  const frames = new Map<number, number | "header">();
  const { pageBytes, pageCount } = geometry;
  const flat = Buffer.from(image.buffer, image.byteOffset, image.length);
  for (let page = 0; page < pageCount; page++) {
    if (flat.toString("latin1", page * pageBytes, page * pageBytes + 4) === "CTL1") frames.set((page * pageBytes) / SLOT_BYTES, "header");
    for (let slot = 1; slot < pageBytes / SLOT_BYTES; slot++) {
      const offset = page * pageBytes + slot * SLOT_BYTES;
      const bytes = records.get(flat.readUInt32LE(offset + 4));
      // The last slot of a begun record is compared without its end, which a start writes.
      if (!bytes || Buffer.compare(flat.subarray(offset, offset + 40), Buffer.from(bytes).subarray(0, 40)) !== 0) continue;
      for (let i = 0; i < bytes.length / SLOT_BYTES; i++) frames.set(offset / SLOT_BYTES + i, flat.readUInt32LE(offset + 4));
    }
  }
  return frames;
}

/** Places whose every bit is tried: headers, the newest slots and those behind them; and of some other records the first 16 bytes and the last 12. */
function* placesOf(used: Used, frames: ReadonlyMap<number, number | "header">): Generator<number> {
  const slots = [...frames.keys()];
  const newest = slots.filter((slot) => frames.get(slot) !== "header" && (frames.get(slot) as number) >= used.last - 2);
  const headers = slots.filter((slot) => frames.get(slot) === "header");
  const end = Math.max(...newest);
  const whole = [...headers.slice(0, 6), ...headers.slice(-2), ...newest, end + 1, end + 2].filter((slot) => slot < used.image.length / SLOT_BYTES);
  for (const slot of new Set(whole)) for (let i = 0; i < SLOT_BYTES; i++) yield slot * SLOT_BYTES + i;
  const random = randomFrom(1, used.last);
  for (let n = 0; n < 6; n++) {
    const slot = slots[random() % slots.length] as number;
    for (let i = 0; i < SLOT_BYTES; i++) if (i < 16 || i >= SLOT_BYTES - 12) yield slot * SLOT_BYTES + i;
  }
}

function tryFlip(bench: Bench, used: Used, frames: ReadonlyMap<number, number | "header">, place: number, bit: number, tally: Tally): void {
  const { chip } = bench;
  const where = `bit ${bit} of byte ${place}`;
  const hit = frames.get(Math.floor(place / SLOT_BYTES));
  const inPage = place % used.geometry.pageBytes;
  const isSeal = hit === "header" && inPage >= 32 && inPage < 40;
  // The end of an open session is still erased.
  const isErased = hit === used.last && used.isBegun && place % SLOT_BYTES >= 40;
  chip.bytes[place] = (chip.bytes[place] as number) ^ (1 << bit);
  bench.touch(place, 1);
  tally.tried++;
  try {
    const ledger = bench.start();
    if (ledger.logId() !== used.logId) tally.note("lost", `${where}: a new log`);
    if (ledger.last() < used.last) tally.note("doubled", `${where}: ${ledger.last()} is the newest of ${used.last}`);
    else if (ledger.last() > used.last) tally.note("altered", `${where}: ${ledger.last()} is the newest of ${used.last}`);
    if (ledger.acknowledged() > used.stored)
      tally.note("lost", `${where}: ${ledger.acknowledged()} is acknowledged, and the host has ${used.stored}`);
    const wanted = new Set([typeof hit === "number" ? hit : used.last, used.last, used.last - 1, ledger.oldest()]);
    for (const sequence of wanted) check(ledger, used, sequence, `${where}: `, tally);
    if (hit !== undefined && !isSeal && !isErased && !ledger.flaws()) tally.note("silent", `${where}, of ${hit}`);
    const status = ledger.append(RecordType.Alert, 1, 0, '"key","key1 stuck"');
    if (status === "full") return;
    if (status !== "ok") tally.note("failed", `${where}: append ${status}`);
    const again = bench.start();
    if (again.last() !== ledger.last()) tally.note("doubled", `${where}: ${again.last()} is the newest of ${ledger.last()} after the next start`);
    check(again, used, used.last, `${where}, after the next start: `, tally);
  } finally {
    bench.restore();
  }
}

function check(ledger: Ledger, { records }: Used, sequence: number, where: string, tally: Tally): void {
  const bytes = ledger.read(sequence)?.bytes;
  const expected = records.get(sequence);
  if (!expected) return;
  if (!bytes) tally.note("lost", `${where}record ${sequence} is not read`);
  else if (Buffer.compare(bytes, expected) !== 0) tally.note("altered", `${where}record ${sequence} is another`);
}

const BOARDS = boardNames().map((name) => [name, readBoard(name).flash] as const);

describe.each(BOARDS)("The ledger of %s", (_, { pageBytes, pageCount, alignBytes }) => {
  const geometry = { pageBytes, pageCount, alignBytes };

  it.each(sampleOf(USES, 2).map((use) => [use.name, use] as const))(
    "%s, reads every record as it was written, and says so, whichever bit has changed",
    (name, use) => {
      const used = useLedger(geometry, use);
      const bench = new Bench(used);
      const frames = framesOf(used);
      const tally = new Tally();
      const random = randomFrom(2, used.last);
      for (const place of placesOf(used, frames)) {
        for (const bit of IS_DEEP ? EACH_BIT : [random() % 8]) tryFlip(bench, used, frames, place, bit, tally);
      }
      for (let i = 0; i < SAMPLE; i++) tryFlip(bench, used, frames, random() % used.image.length, random() % 8, tally);
      tally.hold(`${pageCount} x ${pageBytes}, ${name}`);
    },
    TIMEOUT_MS,
  );

  it.each(sampleOf(USES, 2).map((use) => [use.name, use] as const))(
    "%s, gives no number twice, and says so, with a page of noise, or with pages swapped",
    (name, use) => {
      const used = useLedger(geometry, use);
      const tally = new Tally();
      const frames = framesOf(used);
      const apart = pageCount > FEW_PAGES ? HARMS_APART : 1;
      let i = used.last;
      for (const harm of harmsOf(used, frames)) if (i++ % apart === 0) tryHarm(used, frames, harm, tally);
      tally.hold(`${pageCount} x ${pageBytes}, ${name}, pages`);
    },
    TIMEOUT_MS,
  );
});

/** What happens to whole pages. */
interface Harm {
  readonly name: string;
  /** The pages whose records are gone. */
  readonly gone: readonly number[];
  /** Whether everybody can tell it from a page that is not in use. */
  readonly isPlain: boolean;
  readonly change: (image: Uint8Array) => void;
}

function* harmsOf(used: Used, frames: ReadonlyMap<number, number | "header">): Generator<Harm> {
  const { geometry, image } = used;
  const { pageBytes, pageCount } = geometry;
  const part = (page: number): Uint8Array => image.slice(page * pageBytes, (page + 1) * pageBytes);
  const headers = [...frames.values()].filter((what) => what === "header").length;
  const pages = Array.from({ length: pageCount }, (_, page) => page);
  for (const page of pages) {
    const at = page * pageBytes;
    for (const seed of [1, 2]) {
      const random = randomFrom(seed, page);
      const noise = Uint8Array.from({ length: pageBytes }, () => random() & 255);
      yield { name: `page ${page} is noise ${seed}`, gone: [page], isPlain: true, change: (bytes) => bytes.set(noise, at) };
    }
    for (const [words, value] of [
      ["00", 0],
      ["FF", 255],
    ] as const)
      yield { name: `page ${page} is ${words}`, gone: [page], isPlain: false, change: (bytes) => bytes.fill(value, at, at + pageBytes) };
    // Two bits of its header: what stands in it can still be read, where other pages tell its place.
    const two = (bytes: Uint8Array): void => bytes.set([(bytes[at + 8] as number) ^ 3], at + 8);
    yield { name: `page ${page} has two wrong bits in its header`, gone: headers > 1 ? [] : [page], isPlain: false, change: two };
    for (const other of pages) {
      if (other === page || (pageCount > 12 && (page * 7 + other) % 11)) continue;
      yield { name: `page ${page} has the content of ${other}`, gone: [page], isPlain: false, change: (bytes) => bytes.set(part(other), at) };
      if (other < page) continue;
      const swap = (bytes: Uint8Array): void => {
        bytes.set(part(other), at);
        bytes.set(part(page), other * pageBytes);
      };
      yield { name: `pages ${page} and ${other} are swapped`, gone: [], isPlain: false, change: swap };
    }
  }
}

function tryHarm(used: Used, frames: ReadonlyMap<number, number | "header">, { name, gone, isPlain, change }: Harm, tally: Tally): void {
  const { geometry, image, records, last, stored, logId } = used;
  const chip = new NorFlash(geometry, () => undefined);
  chip.bytes.set(image);
  change(chip.bytes);
  if (Buffer.compare(chip.bytes, image) === 0) return;
  tally.tried++;
  const lost = new Set<number>();
  for (const [slot, what] of frames) if (gone.includes(Math.floor((slot * SLOT_BYTES) / geometry.pageBytes)) && what !== "header") lost.add(what);
  const wasInUse = [...frames].some(([slot, what]) => what === "header" && gone.includes((slot * SLOT_BYTES) / geometry.pageBytes));
  const reader = readImage(chip.bytes, geometry);
  const start = (): Ledger => startLedger(flashOver(chip), () => 10);
  let ledger = start();
  const isNewLog = ledger.logId() !== logId;
  // The name of a new log says that the old one is over, and the numbers begin anew.
  if (isNewLog) {
    if ([...records.keys()].some((sequence) => sequence > stored && !lost.has(sequence)))
      tally.note("lost", `${name}: a new log, and records are left`);
  } else {
    if (ledger.last() < last) tally.note("doubled", `${name}: ${ledger.last()} is the newest of ${last}`);
    for (const [sequence, expected] of records) {
      const bytes = ledger.read(sequence)?.bytes;
      if (bytes && Buffer.compare(bytes, expected) !== 0) tally.note("altered", `${name}: record ${sequence} is another`);
      // The head of an open session in a page whose header is lost is not found.
      const isOpen = sequence === last && used.isBegun && !isPlain;
      if (!bytes && !lost.has(sequence) && sequence > stored && !isOpen) tally.note("lost", `${name}: record ${sequence}`);
      // The host is told of each that it does not have.
      if (!bytes && sequence > stored && sequence <= ledger.acknowledged()) tally.note("silent", `${name}: record ${sequence} is lost`);
    }
    const isLostOfHost = [...lost].some((sequence) => sequence > stored);
    const isSaid = ledger.flaws() !== "" || isLostOfHost || (!wasInUse && !isPlain) || (!isPlain && ![...lost].some((sequence) => sequence > stored));
    if (!isSaid) tally.note("silent", `${name}: the ledger says nothing`);
  }
  if (wasInUse && isPlain && reader.problems.length + reader.flaws.length === 0) tally.note("silent", `${name}: the reader says nothing`);
  for (const record of reader.records) {
    const expected = records.get(record.sequence);
    if (expected && Buffer.from(expected.subarray(-12, -8)).toString("hex") !== record.mac)
      tally.note("altered", `${name}: the reader, record ${record.sequence}`);
  }
  goOn(start, ledger, isNewLog ? 0 : last, name, tally);
  ledger = start();
}

/** The ring goes on for more than a lap, with a host that stores everything, and restarts in between. */
function goOn(start: () => Ledger, first: Ledger, last: number, name: string, tally: Tally): void {
  let ledger = first;
  const given = new Map<number, string>();
  let refused = 0;
  for (let i = 0; i < 120; i++) {
    const status = ledger.append(RecordType.Alert, i, 0, `"key","${"x".repeat((i * 29) % 150)}${i}"`);
    if (status === "ok") {
      const sequence = ledger.last();
      const text = Buffer.from(ledger.read(sequence)?.bytes ?? []).toString("hex");
      if (sequence <= last || given.has(sequence)) tally.note("doubled", `${name}: ${sequence} is given again`);
      given.set(sequence, text);
    } else refused++;
    ledger.acknowledge(ledger.last());
    if (i % 17 === 5) ledger.tidy(true);
    if (i % 23 === 7) ledger = start();
  }
  // A ring that was full takes records as soon as the host has everything.
  if (refused > 2) tally.note("failed", `${name}: ${refused} records were refused`);
}
