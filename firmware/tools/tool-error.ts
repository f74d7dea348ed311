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

/** The state of a device before anything went to it. */
export const UNTOUCHED = "nothing was sent to it.";

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

/** What of this computer stands in the way when a file of its own cannot be read or written; undefined: the error is another one. */
export function computerTrouble(error: unknown): { readonly what: string; readonly todo: string } | undefined {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC") return { what: "The disk of this computer is full.", todo: "make room on it, and run the same command again." };
  if (!code || path === undefined) return undefined;
  if (["EACCES", "EPERM", "EROFS"].includes(code))
    return { what: `This computer does not let you use ${path}.`, todo: "run it in a folder that is yours, or give another one." };
  return { what: `A file of this computer cannot be used: ${message}.`, todo: "see what is there, or give another one." };
}
