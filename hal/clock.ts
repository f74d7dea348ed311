// The monotonic clock, with one wake-up call.
// One wake-up is enough: the terminal always knows its next deadline, and each timer costs a closure on the board.

export interface Clock {
  /**
   * Milliseconds since the board started: whole, never negative, and never going back, whatever happens to the wall clock.
   * Every event uses this time base (`atMs`).
   */
  nowMs(): number;

  /**
   * Calls `callback` once, as soon as `nowMs() >= atMs`. It is never called earlier, and never inside this call, even when `atMs` is past.
   * A second call replaces the first, so there is one pending wake-up.
   */
  wakeAt(atMs: number, callback: () => void): void;
}
