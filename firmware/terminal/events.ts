// Events: everything that can happen to a terminal. An event carries the time of its cause, not of its handling.

import type { Staff } from "../config/roster.js";
import type { Recollection } from "./restore.js";

/** Keys by number: 0 to 4 are the citizens' from the left, then come the clerk's two. */
export const KEY_INVITE = 5;
export const KEY_PAUSE = 6;

/** Kinds of events. They are numbers, as their names would take half a kilobyte of a bundle. */
export const enum EventKind {
  /** A key was pressed, debounced. */
  KeyPressed,
  /** A key was let go, debounced. */
  KeyReleased,
  /** The contact of a key does not come to rest. A release follows when it has. */
  KeyChattered,
  /** A key was down when the terminal started. */
  KeyFoundDown,
  /** The terminal started; the state is restored from the records. */
  Restarted,
  /** A badge was read. */
  BadgePresented,
  /** A badge was presented and could not be read. */
  BadgeGarbled,
  /** The time has come at which the terminal asked to be woken. */
  Woke,
  // The events from here on happen when they are handled: they have no earlier time of their own.
  /** The host sent a command. `state.result` says what came of it. */
  Commanded,
  FaultBegan,
  FaultEnded,
}

export type KeyEventKind = EventKind.KeyPressed | EventKind.KeyReleased | EventKind.KeyChattered;

export type Event =
  | { readonly kind: KeyEventKind | EventKind.KeyFoundDown; readonly key: number; readonly atMs: number }
  | { readonly kind: EventKind.Restarted; readonly told: Recollection; readonly atMs: number }
  /** `staff` is the holder of the badge, or undefined where the roster does not know it. */
  | { readonly kind: EventKind.BadgePresented; readonly badge: string; readonly staff: Staff | undefined; readonly atMs: number }
  /** The fields of `command` are described in PROTOCOL.md; nothing about them is certain. */
  | { readonly kind: EventKind.Commanded; readonly command: Readonly<Record<string, unknown>>; readonly atMs: number }
  /** `detail` is for the technician, in ASCII. */
  | { readonly kind: EventKind.FaultBegan; readonly fault: Fault; readonly detail: string; readonly atMs: number }
  | { readonly kind: EventKind.FaultEnded; readonly fault: Fault; readonly atMs: number }
  | { readonly kind: EventKind.BadgeGarbled | EventKind.Woke; readonly atMs: number };

/**
 * `config`: the configuration or the roster is wrong or missing. `ledger`: no record can be written, because flash is full or failed. `link`: the host is
 * not heard. `display`, `badgeReader`: it does not answer. `flash`: it has lost bits or pages, and the rest works.
 */
export type Fault = "config" | "ledger" | "link" | "display" | "badgeReader" | "flash";
