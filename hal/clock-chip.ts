// A clock chip with a battery of its own, which keeps the wall time while the terminal has no power. Not every board has one.

/**
 * Why a chip gives no time. `silent`: it does not answer. `stopped`: its clock has stood still since it was set, because the battery was empty or missing, or it was never
 * set. `halfSet`: it was not set to the end. `impossible`: it answers with a date or a time that does not exist.
 */
export type ClockProblem = "silent" | "stopped" | "halfSet" | "impossible";

export interface ClockChip {
  /** The wall time of the chip, in whole seconds since 1970-01-01 00:00 UTC, from 2020 to 2099; or why it gives none. */
  read(): number | ClockProblem;

  /**
   * Sets the chip and reads it back. When the power goes meanwhile, the chip gives either the new time or none.
   * @param unix whole seconds since 1970-01-01 00:00 UTC
   * @returns whether the chip has this time now. It has none from 2100 on.
   */
  set(unix: number): boolean;
}
