// The interface of a terminal in the chaos.

/** A record that is, or was, committed in the flash of a terminal. */
export interface Written {
  readonly log: number;
  readonly sequence: number;
  readonly bytes: Buffer;
}

export interface ChaosTerminal {
  readonly device: string;
  readonly isOn: boolean;
  start(): void;
  /** Switches the power off. */
  stop(): void;
  /** Plans a power cut within one of the next writes. */
  cutSoon(): void;
  setLink(isUp: boolean): void;
  /** Receives bytes. */
  hear(bytes: string): void;
  /** Lets it write records until so many wait for an acknowledgement. */
  write(most: number): void;
  /** The number of its newest record, or undefined where there is none. */
  newest(): Pick<Written, "log" | "sequence"> | undefined;
  /** All records that were ever committed. */
  takeWritten(): readonly Written[];
}
