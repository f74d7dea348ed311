// The witness of a database: a small file beside it that says which hall's it is, and how many batches it has taken. It shows that a database was deleted, or that an
// older copy has taken its place. It is written behind each commit and never waits for the disk: it may be behind the database, and never ahead of it.

import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

const FORM = /^([0-9a-f]{16}) ([0-9]{15}) (current |restored)\n$/;
const PULSE_DIGITS = 15;

export interface Testimony {
  /** The id of the hall. */
  readonly hall: string;
  /** How many batches its database has taken at least. */
  readonly pulse: number;
  /** The database was restored, and no receiver has worked on it since. */
  readonly isRestored: boolean;
}

export function witnessFile(database: string): string {
  return `${database}-witness`;
}

/** @returns undefined where there is none, or none that can be read: it proves nothing then */
export function testimonyOf(database: string): Testimony | undefined {
  let text: string;
  try {
    text = readFileSync(witnessFile(database), "latin1");
  } catch {
    return undefined;
  }
  const [, hall, pulse, state] = FORM.exec(text) ?? [];
  return hall === undefined ? undefined : { hall, pulse: Number(pulse), isRestored: state === "restored" };
}

export class Witness {
  private readonly fd: number;

  /** @throws Error where the file cannot be opened to write */
  constructor(database: string) {
    this.fd = openSync(witnessFile(database), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  write({ hall, pulse, isRestored }: Testimony): void {
    writeSync(this.fd, `${hall} ${`${pulse}`.padStart(PULSE_DIGITS, "0")} ${isRestored ? "restored" : "current "}\n`, 0, "latin1");
  }

  /** Waits until it is on the disk. */
  sync(): void {
    fsyncSync(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }
}
