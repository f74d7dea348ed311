// The types of record with their fields, as FORMAT.md has them.

export const OUTCOMES = ["rated", "timeout", "cancelled", "staffLeft", "pending"] as const;

/** How a session ended. */
export type OutcomeName = (typeof OUTCOMES)[number];

/** The types of record by their numbers, and behind each its fields in order. Fields behind a missing one are missing too. */
const TYPES = {
  1: {
    type: "started",
    fields: { firmware: "text", configuration: "number", author: "text", selfTest: "text", deadKeys: "number", utcOffsetMinutes: "number" },
  },
  2: { type: "signIn", fields: { staff: "text", badge: "text", punctuality: "text", minutes: "number" } },
  3: { type: "signOut", fields: { staff: "text", relievedBy: "text", lateMinutes: "number", earlyMinutes: "number", why: "text" } },
  4: {
    type: "session",
    fields: { staff: "text", transaction: "text", outcome: "outcome", grade: "number", elapsedMs: "number", suspect: "number", begunBy: "text" },
  },
  5: { type: "pauseBegan", fields: { staff: "text", reason: "text", approvedBy: "text", lateSeconds: "number" } },
  6: { type: "pauseEnded", fields: { staff: "text", seconds: "number", reason: "text", lateSeconds: "number" } },
  7: { type: "badgeRefused", fields: { badge: "text", reason: "text" } },
  8: { type: "faultBegan", fields: { fault: "text", detail: "text" } },
  9: { type: "faultEnded", fields: { fault: "text", detail: "text" } },
  10: { type: "timeSet", fields: { beforeSeconds: "number", afterSeconds: "number", awaySeconds: "number", source: "text", aheadSeconds: "number" } },
  11: { type: "notInvited", fields: { staff: "text", transaction: "text", present: "text" } },
  12: { type: "reason", fields: { staff: "text", transaction: "text", code: "number", present: "text" } },
  13: { type: "approved", fields: { supervisor: "text", what: "text", reason: "text" } },
  14: { type: "notApproved", fields: { staff: "text", what: "text", reason: "text" } },
  15: { type: "alert", fields: { alert: "text", detail: "text" } },
  16: { type: "card", fields: { staff: "text", transaction: "text", grade: "number", supervisor: "text" } },
  17: {
    type: "voided",
    fields: { record: "number", supervisor: "text", reason: "text", staff: "text", countedSeconds: "number", place: "number" },
  },
  18: { type: "selfTest", fields: { result: "text", presses: "text" } },
  19: {
    type: "state",
    fields: {
      staff: "text",
      pause: "text",
      transaction: "text",
      begunBy: "text",
      deadKeys: "number",
      totals: "number",
      totalsSince: "number",
      sinceSeconds: "number",
      lateSeconds: "number",
      long: "number",
      seenSeconds: "number",
    },
  },
  20: { type: "emergency", fields: { textCrc: "number" } },
  21: { type: "opened", fields: { staff: "text", transaction: "text", long: "number" } },
  22: {
    type: "totals",
    fields: {
      row: "text",
      rated1: "number",
      rated2: "number",
      rated3: "number",
      rated4: "number",
      rated5: "number",
      timeouts: "number",
      cancelled: "number",
      staffLeft: "number",
      notInvited: "number",
      cards: "number",
      voided: "number",
    },
  },
  23: { type: "switched", fields: { file: "text", generation: "number", sha256: "text", by: "text" } },
  24: { type: "refused", fields: { error: "text", count: "number" } },
  25: { type: "ended", fields: { staff: "text", transaction: "text", present: "text" } },
  26: { type: "arrival", fields: { staff: "text", punctuality: "text", minutes: "number" } },
  27: { type: "referred", fields: { staff: "text", transaction: "text", from: "text", to: "text", present: "text" } },
  28: { type: "attended", fields: { supervisor: "text", record: "number" } },
} as const;

/** Fewest fields of the types that may leave out fields at their end. A field of totals that is left out is 0. */
const LEAST_FIELDS: Readonly<Record<string, number>> = {
  timeSet: 3,
  started: 5,
  signIn: 3,
  signOut: 3,
  session: 5,
  pauseBegan: 3,
  pauseEnded: 3,
  notInvited: 2,
  reason: 3,
  opened: 2,
  ended: 2,
  referred: 4,
  voided: 3,
  state: 5,
  totals: 2,
  switched: 3,
};

type Types = (typeof TYPES)[keyof typeof TYPES];

type Values<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends "number" ? number : Fields[Name] extends "outcome" ? OutcomeName : string;
};

type Known<Each> = Each extends { type: infer Type; fields: infer Fields } ? { readonly type: Type } & Values<Fields> : never;

/** The fields of every record. */
export interface RecordFrame {
  /** Counts from 1 within the log, without gaps. */
  readonly sequence: number;
  /** Time on the terminal's monotonic clock, in ms, to 10 ms. */
  readonly uptimeMs: number;
  /** Wall time in seconds since 1970 UTC; undefined where the terminal did not know it. */
  readonly wallSeconds: number | undefined;
  /** Records before this one that the host had not acknowledged then; undefined: 65535 or more, or not told. */
  readonly backlog: number | undefined;
  /** Its MAC, 4 bytes as 8 hexadecimal digits. Reading one record does not verify it. */
  readonly mac: string;
}

/** A record with its fields by name. `unknown`: a type that is newer than this reader. */
export type LedgerRecord = RecordFrame &
  (Known<Types> | { readonly type: "unknown"; readonly typeNumber: number; readonly values: readonly unknown[] });

export type RecordTypeName = Types["type"];

/** Names of the fields of a type. */
export type RecordFieldName<Type extends RecordTypeName> = keyof Extract<Types, { readonly type: Type }>["fields"];

/** The fields of each type of record, by their names in order. */
export const RECORD_FIELDS: Readonly<Record<string, Readonly<Record<string, "text" | "number" | "outcome">>>> = Object.fromEntries(
  Object.values(TYPES).map(({ type, fields }) => [type, fields]),
);

/** The same by the number of the type. */
const FIELDS: Readonly<Record<number, readonly (readonly [string, string])[]>> = Object.fromEntries(
  Object.entries(TYPES).map(([number, { fields }]) => [number, Object.entries(fields)]),
);

/** The number of each type of record. */
export const RECORD_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(TYPES).map(([number, { type }]) => [type, Number(number)]),
);

/** The type of record with this number; undefined where it is newer than this reader. */
export function typeWith(number: number): RecordTypeName | undefined {
  return (TYPES as Record<number, Types>)[number]?.type;
}

/** The names and kinds of a type's fields in order, by the number of the type. */
export function fieldsOf(number: number): readonly (readonly [name: string, kind: string])[] {
  return FIELDS[number] ?? [];
}

/** How many fields a record of this type always has. A type that is not in the list has all of them. */
export function leastFields(type: RecordTypeName): number {
  return LEAST_FIELDS[type] ?? Number.POSITIVE_INFINITY;
}
