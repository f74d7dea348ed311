// What can happen to a terminal. Events are in the past tense and carry the time of their cause, not of their handling.

import type { KeyName } from "../../hal/keys.js";
import type { Staff } from "../config/roster.js";

export type Event =
  /** A key was pressed (debounced). */
  | { readonly kind: "keyPressed"; readonly key: KeyName; readonly atMs: number }
  /** A badge was presented; `staff` is whom the roster knows it as. */
  | { readonly kind: "badgePresented"; readonly badge: string; readonly staff: Staff | undefined; readonly atMs: number }
  /** A badge was presented that could not be read. */
  | { readonly kind: "badgeGarbled"; readonly atMs: number }
  /** The host asked for a rating of a transaction. */
  | { readonly kind: "inviteAsked"; readonly transaction: string; readonly atMs: number }
  /** A fault began or ended: the configuration (once, at the start) or the ledger. `detail` is for the technician. */
  | { readonly kind: "faultBegan"; readonly fault: Fault; readonly detail: string; readonly atMs: number }
  | { readonly kind: "faultEnded"; readonly fault: Fault; readonly atMs: number }
  /** The wake-up that the terminal asked for came. */
  | { readonly kind: "woke"; readonly atMs: number };

/** `config`: the configuration is wrong or missing. `ledger`: no record can be written, because flash is full or failed. */
export type Fault = "config" | "ledger";
