// The times of the watchdog, where the board file says nothing of them.

export { WATCHDOG_KICK_MS as kickMs, WATCHDOG_SECONDS as seconds } from "../../watchdog.js";
