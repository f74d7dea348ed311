// Searching in text, on an interpreter that is right and on one that finds what is not there.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf } from "../../../firmware/text.js";

/**
 * A text whose `indexOf` has Espruino's fault (2v29): it finds a part also where the text ends in the middle of it.
 * Everything else is the ordinary text.
 */
function faultyText(text: string): string {
  const faulty = {
    length: text.length,
    indexOf(part: string): number {
      for (let at = 0; at < text.length; at++) if (part.startsWith(text.substr(at, part.length))) return at;
      return -1;
    },
  };
  return faulty as unknown as string;
}

/** Few letters, so that texts and parts of texts often meet. */
const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });
const part = fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 4 });

describe("The place of a part of a text", () => {
  it("is what indexOf of the language says, also on an interpreter that finds what only begins at the end", () => {
    fc.assert(
      fc.property(letters, part, (text, wanted) => {
        expect(placeOf(text, wanted)).toBe(text.indexOf(wanted));
        expect(placeOf(faultyText(text), wanted)).toBe(text.indexOf(wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it("is none for a part that only begins at the end of the text, which that interpreter finds", () => {
    const text = faultyText(" a ");
    expect(text.indexOf(" b ")).toBe(2);
    expect(placeOf(text, " b ")).toBe(-1);
  });

  it.each([
    ["abc", "abc", 0],
    ["abc", "c", 2],
    ["abc", "abcd", -1],
    ["abcabc", "bc", 1],
    ["", "a", -1],
    ["\nW26:1A2B3C\t1024", "\nW26:1A2B3C\t", 0],
  ])("in %j of %j is %i", (text, wanted, place) => {
    expect(placeOf(text, wanted)).toBe(place);
    expect(placeOf(faultyText(text), wanted)).toBe(place);
  });
});
