// The lock of a terminal: no console on any port from the first moment of every start. It is installed as `.boot0`, which Espruino runs before the firmware
// and also when a button is held. LOCK.md says what it closes, and what no program can.

/** Takes the console off every port. Without force, a plugged in USB cable or a telnet connection would bring it back. */
function close(): void {
  E.setConsole(null, { force: true });
  telnet("off");
}

/**
 * Opens the console for service; it closes by itself, and at the next start at the latest. Only a maintainer's signed command may lead here.
 * @param forMs how long, in ms
 */
function open(forMs: number): void {
  try {
    E.setConsole("USB");
  } catch (_) {
    // A board without USB of its own.
    E.setConsole("Serial1");
  }
  telnet("on");
  setTimeout(close, forMs);
}

function telnet(mode: "on" | "off"): void {
  try {
    require("TelnetServer").setOptions({ mode: mode });
  } catch (_) {
    // A board without telnet.
  }
}

close();
// The firmware, and nobody else, finds it here.
(global as Record<string, unknown>)["lock"] = { "open": open };
