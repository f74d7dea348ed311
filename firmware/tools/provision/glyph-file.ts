// Packs the glyph file. display/GLYPHS.md has its bytes.

import { crc32 } from "node:zlib";
import type { DisplaySize } from "../../display/layouts.js";
import { drawGlyphs, type GlyphEntries, type GlyphEntry, type GlyphName, glyphPicture, type ShownCharacters, type ShownText } from "./glyph-font.js";
import { MissingGlyphError } from "./text-drawing.js";

/** Where the table of slots begins. */
const TABLE_AT = 7;
/** Two slots an entry: the board finds nearly every picture that somebody waits for at the first slot that it looks at. */
const SLOTS_AN_ENTRY = 2;
/** Bytes of the CRC-32 at the beginning of each entry. */
const CRC_BYTES = 4;

/** Draws and packs a whole file. @throws as `drawGlyphs` and `packGlyphs` */
export function drawGlyphFile(size: DisplaySize, texts: readonly ShownText[], characters: readonly ShownCharacters[]): Buffer {
  return packGlyphs(drawGlyphs(size, texts, characters));
}

/** Packs a file. @throws MissingGlyphError when two keys have the same CRC-32, by which the board tells them apart */
export function packGlyphs(entries: GlyphEntries): Buffer {
  requireDifferentCrcs([...entries.keys()]);
  const slots = entries.size * SLOTS_AN_ENTRY;
  let unit = 1;
  let packed = packEntries(entries, TABLE_AT + slots * 2, unit);
  // The smallest unit with which two bytes are enough for every place.
  while (packed.file.length > unit * 0xffff) {
    unit *= 2;
    packed = packEntries(entries, TABLE_AT + slots * 2, unit);
  }
  const { file, places } = packed;
  file.write("GLY4", "latin1");
  file.writeUInt16BE(slots, 4);
  file.writeUInt8(unit, 6);
  // Ready pictures come first, and so they get their own slots. Characters and rows are slower to show anyway.
  const isSlow = (key: string): boolean => isGlyph(key) || entries.get(key)?.row !== undefined;
  const keys = [...entries.keys()];
  for (const key of [...keys.filter((each) => !isSlow(each)), ...keys.filter(isSlow)]) {
    let slot = crc32(key) % slots;
    while (file.readUInt16BE(TABLE_AT + slot * 2) > 0) slot = (slot + 1) % slots;
    file.writeUInt16BE((places.get(key) as number) / unit, TABLE_AT + slot * 2);
  }
  return file;
}

function requireDifferentCrcs(keys: readonly string[]): void {
  const known = new Map<number, string>();
  for (const key of keys) {
    const other = known.get(crc32(key));
    if (other !== undefined)
      throw new MissingGlyphError(`A terminal cannot tell "${key.slice(1)}" from "${other.slice(1)}": both have the same CRC-32.`);
    known.set(crc32(key), key);
  }
}

interface PackedEntries {
  /** The file. Its header and its table are still empty. */
  readonly file: Buffer;
  /** Where the entry of each key begins. */
  readonly places: ReadonlyMap<string, number>;
}

/**
 * Puts every entry at its place. Glyphs come first, because rows refer to them by the distance back.
 * @param at where the first entry begins
 * @param unit entries begin at multiples of it
 */
function packEntries(entries: GlyphEntries, at: number, unit: number): PackedEntries {
  const parts: Buffer[] = [Buffer.alloc(at)];
  let end = at;
  const places = new Map<string, number>();
  const glyphs = new Map<GlyphName, number>();
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    end += bytes.length;
  };
  const align = (): void => add(Buffer.alloc((unit - (end % unit)) % unit));
  const addEntry = (key: string, bytesAt: (place: number) => Buffer): void => {
    align();
    places.set(key, end);
    const crc = Buffer.alloc(CRC_BYTES);
    crc.writeUInt32BE(crc32(key));
    add(crc);
    add(bytesAt(end));
  };
  const glyphAt = (name: GlyphName): number => glyphs.get(name) as number;

  for (const [key, { bytes }] of entries) {
    if (!isGlyph(key)) continue;
    addEntry(key, () => bytes);
    glyphs.set(key, end - bytes.length);
  }
  for (const { row = [], table = [] } of entries.values()) {
    for (const name of [...row, ...table]) {
      if (name === undefined || glyphs.has(name)) continue;
      align();
      glyphs.set(name, end);
      add(glyphPicture(name));
    }
  }
  for (const [key, entry] of entries) {
    if (!isGlyph(key)) addEntry(key, (place) => bytesOf(entry, place, glyphAt, unit));
  }
  return { file: Buffer.concat(parts), places };
}

/** Whether a key is the name of a glyph: the letter of a font, and one character. */
function isGlyph(key: string): boolean {
  return /^[A-Z].$/u.test(key);
}

/** The bytes of an entry at a place. @param glyphAt the place of a glyph */
function bytesOf({ bytes, row = [], table = [] }: GlyphEntry, place: number, glyphAt: (name: GlyphName) => number, unit: number): Buffer {
  const words = [...row.map((name) => place - glyphAt(name)), ...table.map((name) => (name === undefined ? 0 : glyphAt(name) / unit))];
  const references = Buffer.alloc(words.length * 2);
  for (const [i, word] of words.entries()) references.writeUInt16BE(word, i * 2);
  return Buffer.concat([bytes, references]);
}
