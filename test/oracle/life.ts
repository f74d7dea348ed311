// The vocabulary of the oracle: a hall, what people and the host do at a counter over some days, and the facts that must come of it.

import type { KeyName } from "../../hal/keys.js";

/** The settings of a hall that the rules depend on. The fields are those of the configuration. */
export interface Hall {
  readonly hours: readonly string[];
  readonly exceptions: Readonly<Record<string, string>>;
  readonly earlyMinutes: number;
  readonly opensEarly: boolean;
  readonly lunchDuty: boolean;
  readonly unattendedS: number;
  readonly pauseLimitMinutes: number;
  readonly phoneLimitMinutes: number;
  readonly timeoutMs: number;
  readonly longTimeoutMs: number;
  readonly longMode: boolean;
  readonly approvalMs: number;
  readonly thanksMs: number;
  /** Grades of the citizen's keys, from the left. */
  readonly grades: readonly number[];
  /** Official codes of the reasons that are offered. */
  readonly reasons: readonly number[];
  readonly reasonMs: number;
  /** Counters to which citizens are sent, the first choice first. */
  readonly neighbours: readonly string[];
  readonly attendMinutes: number;
}

/** Number of the counter. */
export const COUNTER = "8";

/** A command of the host, without its id. */
export interface Command {
  readonly do: string;
  readonly transaction?: string;
  readonly count?: number;
  readonly reason?: string;
  readonly by?: string;
  readonly counter?: string;
  readonly state?: string;
  readonly text?: string;
  readonly unix?: number;
  readonly long?: boolean;
  readonly waited?: boolean;
  readonly staff?: string;
  readonly grade?: number;
}

/** What somebody does. */
export type Doing =
  /** Somebody holds a badge to the reader: a staff number, or `stranger`. */
  | { readonly what: "tap"; readonly who: string }
  /** A key is pressed and let go. `bounceMs`: its contact is worn, and bounces so long at both edges. */
  | { readonly what: "key"; readonly key: KeyName; readonly holdMs: number; readonly bounceMs?: number }
  /** A citizen presses two keys together. */
  | { readonly what: "both"; readonly keys: readonly [KeyName, KeyName] }
  /** The clerk presses both keys, one a moment after the other, and lets both go. */
  | { readonly what: "clerkKeys"; readonly first: "invite" | "pause"; readonly gapMs: number }
  | { readonly what: "host"; readonly command: Command }
  /** A supervisor voids, through the host, the newest record that tells what became of a transaction. Nothing happens where there is none. */
  | { readonly what: "void"; readonly transaction: string }
  /** The host tells the time. */
  | { readonly what: "clock" }
  | { readonly what: "power"; readonly isOn: boolean };

/** `atMs` counts from the midnight with which the life begins, local time. */
export type Happening = Doing & { readonly atMs: number };

export interface Life {
  readonly hall: Hall;
  /** Local date of the first day, `YYYY-MM-DD`. */
  readonly date: string;
  /** In order of time. The terminal has no power before the first `power`. */
  readonly happenings: readonly Happening[];
}

/** One thing that a terminal states: a record, an alert or an answer, with its fields. */
export interface Fact {
  /** Earliest and latest time. They differ where a record has the time of its beginning. */
  readonly fromMs: number;
  readonly atMs: number;
  /** `record signIn`, `alert overrun`, `answer`. */
  readonly what: string;
  /** The oracle leaves out the fields of which it states nothing. */
  readonly fields: Readonly<Record<string, string | number>>;
  /** The oracle alone: whether this need not come. */
  readonly isOptional?: boolean;
}

/** A moment at which somebody looks at the counter. */
export interface Look {
  readonly atMs: number;
  /** Whether the pause light is lit; undefined: nothing is stated. */
  readonly isPauseLit?: boolean;
  /** Texts on the display; undefined: nothing is stated. */
  readonly shows?: readonly string[];
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** A time of a life as day and clock, such as `Tue 08:29:07.100`. */
export function timeOf(life: Life, atMs: number): string {
  const date = new Date(Date.parse(`${life.date}T00:00:00Z`) + atMs);
  return `${["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()]} ${date.toISOString().slice(11, 23)}`;
}

/** How long a doing takes. */
export function lengthOf(doing: Doing): number {
  if (doing.what === "key") return doing.holdMs + (doing.bounceMs ?? 0);
  if (doing.what === "clerkKeys") return doing.gapMs + BOTH_KEYS_MS;
  return doing.what === "both" || doing.what === "tap" ? 150 : 0;
}

/** How long both clerk keys are down. */
export const BOTH_KEYS_MS = 150;

/** The records of which `void` takes the newest one. */
export const OUTCOMES: readonly string[] = ["session", "card", "notInvited", "ended", "referred"];

/** A doing in words. */
export function wordsOf(doing: Doing): string {
  switch (doing.what) {
    case "tap":
      return `${doing.who} taps the badge`;
    case "key":
      return `key ${doing.key} for ${doing.holdMs} ms${doing.bounceMs ? `, bouncing ${doing.bounceMs} ms` : ""}`;
    case "both":
      return `keys ${doing.keys.join(" and ")} together`;
    case "clerkKeys":
      return `both clerk keys, ${doing.first} first, ${doing.gapMs} ms apart`;
    case "void":
      return `a supervisor voids the outcome of ${doing.transaction}`;
    case "host":
      return `host: ${JSON.stringify(doing.command).slice(1, -1).replaceAll('"', "")}`;
    case "clock":
      return "host tells the time";
    case "power":
      return `power ${doing.isOn ? "on" : "off"}`;
  }
}

/** A fact in words. */
export function factWords({ what, fields, isOptional }: Fact): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value === "" ? '""' : value}`);
  return `${isOptional ? "(perhaps) " : ""}${what} ${words.join(" ")}`;
}
