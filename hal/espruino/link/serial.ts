// A link over a serial port. A cable has no carrier signal here, so it counts as up from the start.

import type { Link } from "../../link.js";
import { part } from "../part.js";
import { createLineCutter } from "./lines.js";

export interface SerialWiring {
  readonly port: string;
  readonly tx: string;
  readonly rx: string;
  readonly baudHz: number;
  readonly isConsole: boolean;
}

export function createLink(wiring: SerialWiring): Link {
  const port = part<EspruinoSerial>(wiring.port);
  let isStarted = false;
  return {
    start(_host, listener) {
      if (isStarted) throw new Error("started already");
      isStarted = true;
      // Without force, plugging in USB would bring the console back.
      if (wiring.isConsole) E.setConsole(null, { force: true });
      port.setup(wiring.baudHz, { tx: part(wiring.tx), rx: part(wiring.rx) });
      port.on(
        "data",
        createLineCutter((line) => listener.onLine(line)),
      );
      setTimeout(() => listener.onState(true), 0);
    },
    send(line) {
      if (!isStarted) return "down";
      port.write(line + "\n");
      return "sent";
    },
  };
}
