// What goes wrong, as a technician needs it: what happened, what state the device is in, and what to do. And the exit codes for scripts.

/** Exit codes of the command line. GUIDE.md has them for people. */
export const EXIT = {
  /** What was given is wrong: configuration, options, files. Nothing was written to a device. */
  given: 1,
  /** There is no way to the device: port missing, no right to use it, or nothing answers. */
  unreachable: 2,
  /** Another board than was said, or an interpreter that cannot run the firmware. Nothing was written. */
  wrongBoard: 3,
  /** The transfer broke off, or what was read back is not what was written. The terminal does not serve. */
  transfer: 4,
  /** The firmware does not come up healthy, a part does not work, or the terminal refuses a command. */
  unhealthy: 5,
  /** The terminal serves, but somebody could get in. */
  notClosed: 6,
  /** The terminal's ledger is not as the terminal wrote it, or could not be read. */
  ledger: 7,
  /** Of several devices not all were done. */
  partly: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that a technician can do something about. */
export class ToolError extends Error {
  /**
   * @param exitCode one of `EXIT`
   * @param what what happened, a sentence
   * @param state what state the device is in, a sentence
   * @param todo what to do, a sentence
   */
  constructor(
    readonly exitCode: ExitCode,
    readonly what: string,
    readonly state: string,
    readonly todo: string,
  ) {
    super(`${what}\n  The device: ${state}\n  What to do: ${todo}`);
  }
}
