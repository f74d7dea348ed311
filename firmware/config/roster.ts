// The roster: the people who may work at this counter. It is a file of the store that is searched in place, so it takes no memory, however long it is.
// It is sealed (sealed.ts). Each badge has a line, with a line feed before and after it. Its fields are separated by tabs: badge, staff number, name, post, role,
// party mark, stars, first and last day (YYYYMMDD or empty), counters (separated by spaces; empty: all), revoked.

import type { Store } from "../../hal/store.js";
import { placeOf } from "../text.js";
import { contentOf } from "./sealed.js";

export type Role = "clerk" | "supervisor" | "maintainer";

export interface Staff {
  /** The badge, as the reader reports it. */
  readonly badge: string;
  /** Staff number, 1 to 8 plain characters. Always a string, because `Number("00010")` is 8 on Espruino. */
  readonly number: string;
  /** Name as on the staff card, UTF-8. */
  readonly name: string;
  /** Post (岗位), UTF-8. */
  readonly post: string;
  readonly role: Role;
  /** Whether a party mark is shown (党员亮明身份). */
  readonly isParty: boolean;
  /** Stars of service, 0 to 5. */
  readonly stars: number;
  /** First and last day of validity, `YYYYMMDD`, or "". */
  readonly from: string;
  readonly until: string;
  /** Counters at which this person may work, separated by spaces; "": all. */
  readonly counters: string;
  readonly isRevoked: boolean;
}

/** Whether there is a whole roster. @param crc32 as in `Hal` */
export function isRosterWhole(store: Store, crc32: (data: string) => number): boolean {
  return !!contentOf(store.read("roster"), crc32);
}

/** The holder of a badge, or undefined where the roster does not know it. */
export function findStaff(store: Store, badge: string): Staff | undefined {
  const text = store.read("roster") || "";
  return staffAt(text, placeOf(text, "\n" + badge + "\t"));
}

/** The person with a staff number, or undefined where the roster does not know it. */
export function findNumber(store: Store, number: string): Staff | undefined {
  const text = store.read("roster") || "";
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    const tab = text.indexOf("\t", at);
    if (tab >= 0 && text.substr(tab + 1, number.length + 1) === number + "\t") return staffAt(text, at);
  }
  return undefined;
}

/** The person in the line that begins at an offset, or undefined for -1. */
function staffAt(text: string, at: number): Staff | undefined {
  if (at < 0) return undefined;
  const fields = text.substr(at + 1, text.indexOf("\n", at + 1) - at - 1).split("\t");
  return {
    badge: fields[0] as string,
    number: fields[1] as string,
    name: fields[2] as string,
    post: fields[3] as string,
    role: fields[4] as Role,
    isParty: fields[5] === "1",
    stars: parseInt(fields[6] as string, 10),
    from: fields[7] as string,
    until: fields[8] as string,
    counters: fields[9] as string,
    isRevoked: fields[10] === "1",
  };
}
