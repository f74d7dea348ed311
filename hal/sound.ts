// A sounder that plays short patterns of tones.

/** One step of a pattern: a tone of `frequencyHz`, or silence where it is 0, for `durationMs`. */
export interface Note {
  /** 0 (silence) or 100 to 8000 Hz. */
  readonly frequencyHz: number;
  /** 10 to 2000 ms. */
  readonly durationMs: number;
}

export interface Sound {
  /** Starts the first note before the call returns and plays the rest in the background. A new pattern cuts off the one that plays. */
  play(pattern: readonly Note[]): void;
}
