// Draws everything that a terminal can show. glyph-file.ts packs it into the glyph file, and display/GLYPHS.md explains the pictures.

import { type DisplaySize, type DynamicFont, type LineLayout, layoutsFor } from "../../display/layouts.js";
import type { LineName } from "../../display/phrases.js";
import { glyphOf, MEDIUM, type PixelFont, type Rows, SMALL } from "./pixel-font.js";
import { type DrawnText, drawText, fitText, MissingGlyphError, missing } from "./text-drawing.js";

/** The printable ASCII characters, for staff numbers, badges and what a technician reads. */
export const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** A text that the terminal shows in a line of its own. */
export interface ShownText {
  /** What the firmware asks for: `@` and the id of a phrase, or the text itself. */
  readonly key: string;
  /** What is drawn. `|` is where it may be broken. A text with a `#` becomes two pictures, of what stands before and behind it. */
  readonly text: string;
  /** What is drawn where `text` does not fit. */
  readonly otherwise?: string;
  /** The widest text that can replace the `#`. */
  readonly most?: string;
  /** It is put together from glyphs, which takes fewer bytes and more time than a picture of the whole text. */
  readonly isRare?: boolean;
  /** It is drawn in the small font, whose glyphs most rows share. */
  readonly isSmall?: boolean;
  readonly lines: readonly LineName[];
  /** For messages: where somebody can change it. */
  readonly where: string;
}

/** Characters that the board puts together, in the font of a line. */
export interface ShownCharacters {
  readonly characters: string;
  readonly line: LineName;
  readonly where: string;
}

/** The name of a glyph: the letter of its font, and the character. */
export type GlyphName = string;

/** What belongs to a key of the glyph file. */
export interface GlyphEntry {
  /** A layout, a picture, or the head of a row. */
  readonly bytes: Buffer;
  /** The glyphs of a row, in order. */
  readonly row?: readonly GlyphName[];
  /** The glyphs of a font, for the characters 32 to 127. Undefined where the font has none. */
  readonly table?: readonly (GlyphName | undefined)[];
}

export type GlyphEntries = ReadonlyMap<string, GlyphEntry>;

/** Fonts of the glyph file by their letters. */
const FONTS: Readonly<Record<string, PixelFont>> = { S: SMALL, M: MEDIUM };

/** The font of a line for text that the board puts together, and the scale at which it is drawn. */
const DYNAMIC: Readonly<Record<DynamicFont, readonly [letter: string, scale: number]>> = { small: ["S", 1], medium: ["M", 1], double: ["S", 2] };

/** The ASCII characters in the table of a font. */
const TABLE = { first: 32, length: 96 };

/** Added to the number of glyphs in a row, in the byte that has the height of a picture. */
const ROW = 128;
/** The tops of lines and pictures are stored with this added: some are negative. */
const TOP_BIAS = 32;

/**
 * Draws what is in a glyph file.
 * @throws DisplayError when there are no layouts for the display
 * @throws MissingGlyphError naming character, text and place, when the fonts lack a character, or a text is too wide for its line
 */
export function drawGlyphs(size: DisplaySize, texts: readonly ShownText[], characters: readonly ShownCharacters[]): GlyphEntries {
  const layouts = layoutsFor(size);
  const entries = new Map<string, GlyphEntry>();
  /** Lines with rooms of the same size share their pictures. */
  const rooms = new Map<string, string>();
  const roomOf = ({ room: [, , width, height] }: LineLayout): string => {
    const name = `${width}x${height}`;
    const letter = rooms.get(name) ?? String.fromCharCode("a".charCodeAt(0) + rooms.size);
    rooms.set(name, letter);
    return letter;
  };
  const lineOf = (name: LineName): LineLayout => {
    const [layout, number] = name.split(" ") as [keyof typeof layouts, string];
    return layouts[layout][Number(number) - 1] as LineLayout;
  };

  for (const [name, lines] of Object.entries(layouts)) {
    const bytes = lines.flatMap((line) => {
      const [left, top, width] = line.room;
      const [letter] = DYNAMIC[line.font];
      const x = line.isLeft ? left / 2 : 128 + (left + width / 2) / 2;
      return [roomOf(line).charCodeAt(0), letter.charCodeAt(0), x, width / 2, top, dynamicStyle(line)];
    });
    entries.set(`=${name}`, { bytes: Buffer.from(bytes) });
  }
  for (const shown of texts) {
    for (const name of shown.lines) {
      const line = lineOf(name);
      // A line without room shows nothing.
      if (line.room[2] === 0) continue;
      const drawn = shown.text.includes("#") ? aroundHash(shown, line) : [wholeLine(shown, line)];
      for (const [suffix, entry] of drawn) entries.set(roomOf(line) + shown.key + suffix, entry);
    }
  }
  for (const { characters: all, line, where } of characters) {
    const [letter] = DYNAMIC[lineOf(line).font];
    for (const character of all) {
      const isShort = Buffer.byteLength(character) === 1 || Buffer.byteLength(character) === 3;
      if (!isShort) throw missing(character, all, where, "cannot be put together: use printable ASCII or Chinese");
      drawText(fontOf(letter), character, all, where);
      if (character > "~") entries.set(letter + character, { bytes: glyphPicture(letter + character) });
    }
    const names = Array.from({ length: TABLE.length }, (_, i) => String.fromCharCode(TABLE.first + i));
    // Where a font has no small letters, it shows capital ones.
    const shown = names.map((name) => [name, name.toUpperCase()].find((each) => all.includes(each)));
    if (shown.some((name) => name)) entries.set(letter, { bytes: Buffer.alloc(0), table: shown.map((name) => name && letter + name) });
  }
  return entries;
}

const glyphPictures = new Map<GlyphName, Buffer>();

/** The picture of a glyph as the file has it. */
export function glyphPicture(name: GlyphName): Buffer {
  const picture = glyphPictures.get(name) ?? cellPicture(glyphOf(fontOf(name.charAt(0)), name.slice(1)) as Rows);
  glyphPictures.set(name, picture);
  return picture;
}

/** A picture as wide as its cells, without the dark rows above and below. Of a space the row in the middle stays. */
function cellPicture(rows: Rows): Buffer {
  const lit = rows.flatMap((row, y) => (row.includes("#") ? [y] : []));
  const { 0: top = rows.length >> 1, [lit.length - 1]: bottom = top } = lit;
  return picture(rows.slice(top, bottom + 1), top);
}

function fontOf(letter: string): PixelFont {
  return FONTS[letter] as PixelFont;
}

/** The byte that says by how much pictures are enlarged, and how far below the top of their line they begin, in pixels. */
function styleOf(scale: number, top: number): number {
  return (scale - 1) * 64 + top + TOP_BIAS;
}

/** A picture as the file has it. @param style for a whole line, as `styleOf`; for a glyph the dark rows above it */
function picture(rows: Rows, style: number): Buffer {
  const bits = rows.join("");
  const bytes = Buffer.alloc(3 + Math.ceil(bits.length / 8));
  bytes.set([rows[0]?.length ?? 0, rows.length, style]);
  for (let i = 0; i < bits.length; i++) if (bits[i] === "#") bytes[3 + (i >> 3)] = (bytes[3 + (i >> 3)] as number) | (128 >> (i & 7));
  return bytes;
}

/** A row of glyphs as the file has it. @param widthPixels before it is enlarged */
function row(letter: string, words: string, widthPixels: number, style: number): GlyphEntry {
  const names = [...words].map((character) => letter + character);
  return { bytes: Buffer.from([widthPixels, ROW + names.length, style]), row: names };
}

/** The style of text that the board puts together in a line. */
function dynamicStyle({ font, room: [, , , height] }: LineLayout): number {
  const [letter, scale] = DYNAMIC[font];
  return styleOf(scale, Math.floor((height - fontOf(letter).cellPixels * scale) / 2));
}

/** An entry, and what follows the text in its key. */
type Drawn = readonly [suffix: "" | "<" | ">", GlyphEntry];

/** A whole line, as large as its room allows, in the middle of its height. */
function wholeLine({ text, otherwise, isRare, isSmall, where }: ShownText, line: LineLayout): Drawn {
  const {
    room: [, , width, height],
    isLeft,
  } = line;
  // A picture has at least one pixel, which is dark where there is nothing to show.
  if (!text) return ["", { bytes: picture(["."], styleOf(1, 0)) }];
  const drawnAs = (words: string): DrawnText | undefined => fitText(words, width, height, where, isSmall);
  const drawn = isLeft ? undefined : (drawnAs(text) ?? (otherwise && drawnAs(otherwise)));
  if (drawn) {
    const top = Math.floor((height - drawn.rows.length * drawn.scale) / 2);
    const whole = isRare && wholeRow(drawn, top, line);
    return whole ? ["<", whole] : ["", { bytes: picture(drawn.rows, styleOf(drawn.scale, top)) }];
  }
  const rows = drawText(SMALL, text.replace("|", " "), text, where);
  refuseWider(rows[0]?.length ?? 0, line, text.replace("|", " "), where);
  return ["", { bytes: picture(rows, styleOf(1, 0)) }];
}

/** A whole line as a row, which gives the same pixels. Undefined when it is broken into two, or its cells do not fit the room. */
function wholeRow({ rows, scale, line }: DrawnText, top: number, { font, room: [, , width] }: LineLayout): GlyphEntry | undefined {
  if (!line) return undefined;
  // The middle of this width stands in the middle of the room. The first cell begins with the dark columns that the drawn text has not.
  const widthPixels = (rows[0]?.length ?? 0) + 2 * line.leftPixels;
  const left = (width - widthPixels * scale) / 2;
  const right = left + (drawText(line.font, line.words)[0]?.length ?? 0) * scale;
  // The board asks for this much room at the scale of the line.
  const isTooWide = left < 0 || right > width || widthPixels * DYNAMIC[font][1] > width;
  return isTooWide ? undefined : row(line.font === SMALL ? "S" : "M", line.words, widthPixels, styleOf(scale, top - line.abovePixels * scale));
}

/** What stands before and behind the `#` of a text, in the font of the line. */
function aroundHash({ text, most = "", isRare, where }: ShownText, line: LineLayout): readonly Drawn[] {
  const [letter, scale] = DYNAMIC[line.font];
  const rowsOf = (words: string): Rows => drawText(fontOf(letter), words, text, where);
  const widthOf = (words: string): number => rowsOf(words)[0]?.length ?? 0;
  refuseWider(widthOf(text.replace("#", most)) * scale, line, text.replace("#", most), where);
  const part = (words: string): GlyphEntry => {
    // A picture has at least one pixel, which is dark where there is nothing to show.
    if (!words) return { bytes: picture(["."], 0) };
    return isRare ? row(letter, words, widthOf(words), dynamicStyle(line)) : { bytes: cellPicture(rowsOf(words)) };
  };
  const [before, behind] = text.split("#") as [string, string];
  return [
    ["<", part(before)],
    [">", part(behind)],
  ];
}

/** @throws MissingGlyphError when a text is wider than its line */
function refuseWider(widthPixels: number, { room: [, , width] }: LineLayout, text: string, where: string): void {
  if (widthPixels > width)
    throw new MissingGlyphError(`${where}: "${text}" takes ${widthPixels} of the ${width} pixels of its line: make it shorter`);
}
