// Puts a view on the display, and only when it has changed. All that it can show lies as pictures in the glyph file (GLYPHS.md), drawn when the terminal
// was provisioned: a ready picture for each whole line that was known then, and characters for what is put together here. They are found by the
// CRC-32 of their keys, so that it takes as long however many there are, and blitted from flash. What the host has sent since, new phrases and names, is a
// second such file, which is looked at first.

import type { PixelDisplay } from "../../hal/display.js";
import type { Store } from "../../hal/store.js";
import type { View } from "./view.js";

/** Bytes of a line in a layout. */
const LINE_BYTES = 6;

export interface Screen {
  /** @returns false when the display did not take the view; it is drawn again with the next call */
  show(view: View): boolean;
  /** Why a text of the host cannot be shown: `missingGlyph`, or `tooLong` for the lines that an emergency has; "" when it can. */
  objectionTo(words: string): string;
  /** What is in this glyph file is shown instead of what the store's has, or beside it. @param glyphs the file, or "" for none; it stays in memory */
  addPictures(glyphs: string): void;
}

/** Places in the file that was added are told from those in the store's by this. */
const ADDED = 0x1000000;

/** @param crc32 as in `Hal` */
export function createScreen(display: PixelDisplay, store: Store, crc32: (data: string) => number): Screen {
  const stored = store.read("glyphs") || "";
  const file = stored.substr(0, 4) === "GLY3" ? stored : "";
  const slots = file.charCodeAt(4) * 256 + file.charCodeAt(5);
  const unit = file.charCodeAt(6);
  let added = "";
  let shown = "";
  /** Nothing has been drawn yet. */
  let isBlank = true;
  /** Where the pictures of the line lie that is being put together, and their width in pixels. */
  let places: number[] = [];
  let width = 0;

  function byteAt(place: number): number {
    return added && place >= ADDED ? added.charCodeAt(place - ADDED) : file.charCodeAt(place);
  }

  function bytesAt(place: number, length: number): string {
    return added && place >= ADDED ? added.substr(place - ADDED, length) : file.substr(place, length);
  }

  /** @param from where a file begins @param slots in its table @param unit of the places in it */
  function findIn(from: number, slots: number, unit: number, key: string): number {
    for (let slot = crc32(key); ; slot++) {
      const entry = from + 7 + (slot % slots) * 2;
      const at = (byteAt(entry) * 256 + byteAt(entry + 1)) * unit;
      if (!at) return 0;
      if (bytesAt(from + at, key.length + 1) === key + "\n") return from + at + key.length + 1;
    }
  }

  /** Where the picture or layout of a key lies, or 0. */
  function find(key: string): number {
    return (added && findIn(ADDED, byteAt(ADDED + 4) * 256 + byteAt(ADDED + 5), byteAt(ADDED + 6), key)) || findIn(0, slots, unit, key);
  }

  function begin(): void {
    places = [];
    width = 0;
  }

  /** Adds a picture to the line where there is room for it. @returns 0 when the file does not have it, -1 when there is no room */
  function put(key: string, mostPixels: number): number {
    const at = find(key);
    const after = at ? width + byteAt(at) * byteAt(at + 2) : width;
    if (after > mostPixels) return -1;
    if (at) places.push(at);
    width = after;
    return at;
  }

  /** Adds characters to the line, up to the first for which there is no room. @returns it and those behind it */
  function putAll(font: string, words: string, mostPixels: number): string {
    let i = 0;
    while (i < words.length) {
      const length = words.charCodeAt(i) < 128 ? 1 : 3;
      if (put(font + words.substr(i, length), mostPixels) < 0) break;
      i += length;
    }
    return words.substr(i);
  }

  /** Fills a line with words, and breaks them at a space where there is one. @returns those for the next line */
  function fillLine(font: string, words: string, mostPixels: number): string {
    const rest = putAll(font, words, mostPixels);
    const space = rest ? words.lastIndexOf(" ", words.length - rest.length) : 0;
    if (space <= 0) return rest;
    begin();
    putAll(font, words.substr(0, space), mostPixels);
    return words.substr(space + 1);
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
        const font = bytesAt(line + 1, 1);
        const words = view[i] || rest;
        const most = byteAt(line + 3) * 2;
        let y = byteAt(line + 4);
        begin();
        rest = "";
        if (words && !put(bytesAt(line, 1) + words, most)) {
          y = byteAt(line + 5);
          const parts = words.split("#");
          if (put(font + parts[0] + "<", most)) {
            putAll(font, parts[1] || "", most);
            put(font + parts[0] + ">", most);
          } else rest = fillLine(font, words, most);
        }
        let x = byteAt(line + 2) * 2;
        // From 256 on it is the middle of the line.
        if (x > 255) x = x - 256 - (width >> 1);
        for (let place = 0; place < places.length; place++) {
          const at = places[place] as number;
          const across = byteAt(at);
          const down = byteAt(at + 1);
          const scale = byteAt(at + 2);
          display.blit(bytesAt(at + 4, (across * down + 7) >> 3), across, down, x, y + byteAt(at + 3), scale);
          x += across * scale;
        }
        line += LINE_BYTES;
      }
      shown = display.flush() === "ok" ? key : "";
      return !!shown;
    },
    objectionTo(words) {
      let line = find("=emergency") + LINE_BYTES;
      const font = bytesAt(line + 1, 1);
      for (let i = 0; i < words.length; i += words.charCodeAt(i) < 128 ? 1 : 3) {
        if (!find(font + words.substr(i, words.charCodeAt(i) < 128 ? 1 : 3))) return "missingGlyph";
      }
      for (let i = 0; i < 3; i++) {
        begin();
        words = fillLine(font, words, byteAt(line + 3) * 2);
        line += LINE_BYTES;
      }
      return words ? "tooLong" : "";
    },
    addPictures(glyphs) {
      added = glyphs.substr(0, 4) === "GLY3" ? glyphs : "";
    },
  };
}
