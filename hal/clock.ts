// The monotonic clock and the one wake-up call that the firmware asks of it.
// One wake-up is enough: the terminal always knows its nearest deadline, and one timer costs one closure on the board.

export interface Clock {
  /**
   * Milliseconds since the board started: whole, never negative, never going back, whatever happens to the wall clock.
   * It is the time base of every event (`atMs`).
   */
  nowMs(): number;

  /**
   * Calls `callback` once, as soon as `nowMs() >= atMs`, never earlier and never inside this call, also when `atMs` is past.
   * A second call replaces the first: there is one pending wake-up.
   */
  wakeAt(atMs: number, callback: () => void): void;
}
