// Seven-segment digits: the shapes of characters, drawn as pixels, and read back from pixels.

import { Pixels } from "./pixels.js";

/** Size of one digit, in pixels. */
const DIGIT_WIDTH = 16;
const DIGIT_HEIGHT = 24;

/** Left, top, width and height of each segment in a digit: A (top), B, C (right), D (bottom), E, F (left), G (middle) and the point. */
const BARS = [
  [3, 1, 7, 2],
  [10, 3, 2, 8],
  [10, 13, 2, 8],
  [3, 21, 7, 2],
  [1, 13, 2, 8],
  [1, 3, 2, 8],
  [3, 11, 7, 2],
  [13, 21, 2, 2],
] as const;
/** The bit of each segment in a digit's byte, as in a MAX7219 (table 6 of its datasheet). */
const BITS = [0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01, 0x80] as const;
const POINT = 0x80;

/** The segments of each character. */
const SHAPES: Readonly<Record<string, string>> = {
  ...{ "0": "ABCDEF", "1": "BC", "2": "ABDEG", "3": "ABCDG", "4": "BCFG", "5": "ACDFG", "6": "ACDEFG", "7": "ABC", "8": "ABCDEFG", "9": "ABCDFG" },
  ...{ "-": "G", _: "D", " ": "", A: "ABCEFG", B: "CDEFG", C: "ADEF", D: "BCDEG", E: "ADEFG", F: "AEFG", G: "ACDEF", H: "CEFG", I: "EF", J: "BCDE" },
  ...{ K: "ACEFG", L: "DEF", M: "ACE", N: "CEG", O: "CDEG", P: "ABEFG", Q: "ABCFG", R: "EG", S: "ACDFG", T: "DEFG", U: "BCDEF", V: "CDE", W: "BDF" },
  ...{ X: "BCEFG", Y: "BCDFG", Z: "ABDE" },
};

/** Whether seven segments can form a character. The point counts as one. */
export function hasShape(character: string): boolean {
  return character === "." || character.toUpperCase() in SHAPES;
}

/** The segments of a text, as `SegmentDisplay.show` describes it: one byte for each digit. */
export function segmentsOf(text: string): number[] {
  const digits: number[] = [];
  for (const character of text) {
    const last = digits.length - 1;
    if (character === "." && last >= 0) digits[last] = (digits[last] as number) | POINT;
    else {
      const shape = SHAPES[character.toUpperCase()] ?? "";
      digits.push([...shape].reduce((bits, name) => bits | (BITS["ABCDEFG".indexOf(name)] as number), 0));
    }
  }
  return digits;
}

/** A row of digits, drawn as pixels. */
export class SegmentPanel extends Pixels {
  constructor(
    readonly digits: number,
    bytes?: Uint8Array,
  ) {
    super(digits * DIGIT_WIDTH, DIGIT_HEIGHT, bytes);
  }

  /** Lights the segments of one digit and no others. @param digit from the left */
  draw(digit: number, segments: number): void {
    BARS.forEach(([left, top, width, height], i) => {
      const isLit = (segments & (BITS[i] as number)) !== 0;
      for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) this.set(digit * DIGIT_WIDTH + x, y, isLit);
    });
  }

  /** The segments that are lit, one byte for each digit. */
  read(): number[] {
    return Array.from({ length: this.digits }, (_, digit) =>
      BARS.reduce((bits, [left, top], i) => bits | (this.get(digit * DIGIT_WIDTH + left, top) ? (BITS[i] as number) : 0), 0),
    );
  }

  /** The text on the panel, without blanks at its ends. Of characters that look alike it has the first. */
  readText(): string {
    const characters = Object.keys(SHAPES);
    return this.read()
      .map((bits) => (characters.find((each) => segmentsOf(each)[0] === (bits & ~POINT)) ?? "?") + (bits & POINT ? "." : ""))
      .join("")
      .trim();
  }
}
