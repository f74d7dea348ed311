// Effects: everything that a step asks the app to do. Lamps and display are no effects. They follow from the state, so they cannot disagree with it.

import type { Cue } from "../../hal/sound.js";
import type { RecordType } from "../ledger/records.js";
import type { State } from "./state.js";

/** Kinds of effects: numbers, as in events.ts. */
export const enum EffectKind {
  /** Write a record. Everything that the public sees of a step waits until the record is in flash. */
  Append,
  /** Write the first fields of a record whose others are not known yet: see `Ledger.begin`. */
  Begin,
  Sound,
  /** Alert the supervisor at once, through the host. Nothing at the counter shows it. */
  Alert,
}

export type Effect =
  | { readonly kind: EffectKind.Append | EffectKind.Begin; readonly type: RecordType; readonly fields: readonly (string | number)[] }
  | { readonly kind: EffectKind.Sound; readonly cue: Cue }
  | { readonly kind: EffectKind.Alert; readonly alert: AlertName; readonly detail: string };

export type AlertName = "badRating" | "leftEarly" | "forgotten" | "overrun" | "overlong" | "unattended" | "duplicateBadge" | "key";

/** Adds a record to the effects of the step. */
export function append(state: State, type: RecordType, fields: readonly (string | number)[]): void {
  state.effects.push({ kind: EffectKind.Append, type, fields });
}

/** Adds the beginning of a record to the effects of the step. */
export function begin(state: State, type: RecordType, fields: readonly (string | number)[]): void {
  state.effects.push({ kind: EffectKind.Begin, type, fields });
}

/** Adds a sound to the effects of the step. */
export function sound(state: State, cue: Cue): void {
  state.effects.push({ kind: EffectKind.Sound, cue });
}

/** Adds an alert to the effects of the step. @param detail for the supervisor, in ASCII */
export function alert(state: State, alert: AlertName, detail: string): void {
  state.effects.push({ kind: EffectKind.Alert, alert, detail });
}

/** Ends the step. @returns its effects, in order */
export function takeEffects(state: State): readonly Effect[] {
  const effects = state.effects;
  state.effects = [];
  return effects;
}

/** Sets the result of the command of this step: "ok", or a word for the reason why it was refused. */
export function setResult(state: State, result: string): void {
  state.result = result;
}
