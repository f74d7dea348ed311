// Text on a pixel display: every phrase of every language and every printable character of ASCII has a picture, which stays in its box.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FontName, type Glyphs, openGlyphs } from "../../firmware/display/glyphs.js";
import { PHRASES } from "../../firmware/display/phrases.js";
import { drawGlyphFile } from "../../firmware/tools/glyph-file.js";
import type { PixelDisplay } from "../../hal/display.js";
import { Pixels } from "../../sim/pixels.js";

const SIZES = [
  ["small", 12],
  ["medium", 16],
] as const;
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const texts = Object.entries(PHRASES).flatMap(([language, phrases]) =>
  Object.entries(phrases).map(([id, text]) => [`${language} ${id}`, text] as const),
);
const characters = [...new Set([...ASCII, ...texts.flatMap(([, text]) => [...text])])];

const file = drawGlyphFile(
  texts.map(([, text]) => text),
  texts.map(([, text]) => text),
).toString("latin1");
const glyphs = openGlyphs(file) as Glyphs;

/** UTF-8 in a byte string, as the firmware has its texts. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

interface Drawing {
  readonly canvas: Pixels;
  /** The smallest box around all lit pixels: left, top, right and bottom, the last two behind it. Undefined: nothing is lit. */
  readonly box: readonly [number, number, number, number] | undefined;
}

/** Draws on a large canvas, so that nothing is cut off, as on a display on which the text begins at `x`. */
function draw(font: FontName, text: string, x: number, y: number, scale: number): Drawing {
  const canvas = new Pixels(512, 128);
  const display: PixelDisplay = {
    widthPixels: 2 * x + glyphs.measure(font, bytesOf(text)) * scale,
    heightPixels: canvas.height,
    clear: () => canvas.clear(),
    fill: () => expect.unreachable("text fills nothing"),
    blit: (...picture) => canvas.blit(...picture),
    flush: () => expect.unreachable("whoever draws flushes"),
  };
  glyphs.draw(display, font, bytesOf(text), y, scale);
  let box: [number, number, number, number] | undefined;
  for (let row = 0; row < canvas.height; row++) {
    for (let column = 0; column < canvas.width; column++) {
      if (!canvas.get(column, row)) continue;
      box ??= [column, row, column + 1, row + 1];
      box = [Math.min(box[0], column), box[1], Math.max(box[2], column + 1), row + 1];
    }
  }
  return { canvas, box };
}

function pictureOf(font: FontName, character: string): string {
  const { canvas } = draw(font, character, 0, 0, 1);
  return `${glyphs.measure(font, bytesOf(character))} ${Buffer.from(canvas.bytes).toString("base64")}`;
}

describe.each(SIZES)("In the size %s", (font, heightPixels) => {
  it("every character that a phrase needs, and all of ASCII, has a width, and is no wider than it is high", () => {
    for (const character of characters) {
      const width = glyphs.measure(font, bytesOf(character));
      expect(width, character).toBeGreaterThan(0);
      expect(width, character).toBeLessThanOrEqual(heightPixels);
    }
  });

  it("every character but the space can be seen", () => {
    for (const character of characters) expect(draw(font, character, 0, 0, 1).box === undefined, character).toBe(character === " ");
  });

  it("no two characters look the same, so that 0 and O, or 1, I and l, are told apart", () => {
    const seen = new Map<string, string>();
    for (const character of characters) {
      const picture = pictureOf(font, character);
      expect(seen.get(picture), character).toBeUndefined();
      seen.set(picture, character);
    }
  });

  it.each(texts)("the phrase %s is as wide as its characters, and is drawn inside its box", (_, text) => {
    const width = glyphs.measure(font, bytesOf(text));
    expect(width).toBe([...text].reduce((sum, character) => sum + glyphs.measure(font, bytesOf(character)), 0));
    for (const scale of [1, 2]) {
      const [left, top, right, bottom] = draw(font, text, 40, 30, scale).box ?? [];
      expect(left).toBeGreaterThanOrEqual(40);
      expect(top).toBeGreaterThanOrEqual(30);
      expect(right).toBeLessThanOrEqual(40 + width * scale);
      expect(bottom).toBeLessThanOrEqual(30 + heightPixels * scale);
    }
  });

  it("any text is its characters side by side, and drawn double it is the same picture with larger pixels", () => {
    const words = fc.array(fc.constantFrom(...characters), { maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (parts, x, y) => {
        const once = draw(font, parts.join(""), x, y, 1).canvas;
        const double = draw(font, parts.join(""), 2 * x, 2 * y, 2).canvas;
        const apart = new Pixels(once.width, once.height);
        let left = x;
        for (const part of parts) {
          const { canvas } = draw(font, part, left, y, 1);
          canvas.bytes.forEach((byte, i) => {
            apart.bytes[i] = (apart.bytes[i] as number) | byte;
          });
          left += glyphs.measure(font, bytesOf(part));
        }
        expect(Buffer.compare(once.bytes, apart.bytes)).toBe(0);
        for (let row = 0; row < double.height; row++) {
          for (let column = 0; column < double.width; column++) {
            if (double.get(column, row) !== once.get(column >> 1, row >> 1)) throw new Error(`pixel ${column}, ${row}`);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("a character that the file lacks takes no room and leaves the others where they are", () => {
    expect(glyphs.measure(font, bytesOf("龙"))).toBe(0);
    expect(glyphs.measure(font, bytesOf("1龙2"))).toBe(glyphs.measure(font, "12"));
    expect(draw(font, "1龙2", 0, 0, 1)).toEqual(draw(font, "12", 0, 0, 1));
    expect(draw(font, "龙", 0, 0, 1).box).toBeUndefined();
  });

  it("no text is no width and no picture", () => {
    expect(glyphs.measure(font, "")).toBe(0);
    expect(draw(font, "", 5, 5, 2).box).toBeUndefined();
  });
});

describe("The example in GLYPHS.md", () => {
  it("is how 1 is drawn in small", () => {
    const page = readFileSync(new URL("../../firmware/display/GLYPHS.md", import.meta.url), "utf8");
    const rows = page.match(/^(?:[.#] )+[.#]$/gm)?.map((row) => row.replaceAll(" ", "")) as string[];
    expect(rows).toHaveLength(12);
    const { canvas } = draw("small", "1", 0, 0, 1);
    const width = glyphs.measure("small", "1");
    const drawn = rows.map((_, y) => Array.from({ length: width }, (_, x) => (canvas.get(x, y) ? "#" : ".")).join(""));
    expect(drawn).toEqual(rows);
  });
});

describe("What is no glyph file is not opened", () => {
  it.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["text", "GLYPHS"],
    ["a file of another version", `GLY2${file.slice(4)}`],
  ])("%s", (_, given) => {
    expect(openGlyphs(given)).toBeUndefined();
  });
});
