// The wireless network. The board joins it at the start, and again when it is lost.

/** Time between two attempts to join the network, in ms. Joining takes up to 20 s. */
export const REJOIN_MS = 30000;

/** Joins the network, and joins it again whenever it is lost. @param onJoined is called once, when the network is first joined */
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
      // The module is still busy with the last attempt.
    }
  }

  try {
    // An ESP32 opens a telnet console for everybody in the network.
    require("TelnetServer").setOptions({ mode: "off" });
  } catch (_) {
    // This board has no telnet.
  }
  wifi.on("disconnected", () => {
    isJoined = false;
  });
  join();
}
