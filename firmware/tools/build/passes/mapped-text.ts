// A text that knows where each of its characters came from, so that every pass can move and replace parts of a program and the build still writes a map.

import { encode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";
import type { ExistingRawSourceMap } from "rollup";

/** A replacement of the characters from `start` up to `end` (exclusive). Where both are equal, `text` is inserted there. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string | MappedText;
}

/** Edits in the order of their places; those at the same place stay in their order. */
export function sortedEdits(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The origin of a character that a pass has added. */
const ADDED = -1;

export class MappedText {
  /** @param origins for each character its offset in the text of the beginning, or -1 */
  private constructor(
    readonly text: string,
    private readonly origins: Int32Array,
  ) {}

  /** A text in which each character is its own origin. */
  static of(text: string): MappedText {
    return new MappedText(
      text,
      Int32Array.from({ length: text.length }, (_, i) => i),
    );
  }

  /** Puts parts together. A plain string has no origin. */
  static join(parts: readonly (string | MappedText)[]): MappedText {
    const text = parts.map((part) => (typeof part === "string" ? part : part.text)).join("");
    const origins = new Int32Array(text.length).fill(ADDED);
    let at = 0;
    for (const part of parts) {
      if (typeof part !== "string") origins.set(part.origins, at);
      at += typeof part === "string" ? part.length : part.text.length;
    }
    return new MappedText(text, origins);
  }

  get length(): number {
    return this.text.length;
  }

  slice(start: number, end = this.text.length): MappedText {
    return new MappedText(this.text.slice(start, end), this.origins.slice(start, end));
  }

  /** @param edits none of which lies inside another; those at the same place are made in their order */
  edited(edits: readonly Edit[]): MappedText {
    const parts: (string | MappedText)[] = [];
    let done = 0;
    for (const { start, end, text } of sortedEdits(edits)) {
      parts.push(this.slice(done, start), typeof text === "string" && start < end ? this.slice(start, end).spelled(text) : text);
      done = end;
    }
    parts.push(this.slice(done));
    return MappedText.join(parts);
  }

  /** Another spelling of this text. Its first character keeps its origin. */
  spelled(text: string): MappedText {
    const origins = new Int32Array(text.length).fill(ADDED);
    if (text) origins[0] = this.originAt(0);
    return new MappedText(text, origins);
  }

  /** The origin of a character: an offset in the text of the beginning, or -1 for a character that was added. */
  originAt(offset: number): number {
    return this.origins[offset] ?? ADDED;
  }

  /** The map from this text to that of the beginning. @param beginning the text that `of` was given */
  map(beginning: string): ExistingRawSourceMap {
    const lineStarts = [0];
    for (let at = beginning.indexOf("\n"); at >= 0; at = beginning.indexOf("\n", at + 1)) lineStarts.push(at + 1);
    const mappings: SourceMapMappings = [[]];
    let column = 0;
    let expected = ADDED;
    for (let i = 0; i < this.text.length; i++) {
      const origin = this.origins[i] as number;
      // Rollup puts the maps of the passes together, and finds a place only where a segment begins: so one begins at each token.
      const isInsideWord = column > 0 && /\w\w/.test(this.text.slice(i - 1, i + 1));
      if (origin !== ADDED && (origin !== expected || !isInsideWord)) {
        const line = lineOf(lineStarts, origin);
        mappings.at(-1)?.push([column, 0, line, origin - (lineStarts[line] as number)]);
      }
      expected = origin === ADDED ? ADDED : origin + 1;
      column++;
      if (this.text[i] === "\n") {
        mappings.push([]);
        column = 0;
      }
    }
    return { version: 3, names: [], sources: ["program"], mappings: encode(mappings) };
  }
}

/** The last line that begins at or before an offset. */
function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
