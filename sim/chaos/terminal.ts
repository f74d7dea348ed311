// What the chaos needs of a terminal, whatever it is made of.

/** A record that is, or was, committed in a terminal's flash. */
export interface Written {
  readonly log: number;
  readonly sequence: number;
  readonly bytes: Buffer;
}

export interface ChaosTerminal {
  readonly device: string;
  readonly isOn: boolean;
  start(): void;
  /** The power goes. */
  stop(): void;
  /** The power goes within one of the next writes. */
  cutSoon(): void;
  setLink(isUp: boolean): void;
  /** Bytes come out of the wire. */
  hear(bytes: string): void;
  /** Lets it write records, as long as no more than so many wait for an acknowledgement. */
  write(most: number): void;
  /** Its newest record, or undefined where there is none. */
  newest(): Pick<Written, "log" | "sequence"> | undefined;
  /** Everything that was ever committed. */
  takeWritten(): readonly Written[];
}
