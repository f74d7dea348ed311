// Shows a view on a display of pixels, and draws it only when it has changed. The glyph file has every picture that the terminal can show (GLYPHS.md). A
// line that was known when the terminal was provisioned is one ready picture, or a row of glyphs if it is shown rarely. This module puts other lines, such as
// those with a time, together from characters. It finds a picture by the CRC-32 of its key, whatever the number of pictures, and draws it straight from flash.
// The host can send a second glyph file with newer phrases and names. That file is searched first.

import type { PixelDisplay } from "../../hal/display.js";
import type { Store } from "../../hal/store.js";
import type { View } from "./view.js";

/** Bytes of a line in a layout. */
const LINE_BYTES = 6;
/** Where a picture has its height, a row has the number of its glyphs plus this. */
const ROW = 128;
/** Added to the top of a style, which can be negative. */
const TOP_BIAS = 32;

export interface Screen {
  /** Shows a view. @returns false when the display did not take it: the next call draws it again */
  show(view: View): boolean;
  /** Why an emergency text of the host cannot be shown: `missingGlyph` or `tooLong`; "" when it can be shown. */
  objectionTo(words: string): string;
  /** Adds a second glyph file, which is searched before that of the store. @param glyphs the file, which stays in memory, or "" for none */
  addPictures(glyphs: string): void;
}

/** Added to every place in the second glyph file, so that one number tells both files' places apart. */
const ADDED = 0x1000000;

/** Height of a row of glyphs at most, in pixels. */
const MOST_ROWS = 16;

/**
 * How long pictures stand at the same place, in ms: what never moves burns into an OLED. The next view then stands a pixel lower, where there is room below. Nothing moves
 * by itself: what the terminal does in silence, such as an alert after a bad rating, must not be seen (rule E7).
 */
const STAND_MS = 600000;

/** @param crc32 as in `Hal` @param nowMs the monotonic clock */
export function createScreen(display: PixelDisplay, store: Store, crc32: (data: string) => number, nowMs: () => number): Screen {
  const stored = store.read("glyphs") || "";
  const file = stored.substr(0, 4) === "GLY4" ? stored : "";
  let added = "";
  let shown = "";
  /** Nothing has been drawn yet. */
  let isBlank = true;
  /** The line that is put together: places of its pictures, their width, and the most that this can be. Widths are in pixels before they are enlarged. */
  let places: number[] = [];
  let width = 0;
  let most = 0;
  /** The left edge of the next picture and the top of the line on the display, and by how much the pictures are enlarged. */
  let x = 0;
  let y = 0;
  let scale = 1;
  /** A character had no picture. */
  let isMissing = false;
  /** An emergency text fits none of its layouts. */
  let isTooLong = false;

  function byteAt(place: number): number {
    return added && place >= ADDED ? added.charCodeAt(place - ADDED) : file.charCodeAt(place);
  }

  /** Two bytes, big-endian. */
  function wordAt(place: number): number {
    return byteAt(place) * 256 + byteAt(place + 1);
  }

  function bytesAt(place: number, length: number): string {
    return added && place >= ADDED ? added.substr(place - ADDED, length) : file.substr(place, length);
  }

  const slots = wordAt(4);
  const unit = byteAt(6);

  /** The place in one file of what belongs to a key, or 0. @param from where the file begins @param slots in its table @param unit of its places */
  function findIn(from: number, slots: number, unit: number, key: string): number {
    const crc = crc32(key);
    const check = String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255);
    for (let slot = crc; ; slot++) {
      const at = wordAt(from + 7 + (slot % slots) * 2) * unit;
      if (!at) return 0;
      if (bytesAt(from + at, 4) === check) return from + at + 4;
    }
  }

  /** The place of what belongs to a key, or 0 when neither file has it. */
  function find(key: string): number {
    return (added && findIn(ADDED, wordAt(ADDED + 4), byteAt(ADDED + 6), key)) || findIn(0, slots, unit, key);
  }

  /** Begins to put a line together. @param line its place in a layout */
  function begin(line: number): void {
    places = [];
    width = 0;
    most = (byteAt(line + 3) * 2) / ((byteAt(line + 5) >> 6) + 1);
  }

  /** Adds a picture, or the glyphs of a row, if there is room. @returns whether there was */
  function put(at: number): boolean {
    const glyphs = byteAt(at + 1) - ROW;
    const after = width + byteAt(at);
    if (after > most) return false;
    width = after;
    if (glyphs < 0) places.push(at);
    for (let i = 0; i < glyphs; i++) places.push(at - wordAt(at + 3 + i * 2));
    return true;
  }

  /** Adds characters up to the first that has no room. @param line its place in a layout @returns that character and the rest */
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

  /** Fills a line with words, and breaks them at a space, or else at a Chinese comma, if there is one. @param line its place in a layout @returns the words for the next line */
  function fillLine(line: number, words: string): string {
    begin(line);
    const rest = putAll(line, words);
    if (!rest) return rest;
    const end = words.length - rest.length;
    let gap = 1;
    let at = words.lastIndexOf(" ", end);
    if (at <= 0) {
      // U+FF0C in UTF-8.
      gap = 3;
      at = words.lastIndexOf("\xef\xbc\x8c", end);
    }
    if (at <= 0) return rest;
    begin(line);
    putAll(line, words.substr(0, at));
    return words.substr(at + gap);
  }

  /** The place of the layout for an emergency text: the first in which all of it fits, otherwise the last. */
  function alertAt(words: string): number {
    let at = 0;
    isTooLong = true;
    for (let i = 0; isTooLong && i < 3; i++) {
      at = find("=alert" + (i ? i + 1 : ""));
      let rest = words;
      for (let line = 1; line < 5; line++) rest = fillLine(at + line * LINE_BYTES, rest);
      isTooLong = !!rest;
    }
    return at;
  }

  /** Draws the next picture of the line. @param top in pixels below the top of the line, before they are enlarged */
  function draw(at: number, top: number): void {
    const across = byteAt(at);
    const down = byteAt(at + 1);
    display.blit(bytesAt(at + 3, (across * down + 7) >> 3), across, down, x, y + top * scale, scale);
    x += across * scale;
  }

  return {
    show(view) {
      const key = view.join("\n");
      if (key === shown && !display.isLost()) return true;
      if (!isBlank) display.clear();
      isBlank = false;
      const moved = (nowMs() / STAND_MS) & 1;
      let rest = "";
      let line = view[0] === "alert" ? alertAt(view[2] as string) : find("=" + view[0]);
      for (let i = 1; i < view.length; i++) {
        const words = view[i] || rest;
        rest = "";
        // A line without a width stands nowhere on this display.
        if (words && byteAt(line + 3)) {
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
          // 256 and more is the middle of the line instead of its left edge.
          if (x > 255) x -= 256 + ((width * scale) >> 1);
          y = byteAt(line + 4) + (style & 63) - TOP_BIAS;
          if (y + (ready ? byteAt(ready + 1) : MOST_ROWS) * scale < display.heightPixels) y += moved;
          if (ready) draw(ready, 0);
          else for (let place = 0; place < places.length; place++) draw(places[place] as number, byteAt((places[place] as number) + 2));
        }
        line += LINE_BYTES;
      }
      shown = display.flush() === "ok" ? key : "";
      return !!shown;
    },
    objectionTo(words) {
      isMissing = false;
      alertAt(words);
      return isMissing ? "missingGlyph" : isTooLong ? "tooLong" : "";
    },
    addPictures(glyphs) {
      added = glyphs.substr(0, 4) === "GLY4" ? glyphs : "";
    },
  };
}
