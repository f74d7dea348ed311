// The content of flash after a power cut in a write or an erase. Every cut has a name, such as `bits-3-1` or `mixture-0-7`, so that it can be repeated.

import { randomFrom } from "./random.js";

/** A write or an erase. */
export type FlashOperation =
  | { readonly kind: "write"; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: "erase"; readonly page: number };

/** The models of a cut write, and the part of it that is done. */
export const WRITE_MODELS = {
  units: "the first aligned units are written, the others untouched",
  bits: "as units, and in the next unit only some of the bits that should clear have cleared",
  scattered: "every unit is written, untouched, or in part, in no order: chips that write a buffer at once",
} as const;

/** The models of a cut erase. */
export const ERASE_MODELS = {
  prefix: "the first bytes are erased, the others untouched",
  suffix: "the last bytes are erased, the others untouched",
  blocks: "every 64 bytes are erased or untouched, at random",
  mixture: "in every byte some of the bits are set, at random",
  nearly: "every bit is set but a few",
  zeroed: "the first bytes are cleared and the others untouched: chips clear a page before they set it",
  rising: "every bit was cleared, and some are set, at random",
} as const;

export type CutModel = keyof typeof WRITE_MODELS | keyof typeof ERASE_MODELS;

/** One result of an operation that is cut. */
export interface Cut {
  readonly model: CutModel;
  /** Number of units, or bytes, that were done; 0 where the model has no such place. */
  readonly at: number;
  /** Number of the model's pattern. For a random pattern it is the seed. */
  readonly pattern: number;
}

/** Sizes of a chip, in bytes. */
interface CutGeometry {
  readonly pageBytes: number;
  readonly alignBytes: number;
}

const HEADER_BYTES = 64;
/** Number of patterns of each model. */
export type Range = "all" | "few";
/** Number of random patterns of each random model. */
const SEEDED = { all: 5, few: 2 } as const;
/** Number of patterns of torn bits that are not random. */
const FIXED_BITS = 3;

/** The name of a cut, such as `bits-3-1`. */
export function nameOfCut({ model, at, pattern }: Cut): string {
  return `${model}-${at}-${pattern}`;
}

/** The cut of a name. @returns undefined when there is no such cut */
export function cutOfName(name: string): Cut | undefined {
  const match = /^([a-z]+)-(\d+)-(\d+)$/.exec(name);
  const model = match?.[1] ?? "";
  if (!match || !(model in WRITE_MODELS || model in ERASE_MODELS)) return undefined;
  return { model: model as CutModel, at: Number(match[2]), pattern: Number(match[3]) };
}

/**
 * Every cut of an operation.
 * @param bytes content of the chip before it
 * @param range `few`: every model, and all places of `units`, but fewer patterns
 * @param seed each has other random patterns
 */
export function cutsOf(operation: FlashOperation, bytes: Uint8Array, geometry: CutGeometry, range: Range = "all", seed = 0): readonly Cut[] {
  const seeds = Array.from({ length: SEEDED[range] }, (_, i) => seed * SEEDED.all + i);
  return operation.kind === "write"
    ? cutsOfWrite(operation.offset, operation.data, bytes, geometry.alignBytes, range, seeds)
    : cutsOfErase(geometry.pageBytes, seeds);
}

function cutsOfWrite(offset: number, data: Uint8Array, bytes: Uint8Array, alignBytes: number, range: Range, seeds: readonly number[]): Cut[] {
  const units = data.length / alignBytes;
  const cuts: Cut[] = [];
  for (let at = 0; at <= units; at++) cuts.push({ model: "units", at, pattern: 0 });
  for (let at = 0; at < units; at++) {
    const bits = bitsToClear(offset, data, bytes, at * alignBytes, alignBytes);
    const tried = new Set<string>();
    const seeded = FIXED_BITS + (seeds[0] as number);
    // One in four of single bytes is enough.
    if (range === "few" && alignBytes === 1 && at % 4 !== (at >> 2) % 4) continue;
    for (const pattern of range === "all" ? [0, 1, 2, seeded] : [at % 2 ? 1 : seeded]) {
      const cleared = torn(bits, pattern, offset + at);
      const key = cleared.join();
      // All bits, and none, are cuts of the model `units` already.
      if (cleared.length === 0 || cleared.length === bits.length || tried.has(key)) continue;
      tried.add(key);
      cuts.push({ model: "bits", at, pattern });
    }
  }
  for (const pattern of seeds) cuts.push({ model: "scattered", at: 0, pattern });
  return cuts;
}

function cutsOfErase(pageBytes: number, seeds: readonly number[]): Cut[] {
  const half = pageBytes / 2;
  const cuts: Cut[] = [];
  for (const at of [0, 4, 8, HEADER_BYTES, half, pageBytes - HEADER_BYTES, pageBytes]) cuts.push({ model: "prefix", at, pattern: 0 });
  for (const at of [HEADER_BYTES, half, pageBytes - HEADER_BYTES, pageBytes - 8]) cuts.push({ model: "suffix", at, pattern: 0 });
  for (const at of [HEADER_BYTES, half, pageBytes]) cuts.push({ model: "zeroed", at, pattern: 0 });
  for (const model of ["blocks", "mixture", "nearly", "rising"] as const) for (const pattern of seeds) cuts.push({ model, at: 0, pattern });
  return cuts;
}

/** Carries out the part of an operation that a cut leaves done. @param bytes content of the chip; it is changed */
export function applyCut(bytes: Uint8Array, operation: FlashOperation, geometry: CutGeometry, cut: Cut): void {
  const isOfWrite = cut.model in WRITE_MODELS;
  if (isOfWrite !== (operation.kind === "write")) throw new Error(`${nameOfCut(cut)} is no cut of a ${operation.kind}`);
  if (operation.kind === "write") cutWrite(bytes, operation.offset, operation.data, geometry.alignBytes, cut);
  else cutErase(bytes.subarray(operation.page * geometry.pageBytes, (operation.page + 1) * geometry.pageBytes), cut);
}

function cutWrite(bytes: Uint8Array, offset: number, data: Uint8Array, alignBytes: number, cut: Cut): void {
  const units = data.length / alignBytes;
  const tear = (unit: number, pattern: number): void => {
    for (const bit of torn(bitsToClear(offset, data, bytes, unit * alignBytes, alignBytes), pattern, offset + unit)) clearBit(bytes, offset, bit);
  };
  if (cut.model === "scattered") {
    const random = randomFrom(cut.pattern, offset);
    for (let unit = 0; unit < units; unit++) {
      const fate = random() % 3;
      if (fate === 0) writeBytes(bytes, offset, data, unit * alignBytes, alignBytes);
      else if (fate === 1) tear(unit, FIXED_BITS + cut.pattern);
    }
    return;
  }
  writeBytes(bytes, offset, data, 0, Math.min(cut.at * alignBytes, data.length));
  if (cut.model === "bits" && cut.at < units) tear(cut.at, cut.pattern);
}

function writeBytes(bytes: Uint8Array, offset: number, data: Uint8Array, start: number, lengthBytes: number): void {
  for (let i = start; i < start + lengthBytes; i++) bytes[offset + i] = (bytes[offset + i] as number) & (data[i] as number);
}

/** The bits that a write clears in a part of its data. They count from the first bit of the data. */
function bitsToClear(offset: number, data: Uint8Array, bytes: Uint8Array, start: number, lengthBytes: number): number[] {
  const bits: number[] = [];
  for (let i = start; i < start + lengthBytes; i++) {
    const clears = (bytes[offset + i] as number) & ~(data[i] as number);
    for (let bit = 0; bit < 8; bit++) if (clears & (1 << bit)) bits.push(i * 8 + bit);
  }
  return bits;
}

/** The bits that have cleared. Pattern 0: the first alone. 1: all but the first. 2: every second. Others: at random. */
function torn(bits: readonly number[], pattern: number, salt: number): readonly number[] {
  if (pattern === 0) return bits.slice(0, 1);
  if (pattern === 1) return bits.slice(1);
  if (pattern === 2) return bits.filter((_, i) => i % 2 === 1);
  const random = randomFrom(pattern, salt);
  return bits.filter(() => random() & 1);
}

function clearBit(bytes: Uint8Array, offset: number, bit: number): void {
  const at = offset + (bit >> 3);
  bytes[at] = (bytes[at] as number) & ~(1 << (bit & 7));
}

function cutErase(page: Uint8Array, { model, at, pattern }: Cut): void {
  const random = randomFrom(pattern, page.length);
  switch (model) {
    case "prefix":
      page.fill(255, 0, at);
      return;
    case "suffix":
      page.fill(255, Math.max(page.length - at, 0));
      return;
    case "zeroed":
      page.fill(0, 0, at);
      return;
    case "blocks":
      for (let block = 0; block < page.length; block += HEADER_BYTES) if (random() & 1) page.fill(255, block, block + HEADER_BYTES);
      return;
    case "mixture":
      for (let i = 0; i < page.length; i++) page[i] = (page[i] as number) | (random() & 255);
      return;
    case "rising":
      for (let i = 0; i < page.length; i++) page[i] = random() & 255;
      return;
    case "nearly": {
      // A few bits are still cleared, in the whole page or in its header.
      const end = pattern % 2 ? HEADER_BYTES : page.length;
      const cleared: number[] = [];
      for (let bit = 0; bit < end * 8; bit++) if (!((page[bit >> 3] as number) & (1 << (bit & 7)))) cleared.push(bit);
      page.fill(255);
      for (let i = 0; i <= pattern && cleared.length > 0; i++) clearBit(page, 0, cleared[random() % cleared.length] as number);
    }
  }
}
