// The watchdog restarts the board when the firmware hangs.

export interface Watchdog {
  /** From now on the board restarts when `kick` is not called for 20 s (26.2 s is the most that the watchdog of an STM32F4 allows). */
  start(): void;
  kick(): void;
}
