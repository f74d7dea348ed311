// The watchdog restarts the board when the firmware hangs.

/** How long the firmware may hang before the board restarts, in s, where the board file says nothing else: an STM32F4 allows 26.2. */
export const WATCHDOG_SECONDS = 20;

/** How often the watchdog is kicked when nothing else happens, in ms, where the board file says nothing else: at half of the time that it allows. */
export const WATCHDOG_KICK_MS = 10000;

export interface Watchdog {
  /** How often it is to be kicked when nothing else happens, in ms. Infinity: there is none. */
  readonly kickMs: number;
  /** From now on the board restarts when `kick` is not called for the time that the watchdog allows. */
  start(): void;
  kick(): void;
}
