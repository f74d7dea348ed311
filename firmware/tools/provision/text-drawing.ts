// Draws a text with the pixel fonts: in one line, or as large as its room allows.

import { ToolError, UNTOUCHED } from "../tool-error.js";
import { fontHas, glyphOf, MEDIUM, type PixelFont, type Rows, SMALL } from "./pixel-font.js";

/** A text that no terminal could show. The message names the character or the width, the text, and the place where the text stands. */
export class MissingGlyphError extends ToolError {
  constructor(message: string) {
    super("glyphMissing", message, UNTOUCHED, "Write the text with other characters, or make it shorter.");
  }
}

/** The fonts by size. */
export const TEXT_FONTS = { small: SMALL, medium: MEDIUM } as const;

/** A drawn text, without dark rows and columns at its edges. */
export interface DrawnText {
  readonly rows: Rows;
  /** Every pixel is enlarged so many times. */
  readonly scale: number;
  /** The same text as one line of characters. Undefined when it was broken into two lines. */
  readonly line?: TextLine;
}

/** A text in one line, every character in a cell of its own. */
export interface TextLine {
  readonly font: PixelFont;
  readonly words: string;
  /** The dark columns and rows that the drawn text has not, left of it and above it, before they are enlarged. */
  readonly leftPixels: number;
  readonly abovePixels: number;
}

/** Fonts and scales, the largest first. */
const SIZES: readonly (readonly [PixelFont, number])[] = [
  [MEDIUM, 4],
  [SMALL, 4],
  [MEDIUM, 3],
  [SMALL, 3],
  [MEDIUM, 2],
  [SMALL, 2],
  [MEDIUM, 1],
  [SMALL, 1],
];

/** The widest picture before it is enlarged: its width is one byte in the file. */
const MOST_WIDTH = 255;

/** Pixels between the two lines of a broken text, before they are enlarged. The first that fits is used. */
const GAPS = [4, 3, 2, 1, 0];

/**
 * Draws a text in one line, with all of its cells.
 * @param whole the text that it is a part of, for messages
 * @param where the place of that text, for messages
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

/** Texts that were fitted, by what was asked: a hall draws the same phrases for each of its counters. */
const fitted = new Map<string, DrawnText | undefined>();

/**
 * Draws a text as large as its room allows, in one line, or in two when `|` says where it may be broken.
 * @param isSmall it takes only the small font
 * @returns undefined when it does not fit in any size
 * @throws MissingGlyphError when the fonts lack a character
 */
export function fitText(text: string, width: number, height: number, where: string, isSmall = false): DrawnText | undefined {
  const asked = `${width} ${height} ${isSmall} ${text}`;
  if (!fitted.has(asked)) fitted.set(asked, fitAnew(text, width, height, where, isSmall));
  return fitted.get(asked);
}

function fitAnew(text: string, width: number, height: number, where: string, isSmall: boolean): DrawnText | undefined {
  const lines = text.split("|");
  const hasSpaces = /^[ -~|]*$/.test(text);
  for (const [font, scale] of SIZES) {
    if (isSmall && font !== SMALL) continue;
    // A rare character may be in one font only.
    if (![...text].every((character) => character === "|" || fontHas(font, character))) continue;
    const fits = (rows: Rows): boolean => rows.length * scale <= height && (rows[0]?.length ?? 0) * scale <= Math.min(width, MOST_WIDTH * scale);
    const drawn = (words: string): Trimmed => {
      const tall = /[a-z]/.test(words) ? `${words}lp` : words;
      return trimmed(drawText(font, words, text, where), drawText(font, tall, text, where));
    };
    const words = lines.join(hasSpaces ? " " : "");
    const { rows, ...off } = drawn(words);
    if (fits(rows)) return { rows, scale, line: { font, words, ...off } };
    const parts = lines.map((line) => drawn(line).rows);
    const broken = lines.length > 1 ? GAPS.map((gap) => stacked(parts, gap)).find(fits) : undefined;
    if (broken) return { rows: broken, scale };
  }
  return undefined;
}

type Trimmed = { readonly rows: Rows } & Pick<TextLine, "leftPixels" | "abovePixels">;

/** Takes off the dark edges. @param tall the same text, with the rows that small letters can reach: these rows stay, so that texts with and without a `p` are alike */
function trimmed(rows: Rows, tall: Rows): Trimmed {
  const lit = tall.flatMap((row, y) => (row.includes("#") ? [y] : []));
  const abovePixels = lit[0] ?? 0;
  const kept = rows.slice(abovePixels, (lit[lit.length - 1] ?? -1) + 1);
  const leftPixels = Math.min(...kept.map((row) => row.indexOf("#")).filter((x) => x >= 0));
  const right = Math.max(...kept.map((row) => row.lastIndexOf("#")));
  return { rows: kept.map((row) => row.slice(leftPixels, right + 1)), leftPixels, abovePixels };
}

/** Lines below each other, each in the middle. */
function stacked(lines: readonly Rows[], gap: number): Rows {
  const width = Math.max(...lines.map((rows) => rows[0]?.length ?? 0));
  const middle = (row: string): string => row.padStart(row.length + ((width - row.length) >> 1), ".").padEnd(width, ".");
  return lines.flatMap((rows, i) => [...(i > 0 ? Array<string>(gap).fill(".".repeat(width)) : []), ...rows.map(middle)]);
}

/** The error for a character that cannot be shown. */
export function missing(character: string, whole: string, where: string, problem: string): MissingGlyphError {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return new MissingGlyphError(`${where}: "${character}" (U+${code}) in "${whole.replace("|", "")}" ${problem}`);
}
