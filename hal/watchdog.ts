// The watchdog: restarts the board when the firmware no longer comes round.

export interface Watchdog {
  /** From now on the board restarts when `kick` does not come for 20 s (an STM32F4's watchdog reaches 26.2 s at most). */
  start(): void;
  kick(): void;
}
