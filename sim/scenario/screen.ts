// Reads the texts on the panel, as people do. Each text is drawn from the fonts in every size and searched for pixel by pixel. So this checks the picture
// itself, independent of the firmware and of the pictures that the firmware draws with.

import { fontHas } from "../../firmware/tools/provision/pixel-font.js";
import { drawText, TEXT_FONTS } from "../../firmware/tools/provision/text-drawing.js";
import type { Pixels } from "../world/pixels.js";
import { hasShape, SegmentPanel, segmentsOf } from "../world/segments.js";

/** The largest enlargement of a font. */
const MOST_SCALE = 4;

/** The rows from the first to the last with a lit pixel, each as a string of 0 and 1. */
interface Picture {
  readonly rows: readonly string[];
  /** The row with the most lit pixels. It is the rarest, so it is searched for first. */
  readonly rarest: number;
}

/** Texts that were drawn already, in every size. */
const drawn = new Map<string, readonly Picture[]>();

export interface ScreenReader {
  /** Whether a text is on the panel, in any size. */
  shows(text: string): boolean;
  /** Whether every pixel is dark. */
  readonly isDark: boolean;
  /** The characters of a text that this display cannot show. */
  missing(text: string): readonly string[];
}

/** Takes the present picture of a panel. */
export function readScreen(panel: Pixels): ScreenReader {
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
  return {
    isDark,
    missing: charactersWithoutGlyph,
    shows: (text) => picturesOf(text).some((picture) => isIn(rows, picture)),
  };
}

/** The characters of a text that no font has, so that no terminal can show them. None when one font has the whole text. */
export function charactersWithoutGlyph(text: string): readonly string[] {
  const missing = Object.values(TEXT_FONTS).map((font) => [...text].filter((character) => !fontHas(font, character)));
  return missing.sort((a, b) => a.length - b.length)[0] as string[];
}

function picturesOf(text: string): readonly Picture[] {
  const known = drawn.get(text);
  if (known) return known;
  const fonts = Object.values(TEXT_FONTS).filter((font) => [...text].every((character) => fontHas(font, character)));
  const pictures = fonts.flatMap((font) => Array.from({ length: MOST_SCALE }, (_, i) => draw(drawText(font, text), i + 1)).flat());
  drawn.set(text, pictures);
  return pictures;
}

/** The lit part of a text. Its dark border is left out, so that a text at the edge of the panel is found. */
function draw(rows: readonly string[], scale: number): Picture[] {
  const lit = rows.filter((row) => row.includes("#"));
  if (lit.length === 0) return [];
  const left = Math.min(...lit.map((row) => row.indexOf("#")));
  const right = Math.max(...lit.map((row) => row.lastIndexOf("#")));
  const first = rows.indexOf(lit[0] as string);
  const last = rows.lastIndexOf(lit[lit.length - 1] as string);
  const large = rows.slice(first, last + 1).flatMap((row) => {
    const wide = [...row.slice(left, right + 1)].map((pixel) => (pixel === "#" ? "1" : "0").repeat(scale)).join("");
    return Array<string>(scale).fill(wide);
  });
  const counts = large.map((row) => row.split("1").length - 1);
  return [{ rows: large, rarest: counts.indexOf(Math.max(...counts)) }];
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
