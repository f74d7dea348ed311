// The rows that a hall keeps, whatever database holds them.

/**
 * How far the chain proves a record.
 * - `verified`: its MAC follows from the record before.
 * - `badMac`: its MAC does not follow.
 * - `unverified`: the record before is not here.
 * - `lost`: the terminal could not read it any more, and there are no bytes.
 */
export type Proof = "verified" | "badMac" | "unverified" | "lost";

/** A record. A column that its type does not have is null. */
export interface RecordRow {
  readonly device: string;
  readonly log: number;
  readonly sequence: number;
  readonly type: string;
  readonly staff: string | null;
  readonly transaction: string | null;
  readonly outcome: string | null;
  readonly grade: number | null;
  /** Time since the terminal's start, in ms. */
  readonly at: number | null;
  /** Wall time in seconds since 1970 UTC, where the terminal knew it. */
  readonly wall: number | null;
  readonly proof: Proof;
  /** When it was stored, in ms since 1970 UTC. */
  readonly receivedAt: number;
  /** Empty for a lost record. */
  readonly bytes: Buffer;
}

/** A record that did not verify, and whose place another has taken. */
export type ReplacedRow = Pick<RecordRow, "device" | "log" | "sequence" | "receivedAt" | "bytes">;

/** The bytes of a record, and how far they are proven. */
export type StoredRecord = Pick<RecordRow, "bytes" | "proof">;

export interface DeviceRow {
  readonly device: string;
  counter: string;
  firmware: string;
  configuration: number;
  /** Counters whose state it wants to know. */
  neighbours: readonly string[];
  /** Number of the newest signed command that it is known to have accepted. */
  signed: number;
  /** Names its newest start, for signatures; -1: nobody knows, until its next hello. */
  start: number;
  /** Its newest log; -1 before its first hello. */
  log: number;
  /** Newest `status`, as JSON; "" for none. */
  status: string;
  /** Badge and staff number of the clerk who signed in last and has not signed out; "" for nobody. */
  dutyBadge: string;
  dutyStaff: string;
  /** Wall time of the sign-in, in seconds since 1970 UTC; 0: not known. */
  dutySince: number;
  /** Reason of the pause that has begun and not ended; "" for none. */
  dutyPause: string;
  /** When its last hello came, in ms since 1970 UTC; 0: never. */
  seenAt: number;
  /** When something of it came last, in ms since 1970 UTC, to within some seconds; 0: never. */
  heardAt: number;
  /** It was silent for too long, and has not been heard since. */
  isGone: boolean;
  /** Emergency text that it was told to show and not yet to clear, in base64; "" for none. */
  emergency: string;
}

/** Up to where a log is complete. */
export interface HeadRow {
  readonly device: string;
  readonly log: number;
  /** Every record up to here is stored, or was acknowledged to another receiver; -1: nobody knows yet where the log begins. */
  sequence: number;
  /** MAC of that record, 8 hexadecimal digits; "" where the record is not here. */
  mac: string;
  /** Records up to here that are not in the database are lost for good: the terminal has them no more. */
  floor: number;
}

/** Numbers of records, from the first to the last. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

export type AlarmKind =
  | "gap"
  | "fork"
  | "badMac"
  | "lost"
  | "unreadable"
  | "unknownDevice"
  | "newLog"
  | "impostor"
  | "forged"
  | "duplicateBadge"
  | "sameCounter"
  | "fault"
  | "key"
  | "refused"
  | "gone"
  | "database";

export interface Alarm {
  readonly kind: AlarmKind;
  readonly device: string;
  /** Alarms with the same kind, device and key are one row, which counts them. */
  readonly key: string;
  /** The event behind it. The same event again is counted, and told to nobody. */
  readonly occasion: string;
  /** A sentence. */
  readonly words: string;
  /** The proof, such as the bytes of the other record. The first one is kept. */
  readonly evidence?: string;
}

export interface AlarmRow {
  readonly kind: AlarmKind;
  readonly device: string;
  /** How often it was raised, and when first and last, in ms since 1970 UTC. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly words: string;
  readonly evidence: string;
  /** When its cause ended, in ms since 1970 UTC; 0: it has not, or nobody notices when it does. */
  readonly ended: number;
}

/** A log with its head, and how many of its records have each proof. */
export interface LogSummary {
  readonly device: string;
  readonly log: number;
  readonly records: number;
  readonly first: number;
  readonly last: number;
  readonly verified: number;
  readonly badMac: number;
  readonly lost: number;
  readonly sequence: number;
  readonly mac: string;
}
