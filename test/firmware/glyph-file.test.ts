// The glyph file as GLYPHS.md describes it, read by a reader written from that page; its pictures against the outlines of the fonts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as fontkit from "fontkit";
import { describe, expect, it } from "vitest";
import { PHRASES } from "../../firmware/display/phrases.js";
import { drawGlyphFile, MissingGlyphError } from "../../firmware/tools/glyph-file.js";

const require = createRequire(import.meta.url);
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
const TEXTS = [...Object.values(PHRASES).flatMap((phrases) => Object.values(phrases)), "王小明", "欧阳静怡", "綜合受理", "首席代表（甲）"];

interface Cell {
  readonly widthPixels: number;
  /** Rows from the top, a text of `#` and `.` each. */
  readonly rows: readonly string[];
  readonly bytes: Buffer;
}

interface FontOfFile {
  readonly heightPixels: number;
  readonly cellBytes: number;
  readonly directory: string;
  readonly cells: ReadonlyMap<string, Cell>;
  /** Where it ends in the file. */
  readonly end: number;
}

function readFont(file: Buffer, at: number): FontOfFile {
  const heightPixels = file.readUInt8(at);
  const cellBytes = file.readUInt8(at + 1);
  const asciiCount = file.readUInt8(at + 2);
  const directoryBytes = file.readUInt16BE(at + 4);
  const directory = file.toString("utf8", at + 6, at + 6 + directoryBytes);
  const characters = [...directory];
  expect(file.readUInt8(at + 3)).toBe(0);
  expect(cellBytes).toBe(1 + Math.ceil((heightPixels * heightPixels) / 8));
  expect(asciiCount).toBe(characters.filter((character) => Buffer.byteLength(character) === 1).length);
  const cells = new Map<string, Cell>();
  characters.forEach((character, i) => {
    const start = at + 6 + directoryBytes + i * cellBytes;
    const bytes = file.subarray(start, start + cellBytes);
    const widthPixels = bytes.readUInt8(0);
    const bits = [...bytes.subarray(1)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const rows = Array.from({ length: heightPixels }, (_, y) => bits.slice(y * widthPixels, (y + 1) * widthPixels));
    expect(bits.slice(heightPixels * widthPixels), `bits behind ${character}`).not.toContain("1");
    cells.set(character, { widthPixels, rows: rows.map((row) => row.replaceAll("1", "#").replaceAll("0", ".")), bytes });
  });
  return { heightPixels, cellBytes, directory, cells, end: at + 6 + directoryBytes + characters.length * cellBytes };
}

function readFile(file: Buffer): { small: FontOfFile; medium: FontOfFile } {
  expect(file.toString("latin1", 0, 4)).toBe("GLY1");
  const small = readFont(file, 6);
  expect(file.readUInt16BE(4)).toBe(small.end);
  const medium = readFont(file, small.end);
  expect(file.length).toBe(medium.end);
  return { small, medium };
}

const file = drawGlyphFile(TEXTS, TEXTS);
const fonts = readFile(file);

describe("The glyph file", () => {
  it("has two fonts, 12 and 16 pixels high, of the same characters", () => {
    expect([fonts.small.heightPixels, fonts.medium.heightPixels]).toEqual([12, 16]);
    expect(fonts.small.directory).toBe(fonts.medium.directory);
  });

  it("has all of ASCII first, then every other character of the texts once, three bytes each", () => {
    const wanted = new Set(TEXTS.flatMap((text) => [...text]).filter((character) => !ASCII.includes(character)));
    expect(fonts.small.directory.startsWith(ASCII)).toBe(true);
    const others = [...fonts.small.directory.slice(ASCII.length)];
    expect(others.every((character) => Buffer.byteLength(character) === 3)).toBe(true);
    expect(others.length).toBe(wanted.size);
    expect(new Set(others)).toEqual(wanted);
  });

  it("has all of ASCII also when there are no texts", () => {
    expect(readFile(drawGlyphFile([], [])).small.directory).toBe(ASCII);
    expect(readFile(drawGlyphFile([], [])).medium.directory).toBe(ASCII);
  });

  it("has in each font the characters of its own texts and no others", () => {
    const { small, medium } = readFile(drawGlyphFile(["综合受理"], ["谢谢"]));
    expect([...small.directory.slice(ASCII.length)].sort()).toEqual([..."综合受理"].sort());
    expect(medium.directory.slice(ASCII.length)).toBe("谢");
  });

  it("is the same file whenever, and in whatever order, the texts are given", () => {
    expect(drawGlyphFile([...TEXTS, ...TEXTS].reverse(), [...TEXTS, ...TEXTS].reverse())).toEqual(file);
  });

  it("has the example of GLYPHS.md in it, byte by byte", () => {
    const page = readFileSync(new URL("../../firmware/display/GLYPHS.md", import.meta.url), "utf8");
    const [example] = /^(?:[0-9A-F]{2} ){18}[0-9A-F]{2}$/m.exec(page) as RegExpExecArray;
    expect(fonts.small.cells.get("1")?.bytes).toEqual(Buffer.from(example.replaceAll(" ", ""), "hex"));
  });
});

describe.each([
  ["small", "fusion-pixel-12px-proportional-sc", 100, 10],
  ["medium", "unifontex", 64, 14],
] as const)("The font %s", (name, packageName, unitsPerPixel, ascentPixels) => {
  const { heightPixels, cells } = fonts[name];
  const font = fontkit.openSync(require.resolve(`@fontsource/${packageName}/files/${packageName}-latin-400-normal.woff2`)) as fontkit.Font;

  it("cuts nothing off: every outline lies within its cell", () => {
    for (const [character, { widthPixels }] of cells) {
      const { bbox } = font.glyphForCodePoint(character.codePointAt(0) as number);
      if (bbox.minX > bbox.maxX) continue;
      expect(bbox.minX, character).toBeGreaterThanOrEqual(0);
      expect(bbox.maxX, character).toBeLessThanOrEqual(widthPixels * unitsPerPixel);
      expect(bbox.maxY, character).toBeLessThanOrEqual(ascentPixels * unitsPerPixel);
      expect(bbox.minY, character).toBeGreaterThanOrEqual((ascentPixels - heightPixels) * unitsPerPixel);
    }
  });

  it("lights as many pixels as the outlines cover, from the first row to the last that they reach", () => {
    for (const [character, { rows }] of cells) {
      const { path, bbox } = font.glyphForCodePoint(character.codePointAt(0) as number);
      const lit = rows.join("").split("#").length - 1;
      expect(lit, character).toBe(Math.round(areaOf(path.commands) / unitsPerPixel ** 2));
      if (lit === 0) continue;
      const first = rows.findIndex((row) => row.includes("#"));
      const end = rows.length - [...rows].reverse().findIndex((row) => row.includes("#"));
      expect([first, end], character).toEqual([ascentPixels - bbox.maxY / unitsPerPixel, ascentPixels - bbox.minY / unitsPerPixel]);
    }
  });

  it("leaves a character the room that the font gives it, up to a square", () => {
    for (const [character, { widthPixels }] of cells) {
      const { advanceWidth } = font.glyphForCodePoint(character.codePointAt(0) as number);
      expect(widthPixels, character).toBe(Math.min(heightPixels, advanceWidth / unitsPerPixel));
      expect(Number.isInteger(widthPixels), character).toBe(true);
    }
  });
});

/** Area inside an outline, holes taken off, by the trapezoids under its edges. */
function areaOf(commands: readonly { command: string; args: number[] }[]): number {
  let area = 0;
  let start = [0, 0];
  let at = [0, 0];
  const lineTo = (to: number[]): void => {
    area += ((to[0] as number) - (at[0] as number)) * ((to[1] as number) + (at[1] as number));
    at = to;
  };
  for (const { command, args } of commands) {
    const to = args.slice(-2);
    if (command === "closePath") lineTo(start);
    else if (command === "moveTo") {
      start = to;
      at = to;
    } else lineTo(to);
  }
  return Math.abs(area) / 2;
}

describe("A text that no terminal could show is refused", () => {
  it.each([
    ["a picture of four bytes", "王😀", '"😀" (U+1F600) in "王😀" cannot be shown: use printable ASCII or Chinese'],
    ["a letter of two bytes", "José", '"é" (U+00E9) in "José" cannot be shown: use printable ASCII or Chinese'],
    ["a tab, which would also break the roster", "王\t明", '"\t" (U+0009) in "王\t明" cannot be shown: use printable ASCII or Chinese'],
    ["a line feed", "王\n明", '"\n" (U+000A) in "王\n明" cannot be shown: use printable ASCII or Chinese'],
    ["a rare character that a font lacks", "龘", '"龘" (U+9F98) is not in the font fusion-pixel-12px-proportional-sc'],
  ])("%s", (_, text, message) => {
    expect(() => drawGlyphFile(["窗口", text], [])).toThrow(new MissingGlyphError(message));
    if (text !== "龘") expect(() => drawGlyphFile([], ["窗口", text])).toThrow(new MissingGlyphError(message));
  });
});
