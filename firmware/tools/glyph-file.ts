// Draws the glyph file: every character that a terminal can show, from two open-licensed pixel fonts. display/GLYPHS.md has its bytes.

import { createRequire } from "node:module";
import * as fontkit from "fontkit";

const require = createRequire(import.meta.url);

interface PixelFont {
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

/** The printable ASCII characters: always in the file, for staff numbers, badges and what a technician reads. */
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** A character that no terminal could show. */
export class MissingGlyphError extends Error {}

/**
 * Draws the file.
 * @param smallTexts all that will be shown in the small font, as ordinary strings
 * @param mediumTexts the same for the medium font
 * @throws MissingGlyphError naming the character, and the text it stands in, that a font lacks or that is not one or three bytes of UTF-8
 */
export function drawGlyphFile(smallTexts: readonly string[], mediumTexts: readonly string[]): Buffer {
  const small = drawFont(SMALL, collect(smallTexts));
  const medium = drawFont(MEDIUM, collect(mediumTexts));
  const head = Buffer.alloc(6);
  head.write("GLY1", "latin1");
  head.writeUInt16BE(6 + small.length, 4);
  return Buffer.concat([head, small, medium]);
}

function collect(texts: readonly string[]): string[] {
  const wide = new Set<string>();
  for (const text of texts) {
    for (const character of text) {
      const bytes = Buffer.byteLength(character);
      if (bytes === 1 && ASCII.includes(character)) continue;
      if (bytes !== 3)
        throw new MissingGlyphError(`"${character}" (U+${hex(character)}) in "${text}" cannot be shown: use printable ASCII or Chinese`);
      wide.add(character);
    }
  }
  return [...ASCII, ...[...wide].sort()];
}

const opened = new Map<string, fontkit.Font | fontkit.FontCollection>();

/** Opening a font takes most of a second, so each is opened once. */
function openFont(source: PixelFont): fontkit.Font | fontkit.FontCollection {
  const font =
    opened.get(source.package) ?? fontkit.openSync(require.resolve(`@fontsource/${source.package}/files/${source.package}-latin-400-normal.woff2`));
  opened.set(source.package, font);
  return font;
}

function drawFont(source: PixelFont, characters: readonly string[]): Buffer {
  const font = openFont(source);
  if (!("glyphForCodePoint" in font)) throw new Error(`${source.package} is a collection of fonts`);
  const directory = Buffer.from(characters.join(""), "utf8");
  const head = Buffer.alloc(6);
  const cellBytes = 1 + Math.ceil((source.cellPixels * source.cellPixels) / 8);
  head[0] = source.cellPixels;
  head[1] = cellBytes;
  head[2] = ASCII.length;
  head.writeUInt16BE(directory.length, 4);
  const cells = characters.map((character) => {
    const glyph = font.glyphForCodePoint(character.codePointAt(0) as number);
    if (glyph.id === 0) throw new MissingGlyphError(`"${character}" (U+${hex(character)}) is not in the font ${source.package}`);
    const widthPixels = Math.min(source.cellPixels, Math.round(glyph.advanceWidth / source.unitsPerPixel));
    const cell = Buffer.alloc(cellBytes);
    cell[0] = widthPixels;
    const rings = ringsOf(glyph.path.commands);
    for (let y = 0; y < source.cellPixels; y++) {
      for (let x = 0; x < widthPixels; x++) {
        const isLit = isInside(rings, (x + 0.5) * source.unitsPerPixel, (source.ascentPixels - y - 0.5) * source.unitsPerPixel);
        const bit = y * widthPixels + x;
        if (isLit) cell[1 + (bit >> 3)] = (cell[1 + (bit >> 3)] as number) | (128 >> (bit & 7));
      }
    }
    return cell;
  });
  return Buffer.concat([head, directory, ...cells]);
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

/** Whether a point is inside by the non-zero rule, as fonts are filled. */
function isInside(rings: readonly Point[][], x: number, y: number): boolean {
  let winding = 0;
  for (const ring of rings) {
    ring.forEach(([x1, y1], i) => {
      const [x2, y2] = ring[(i + 1) % ring.length] as Point;
      if (y1 <= y === y2 <= y) return;
      if (x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) > x) winding += y2 > y1 ? 1 : -1;
    });
  }
  return winding !== 0;
}

function hex(character: string): string {
  return (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
}
