// The roster: who may stand at this counter. It is a text in the store that is searched in place, so its size costs no memory.
// One line a badge, every line with a line feed before and after it, fields apart by tabs: badge, staff number, name, post, role.

import type { Store } from "../../hal/store.js";
import { placeOf } from "../text.js";

export type Role = "clerk" | "supervisor" | "maintainer";

export interface Staff {
  /** The badge, as the reader tells it. */
  readonly badge: string;
  /** Staff number, 1 to 8 plain characters. A string always: 00010 is not 8. */
  readonly number: string;
  /** Name as on the staff card, UTF-8. */
  readonly name: string;
  /** Post (岗位), UTF-8. */
  readonly post: string;
  readonly role: Role;
}

/** Whom the badge belongs to, or undefined when the roster does not know it. */
export function findStaff(store: Store, badge: string): Staff | undefined {
  const text = store.read("roster") || "";
  const at = placeOf(text, "\n" + badge + "\t");
  if (at < 0) return undefined;
  const fields = text.substr(at + 1, text.indexOf("\n", at + 1) - at - 1).split("\t");
  return { badge, number: fields[1] as string, name: fields[2] as string, post: fields[3] as string, role: fields[4] as Role };
}
