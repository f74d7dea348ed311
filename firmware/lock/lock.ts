// The lock of a terminal: from the first moment of every start there is no console on any port. It is installed as `.boot0`, which Espruino runs before the
// firmware, and also when a button is held. LOCK.md describes the ways that it closes, and those that no program can close.

/** Takes the console off every port. Without `force`, a USB cable or a telnet connection would bring it back. */
function close(): void {
  E.setConsole(null, { force: true });
  telnet("off");
}

/**
 * Opens the console for service. It closes by itself, or at the next start. Only a maintainer's signed command may call this.
 * @param forMs how long the console stays open, in ms
 */
function open(forMs: number): void {
  try {
    E.setConsole("USB");
  } catch (_) {
    // This board has no USB of its own.
    E.setConsole("Serial1");
  }
  telnet("on");
  setTimeout(close, forMs);
}

function telnet(mode: "on" | "off"): void {
  try {
    require("TelnetServer").setOptions({ mode: mode });
  } catch (_) {
    // This board has no telnet.
  }
}

close();
// Only the firmware uses this.
(global as Record<string, unknown>)["lock"] = { "open": open };
