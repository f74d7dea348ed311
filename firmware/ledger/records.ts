// The kinds of record, as they stand in flash and on the wire. FORMAT.md has every byte. A number, once used, keeps its meaning for ever.

/** Type of a record and, behind each, its fields in order. */
export const enum RecordType {
  /** The terminal started. Fields: firmware version, number of the configuration (0: none that holds). */
  Started = 1,
  /** Fields: staff number, badge. */
  SignIn = 2,
  /** Fields: staff number, staff number of the clerk who took over or "". */
  SignOut = 3,
  /** Fields: staff number on the display, transaction or "", `Outcome`, grade (1 to 5, 0: none), ms from the invite to the press or outcome. */
  Session = 4,
  /** Fields: staff number. */
  PauseBegan = 5,
  /** Fields: staff number, length in seconds. */
  PauseEnded = 6,
  /** Fields: badge, reason (`unknown`, `role`). */
  BadgeRefused = 7,
  /** Fields: fault, detail. */
  FaultBegan = 8,
  /** Fields: fault. */
  FaultEnded = 9,
  /** The host set the wall clock. Fields: seconds since 1970 before (0: unknown), and after. */
  TimeSet = 10,
}

/** How a session ended. There is none for a grade that nobody pressed. */
export const enum Outcome {
  Rated = 0,
  Timeout = 1,
  Cancelled = 2,
  StaffLeft = 3,
}
