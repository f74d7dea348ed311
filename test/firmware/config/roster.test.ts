// The roster: finding people by badge and by staff number, in the file of the store.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findNumber, findStaff, isRosterWhole } from "../../../firmware/config/roster.js";
import { type Person, rosterText } from "../../../firmware/tools/provision/site.js";
import type { Store } from "../../../hal/store.js";

function person(fields: Pick<Person, "badge" | "number" | "name" | "post"> & Partial<Person>): Person {
  return { role: "clerk", party: false, stars: 0, counters: [], revoked: false, ...fields };
}

const PEOPLE: readonly Person[] = [
  person({ badge: "W26:1A2B3C", number: "1024", name: "王小明", post: "综合受理", party: true, stars: 5 }),
  person({ badge: "W26:2C4D5E", number: "00010", name: "欧阳静怡", post: "社会保障", from: "20260101", until: "20261231", counters: ["8", "A-9"] }),
  person({ badge: "W34:1A2B3C4D", number: "10", name: "J. Smith", post: "IT", role: "maintainer", until: "20260630" }),
  person({ badge: "W26:0F0F0F", number: "9001", name: "陈敏", post: "首席代表", role: "supervisor", stars: 1, revoked: true }),
];

/** UTF-8 in a byte string, as a store returns it. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function storeOf(roster: string | undefined): Store {
  return { read: (name) => (name === "roster" ? roster : undefined) };
}

const store = storeOf(bytesOf(rosterText(PEOPLE)));

describe("A badge", () => {
  it.each(PEOPLE.map((person) => [person.badge, person] as const))("%s is found with everything that its line says", (badge, person) => {
    expect(findStaff(store, badge)).toEqual({
      badge,
      number: person.number,
      name: bytesOf(person.name),
      post: bytesOf(person.post),
      role: person.role,
      isParty: person.party,
      stars: person.stars,
      from: person.from ?? "",
      until: person.until ?? "",
      counters: person.counters.join(" "),
      isRevoked: person.revoked,
    });
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
    const short = person({ badge: "W26:1", number: "1", name: "一", post: "a" });
    const long = person({ badge: "W26:12", number: "2", name: "二", post: "b" });
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
        const people = known.map((each, i) => person({ badge: `W26:${each}`, number: `${i}`, name: "王", post: "窗口" }));
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

describe("A staff number", () => {
  it.each(PEOPLE.map(({ number, badge }) => [number, badge]))("%s is found", (number, badge) => {
    expect(findNumber(store, number)).toEqual(findStaff(store, badge));
  });

  it.each(["024", "102", "0010", "9001 ", "W26:1A2B3C", "8"])("%j is nobody's", (number) => {
    expect(findNumber(store, number)).toBeUndefined();
  });
});

describe("A roster is whole", () => {
  const text = bytesOf(rosterText(PEOPLE));
  const isWhole = (roster: string | undefined): boolean => isRosterWhole(storeOf(roster), (data) => crc32(Buffer.from(data, "latin1")));

  it("as it was made, also of nobody", () => {
    expect([isWhole(text), isWhole(rosterText([]))]).toEqual([true, true]);
  });

  it("and not when any character of it is another, or its end is missing", () => {
    for (let i = 0; i < text.length; i++) {
      expect(isWhole(`${text.slice(0, i)}${text.charAt(i) === "1" ? "2" : "1"}${text.slice(i + 1)}`), `character ${i}`).toBe(false);
      expect(isWhole(text.slice(0, i)), `${i} characters`).toBe(false);
    }
  });

  it("and not when there is none", () => {
    expect(isWhole(undefined)).toBe(false);
  });
});
