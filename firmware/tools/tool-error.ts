// The one base of every error that a user can cause: what happened, the state that it left, and what to do. Its code decides the exit code.

/** Exit codes of the command line. GUIDE.md has them for people. */
export const EXIT = {
  /** Something that was given is wrong: configuration, options, files. Nothing was written to a device. */
  given: 1,
  /** There is no way to the device: the port is missing, the user may not use it, or nothing answers. */
  unreachable: 2,
  /** It is another board than was said, or an interpreter that cannot run the firmware. Nothing was written. */
  wrongBoard: 3,
  /** The transfer broke off, or a file was read back otherwise than it was written. The terminal does not serve. */
  transfer: 4,
  /** The firmware does not come up healthy, a part does not work, or the terminal refuses a command. */
  unhealthy: 5,
  /** The terminal serves, but somebody could get in. */
  notClosed: 6,
  /** The terminal's ledger is not as the terminal wrote it, or could not be read. */
  ledger: 7,
  /** Not all of several devices were done. */
  partly: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every code of an error, and the exit code that it leads to. Scripts rely on the codes: a code keeps its meaning for ever. */
export const ERROR_CODES = {
  // --- what was given ---
  /** Options or arguments are missing, or contradict each other. */
  usage: "given",
  /** There is no such file. */
  fileMissing: "given",
  /** A file exists already and is not overwritten. */
  fileExists: "given",
  /** A file is of the wrong kind, or its content cannot be used. */
  fileInvalid: "given",
  /** This computer does not let the user read or write a file. */
  fileForbidden: "given",
  /** The disk of this computer is full. */
  diskFull: "given",
  /** The site file is wrong. */
  siteInvalid: "given",
  /** A configuration is wrong. */
  configInvalid: "given",
  /** The fonts lack a character, or a text is too wide for its line. */
  glyphMissing: "given",
  /** There is no layout for the display. */
  displayUnknown: "given",
  /** There is no such board or board file. */
  boardUnknown: "given",
  /** The board file wires something that its chip does not allow. */
  boardInvalid: "given",
  /** The firmware does not build. */
  buildFailed: "given",
  /** The files do not fit into the board's Storage. */
  storageTooSmall: "given",
  /** There is no key file for the device. */
  keyMissing: "given",
  /** A key file holds no key. */
  keyInvalid: "given",
  /** The key belongs to another device. */
  keyWrong: "given",
  /** The terminal is another one than was named. */
  otherTerminal: "given",
  /** Storage holds files that are not the terminal's. */
  foreignFiles: "given",
  /** The lock is installed, and the command needs an open terminal. */
  locked: "given",
  /** A question was asked where nobody can answer. */
  nobodyAnswers: "given",
  /** Bytes are no record of a ledger. */
  recordInvalid: "given",
  /** A scenario file is wrong. */
  scenarioInvalid: "given",
  // --- the way to the device ---
  /** A port cannot be opened, or nobody connects to it. */
  portUnavailable: "unreachable",
  /** Nothing answers as Espruino's console. */
  consoleSilent: "unreachable",
  /** The terminal does not answer on its link. */
  linkSilent: "unreachable",
  // --- the board ---
  /** It is another board than was said, or its interpreter cannot run the firmware. */
  boardMismatch: "wrongBoard",
  /** The board's flash does not hold what is written to it. */
  flashBroken: "wrongBoard",
  /** The transfer broke off. */
  transferBroken: "transfer",
  // --- the terminal ---
  /** There is no terminal on the board. */
  notTerminal: "unhealthy",
  /** The firmware does not come up, or not as it should. */
  startFailed: "unhealthy",
  /** A part of the terminal does not work. */
  partFailed: "unhealthy",
  /** The new firmware did not come up. */
  updateFailed: "unhealthy",
  /** The terminal refuses a command. */
  commandRefused: "unhealthy",
  /** The terminal's messages do not carry the MAC of the key. */
  identityUnproven: "unhealthy",
  /** Somebody could get into a terminal that should be closed, or nobody could look. */
  notClosed: "notClosed",
  /** The ledger does not hold. */
  ledgerInvalid: "ledger",
  /** The ledger was written with another key. */
  ledgerForeign: "ledger",
  /** Records are missing that were there before. */
  recordsLost: "ledger",
  /** Not all of several devices were done. */
  partlyDone: "partly",
  // --- the hall ---
  /** There is no such database. */
  databaseMissing: "given",
  /** The file is no database, or cannot be opened as one. */
  databaseInvalid: "given",
  /** Another version of this program wrote the database. */
  databaseVersion: "given",
  /** Another program holds the database. */
  databaseBusy: "given",
  /** The database cannot store: the disk is full, or broken. */
  databaseFailed: "given",
  /** The database is damaged, or its files were deleted or changed while it was in use. */
  databaseDamaged: "given",
  /** No receiver is at work on the database. */
  receiverMissing: "given",
  /** The receiver ended before it was done. */
  receiverEnded: "given",
  /** A command is none of PROTOCOL.md, or too long. */
  commandInvalid: "given",
  /** A later command took the place of this one. */
  commandReplaced: "given",
  /** No terminal of this name was ever here. */
  deviceUnknown: "given",
  /** The terminal is not connected, or has not answered in time. */
  deviceSilent: "unreachable",
} as const satisfies Readonly<Record<string, keyof typeof EXIT>>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The state of a device that the command never talked to. */
export const UNTOUCHED = "Nothing was sent to the device.";
/** The state of a device that the command only looked at. */
export const UNCHANGED = "Nothing was written to the device.";

/** An error as scripts get it: one JSON object, the same for every command. */
export interface ErrorReport {
  /** What happened. */
  readonly error: string;
  readonly code: ErrorCode;
  readonly state: string;
  readonly todo: string;
  readonly exitCode: ExitCode;
}

/** A failure that a user can cause and can do something about. It is told without a stack trace. */
export class ToolError extends Error {
  /**
   * @param code what kind of failure it is, for scripts
   * @param message what happened: a sentence, or a line for each thing that is wrong
   * @param state which state the device, the file or the database is in now: a sentence
   * @param todo what to do: a sentence
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly state: string,
    readonly todo: string,
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): ExitCode {
    return EXIT[ERROR_CODES[this.code]];
  }

  /** The error for people: what happened, the state, and what to do. */
  get words(): string {
    return `${this.message}\n  State: ${this.state}\n  To do: ${this.todo}`;
  }

  /** The error for scripts. */
  toJSON(): ErrorReport {
    const { message: error, code, state, todo, exitCode } = this;
    return { error, code, state, todo, exitCode };
  }
}

/** Options that are missing, or contradict each other. */
export function usageError(message: string, todo: string): ToolError {
  return new ToolError("usage", message, "Nothing was done.", todo);
}

/**
 * The error of a computer that does not let a file be read or written.
 * @param file the file that was used, where the error does not name it
 * @returns undefined where the error is another one
 */
export function computerTrouble(error: unknown, state = UNTOUCHED, file?: string): ToolError | undefined {
  const { code, message, path = file } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return new ToolError("diskFull", "The disk of this computer is full.", state, "Make room on it, and run the same command again.");
  if (code === "EMFILE" || code === "ENFILE") {
    return new ToolError(
      "fileForbidden",
      "Too many files are open.",
      state,
      "End what has so many open, or raise the limit (ulimit -n), and run the same command again.",
    );
  }
  if (!code || path === undefined) return undefined;
  if (code === "ENOENT") return new ToolError("fileMissing", `${path}: there is no such file.`, state, "Give the path of a file that exists.");
  if (["EACCES", "EPERM", "EROFS"].includes(code)) {
    const todo = "Run it in a folder that is yours, or give another one.";
    return new ToolError("fileForbidden", `This computer does not let you use ${path}.`, state, todo);
  }
  return new ToolError("fileInvalid", `${path} cannot be used: ${message}.`, state, "See what is there, or give another one.");
}
