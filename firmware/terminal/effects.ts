// What the terminal wants done. Lamps and display are not here: they follow from the state (see view.ts), so that they cannot disagree with it.

import type { Cue } from "../../hal/sound.js";
import type { RecordType } from "../ledger/records.js";
import type { State } from "./state.js";

export type Effect =
  /** Write a record. Everything that the public sees of a step waits until it is in flash. */
  | { readonly kind: "append"; readonly type: RecordType; readonly fields: readonly (string | number)[] }
  /** Keep the first fields of a record until the others are known: see `Ledger.begin`. */
  | { readonly kind: "begin"; readonly type: RecordType; readonly fields: readonly (string | number)[] }
  | { readonly kind: "sound"; readonly cue: Cue }
  /** Tell the supervisor at once, through the host. Nothing at the counter shows it. */
  | { readonly kind: "alert"; readonly alert: AlertName; readonly detail: string };

export type AlertName = "badRating" | "overrun" | "unattended" | "duplicateBadge" | "key";

/** Adds a record to the step's effects. */
export function append(state: State, type: RecordType, fields: readonly (string | number)[]): void {
  state.effects.push({ kind: "append", type, fields });
}

export function sound(state: State, cue: Cue): void {
  state.effects.push({ kind: "sound", cue });
}
