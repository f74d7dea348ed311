// The glyph file as GLYPHS.md describes it, read by a reader written from that page; its pictures against the outlines of the fonts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import * as fontkit from "fontkit";
import { describe, expect, it } from "vitest";
import { type DisplaySize, type LineLayout, layoutsFor } from "../../../../firmware/display/layouts.js";
import { PHRASES } from "../../../../firmware/display/phrases.js";
import { drawGlyphFile } from "../../../../firmware/tools/provision/glyph-file.js";
import { MissingGlyphError } from "../../../../firmware/tools/provision/text-drawing.js";

const require = createRequire(import.meta.url);
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
const TEXTS = [...Object.values(PHRASES).flatMap((phrases) => Object.values(phrases)), "王小明", "欧阳静怡", "綜合受理", "首席代表（甲）"];

const SIZE: DisplaySize = { width: 128, height: 64 };

/** Lines in the fonts of 12 and of 16 pixels. */
const SMALL_LINE = "technical 2";
const MEDIUM_LINE = "notice 2";

interface Picture {
  readonly widthPixels: number;
  readonly scale: number;
  readonly top: number;
  /** Rows from the top, a text of `#` and `.` each. */
  readonly rows: readonly string[];
  readonly entry: Buffer;
}

/** Where each key stands, and the file read with nothing but GLYPHS.md. */
function readFile(file: Buffer): { entries: ReadonlyMap<string, Buffer>; pictureOf(key: string): Picture } {
  expect(file.toString("latin1", 0, 4)).toBe("GLY3");
  const slots = file.readUInt16BE(4);
  const unit = file[6] as number;
  const offsets = Array.from({ length: slots }, (_, slot) => file.readUInt16BE(7 + slot * 2) * unit);
  const starts = offsets.filter((offset) => offset > 0).sort((a, b) => a - b);
  expect(starts[0]).toBe(Math.ceil((7 + slots * 2) / unit) * unit);
  expect(slots).toBeGreaterThan(starts.length);
  const entries = new Map<string, Buffer>();
  starts.forEach((start, i) => {
    const entry = file.subarray(start, starts[i + 1] ?? file.length);
    const key = entry.subarray(0, entry.indexOf(10));
    entries.set(key.toString("utf8"), entry);
    let slot = crc32(key) % slots;
    while (offsets[slot] !== start) {
      expect(offsets[slot], key.toString("utf8")).not.toBe(0);
      slot = (slot + 1) % slots;
    }
  });
  const pictureOf = (key: string): Picture => {
    const entry = entries.get(key) as Buffer;
    const bytes = entry.subarray(Buffer.byteLength(key) + 1);
    const [widthPixels, heightPixels, scale, top] = bytes as unknown as [number, number, number, number];
    const bits = [...bytes.subarray(4)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    expect(bits.length).toBe(8 * Math.ceil((widthPixels * heightPixels) / 8));
    expect(bits.slice(heightPixels * widthPixels), `bits behind ${key}`).not.toContain("1");
    const rows = Array.from({ length: heightPixels }, (_, y) => bits.slice(y * widthPixels, (y + 1) * widthPixels));
    return { widthPixels, scale, top, rows: rows.map((row) => row.replaceAll("1", "#").replaceAll("0", ".")), entry };
  };
  return { entries, pictureOf };
}

const CHARACTERS = [...new Set([...ASCII, ...TEXTS.flatMap((text) => [...text])])].join("");

const file = drawGlyphFile(
  SIZE,
  [
    { key: "@closed", text: "暂停服务", lines: ["title 1"], where: "a phrase" },
    { key: "@invite", text: "请对我的服务|做出评价", lines: ["prompt 2"], where: "a phrase" },
    { key: "@goTo", text: "请到#号窗口", lines: ["title 2"], where: "a phrase" },
    { key: "@neighbourPaused", text: "#号窗口暂停", lines: ["notice 1"], where: "a phrase" },
    { key: "王小明", text: "王小明", lines: ["card 2"], where: "somebody" },
  ],
  [
    { characters: CHARACTERS, line: SMALL_LINE, where: "characters" },
    { characters: CHARACTERS, line: MEDIUM_LINE, where: "characters" },
  ],
);
const { entries, pictureOf } = readFile(file);

describe("The glyph file", () => {
  it("has an entry for every layout, character and ready line, and no others", () => {
    const layouts = Object.keys(layoutsFor(SIZE)).map((name) => `=${name}`);
    const characters = [...CHARACTERS].flatMap((character) => [`S${character}`, `M${character}`]);
    const ready = [...entries.keys()].filter((key) => /^[a-z]/.test(key));
    expect(ready.map((key) => key.slice(1)).sort()).toEqual(["@closed", "@invite", "王小明"].sort());
    expect([...entries.keys()].sort()).toEqual(
      [...layouts, ...characters, ...ready, "M@goTo<", "M@goTo>", "M@neighbourPaused<", "M@neighbourPaused>"].sort(),
    );
  });

  it("gives each line of a layout its room, font and place", () => {
    const title = entries.get("=title")?.subarray(7) as Buffer;
    const [main, below] = layoutsFor(SIZE).title as [LineLayout, LineLayout];
    expect([...title]).toEqual([
      ...["a".charCodeAt(0), "M".charCodeAt(0), 128 + 32, 64, main.room[1], main.room[1] + Math.floor((main.room[3] - 16) / 2)],
      ...["b".charCodeAt(0), "M".charCodeAt(0), 128 + 32, 64, below.room[1], below.room[1] + 1],
    ]);
    expect(entries.get("=list")?.subarray(6).readUInt8(2)).toBe(1);
  });

  it("draws a ready line as large as its room allows, in the middle of the room", () => {
    const closed = pictureOf("a@closed");
    // Four characters of 16 pixels, enlarged twice, fill the width of the display.
    expect([closed.scale, closed.widthPixels]).toEqual([2, 63]);
    const [, , , height] = (layoutsFor(SIZE).title[0] as LineLayout).room;
    expect(closed.top).toBe(Math.floor((height - closed.rows.length * 2) / 2));
    expect(closed.rows[0]).toContain("#");
    expect(closed.rows[closed.rows.length - 1]).toContain("#");
  });

  it("breaks a line in two where that makes it larger", () => {
    const room = [...entries.keys()].find((key) => key.endsWith("@invite")) as string;
    const { rows, scale, widthPixels } = pictureOf(room);
    expect([scale, rows.length > 30, widthPixels <= 96]).toEqual([1, true, true]);
    expect(rows.filter((row) => !row.includes("#")).length).toBeGreaterThanOrEqual(4);
  });

  it("has one dark pixel where nothing stands before what is put in", () => {
    expect(pictureOf("M@neighbourPaused<").rows).toEqual(["."]);
    expect(pictureOf("M@goTo<").widthPixels).toBe(32);
  });

  it("is the same file whenever it is drawn", () => {
    const draw = (): Buffer => drawGlyphFile(SIZE, [{ key: "@closed", text: "暂停服务", lines: ["title 1"], where: "a phrase" }], []);
    expect(draw()).toEqual(draw());
  });

  it("has the example of GLYPHS.md in it, byte by byte and pixel by pixel", () => {
    const page = readFileSync(new URL("../../../../firmware/display/GLYPHS.md", import.meta.url), "utf8");
    const [example] = /^(?:[0-9A-F]{2} ){15}[0-9A-F]{2}$/m.exec(page) as RegExpExecArray;
    const { entry, rows } = pictureOf("S1");
    expect(entry).toEqual(Buffer.from(example.replaceAll(" ", ""), "hex"));
    expect(page.match(/^(?:[.#] )+[.#]$/gm)?.map((row) => row.replaceAll(" ", ""))).toEqual(rows);
  });

  it("tells all characters apart, such as 0 and O, or 1, I and l", () => {
    for (const font of ["S", "M"]) {
      const seen = new Map<string, string>();
      for (const character of CHARACTERS) {
        const rows = pictureOf(font + character).rows.join("\n");
        expect(seen.get(rows), character).toBeUndefined();
        seen.set(rows, character);
        expect(rows.includes("#"), character).toBe(character !== " ");
      }
    }
  });
});

describe.each([
  ["S", "fusion-pixel-12px-proportional-sc", 100, 10, 12],
  ["M", "unifontex", 64, 14, 16],
] as const)("The font %s", (name, packageName, unitsPerPixel, ascentPixels, heightPixels) => {
  const cells = new Map([...CHARACTERS].map((character) => [character, pictureOf(name + character)]));
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
