// The kinds of record, as they stand in flash and on the wire. FORMAT.md has every byte. A number, once used, keeps its meaning for ever.

/** Type of a record and, behind each, its fields in order. */
export const enum RecordType {
  /** The terminal started. Fields: firmware version, number of the configuration (0: none that holds), who wrote it, `ok` or what failed its test, keys out of order (bits). */
  Started = 1,
  /** Fields: staff number, badge, `early`, `onTime`, `late` or "" where no timetable tells. */
  SignIn = 2,
  /** Fields: staff number, staff number of the clerk who took over or "", minutes served after closing time. */
  SignOut = 3,
  /**
   * Fields: staff number on the display, transaction or "", `Outcome`, grade (1 to 5, 0: none), ms from the invite to the press or outcome; then,
   * where there is anything to tell, `Suspect` marks, and the staff number of the clerk who began it where that is another.
   */
  Session = 4,
  /** Fields: staff number, reason, staff number of who approved or "". */
  PauseBegan = 5,
  /** Fields: staff number, length in seconds, reason. */
  PauseEnded = 6,
  /** Fields: badge, reason (`Unknown`, `Revoked`, `NotYet`, `Expired`, `Counter`, `Role`). */
  BadgeRefused = 7,
  /** Fields: fault (`config`, `link`, `display`, `badgeReader`, `key`, `flash`), detail. */
  FaultBegan = 8,
  /** Fields: fault (also `ledger`), detail. */
  FaultEnded = 9,
  /** The host set the wall clock. Fields: seconds since 1970 before (0: unknown), and after, and seconds without power before this start where that is known now. */
  TimeSet = 10,
  /** A transaction ended without an invite. Fields: staff number or "", transaction. */
  NotInvited = 11,
  /** The reason that a citizen gave. Fields: staff number, transaction or "", official code, 0 behind a good grade. */
  Reason = 12,
  /** Fields: staff number of the supervisor, what (`pause`, `signOut`), reason of the pause or "". */
  Approved = 13,
  /** Asked for and not approved in time. Fields: staff number, what, reason of the pause or "". */
  NotApproved = 14,
  /** Fields: alert (`overrun`, `unattended`, `duplicateBadge`, `unlock`, `key`), detail. */
  Alert = 15,
  /** A rating from a paper card. Fields: staff number, transaction, grade, staff number of the supervisor. */
  Card = 16,
  /**
   * A record is void. Fields: its number, staff number of the supervisor, reason; then, where it was counted, as in `Totals.counted`. The record
   * itself stays.
   */
  Voided = 17,
  /** Somebody pressed every key. Fields: `ok` or `failed`, presses of each key since the start. */
  SelfTest = 18,
  /**
   * How things stand, now and again, so that a restart need not look far back. Fields: staff number or "", reason of the running pause or "", open
   * matter or "", staff number of who began it or "", keys out of order (bits), number of the first record of the
   * newest totals or 0, and of the first that they count.
   */
  State = 19,
  /** The host's emergency text began (its CRC-32) or ended (0). */
  Emergency = 20,
  /** The host opened a citizen's matter. Fields: staff number or "", transaction. */
  Opened = 21,
  /** A row of the totals, one of several that follow each other; they count once a `State` record names them. Fields: its name, its numbers. */
  Totals = 22,
  /**
   * From here on a file of a slot is in force: see config/slots.ts. Fields: `config`, `roster` or `pictures`, generation of the slot, SHA-256 of the file as
   * 64 hexadecimal digits, who ordered it.
   */
  Switched = 23,
  /** Commands were refused. Fields: why the last one was (`unsigned`, `badMac`, `replayed`, `otherLog`, `bad n`), and how many since the record before. */
  Refused = 24,
}

/** How a session ended. There is none for a grade that nobody pressed. */
export const enum Outcome {
  Rated = 0,
  Timeout = 1,
  Cancelled = 2,
  StaffLeft = 3,
  /** The citizen was still asked when the power went or another record had to come first: the outcome is in a later record. */
  Pending = 4,
}
