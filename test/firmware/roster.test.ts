// Who a badge belongs to: a search in the text that lies in the store.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findStaff } from "../../firmware/config/roster.js";
import { type Person, rosterText } from "../../firmware/tools/site.js";
import type { Store } from "../../hal/store.js";

const PEOPLE: readonly Person[] = [
  { badge: "W26:1A2B3C", number: "1024", name: "王小明", post: "综合受理", role: "clerk" },
  { badge: "W26:2C4D5E", number: "00010", name: "欧阳静怡", post: "社会保障", role: "clerk" },
  { badge: "W34:1A2B3C4D", number: "10", name: "J. Smith", post: "IT", role: "maintainer" },
  { badge: "W26:0F0F0F", number: "9001", name: "陈敏", post: "首席代表", role: "supervisor" },
];

/** UTF-8 in a byte string, as a store gives it. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function storeOf(roster: string | undefined): Store {
  return { read: (name) => (name === "roster" ? roster : undefined) };
}

const store = storeOf(bytesOf(rosterText(PEOPLE)));

describe("A badge", () => {
  it.each(PEOPLE.map((person) => [person.badge, person] as const))("%s is found with everything that its line says", (badge, person) => {
    expect(findStaff(store, badge)).toEqual({ ...person, name: bytesOf(person.name), post: bytesOf(person.post) });
  });

  it("has a staff number that stays text: 00010 is neither 10 nor 8", () => {
    expect(findStaff(store, "W26:2C4D5E")?.number).toBe("00010");
    expect(findStaff(store, "W34:1A2B3C4D")?.number).toBe("10");
  });

  it.each([
    ["that nobody has", "W26:FFFFFF"],
    ["that is the beginning of another", "W26:1A2B3"],
    ["that is the end of another", "26:1A2B3C"],
    ["that another is the beginning of", "W26:1A2B3CD"],
    ["of one more digit than the last line's", "W26:0F0F0F0"],
    ["in small letters", "w26:1a2b3c"],
    ["without any digits", ""],
    ["that is a staff number", "1024"],
    ["that is a role", "supervisor"],
    ["that is a line feed and a badge", "\nW26:1A2B3C"],
  ])("%s is unknown", (_, badge) => {
    expect(findStaff(store, badge)).toBeUndefined();
  });

  it("is told apart from a longer one that begins with it, whichever comes first", () => {
    const short: Person = { badge: "W26:1", number: "1", name: "一", post: "a", role: "clerk" };
    const long: Person = { badge: "W26:12", number: "2", name: "二", post: "b", role: "clerk" };
    for (const people of [
      [short, long],
      [long, short],
    ]) {
      const both = storeOf(bytesOf(rosterText(people)));
      expect(findStaff(both, "W26:1")?.number).toBe("1");
      expect(findStaff(both, "W26:12")?.number).toBe("2");
    }
  });

  it("is found wherever in the roster its line is, and no other is", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."01AF"), minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(digits, { maxLength: 30 }), digits, (known, asked) => {
        const people = known.map((each, i): Person => ({ badge: `W26:${each}`, number: `${i}`, name: "王", post: "窗口", role: "clerk" }));
        const found = findStaff(storeOf(bytesOf(rosterText(people))), `W26:${asked}`);
        expect(found?.number).toBe(known.includes(asked) ? `${known.indexOf(asked)}` : undefined);
      }),
    );
  });
});

describe("Nobody is known", () => {
  it.each([
    ["where there is no roster", undefined],
    ["in an empty roster", ""],
    ["in a roster of no people", rosterText([])],
  ])("%s", (_, roster) => {
    expect(findStaff(storeOf(roster), "W26:1A2B3C")).toBeUndefined();
  });
});
