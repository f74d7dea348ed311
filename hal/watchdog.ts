// The watchdog restarts the board when the firmware hangs.

/** How often every board's watchdog is kicked when nothing else happens, in ms: at half of the time that it allows. */
export const WATCHDOG_KICK_MS = 10000;

export interface Watchdog {
  /** How often it is to be kicked when nothing else happens, in ms. Infinity: there is none. */
  readonly kickMs: number;
  /** From now on the board restarts when `kick` is not called for 20 s (26.2 s is the most that the watchdog of an STM32F4 allows). */
  start(): void;
  kick(): void;
}
