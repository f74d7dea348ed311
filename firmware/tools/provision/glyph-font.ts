// Draws the glyph file: everything that a terminal can show, as pictures, from two open-licensed pixel fonts. display/GLYPHS.md has its bytes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { crc32, inflateSync } from "node:zlib";
import type * as Fontkit from "fontkit";
import { type DisplaySize, type DynamicFont, type LineLayout, layoutsFor } from "../../display/layouts.js";
import type { LineName } from "../../display/phrases.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";

const require = createRequire(import.meta.url);

export interface PixelFont {
  readonly package: string;
  /** Height of a cell, and the largest width. */
  readonly cellPixels: number;
  /** Pixels above the baseline. */
  readonly ascentPixels: number;
  /** Font units in a pixel. */
  readonly unitsPerPixel: number;
}

/** Fusion Pixel 12px (TakWolf, OFL-1.1) and UnifontEX (OFL-1.1). Sizes as measured in the fonts: 1200 and 1024 units an em. */
const SMALL: PixelFont = { package: "fusion-pixel-12px-proportional-sc", cellPixels: 12, ascentPixels: 10, unitsPerPixel: 100 };
const MEDIUM: PixelFont = { package: "unifontex", cellPixels: 16, ascentPixels: 14, unitsPerPixel: 64 };

/** The printable ASCII characters, for staff numbers, badges and what a technician reads. */
export const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** A text that no terminal could show. The message names the character or the width, the text, and where it stands. */
export class MissingGlyphError extends ToolError {
  constructor(message: string) {
    super("glyphMissing", message, UNTOUCHED, "Write the text with other characters, or make it shorter.");
  }
}

/** Pixels of a text, a row each from the top, a text of `#` and `.` each. */
export type Rows = readonly string[];

/** A text as it is drawn in a font, each pixel enlarged. */
export interface DrawnText {
  readonly rows: Rows;
  readonly scale: number;
}

/** Every way in which a text can be drawn, the largest first. */
const WAYS: readonly (readonly [PixelFont, number])[] = [
  [MEDIUM, 4],
  [SMALL, 4],
  [MEDIUM, 3],
  [SMALL, 3],
  [MEDIUM, 2],
  [SMALL, 2],
  [MEDIUM, 1],
  [SMALL, 1],
];

const DYNAMIC: Readonly<Record<DynamicFont, readonly [PixelFont, number]>> = { small: [SMALL, 1], medium: [MEDIUM, 1], double: [SMALL, 2] };

/** The widest picture before it is enlarged: its width is one byte in the file. */
const MOST_WIDTH = 255;

/** Pixels between the two lines of a broken text, before they are enlarged: as many as there is room for. */
const GAPS = [4, 3, 2, 1, 0];

/** A text that the terminal shows in a whole line. */
export interface ShownText {
  /** What the firmware asks for: `@` and a phrase's id, or the text itself. */
  readonly key: string;
  /** What is drawn: `|` is where it may be broken; what stands around a `#` becomes two pictures. */
  readonly text: string;
  /** What is drawn where `text` does not fit. */
  readonly otherwise?: string;
  /** The widest that can stand in the place of its `#`. */
  readonly most?: string;
  readonly lines: readonly LineName[];
  /** For messages: where somebody can change it. */
  readonly where: string;
}

/** Characters that are put together on the board, in the font of a line. */
export interface ShownCharacters {
  readonly characters: string;
  readonly line: LineName;
  readonly where: string;
}

/** What belongs to each key of a glyph file. */
export type GlyphEntries = ReadonlyMap<string, Buffer>;

/**
 * Draws what is in a file.
 * @throws DisplayError when there are no layouts for the display
 * @throws MissingGlyphError naming character, text and place, when the fonts lack a character, or a text is too wide for its line
 */
export function drawGlyphs(size: DisplaySize, texts: readonly ShownText[], characters: readonly ShownCharacters[]): GlyphEntries {
  const layouts = layoutsFor(size);
  const entries = new Map<string, Buffer>();
  /** Lines with rooms of the same size share their pictures. */
  const rooms = new Map<string, string>();
  const letterOf = (names: Map<string, string>, name: string, first: string): string => {
    const letter = names.get(name) ?? String.fromCharCode(first.charCodeAt(0) + names.size);
    names.set(name, letter);
    return letter;
  };
  const roomOf = ({ room: [, , width, height] }: LineLayout): string => letterOf(rooms, `${width}x${height}`, "a");
  const fontOf = ({ font }: LineLayout): string => font.charAt(0).toUpperCase();
  const lineOf = (name: LineName): LineLayout => {
    const [layout, number] = name.split(" ") as [keyof typeof layouts, string];
    return layouts[layout][Number(number) - 1] as LineLayout;
  };

  for (const [name, lines] of Object.entries(layouts)) {
    const bytes = lines.flatMap((line) => {
      const [left, top, width, height] = line.room;
      const [font, scale] = DYNAMIC[line.font];
      const x = line.isLeft ? left / 2 : 128 + (left + width / 2) / 2;
      const fontTop = top + Math.floor((height - font.cellPixels * scale) / 2);
      return [roomOf(line).charCodeAt(0), fontOf(line).charCodeAt(0), x, width / 2, top, fontTop];
    });
    entries.set(`=${name}`, Buffer.from(bytes));
  }
  for (const { key, text, otherwise, most = "", lines, where } of texts) {
    for (const name of lines) {
      const line = lineOf(name);
      const [before, behind] = text.split("#") as [string, string | undefined];
      if (behind === undefined) entries.set(roomOf(line) + key, readyPicture(text, otherwise, line, where));
      else {
        const [font, scale] = DYNAMIC[line.font];
        // Where there is nothing, one dark pixel: a picture has one at least.
        const part = (words: string): Buffer => picture({ rows: words ? drawText(font, words, text, where) : ["."], scale }, 0);
        const [widthPixels = 0] = drawText(font, before + most + behind, text, where).map((row) => row.length * scale);
        refuseWider(widthPixels, line, text.replace("#", most), where);
        entries.set(`${fontOf(line)}${key}<`, part(before));
        entries.set(`${fontOf(line)}${key}>`, part(behind));
      }
    }
  }
  for (const { characters: all, line, where } of characters) {
    const [font, scale] = DYNAMIC[lineOf(line).font];
    for (const character of all) {
      const isShort = Buffer.byteLength(character) === 1 || Buffer.byteLength(character) === 3;
      if (!isShort) throw missing(character, all, where, "cannot be put together: use printable ASCII or Chinese");
      entries.set(fontOf(lineOf(line)) + character, picture({ rows: drawText(font, character, all, where), scale }, 0));
    }
  }
  return entries;
}

/** Draws a whole file, as `drawGlyphs` and `packGlyphs`. */
export function drawGlyphFile(size: DisplaySize, texts: readonly ShownText[], characters: readonly ShownCharacters[]): Buffer {
  return packGlyphs(drawGlyphs(size, texts, characters));
}

/** Where the table begins. */
const TABLE_AT = 7;
/** Half as many slots again as entries: a key that is there is found with two looks, and one that is not is missed with five. */
const SLOTS_AN_ENTRY = 1.5;

/** The file: a table of places by the CRC-32 of the keys, then each key with what belongs to it. */
export function packGlyphs(entries: GlyphEntries): Buffer {
  const slots = Math.ceil(entries.size * SLOTS_AN_ENTRY);
  const all = [...entries].map(([key, bytes]) => [Buffer.from(key, "utf8"), bytes] as const);
  const head = Buffer.alloc(TABLE_AT + slots * 2);
  // The smallest unit with which every place has room in two bytes.
  let unit = 1;
  const padded = (lengthBytes: number): number => Math.ceil(lengthBytes / unit) * unit;
  const lengthBytes = (): number => all.reduce((sum, [name, bytes]) => sum + padded(name.length + 1 + bytes.length), padded(head.length));
  while (lengthBytes() > unit * 0xffff) unit *= 2;
  head.write("GLY3", "latin1");
  head.writeUInt16BE(slots, 4);
  head.writeUInt8(unit, 6);
  const file = Buffer.alloc(lengthBytes());
  let end = padded(head.length);
  for (const [name, bytes] of all) {
    let slot = crc32(name) % slots;
    while (head.readUInt16BE(TABLE_AT + slot * 2) > 0) slot = (slot + 1) % slots;
    head.writeUInt16BE(end / unit, TABLE_AT + slot * 2);
    Buffer.concat([name, Buffer.from("\n"), bytes]).copy(file, end);
    end += padded(name.length + 1 + bytes.length);
  }
  head.copy(file);
  return file;
}

/** A picture as the file holds it, `top` pixels below the top of its line. */
function picture({ rows, scale }: DrawnText, top: number): Buffer {
  const bits = rows.join("");
  const bytes = Buffer.alloc(4 + Math.ceil(bits.length / 8));
  bytes.set([rows[0]?.length ?? 0, rows.length, scale, top]);
  for (let i = 0; i < bits.length; i++) if (bits[i] === "#") bytes[4 + (i >> 3)] = (bytes[4 + (i >> 3)] as number) | (128 >> (i & 7));
  return bytes;
}

/** A whole line, as large as its room allows, in the middle of its height. */
function readyPicture(text: string, otherwise: string | undefined, line: LineLayout, where: string): Buffer {
  const {
    room: [, , width, height],
    isLeft,
  } = line;
  const drawn = isLeft ? undefined : (fitText(text, width, height, where) ?? (otherwise && fitText(otherwise, width, height, where)));
  if (drawn) return picture(drawn, Math.floor((height - drawn.rows.length * drawn.scale) / 2));
  const rows = drawText(SMALL, text.replace("|", " "), text, where);
  refuseWider(rows[0]?.length ?? 0, line, text.replace("|", " "), where);
  return picture({ rows, scale: 1 }, 0);
}

/** @throws MissingGlyphError when a text is wider than its line */
function refuseWider(widthPixels: number, { room: [, , width] }: LineLayout, text: string, where: string): void {
  if (widthPixels > width)
    throw new MissingGlyphError(`${where}: "${text}" takes ${widthPixels} of the ${width} pixels of its line: make it shorter`);
}

/** A text in the largest way that fits, in one line or two; undefined: none does. */
export function fitText(text: string, width: number, height: number, where: string): DrawnText | undefined {
  const lines = text.split("|");
  const hasSpaces = /^[ -~|]*$/.test(text);
  for (const [font, scale] of WAYS) {
    // A rare character may be in one font only.
    if (![...text].every((character) => character === "|" || fontHas(font, character))) continue;
    const drawn = (words: string): Rows => {
      const tall = /[a-z]/.test(words) ? `${words}lp` : words;
      return trimmed(drawText(font, words, text, where), drawText(font, tall, text, where));
    };
    const whole = drawn(lines.join(hasSpaces ? " " : ""));
    const parts = lines.map(drawn);
    const ways = [whole, ...(lines.length > 1 ? GAPS.map((gap) => stacked(parts, gap)) : [])];
    const rows = ways.find((way) => way.length * scale <= height && (way[0]?.length ?? 0) * scale <= Math.min(width, MOST_WIDTH * scale));
    if (rows) return { rows, scale };
  }
  return undefined;
}

/** Without what is dark at the edges. Text with small letters keeps the height of them all, so that lines are alike with and without a `p`. */
function trimmed(rows: Rows, tall: Rows): Rows {
  const lit = tall.flatMap((row, y) => (row.includes("#") ? [y] : []));
  const kept = rows.slice(lit[0] ?? 0, (lit[lit.length - 1] ?? -1) + 1);
  const left = Math.min(...kept.map((row) => row.indexOf("#")).filter((x) => x >= 0));
  const right = Math.max(...kept.map((row) => row.lastIndexOf("#")));
  return kept.map((row) => row.slice(left, right + 1));
}

/** Lines below each other, each in the middle. */
function stacked(lines: readonly Rows[], gap: number): Rows {
  const width = Math.max(...lines.map((rows) => rows[0]?.length ?? 0));
  const middle = (row: string): string => row.padStart(row.length + ((width - row.length) >> 1), ".").padEnd(width, ".");
  return lines.flatMap((rows, i) => [...(i > 0 ? Array<string>(gap).fill(".".repeat(width)) : []), ...rows.map(middle)]);
}

/** Sizes in which text is drawn: name of the font, and how often each pixel is enlarged. */
export const TEXT_FONTS = { small: SMALL, medium: MEDIUM } as const;

/**
 * Draws a text in one line.
 * @param whole the text that it is a part of, for messages
 * @throws MissingGlyphError when the font lacks a character
 */
export function drawText(source: PixelFont, words: string, whole = words, where = ""): Rows {
  const rows = Array<string>(source.cellPixels).fill("");
  for (const character of words) {
    const glyph = glyphOf(source, character);
    if (!glyph) throw missing(character, whole, where, `is not in the font ${source.package}`);
    glyph.forEach((row, y) => {
      rows[y] += row;
    });
  }
  return rows;
}

/** Whether a font has a character. */
export function fontHas(source: PixelFont, character: string): boolean {
  return glyphOf(source, character) !== undefined;
}

function missing(character: string, whole: string, where: string, problem: string): MissingGlyphError {
  return new MissingGlyphError(`${where}: "${character}" (U+${hex(character)}) in "${whole.replace("|", "")}" ${problem}`);
}

const opened = new Map<string, Fontkit.Font | Fontkit.FontCollection>();

/** Opening a font takes a while, so each is opened once; and fontkit is loaded with the first: most commands draw nothing. */
function openFont(source: PixelFont): Fontkit.Font {
  const path = (): string => require.resolve(`@fontsource/${source.package}/files/${source.package}-latin-400-normal.woff`);
  const font = opened.get(source.package) ?? (require("fontkit") as typeof Fontkit).create(unpackFont(readFileSync(path())));
  opened.set(source.package, font);
  if (!("glyphForCodePoint" in font)) throw new Error(`${source.package} is a collection of fonts`);
  return font;
}

/** Bytes of the header and of a table's entry in a font file as it is packed (WOFF 1.0), and as it was before. */
const PACKED = { header: 44, entry: 20 };
const PLAIN = { header: 12, entry: 16 };

/**
 * The font in a WOFF file. fontkit could read it as it is, but unpacks a table again for each glyph; of a WOFF2 it takes every glyph apart at
 * once, which is seconds and hundreds of megabytes.
 */
function unpackFont(packed: Buffer): Buffer {
  const count = packed.readUInt16BE(12);
  const head = Buffer.alloc(PLAIN.header + count * PLAIN.entry);
  packed.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const parts: Uint8Array[] = [head];
  let end = head.length;
  for (let i = 0; i < count; i++) {
    const from = PACKED.header + i * PACKED.entry;
    const to = PLAIN.header + i * PLAIN.entry;
    const [offset, packedBytes, lengthBytes] = [4, 8, 12].map((at) => packed.readUInt32BE(from + at)) as [number, number, number];
    const stored = packed.subarray(offset, offset + packedBytes);
    const table = packedBytes < lengthBytes ? inflateSync(stored) : stored;
    packed.copy(head, to, from, from + 4);
    packed.copy(head, to + 4, from + 16, from + 20);
    head.writeUInt32BE(end, to + 8);
    head.writeUInt32BE(lengthBytes, to + 12);
    // Tables begin at whole words.
    parts.push(table, Buffer.alloc(-lengthBytes & 3));
    end += lengthBytes + (-lengthBytes & 3);
  }
  return Buffer.concat(parts);
}

const drawnGlyphs = new Map<string, Rows>();

/** The picture of a character, as wide as the font says; undefined: the font has none. */
function glyphOf(source: PixelFont, character: string): Rows | undefined {
  const key = source.package + character;
  const known = drawnGlyphs.get(key);
  if (known) return known;
  const glyph = openFont(source).glyphForCodePoint(character.codePointAt(0) as number);
  if (glyph.id === 0 || character < " ") return undefined;
  const widthPixels = Math.min(source.cellPixels, Math.round(glyph.advanceWidth / source.unitsPerPixel));
  const rings = ringsOf(glyph.path.commands);
  const rows = Array.from({ length: source.cellPixels }, (_, y) => {
    const crossings = crossingsAt(rings, (source.ascentPixels - y - 0.5) * source.unitsPerPixel);
    let row = "";
    for (let x = 0; x < widthPixels; x++) row += isInside(crossings, (x + 0.5) * source.unitsPerPixel) ? "#" : ".";
    return row;
  });
  drawnGlyphs.set(key, rows);
  return rows;
}

type Point = readonly [number, number];

/** The outline as closed polygons. The curves in these fonts are straight lines written as curves. */
function ringsOf(commands: readonly { command: string; args: number[] }[]): Point[][] {
  const rings: Point[][] = [];
  for (const { command, args } of commands) {
    if (command === "closePath") continue;
    if (command === "moveTo") rings.push([]);
    rings[rings.length - 1]?.push([args[args.length - 2] as number, args[args.length - 1] as number]);
  }
  return rings;
}

/** Where the outlines cross a height, and whether upwards (1) or downwards (-1). */
function crossingsAt(rings: readonly Point[][], y: number): Point[] {
  const crossings: Point[] = [];
  for (const ring of rings) {
    for (const [i, [x1, y1]] of ring.entries()) {
      const [x2, y2] = ring[(i + 1) % ring.length] as Point;
      if (y1 <= y !== y2 <= y) crossings.push([x1 + ((y - y1) / (y2 - y1)) * (x2 - x1), y2 > y1 ? 1 : -1]);
    }
  }
  return crossings;
}

/** Whether a point is inside by the non-zero rule, as fonts are filled. @param crossings at its height */
function isInside(crossings: readonly Point[], x: number): boolean {
  let winding = 0;
  for (const [crossingX, direction] of crossings) if (crossingX > x) winding += direction;
  return winding !== 0;
}

function hex(character: string): string {
  return (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
}
