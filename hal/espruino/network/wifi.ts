// The wireless network: joined at the start, and joined again when it is lost.

/** How often a network that is not there is looked for, in ms. Joining takes up to 20 s. */
export const REJOIN_MS = 30000;

/** Joins the network for good. @param onJoined the first time that it is joined */
export function joinWifi(name: string, password: string, onJoined: () => void): void {
  const wifi = require("Wifi");
  let isJoined = false;
  let isKnown = false;

  function onDone(problem: string | null): void {
    if (problem) return;
    isJoined = true;
    if (isKnown) return;
    isKnown = true;
    onJoined();
  }

  function join(): void {
    setTimeout(join, REJOIN_MS);
    if (isJoined) return;
    try {
      wifi.connect(name, password ? { password } : {}, onDone);
    } catch (_) {
      // It is still busy with the last attempt.
    }
  }

  try {
    // With the network an ESP32 opens a console for everybody.
    require("TelnetServer").setOptions({ mode: "off" });
  } catch (_) {
    // This board has none.
  }
  wifi.on("disconnected", () => {
    isJoined = false;
  });
  join();
}
