// What can happen to a terminal. Events are in the past tense and carry the time of their cause, not of their handling.

import type { Staff } from "../config/roster.js";
import type { Recollection } from "./restore.js";

/** Keys by number: 0 to 4 the citizens' from the left, then the clerk's two. */
export const KEY_INVITE = 5;
export const KEY_PAUSE = 6;

export type Event =
  /** A key was pressed or let go (debounced). */
  | { readonly kind: "keyPressed" | "keyReleased"; readonly key: number; readonly atMs: number }
  /** The contact of a key does not come to rest. Its release tells that it has. */
  | { readonly kind: "keyChattered"; readonly key: number; readonly atMs: number }
  /** The terminal started: what the records have told of the time before. */
  | { readonly kind: "restarted"; readonly told: Recollection; readonly atMs: number }
  /** A key was down when the terminal started. */
  | { readonly kind: "keyFoundDown"; readonly key: number; readonly atMs: number }
  /** A badge was presented; `staff` is whom the roster knows it as. */
  | { readonly kind: "badgePresented"; readonly badge: string; readonly staff: Staff | undefined; readonly atMs: number }
  /** A badge was presented that could not be read. */
  | { readonly kind: "badgeGarbled"; readonly atMs: number }
  /** The host sent a command; its fields are by PROTOCOL.md, and nothing about them is certain. The outcome is in `state.result`. */
  | { readonly kind: "commanded"; readonly command: Readonly<Record<string, unknown>>; readonly atMs: number }
  /** A fault began or ended. `detail` is for the technician. */
  | { readonly kind: "faultBegan"; readonly fault: Fault; readonly detail: string; readonly atMs: number }
  | { readonly kind: "faultEnded"; readonly fault: Fault; readonly atMs: number }
  /** The wake-up that the terminal asked for came. */
  | { readonly kind: "woke"; readonly atMs: number };

/**
 * `config`: the configuration or the roster is wrong or missing. `ledger`: no record can be written, because flash is full or failed.
 * `link`: the host is not heard. `display`, `badgeReader`: it does not answer. `flash`: pages of it failed, and the others do.
 */
export type Fault = "config" | "ledger" | "link" | "display" | "badgeReader" | "flash";
