// The glyph file: a reader written from GLYPHS.md reads it, and its pictures are compared with the outlines of the fonts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import * as fontkit from "fontkit";
import { describe, expect, it } from "vitest";
import { type DisplaySize, type LineLayout, layoutsFor } from "../../../../firmware/display/layouts.js";
import { PHRASES } from "../../../../firmware/display/phrases.js";
import { drawGlyphFile } from "../../../../firmware/tools/provision/glyph-file.js";
import { MissingGlyphError } from "../../../../firmware/tools/provision/text-drawing.js";
import { readGlyphFile } from "./glyph-reader.js";

const require = createRequire(import.meta.url);
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
const TEXTS = [...Object.values(PHRASES).flatMap((phrases) => Object.values(phrases)), "王小明", "欧阳静怡", "綜合受理", "首席代表（甲）"];

const SIZE: DisplaySize = { width: 128, height: 64 };

/** Lines in the fonts of 12 and of 16 pixels. */
const SMALL_LINE = "technical 2";
const MEDIUM_LINE = "title 2";

const CHARACTERS = [...new Set([...ASCII, ...TEXTS.flatMap((text) => [...text])])].join("");

const file = drawGlyphFile(
  SIZE,
  [
    { key: "@closed", text: "暂停服务", lines: ["title 1"], where: "a phrase" },
    { key: "@invite", text: "请对我的服务|做出评价", lines: ["prompt 2"], where: "a phrase" },
    { key: "@goTo", text: "请到#号窗口", lines: ["title 2"], where: "a phrase" },
    { key: "@neighbour_paused", text: "#号窗口暂停", lines: ["notice 1"], where: "a phrase" },
    { key: "@badgeUnknown", text: "此卡未登记", isRare: true, lines: ["notice 1"], where: "a phrase" },
    { key: "王小明", text: "王小明", lines: ["card 2"], where: "somebody" },
  ],
  [
    { characters: CHARACTERS, line: SMALL_LINE, where: "characters" },
    { characters: CHARACTERS, line: MEDIUM_LINE, where: "characters" },
  ],
);
const glyphs = readGlyphFile(file);

/** The letter of a line's room, counted from 1: it depends on the layouts that there are. */
function roomOf(layout: string, line: number): string {
  return String.fromCharCode(glyphs.bodyOf(`=${layout}`)[(line - 1) * 6] as number);
}

/** The lines of the texts above, with the letters of their rooms. */
const CLOSED = `${roomOf("title", 1)}@closed`;
const INVITE = `${roomOf("prompt", 2)}@invite`;
const GO_TO = `${roomOf("title", 2)}@goTo`;
const PAUSED = `${roomOf("notice", 1)}@neighbour_paused`;
const UNKNOWN = `${roomOf("notice", 1)}@badgeUnknown`;
const NAME = `${roomOf("card", 2)}王小明`;

/** The whole cell of a character. */
function cellOf(font: "S" | "M", character: string): readonly string[] {
  const { widthPixels, third, rows } = glyphs.glyphOf(font, character);
  const dark = (count: number): string[] => Array<string>(count).fill(".".repeat(widthPixels));
  return [...dark(third), ...rows, ...dark((font === "S" ? 12 : 16) - third - rows.length)];
}

/** The style of a picture that is enlarged, and begins so many pixels below the top of its line. */
function styleOf(scale: number, top: number): number {
  return (scale - 1) * 64 + 32 + top;
}

describe("The glyph file", () => {
  it("has an entry for every layout, font, Chinese character and line, and no others", () => {
    const keys = [
      ...Object.keys(layoutsFor(SIZE)).map((name) => `=${name}`),
      ...["S", "M"].flatMap((font) => [font, ...[...CHARACTERS].filter((character) => character > "~").map((character) => font + character)]),
      ...[CLOSED, INVITE, NAME, `${GO_TO}<`, `${GO_TO}>`, `${PAUSED}<`, `${PAUSED}>`, `${UNKNOWN}<`],
    ];
    expect(keys.filter((key) => !glyphs.has(key))).toEqual([]);
    expect(glyphs.entries).toBe(keys.length);
    expect([`${CLOSED[0]}@invite`, "S@goTo<", `${NAME[0]}somebody`, ""].filter((key) => glyphs.has(key))).toEqual([]);
  });

  it("has twice as many slots as entries, and what somebody waits for is in its own slot", () => {
    expect(glyphs.slots).toBe(2 * glyphs.entries);
    const isFound = (key: string): boolean => file.readUInt32BE(file.readUInt16BE(7 + (crc32(key) % glyphs.slots) * 2)) === crc32(key);
    const ready = [...Object.keys(layoutsFor(SIZE)).map((name) => `=${name}`), CLOSED, INVITE, NAME];
    const rooms = new Set(ready.map((key) => crc32(key) % glyphs.slots));
    expect(ready.filter(isFound).length).toBeGreaterThanOrEqual(rooms.size);
  });

  it("gives each line of a layout its room, font, place and style", () => {
    const [main, below] = layoutsFor(SIZE).title as [LineLayout, LineLayout];
    expect([...glyphs.bodyOf("=title").subarray(0, 12)]).toEqual([
      ...["a".charCodeAt(0), "M".charCodeAt(0), 128 + 32, 64, main.room[1], styleOf(1, Math.floor((main.room[3] - 16) / 2))],
      ...["b".charCodeAt(0), "M".charCodeAt(0), 128 + 32, 64, below.room[1], styleOf(1, Math.floor((below.room[3] - 16) / 2))],
    ]);
    expect(glyphs.bodyOf("=list").readUInt8(2)).toBe(1);
  });

  it("draws a ready line as large as its room allows, in the middle of the room", () => {
    const closed = glyphs.pictureOf(CLOSED);
    // Four characters of 16 pixels, enlarged twice, fill the width of the display.
    expect(closed.widthPixels).toBe(63);
    const [, , , height] = (layoutsFor(SIZE).title[0] as LineLayout).room;
    expect(closed.third).toBe(styleOf(2, Math.floor((height - closed.rows.length * 2) / 2)));
    expect(closed.rows[0]).toContain("#");
    expect(closed.rows[closed.rows.length - 1]).toContain("#");
  });

  it("breaks a line in two where that makes it larger", () => {
    const { rows, third, widthPixels } = glyphs.pictureOf(INVITE);
    expect([third >> 6, rows.length > 30, widthPixels <= 96]).toEqual([0, true, true]);
    expect(rows.filter((row) => !row.includes("#")).length).toBeGreaterThanOrEqual(4);
  });

  it("has one dark pixel where nothing stands before what is put in", () => {
    expect(glyphs.pictureOf(`${PAUSED}<`).rows).toEqual(["."]);
    expect(glyphs.pictureOf(`${GO_TO}<`).widthPixels).toBe(32);
  });

  it("puts a rare line together from glyphs, each of which it has once", () => {
    const { widthPixels, style, glyphs: row } = glyphs.rowOf(`${UNKNOWN}<`);
    expect(row).toEqual([..."此卡未登记"].map((character) => glyphs.glyphOf("S", character)));
    expect([widthPixels, style >> 6]).toEqual([59, 1]);
    const again = (isRare: boolean): number =>
      drawGlyphFile(
        SIZE,
        ["badgeUnknown", "badgeExpired"].map((key) => ({ key, text: "此卡未登记", isRare, lines: ["notice 1"], where: "" })),
        [],
      ).length;
    // The second row has no glyphs of its own.
    const glyphBytes = row.reduce((sum, { widthPixels, rows }) => sum + 3 + Math.ceil((widthPixels * rows.length) / 8), 0);
    const layoutsOnly = drawGlyphFile(SIZE, [], []).length;
    expect(again(true)).toBe(layoutsOnly + glyphBytes + 2 * (4 + 3 + 2 * 5 + 4));
  });

  it("is the same file whenever it is drawn", () => {
    const draw = (): Buffer => drawGlyphFile(SIZE, [{ key: "@closed", text: "暂停服务", lines: ["title 1"], where: "a phrase" }], []);
    expect(draw()).toEqual(draw());
  });

  it("has the example of GLYPHS.md in it, byte by byte and pixel by pixel", () => {
    const page = readFileSync(new URL("../../../../firmware/display/GLYPHS.md", import.meta.url), "utf8");
    const [example] = /^(?:[0-9A-F]{2} ){5,}[0-9A-F]{2}$/m.exec(page) as RegExpExecArray;
    const bytes = Buffer.from(example.replaceAll(" ", ""), "hex");
    expect(file.includes(bytes)).toBe(true);
    const { widthPixels, third, rows } = glyphs.glyphOf("S", "1");
    expect([...bytes.subarray(0, 3)]).toEqual([widthPixels, rows.length, third]);
    expect(page.match(/^(?:[.#] )+[.#]$/gm)?.map((row) => row.replaceAll(" ", ""))).toEqual(rows);
  });

  it("tells all characters apart, such as 0 and O, or 1, I and l", () => {
    for (const font of ["S", "M"] as const) {
      const seen = new Map<string, string>();
      for (const character of CHARACTERS) {
        const cell = cellOf(font, character).join("\n");
        expect(seen.get(cell), character).toBeUndefined();
        seen.set(cell, character);
        expect(cell.includes("#"), character).toBe(character !== " ");
      }
    }
  });

  it("refuses two texts that the board could not tell apart", () => {
    // These words have the same CRC-32, also behind the letter of a room.
    expect(crc32("plumless")).toBe(crc32("buckeroo"));
    const draw = (...names: readonly string[]): unknown =>
      drawGlyphFile(
        SIZE,
        names.map((name) => ({ key: name, text: name, lines: ["card 2"], where: "people" })),
        [],
      );
    expect(() => draw("plumless", "buckeroo")).toThrow(
      new MissingGlyphError('A terminal cannot tell "buckeroo" from "plumless": both have the same CRC-32.'),
    );
    expect(() => draw("plumless", "buckeroos")).not.toThrow();
  });

  it("needs larger units once it is longer than 64 kB, and has every picture still", () => {
    const names = Array.from({ length: 500 }, (_, i) => `欧阳静怡${i}`);
    const large = drawGlyphFile(
      SIZE,
      names.map((name) => ({ key: name, text: name, lines: ["card 2"], where: "people" })),
      [{ characters: CHARACTERS, line: SMALL_LINE, where: "characters" }],
    );
    expect(large.length).toBeGreaterThan(0xffff);
    const reader = readGlyphFile(large);
    expect(reader.unit).toBe(2);
    expect(names.filter((name) => reader.pictureOf(`${NAME[0]}${name}`).widthPixels < 60)).toEqual([]);
    expect(reader.glyphOf("S", "1")).toEqual(glyphs.glyphOf("S", "1"));
  });
});

describe.each([
  ["S", "fusion-pixel-12px-proportional-sc", 100, 10, 12],
  ["M", "unifontex", 64, 14, 16],
] as const)("The font %s", (name, packageName, unitsPerPixel, ascentPixels, heightPixels) => {
  const cells = new Map([...CHARACTERS].map((character) => [character, cellOf(name, character)]));
  const font = fontkit.openSync(require.resolve(`@fontsource/${packageName}/files/${packageName}-latin-400-normal.woff2`)) as fontkit.Font;

  it("cuts nothing off: every outline lies within its cell", () => {
    for (const [character, { 0: row = "" }] of cells) {
      const widthPixels = row.length;
      const { bbox } = font.glyphForCodePoint(character.codePointAt(0) as number);
      if (bbox.minX > bbox.maxX) continue;
      expect(bbox.minX, character).toBeGreaterThanOrEqual(0);
      expect(bbox.maxX, character).toBeLessThanOrEqual(widthPixels * unitsPerPixel);
      expect(bbox.maxY, character).toBeLessThanOrEqual(ascentPixels * unitsPerPixel);
      expect(bbox.minY, character).toBeGreaterThanOrEqual((ascentPixels - heightPixels) * unitsPerPixel);
    }
  });

  it("lights as many pixels as the outlines cover, from the first row to the last that they reach", () => {
    for (const [character, rows] of cells) {
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
    for (const [character, { 0: row = "" }] of cells) {
      const widthPixels = row.length;
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

describe("A text that no terminal could show is refused with the character, the text, and where it stands", () => {
  const asLine = (text: string): unknown => drawGlyphFile(SIZE, [{ key: text, text, lines: ["card 2"], where: "people: 1024" }], []);
  const asCharacters = (characters: string): unknown => drawGlyphFile(SIZE, [], [{ characters, line: MEDIUM_LINE, where: "emergency" }]);

  it.each([
    ["a rare character of four bytes", "王𠮷", '"𠮷" (U+20BB7) in "王𠮷" is not in the font fusion-pixel-12px-proportional-sc'],
    ["a tab, which would also break the roster", "王\t明", '"\t" (U+0009) in "王\t明" is not in the font fusion-pixel-12px-proportional-sc'],
    ["a line feed", "王\n明", '"\n" (U+000A) in "王\n明" is not in the font fusion-pixel-12px-proportional-sc'],
  ])("%s", (_, text, message) => {
    expect(() => asLine(text)).toThrow(new MissingGlyphError(`people: 1024: ${message}`));
  });

  it("but a rare name that one of the fonts has is drawn in that one", () => {
    expect(() => asLine("龘")).not.toThrow();
  });

  it("a character of two bytes, which the board cannot put together", () => {
    expect(() => asCharacters("José")).toThrow(
      new MissingGlyphError('emergency: "é" (U+00E9) in "José" cannot be put together: use printable ASCII or Chinese'),
    );
  });

  it("a text that is too wide for its line, with both widths", () => {
    expect(() => asLine("欧阳静怡上官婉儿欧阳静怡")).toThrow(
      'people: 1024: "欧阳静怡上官婉儿欧阳静怡" takes 144 of the 128 pixels of its line: make it shorter',
    );
  });
});
