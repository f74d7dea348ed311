// Reads a glyph file with nothing but GLYPHS.md.

import { crc32 } from "node:zlib";
import { expect } from "vitest";

/** A picture, or a glyph. */
export interface Picture {
  readonly widthPixels: number;
  /** The third byte: of a picture its style, of a glyph the dark rows above it. */
  readonly third: number;
  /** Rows from the top, a text of `#` and `.` each. */
  readonly rows: readonly string[];
}

export interface Row {
  readonly widthPixels: number;
  readonly style: number;
  readonly glyphs: readonly Picture[];
}

export interface GlyphReader {
  /** How many entries the file has. */
  readonly entries: number;
  readonly slots: number;
  readonly unit: number;
  has(key: string): boolean;
  /** What belongs to a key, and whatever follows it in the file. */
  bodyOf(key: string): Buffer;
  pictureOf(key: string): Picture;
  rowOf(key: string): Row;
  /** The glyph of a character, from the table of its font where that has it. */
  glyphOf(font: "S" | "M", character: string): Picture;
}

/** @returns a reader; the test fails where the file is not as GLYPHS.md says */
export function readGlyphFile(file: Buffer): GlyphReader {
  expect(file.toString("latin1", 0, 4)).toBe("GLY4");
  const slots = file.readUInt16BE(4);
  const unit = file[6] as number;
  const places = Array.from({ length: slots }, (_, slot) => file.readUInt16BE(7 + slot * 2) * unit);

  const find = (key: string): number | undefined => {
    const crc = crc32(key);
    for (let slot = crc % slots; places[slot] !== 0; slot = (slot + 1) % slots) {
      if (file.readUInt32BE(places[slot] as number) === crc) return (places[slot] as number) + 4;
    }
    return undefined;
  };
  const placeOf = (key: string): number => {
    const place = find(key);
    if (place === undefined) throw new Error(`the file has no ${key}`);
    return place;
  };
  const pictureAt = (place: number): Picture => {
    const [widthPixels, heightPixels, third] = file.subarray(place) as unknown as [number, number, number];
    const lengthBytes = Math.ceil((widthPixels * heightPixels) / 8);
    expect(heightPixels).toBeLessThan(128);
    expect(place + 3 + lengthBytes).toBeLessThanOrEqual(file.length);
    const bits = [...file.subarray(place + 3, place + 3 + lengthBytes)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    expect(bits.slice(heightPixels * widthPixels)).not.toContain("1");
    const rows = Array.from({ length: heightPixels }, (_, y) => bits.slice(y * widthPixels, (y + 1) * widthPixels));
    return { widthPixels, third, rows: rows.map((row) => row.replaceAll("1", "#").replaceAll("0", ".")) };
  };
  return {
    entries: places.filter((place) => place > 0).length,
    slots,
    unit,
    has: (key) => find(key) !== undefined,
    bodyOf: (key) => file.subarray(placeOf(key)),
    pictureOf: (key) => pictureAt(placeOf(key)),
    rowOf(key) {
      const row = placeOf(key);
      const [widthPixels, length, style] = file.subarray(row) as unknown as [number, number, number];
      expect(length).toBeGreaterThan(128);
      const glyphs = Array.from({ length: length - 128 }, (_, i) => pictureAt(row - file.readUInt16BE(row + 3 + i * 2)));
      return { widthPixels, style, glyphs };
    },
    glyphOf(font, character) {
      if (Buffer.byteLength(character) > 1) return pictureAt(placeOf(font + character));
      const place = file.readUInt16BE(placeOf(font) + (character.charCodeAt(0) - 32) * 2) * unit;
      if (place === 0) throw new Error(`the font ${font} has no ${character}`);
      return pictureAt(place);
    },
  };
}
