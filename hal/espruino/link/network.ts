// The link of a board with a network. The configuration chooses MQTT, lines over TCP, or, without a host, the cable.

import type { Link } from "../../link.js";
import { joinWifi } from "../network/wifi.js";
import { startOnce } from "../part.js";
import { random32 } from "../random.js";
import { createMqttLink, NO_MEMORY } from "./mqtt.js";
import { createLink as createSerialLink, type SerialWiring } from "./serial.js";
import { createTcpLink } from "./tcp.js";

export interface NetworkWiring {
  /** Whether the board joins a wireless network first. */
  readonly isWireless: boolean;
  /** The cable of the board, if it has one. */
  readonly cable?: SerialWiring;
}

export function createLink(wiring: NetworkWiring): Link {
  let isStarted = false;
  let link: Link | undefined;
  return {
    start(config, listener) {
      isStarted = startOnce(isStarted);
      if (!config.host) {
        if (wiring.cable) {
          link = createSerialLink(wiring.cable);
          link.start(config, listener);
        } else setTimeout(() => listener.onState(false, ""), 0);
        return;
      }
      function open(): void {
        link = config.host.indexOf("mqtt") === 0 ? createMqttLink(espruino) : createTcpLink(espruino.open);
        link.start(config, listener);
      }
      if (!wiring.isWireless) open();
      else {
        setTimeout(() => listener.onState(false, ""), 0);
        if (config.wifi.length) joinWifi(config.wifi[0] as string, config.wifi[1] as string, open);
      }
    },
    send: (kind, text) => (link ? link.send(kind, text) : "down"),
  };
}

/** Free memory that TLS needs. It uses 40 kB, some of it in one block, and without them the interpreter breaks down. Measured on 2v29.277. */
const TLS_BYTES = 60000;

const espruino = {
  open(host: string, port: number, isSecure: boolean, onConnected: () => void): EspruinoSocket {
    if (isSecure) {
      const memory = process.memory(true);
      if (memory.free * memory.blocksize < TLS_BYTES) throw NO_MEMORY;
    }
    return (isSecure ? require("tls") : require("net")).connect({ host, port }, onConnected);
  },
  later: (run: () => void, ms: number): unknown => setTimeout(run, ms),
  cancel: (timer: unknown): void => clearTimeout(timer as number),
  random32,
};
