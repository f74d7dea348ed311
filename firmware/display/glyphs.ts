// Text from the glyph file: pictures of characters, drawn from fonts when the terminal was provisioned, blitted from flash. GLYPHS.md has its bytes.
// Text is UTF-8 in byte strings, because boards have no Unicode. The directory of a font is itself such a string, so that one native search finds a glyph.

import type { PixelDisplay } from "../../hal/display.js";

interface Font {
  readonly heightPixels: number;
  /** Bytes of a glyph: one for its width, the rest its bits. */
  readonly cellBytes: number;
  /** How many of its characters are ASCII: they stand first, one byte each; all others have three. */
  readonly asciiCount: number;
  readonly directory: string;
  readonly cells: string;
}

export type FontName = "small" | "medium";

export interface Glyphs {
  /** Whether the file has every character of a text in its small font. */
  knows(text: string): boolean;
  /** Width of a text in pixels. */
  measure(font: FontName, text: string): number;
  /** Draws a text in the middle of the display's width, its top at `y`; a character that the file lacks is left out. */
  draw(display: PixelDisplay, font: FontName, text: string, y: number, scale: number): void;
}

/**
 * Opens a glyph file.
 * @returns undefined when the text is no glyph file
 */
export function openGlyphs(file: string | undefined): Glyphs | undefined {
  if (!file || file.substr(0, 4) !== "GLY1") return undefined;
  const text = file;

  function font(at: number): Font {
    const asciiCount = text.charCodeAt(at + 2);
    const directoryBytes = text.charCodeAt(at + 4) * 256 + text.charCodeAt(at + 5);
    return {
      heightPixels: text.charCodeAt(at),
      cellBytes: text.charCodeAt(at + 1),
      asciiCount,
      directory: text.substr(at + 6, directoryBytes),
      cells: text.substr(at + 6 + directoryBytes),
    };
  }
  const small = font(6);
  const medium = font(text.charCodeAt(4) * 256 + text.charCodeAt(5));

  /** Calls `visit` for each glyph with the place of its cell. */
  function walk(chosen: Font, words: string, visit: (cell: number, widthPixels: number) => void): void {
    let i = 0;
    while (i < words.length) {
      const length = words.charCodeAt(i) < 128 ? 1 : 3;
      let place = chosen.directory.indexOf(words.substr(i, length));
      if (place >= 0) {
        if (length > 1) place = chosen.asciiCount + (place - chosen.asciiCount) / 3;
        place *= chosen.cellBytes;
        visit(place, chosen.cells.charCodeAt(place));
      }
      i += length;
    }
  }

  return {
    knows(words) {
      let known = 0;
      walk(small, words, () => known++);
      let all = 0;
      for (let i = 0; i < words.length; i += words.charCodeAt(i) < 128 ? 1 : 3) all++;
      return known === all;
    },
    measure(name, words) {
      let width = 0;
      walk(name === "small" ? small : medium, words, (_, widthPixels) => {
        width += widthPixels;
      });
      return width;
    },
    draw(display, name, words, y, scale) {
      const chosen = name === "small" ? small : medium;
      // Looking for glyphs takes longest, so it is done once: where they are first, and then, when the width is known, the pictures.
      const places: number[] = [];
      let width = 0;
      walk(chosen, words, (cell, widthPixels) => {
        places.push(cell);
        width += widthPixels;
      });
      let left = (display.widthPixels - width * scale) >> 1;
      for (let i = 0; i < places.length; i++) {
        const cell = places[i] as number;
        const widthPixels = chosen.cells.charCodeAt(cell);
        display.blit(chosen.cells.substr(cell + 1, chosen.cellBytes - 1), widthPixels, chosen.heightPixels, left, y, scale);
        left += widthPixels * scale;
      }
    },
  };
}
