// A link with every fault that links have, at random from a seed.

import type { VirtualClock } from "../world/clock.js";

/** The faults of messages, and of their senders and receivers, in words. */
export const FAULTS = {
  dropped: "a line never arrives",
  doubled: "a line arrives twice",
  delayed: "a line arrives seconds later, after those that were sent behind it",
  reordered: "a line arrives behind the next ones",
  corrupted: "bits of a line are turned, bytes of it are lost, put in, or cut off with its end",
  swallowed: "a line goes into a connection that is half open",
  halfOpened: "one side of a connection goes dead, and nobody is told",
  disconnected: "a connection breaks, and is made again",
  "terminal restarted": "the power of a terminal goes while nothing is written",
  "terminal cut": "the power of a terminal goes within a write or an erase of flash",
  "receiver restarted": "the receiver ends and starts again",
  "receiver killed": "the receiver dies within a transaction, or between its commit and the acknowledgement",
  "disk full": "the database takes nothing for a while",
} as const;
export type Fault = keyof typeof FAULTS;

export type FaultCounts = Record<Fault, number>;

export function noFaults(): FaultCounts {
  return Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as FaultCounts;
}

/** Random numbers from a seed. */
export interface Dice {
  /** True so many times in a thousand. */
  isOneOf(perMille: number): boolean;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
}

/** @param random32 whole numbers below 2^32 */
export function diceFrom(random32: () => number): Dice {
  return {
    isOneOf: (perMille) => random32() % 1000 < perMille,
    between: (least, most) => least + (random32() % (most - least + 1)),
  };
}

/** Number of lines with each fault, in a thousand. */
const RATES = { dropped: 60, doubled: 60, delayed: 30, reordered: 60, corrupted: 60 } as const;

export interface DirectionOptions {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly faults: FaultCounts;
  /** Takes bytes at the other end of a link. */
  readonly deliver: (bytes: string) => void;
}

/** One direction of a link. */
export class Direction {
  /** Number of lines that were sent. */
  sent = 0;
  /** Whether there are no faults any more. */
  isHealed = false;
  /** Time until which all lines are lost. */
  private deadUntilMs = 0;
  /** Number of the connection. Lines of an earlier one do not arrive any more. */
  private connection = 0;

  constructor(private readonly options: DirectionOptions) {}

  /** Loses all lines that have not arrived. */
  cut(): void {
    this.connection++;
    this.deadUntilMs = 0;
  }

  halfOpen(ms: number): void {
    this.deadUntilMs = this.options.clock.nowMs + ms;
  }

  /** Sends a line. @param line with its line end */
  send(line: string): void {
    const { clock, dice, faults } = this.options;
    this.sent++;
    if (clock.nowMs < this.deadUntilMs) {
      faults.swallowed++;
      return;
    }
    const latencyMs = dice.between(2, 12);
    if (this.isHealed) return this.arrive(line, latencyMs);
    if (dice.isOneOf(RATES.dropped)) {
      faults.dropped++;
      return;
    }
    let bytes = line;
    let delayMs = latencyMs;
    if (dice.isOneOf(RATES.corrupted)) {
      faults.corrupted++;
      bytes = corrupt(line, dice);
    }
    if (dice.isOneOf(RATES.delayed)) {
      faults.delayed++;
      delayMs += dice.between(1000, 9000);
    } else if (dice.isOneOf(RATES.reordered)) {
      faults.reordered++;
      delayMs += dice.between(20, 200);
    }
    if (dice.isOneOf(RATES.doubled)) {
      faults.doubled++;
      this.arrive(bytes, delayMs + dice.between(1, 500));
    }
    this.arrive(bytes, delayMs);
  }

  private arrive(bytes: string, afterMs: number): void {
    const { clock, deliver } = this.options;
    const connection = this.connection;
    clock.at(clock.nowMs + afterMs, () => {
      if (connection === this.connection) deliver(bytes);
    });
  }
}

function corrupt(line: string, dice: Dice): string {
  const at = dice.between(0, line.length - 1);
  const [before, after] = [line.slice(0, at), line.slice(at + 1)];
  switch (dice.between(0, 4)) {
    case 0:
      return before + String.fromCharCode(line.charCodeAt(at) ^ (1 << dice.between(0, 7))) + after;
    case 1:
      return before + after;
    case 2:
      return before + String.fromCharCode(dice.between(0, 255)) + line.slice(at);
    case 3:
      return before;
    default: {
      let noise = "";
      for (let i = dice.between(1, 600); i > 0; i--) noise += String.fromCharCode(dice.between(0, 255));
      return before + noise + after;
    }
  }
}
