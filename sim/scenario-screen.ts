// Reads the panel as people do: which texts can be seen on it. A text is drawn with the terminal's own glyph file in every size and looked for, pixel
// by pixel, so it is the picture that is checked and not what the firmware meant to draw.

import { type FontName, type Glyphs, openGlyphs } from "../firmware/display/glyphs.js";
import { Pixels } from "./pixels.js";
import { hasShape, SegmentPanel, segmentsOf } from "./segments.js";

/** Sizes in which the firmware draws text: a font and its enlargement. */
const SIZES: readonly (readonly [FontName, number])[] = [
  ["small", 1],
  ["medium", 1],
  ["medium", 2],
];
/** Height of the largest size, in pixels. */
const MOST_HEIGHT = 32;

/** Rows from the first to the last with a lit pixel, each a text of 0 and 1. */
interface Picture {
  readonly rows: readonly string[];
  /** The row with the most lit pixels: looked for first, because it is rarest. */
  readonly rarest: number;
}

interface Drawer {
  readonly glyphs: Glyphs;
  readonly pictures: Map<string, readonly Picture[]>;
}

/** Drawn texts of each glyph file. */
const drawers = new WeakMap<Buffer, Drawer>();

export interface ScreenReader {
  /** Whether a text can be seen, in any size. */
  shows(text: string): boolean;
  /** Whether every pixel is dark. */
  readonly isDark: boolean;
  /** Characters of a text that this display can never show. */
  missing(text: string): readonly string[];
}

/** Looks at a panel as it is now. @param glyphFile of the terminal's store */
export function readScreen(panel: Pixels, glyphFile: Buffer | undefined): ScreenReader {
  const isDark = panel.bytes.every((byte) => byte === 0);
  if (panel instanceof SegmentPanel) {
    const seen = panel.read();
    return {
      isDark,
      shows: (text) => seen.some((_, place) => segmentsOf(text).every((bits, i) => bits === seen[place + i])),
      missing: (text) => [...text].filter((character) => !hasShape(character)),
    };
  }
  const rows = rowsOf(panel);
  const drawer = drawerOf(glyphFile);
  return {
    isDark,
    missing: (text) => charactersWithoutGlyph(glyphFile, text),
    shows: (text) => drawer !== undefined && picturesOf(drawer, text).some((picture) => isIn(rows, picture)),
  };
}

/** Characters of a text that the glyph file lacks: the terminal can never show them. None when one font has the whole text. */
export function charactersWithoutGlyph(glyphFile: Buffer | undefined, text: string): readonly string[] {
  const drawer = drawerOf(glyphFile);
  if (!drawer) return [...text];
  const missing = SIZES.map(([font]) => charactersMissing(drawer.glyphs, font, text));
  return missing.sort((a, b) => a.length - b.length)[0] as string[];
}

function charactersMissing(glyphs: Glyphs, font: FontName, text: string): string[] {
  return [...text].filter((character) => glyphs.measure(font, bytesOf(character)) === 0);
}

function drawerOf(glyphFile: Buffer | undefined): Drawer | undefined {
  const known = glyphFile && drawers.get(glyphFile);
  if (known || !glyphFile) return known;
  const glyphs = openGlyphs(glyphFile.toString("latin1"));
  const drawer = glyphs && { glyphs, pictures: new Map() };
  if (drawer) drawers.set(glyphFile, drawer);
  return drawer;
}

/** UTF-8 in a byte string, as the firmware has its texts. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function picturesOf(drawer: Drawer, text: string): readonly Picture[] {
  const known = drawer.pictures.get(text);
  if (known) return known;
  // A font that lacks a character would draw only a part of the text.
  const sizes = SIZES.filter(([font]) => charactersMissing(drawer.glyphs, font, text).length === 0);
  const pictures = sizes.flatMap(([font, scale]) => draw(drawer.glyphs, font, scale, bytesOf(text)));
  drawer.pictures.set(text, pictures);
  return pictures;
}

function draw(glyphs: Glyphs, font: FontName, scale: number, text: string): Picture[] {
  const widthPixels = glyphs.measure(font, text) * scale;
  const canvas = new Pixels(widthPixels, MOST_HEIGHT);
  const display = {
    widthPixels,
    heightPixels: MOST_HEIGHT,
    clear: () => canvas.clear(),
    fill: () => undefined,
    blit: (bits: string, width: number, height: number, x: number, y: number, by: number) => canvas.blit(bits, width, height, x, y, by),
    flush: () => "ok" as const,
  };
  glyphs.draw(display, font, text, 0, scale);
  const rows = rowsOf(canvas);
  const lit = rows.map((row) => row.split("1").length - 1);
  const first = lit.findIndex((count) => count > 0);
  if (first < 0) return [];
  const last = lit.length - 1 - [...lit].reverse().findIndex((count) => count > 0);
  const rarest = lit.indexOf(Math.max(...lit)) - first;
  return [{ rows: rows.slice(first, last + 1), rarest }];
}

function rowsOf(pixels: Pixels): string[] {
  return Array.from({ length: pixels.height }, (_, y) => {
    let row = "";
    for (let x = 0; x < pixels.width; x++) row += pixels.get(x, y) ? "1" : "0";
    return row;
  });
}

function isIn(panel: readonly string[], { rows, rarest }: Picture): boolean {
  const wanted = rows[rarest] as string;
  for (let y = rarest; y + rows.length - rarest <= panel.length; y++) {
    for (let x = (panel[y] as string).indexOf(wanted); x >= 0; x = (panel[y] as string).indexOf(wanted, x + 1)) {
      if (rows.every((row, i) => (panel[y - rarest + i] as string).startsWith(row, x))) return true;
    }
  }
  return false;
}
