// Tracks numbers that come in any order, and up to where they are without a gap.

/** Most numbers ahead of a gap. A terminal sends four; more than this only an attacker sends. */
const MOST_AHEAD = 100_000;

export class SequenceTracker {
  private readonly ahead = new Set<number>();

  /** @param upTo everything up to here is there */
  constructor(private end: number) {}

  /** The last number before the first gap. */
  get upTo(): number {
    return this.end;
  }

  /** Whether there is no gap. */
  isWhole(): boolean {
    return this.ahead.size === 0;
  }

  has(number: number): boolean {
    return number <= this.end || this.ahead.has(number);
  }

  add(number: number): void {
    if (number > this.end + 1) {
      if (this.ahead.size < MOST_AHEAD) this.ahead.add(number);
      return;
    }
    if (number === this.end + 1) this.end++;
    while (this.ahead.delete(this.end + 1)) this.end++;
  }

  /** Counts everything up to a number as there. */
  skipTo(number: number): void {
    if (number > this.end) this.end = number;
    for (const each of this.ahead) if (each <= this.end) this.ahead.delete(each);
    while (this.ahead.delete(this.end + 1)) this.end++;
  }

  /** Counts nothing beyond a number as there. */
  cutTo(number: number): void {
    this.ahead.clear();
    if (number < this.end) this.end = number;
  }
}
