// Shows a view on a display of pixels, and draws it again only when it has changed. The glyph file holds every picture that the terminal can show
// (GLYPHS.md). A line that was known when the terminal was provisioned is one ready picture, or a row of glyphs if it is shown rarely. A line that contains
// something else, such as a time, is put together here from characters. A picture is found by the CRC-32 of its key, so the number of pictures does not
// matter, and is drawn straight from flash. The host can send a second glyph file with newer phrases and names, which is searched first.

import type { PixelDisplay } from "../../hal/display.js";
import type { Store } from "../../hal/store.js";
import type { View } from "./view.js";

/** Bytes of a line in a layout. */
const LINE_BYTES = 6;
/** A row has this and the number of its glyphs where a picture has its height. */
const ROW = 128;
/** The top of a picture in its line is stored with this added, because it can be negative. */
const TOP_BIAS = 32;

export interface Screen {
  /** @returns false when the display did not take the view; the next call draws it again */
  show(view: View): boolean;
  /** Why a text of the host cannot be shown: `missingGlyph`, or `tooLong` for the lines of an emergency; "" when it can be shown. */
  objectionTo(words: string): string;
  /** Adds a second glyph file, whose pictures are preferred to those of the store. @param glyphs the file, which stays in memory, or "" for none */
  addPictures(glyphs: string): void;
}

/** Added to every place in the second glyph file. */
const ADDED = 0x1000000;

/** @param crc32 as in `Hal` */
export function createScreen(display: PixelDisplay, store: Store, crc32: (data: string) => number): Screen {
  const stored = store.read("glyphs") || "";
  const file = stored.substr(0, 4) === "GLY4" ? stored : "";
  let added = "";
  let shown = "";
  /** Nothing has been drawn yet. */
  let isBlank = true;
  /** Places of the pictures in the current line, and their width in pixels before it is enlarged. */
  let places: number[] = [];
  let width = 0;
  let most = 0;
  let scale = 1;
  let x = 0;
  let y = 0;
  /** A character had no picture. */
  let isMissing = false;

  function byteAt(place: number): number {
    return added && place >= ADDED ? added.charCodeAt(place - ADDED) : file.charCodeAt(place);
  }

  function wordAt(place: number): number {
    return byteAt(place) * 256 + byteAt(place + 1);
  }

  function bytesAt(place: number, length: number): string {
    return added && place >= ADDED ? added.substr(place - ADDED, length) : file.substr(place, length);
  }

  const slots = wordAt(4);
  const unit = byteAt(6);

  /** @param from where a file begins @param slots in its table @param unit of the places in it */
  function findIn(from: number, slots: number, unit: number, key: string): number {
    const crc = crc32(key);
    const check = String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255);
    for (let slot = crc; ; slot++) {
      const at = wordAt(from + 7 + (slot % slots) * 2) * unit;
      if (!at) return 0;
      if (bytesAt(from + at, 4) === check) return from + at + 4;
    }
  }

  /** The place of what belongs to a key, or 0. */
  function find(key: string): number {
    return (added && findIn(ADDED, wordAt(ADDED + 4), byteAt(ADDED + 6), key)) || findIn(0, slots, unit, key);
  }

  /** Begins to put a line together. @param line its place in a layout */
  function begin(line: number): void {
    places = [];
    width = 0;
    most = (byteAt(line + 3) * 2) / ((byteAt(line + 5) >> 6) + 1);
  }

  /** Adds a picture, or the glyphs of a row, where there is room. @returns whether there was */
  function put(at: number): boolean {
    const glyphs = byteAt(at + 1) - ROW;
    const after = width + byteAt(at);
    if (after > most) return false;
    width = after;
    if (glyphs < 0) places.push(at);
    for (let i = 0; i < glyphs; i++) places.push(at - wordAt(at + 3 + i * 2));
    return true;
  }

  /** Adds characters up to the first for which there is no room. @returns it and those behind it */
  function putAll(line: number, words: string): string {
    const font = bytesAt(line + 1, 1);
    const table = find(font);
    let i = 0;
    while (i < words.length) {
      const code = words.charCodeAt(i);
      const length = code < 128 ? 1 : 3;
      const at = code > 31 && code < 128 ? wordAt(table + code * 2 - 64) * unit : find(font + words.substr(i, length));
      if (!at) isMissing = true;
      else if (!put(at)) break;
      i += length;
    }
    return words.substr(i);
  }

  /** Fills a line with words, and breaks them at a space where there is one. @returns those for the next line */
  function fillLine(line: number, words: string): string {
    begin(line);
    const rest = putAll(line, words);
    const space = rest ? words.lastIndexOf(" ", words.length - rest.length) : 0;
    if (space <= 0) return rest;
    begin(line);
    putAll(line, words.substr(0, space));
    return words.substr(space + 1);
  }

  /** Draws the next picture of the line. @param top in the line, before it is enlarged */
  function draw(at: number, top: number): void {
    const across = byteAt(at);
    const down = byteAt(at + 1);
    display.blit(bytesAt(at + 3, (across * down + 7) >> 3), across, down, x, y + top * scale, scale);
    x += across * scale;
  }

  return {
    show(view) {
      const key = view.join("\n");
      if (key === shown) return true;
      if (!isBlank) display.clear();
      isBlank = false;
      let rest = "";
      let line = find("=" + view[0]);
      for (let i = 1; i < view.length; i++) {
        const words = view[i] || rest;
        rest = "";
        if (words) {
          const ready = find(bytesAt(line, 1) + words);
          let style = byteAt(ready ? ready + 2 : line + 5);
          width = byteAt(ready);
          if (!ready) {
            begin(line);
            const parts = words.split("#");
            const phrase = bytesAt(line, 1) + parts[0];
            const before = find(phrase + "<");
            if (before) {
              if (byteAt(before + 1) > ROW) style = byteAt(before + 2);
              put(before);
              if (parts.length > 1) {
                putAll(line, parts[1] as string);
                put(find(phrase + ">"));
              }
            } else rest = fillLine(line, words);
          }
          scale = (style >> 6) + 1;
          x = byteAt(line + 2) * 2;
          // From 256 on it is the middle of the line.
          if (x > 255) x -= 256 + ((width * scale) >> 1);
          y = byteAt(line + 4) + (style & 63) - TOP_BIAS;
          if (ready) draw(ready, 0);
          else for (let place = 0; place < places.length; place++) draw(places[place] as number, byteAt((places[place] as number) + 2));
        }
        line += LINE_BYTES;
      }
      shown = display.flush() === "ok" ? key : "";
      return !!shown;
    },
    objectionTo(words) {
      let line = find("=emergency") + LINE_BYTES;
      isMissing = false;
      begin(line);
      most = 1 / 0;
      putAll(line, words);
      if (isMissing) return "missingGlyph";
      for (let i = 0; i < 3; i++) {
        words = fillLine(line, words);
        line += LINE_BYTES;
      }
      return words ? "tooLong" : "";
    },
    addPictures(glyphs) {
      added = glyphs.substr(0, 4) === "GLY4" ? glyphs : "";
    },
  };
}
