// Packs the glyph file. display/GLYPHS.md has its bytes.

import { crc32 } from "node:zlib";
import type { DisplaySize } from "../../display/layouts.js";
import { drawGlyphs, type GlyphEntries, type GlyphEntry, type GlyphName, glyphPicture, type ShownCharacters, type ShownText } from "./glyph-font.js";
import { MissingGlyphError } from "./text-drawing.js";

/** Where the table begins. */
const TABLE_AT = 7;
/** Half as many slots again as entries: a key that is there is found with two looks, and one that is not is missed with five. */
const SLOTS_AN_ENTRY = 2;
/** Bytes of the CRC-32 that each entry begins with. */
const CRC_BYTES = 4;

/** Draws and packs a whole file. @throws as `drawGlyphs` and `packGlyphs` */
export function drawGlyphFile(size: DisplaySize, texts: readonly ShownText[], characters: readonly ShownCharacters[]): Buffer {
  return packGlyphs(drawGlyphs(size, texts, characters));
}

/** Packs a file. @throws MissingGlyphError when two keys have the same CRC-32, by which the board tells them apart */
export function packGlyphs(entries: GlyphEntries): Buffer {
  const slots = Math.ceil(entries.size * SLOTS_AN_ENTRY);
  const keys = keysByCrc(entries);
  let unit = 1;
  let packed = layOut(entries, TABLE_AT + slots * 2, unit);
  // The smallest unit with which two bytes are enough for every place.
  while (packed.file.length > unit * 0xffff) {
    unit *= 2;
    packed = layOut(entries, TABLE_AT + slots * 2, unit);
  }
  const { file, places } = packed;
  file.write("GLY4", "latin1");
  file.writeUInt16BE(slots, 4);
  file.writeUInt8(unit, 6);
  // What is inserted first stands in its own slot, where it is found with one look.
  const isSlow = (key: string): number => Number(isGlyph(key) || entries.get(key)?.row !== undefined);
  for (const [crc, key] of [...keys].sort(([, a], [, b]) => isSlow(a) - isSlow(b))) {
    let slot = crc % slots;
    while (file.readUInt16BE(TABLE_AT + slot * 2) > 0) slot = (slot + 1) % slots;
    file.writeUInt16BE((places.get(key) as number) / unit, TABLE_AT + slot * 2);
  }
  return file;
}

function keysByCrc(entries: GlyphEntries): ReadonlyMap<number, string> {
  const keys = new Map<number, string>();
  for (const key of entries.keys()) {
    const other = keys.get(crc32(key));
    if (other !== undefined)
      throw new MissingGlyphError(`a terminal cannot tell "${key.slice(1)}" from "${other.slice(1)}": write one of them otherwise`);
    keys.set(crc32(key), key);
  }
  return keys;
}

interface Packed {
  /** The file, without what stands before its entries. */
  readonly file: Buffer;
  /** Place of the entry of each key. */
  readonly places: ReadonlyMap<string, number>;
}

/** Puts everything at its place. Glyphs come first, because whatever refers to them has to stand behind them. @param at where the entries begin */
function layOut(entries: GlyphEntries, at: number, unit: number): Packed {
  const parts: Buffer[] = [Buffer.alloc(at)];
  let end = at;
  const places = new Map<string, number>();
  const glyphs = new Map<GlyphName, number>();
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    end += bytes.length;
  };
  const align = (): number => {
    add(Buffer.alloc((unit - (end % unit)) % unit));
    return end;
  };
  const addEntry = (key: string, bytes: Buffer): void => {
    places.set(key, align());
    add(crcOf(key));
    add(bytes);
  };
  const glyphEntries = [...entries].filter(([key]) => isGlyph(key));
  for (const [key, { bytes }] of glyphEntries) {
    addEntry(key, bytes);
    glyphs.set(key, end - bytes.length);
  }
  for (const { row = [], table = [] } of entries.values()) {
    for (const name of [...row, ...table]) {
      if (name === undefined || glyphs.has(name)) continue;
      glyphs.set(name, align());
      add(glyphPicture(name));
    }
  }
  const placeOf = (name: GlyphName): number => glyphs.get(name) as number;
  for (const [key, entry] of entries) {
    if (isGlyph(key)) continue;
    const own = align() + CRC_BYTES;
    addEntry(
      key,
      bytesOf(
        entry,
        (name) => own - placeOf(name),
        (name) => placeOf(name) / unit,
      ),
    );
  }
  return { file: Buffer.concat(parts), places };
}

/** Whether a key is the letter of a font and one character. */
function isGlyph(key: string): boolean {
  return /^[A-Z].$/u.test(key);
}

/** @param distanceTo from a row back to a glyph @param placeOf a glyph, in units */
function bytesOf({ bytes, row = [], table = [] }: GlyphEntry, distanceTo: (name: GlyphName) => number, placeOf: (name: GlyphName) => number): Buffer {
  const words = [...row.map(distanceTo), ...table.map((name) => (name === undefined ? 0 : placeOf(name)))];
  const references = Buffer.alloc(words.length * 2);
  for (const [i, word] of words.entries()) references.writeUInt16BE(word, i * 2);
  return Buffer.concat([bytes, references]);
}

function crcOf(key: string): Buffer {
  const bytes = Buffer.alloc(CRC_BYTES);
  bytes.writeUInt32BE(crc32(key));
  return bytes;
}
