// Reads the two open-licensed pixel fonts that everything on a display is drawn with. Their outlines consist of squares, one a pixel.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
import type * as Fontkit from "fontkit";

const require = createRequire(import.meta.url);

export interface PixelFont {
  readonly package: string;
  /** Height of a cell, and its greatest width. */
  readonly cellPixels: number;
  /** Pixels above the baseline. */
  readonly ascentPixels: number;
  /** Font units in a pixel. */
  readonly unitsPerPixel: number;
}

/** Fusion Pixel 12px (TakWolf, OFL-1.1) and UnifontEX (OFL-1.1). Sizes as measured in the fonts: 1200 and 1024 units an em. */
export const SMALL: PixelFont = { package: "fusion-pixel-12px-proportional-sc", cellPixels: 12, ascentPixels: 10, unitsPerPixel: 100 };
export const MEDIUM: PixelFont = { package: "unifontex", cellPixels: 16, ascentPixels: 14, unitsPerPixel: 64 };

/** Rows of pixels from the top, a string of `#` (lit) and `.` (dark) each. */
export type Rows = readonly string[];

const drawnGlyphs = new Map<string, Rows>();

/** The picture of a character: as high as the cell of the font, and as wide as the font says. Undefined when the font does not have the character. */
export function glyphOf(source: PixelFont, character: string): Rows | undefined {
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

/** Whether a font has a character. */
export function fontHas(source: PixelFont, character: string): boolean {
  return glyphOf(source, character) !== undefined;
}

const opened = new Map<string, Fontkit.Font | Fontkit.FontCollection>();

/** Opens each font once, because it takes a while. fontkit is loaded with the first: most commands draw nothing. */
function openFont(source: PixelFont): Fontkit.Font {
  const path = (): string => require.resolve(`@fontsource/${source.package}/files/${source.package}-latin-400-normal.woff`);
  const font = opened.get(source.package) ?? (require("fontkit") as typeof Fontkit).create(unpackFont(readFileSync(path())));
  opened.set(source.package, font);
  if (!("glyphForCodePoint" in font)) throw new Error(`${source.package} is a collection of fonts`);
  return font;
}

/** Bytes of the header and of an entry of the table directory, in a WOFF 1.0 file and in the font that it contains. */
const WOFF = { header: 44, entry: 20 };
const PLAIN = { header: 12, entry: 16 };

/**
 * The font in a WOFF file. fontkit could read the file itself, but it unpacks a table again for each glyph, and of a WOFF2 file it decodes every glyph
 * at once, which takes seconds and hundreds of megabytes.
 */
function unpackFont(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(PLAIN.header + count * PLAIN.entry);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const parts: Uint8Array[] = [head];
  let end = head.length;
  for (let i = 0; i < count; i++) {
    const from = WOFF.header + i * WOFF.entry;
    const to = PLAIN.header + i * PLAIN.entry;
    const [offset, packedBytes, lengthBytes] = [4, 8, 12].map((at) => woff.readUInt32BE(from + at)) as [number, number, number];
    const stored = woff.subarray(offset, offset + packedBytes);
    const table = packedBytes < lengthBytes ? inflateSync(stored) : stored;
    woff.copy(head, to, from, from + 4);
    woff.copy(head, to + 4, from + 16, from + 20);
    head.writeUInt32BE(end, to + 8);
    head.writeUInt32BE(lengthBytes, to + 12);
    // A table begins at a multiple of four bytes.
    parts.push(table, Buffer.alloc(-lengthBytes & 3));
    end += lengthBytes + (-lengthBytes & 3);
  }
  return Buffer.concat(parts);
}

type Point = readonly [number, number];

/** The outline as closed polygons. The curves in these fonts are straight lines that are written as curves. */
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

/** Whether a point is inside by the non-zero winding rule, as fonts are filled. @param crossings at its height */
function isInside(crossings: readonly Point[], x: number): boolean {
  let winding = 0;
  for (const [crossingX, direction] of crossings) if (crossingX > x) winding += direction;
  return winding !== 0;
}
