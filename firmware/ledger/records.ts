// The types of records, in flash and on the wire. FORMAT.md describes every byte. The meaning of a number never changes.

/** Types of records, each with its fields in order. */
export const enum RecordType {
  /**
   * The terminal started. Fields: firmware version, version of the configuration (0: none is valid), its author, `ok` or the part that failed its test, keys out
   * of order (a bit each).
   */
  Started = 1,
  /**
   * A clerk signed in. Fields: staff number, badge, `early`, `onTime`, `late` or "" where no timetable tells; then, where it does, minutes after the opening,
   * negative before it.
   */
  SignIn = 2,
  /**
   * A clerk signed out. Fields: staff number, staff number of the clerk who took over or "", minutes of service after closing time; then, where needed, minutes
   * before the end of the period, and `roster` or `forgotten` where the terminal did it.
   */
  SignOut = 3,
  /**
   * A session ended. Fields: staff number on the display, transaction or "", `Outcome`, grade (1 to 5, 0: none), ms from the invite to the press or outcome;
   * then, where needed, `Suspect` marks, and the staff number of the clerk who began it where that is another clerk.
   */
  Session = 4,
  /** A pause began. Fields: staff number, reason, staff number of the supervisor who approved it or ""; then, where there is any, seconds of service after closing. */
  PauseBegan = 5,
  /** A pause ended. Fields: staff number, length in seconds, reason; then, where there is any, seconds of service after closing. */
  PauseEnded = 6,
  /** A badge was refused. Fields: badge, reason (`Unknown`, `Revoked`, `NotYet`, `Expired`, `Counter`, `Role`). */
  BadgeRefused = 7,
  /** A fault began. Fields: fault (`config`, `link`, `display`, `badgeReader`, `key`, `flash`, `clock`), detail. */
  FaultBegan = 8,
  /** A fault ended. Fields: fault (also `ledger`), detail. */
  FaultEnded = 9,
  /**
   * The wall clock was set. Fields: seconds since 1970 before (0: unknown) and after, seconds without power before this start (0: unknown); then, on a board with a clock
   * chip, `host` or `chip`, and where the host set it and the chip had a time, by how many seconds that was ahead of the host's.
   */
  TimeSet = 10,
  /**
   * A transaction ended without an invite. Fields: staff number of the clerk who began it or "", transaction; then, where that is another clerk or nobody, the staff
   * number of the clerk on duty.
   */
  NotInvited = 11,
  /**
   * A citizen gave a reason. Fields: staff number of the clerk who was rated, transaction or "", official code or 0; then, where that is another clerk, the staff
   * number of the clerk on duty.
   */
  Reason = 12,
  /** A supervisor approved a wish. Fields: staff number of the supervisor, wish (`pause`, `signOut`), reason of the pause or "". */
  Approved = 13,
  /** A wish was not approved in time. Fields: staff number, wish, reason of the pause or "". */
  NotApproved = 14,
  /** An alert was raised. Fields: its name (PROTOCOL.md lists them), detail. */
  Alert = 15,
  /** A supervisor entered a rating from a paper card. Fields: staff number, transaction, grade, staff number of the supervisor. */
  Card = 16,
  /**
   * A supervisor voided a record, which stays in the log. Fields: its number, staff number of the supervisor, reason; then, where the totals count it, those of
   * `Totals.counted`.
   */
  Voided = 17,
  /** A self-test of the keys ended. Fields: `ok` or `failed`, presses of each key since the start. */
  SelfTest = 18,
  /**
   * The state of the terminal, so that a restart need not look far back. Fields: staff number of the clerk on duty or "", reason of the running pause or "", open
   * matter or "", staff number of the clerk who began it or "", keys out of order (a bit each), number of the first record of the newest totals or 0, number of
   * the first record that they count, wall time since which the clerk serves or pauses or until which somebody was on duty, seconds of service after closing until
   * that time, 1 where the citizen of the open matter is given the long time; then, where no clock has come since the start, the newest wall time before it at which
   * this clerk was on duty.
   */
  State = 19,
  /** The host set or cleared the emergency text. Fields: CRC-32 of the text, 0: cleared. */
  Emergency = 20,
  /** The host opened a citizen's matter. Fields: staff number or "", transaction; then, where the citizen is given the long time, 1. */
  Opened = 21,
  /** A row of the totals, one of several in a row. They are valid once a `State` record names the first. Fields: name of the row, its numbers. */
  Totals = 22,
  /**
   * A new file is in force from here on: see config/slots.ts. Fields: `config`, `roster` or `pictures`, generation of its file slot, SHA-256 of the file as 64
   * hexadecimal digits, who ordered it.
   */
  Switched = 23,
  /** Commands were refused. Fields: reason of the last refusal (`unsigned`, `badMac`, `replayed`, `otherStart`, `bad n`), number of refusals since the last record. */
  Refused = 24,
  /** A transaction ended that was invited, or that the terminal itself kept from it. Fields as those of `NotInvited`. */
  Ended = 25,
  /** The wall clock came after a sign-in. Fields: staff number, `early`, `onTime` or `late`, minutes after the opening, negative before it. */
  Arrival = 26,
  /**
   * The citizen was sent to another counter, and a matter that was open has ended. Fields: staff number of the clerk who began it or who sends, transaction or "", number
   * of this counter and of the other; then, where that is another clerk, the staff number of the clerk on duty.
   */
  Referred = 27,
  /** A supervisor was at the counter in time after a bad rating. Fields: staff number of the supervisor, number of the record of the rating. */
  Attended = 28,
}

/** All types of records, a bit each. */
export const EVERY_TYPE = -1;

/** How a session ended. */
export const enum Outcome {
  Rated = 0,
  Timeout = 1,
  Cancelled = 2,
  StaffLeft = 3,
  /** The session was still open when the power went or another record had to come first. A later record has the outcome. */
  Pending = 4,
}
