// The link of the simulated layer: a cable, a TCP connection with lines, or the board's own MQTT client over a simulated connection.

import { lineOf } from "../../firmware/uplink/codec.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";
import { createMqttLink, type MqttSocket } from "../../hal/espruino/link/mqtt.js";
import { RETRY_MS } from "../../hal/espruino/link/tcp.js";
import type { Link, LinkConfig, LinkListener } from "../../hal/link.js";
import { crc32 } from "../world/native.js";
import { answerConnection, type Peer } from "../world/network.js";
import type { World } from "../world/world.js";

export interface SimulatedLink {
  readonly link: Link;
  onHostLine(line: string): void;
  onLink(isUp: boolean): void;
}

/** @param isRunning whether the terminal still has power */
export function createSimulatedLink(world: World, isRunning: () => boolean): SimulatedLink {
  let inner: Link | undefined;
  let isStarted = false;
  /** What comes out of the cable goes here. */
  let fromCable: ((chunk: string) => void) | undefined;
  let peer: Peer | undefined;
  let isConnected = false;

  const after = (ms: number, run: () => void): object => world.clock.at(world.clock.nowMs + Math.ceil(ms), () => isRunning() && run());

  const cable: Link = {
    start(_, listener) {
      fromCable = createLineReader(listener.onMessage, crc32);
      after(0, () => listener.onState(true, ""));
    },
    send(_, text) {
      world.receiveLine(lineOf(text, crc32));
      return "sent";
    },
  };

  const tcp: Link = {
    start(_, listener) {
      const connect = (): void => {
        peer = answerConnection(world, isRunning, {
          onConnected() {
            isConnected = true;
            listener.onState(true, "");
          },
          onData: createLineReader(listener.onMessage, crc32),
          onEnd() {
            if (isConnected) {
              isConnected = false;
              listener.onState(false, "");
            }
            after(RETRY_MS, connect);
          },
        });
      };
      after(0, connect);
    },
    send(_, text) {
      if (!isConnected) return "down";
      peer?.receive(`${lineOf(text, crc32)}\n`);
      return "sent";
    },
  };

  /** A socket as Espruino's `net` has it, whose other end is the simulated broker. */
  function openSocket(onConnected: () => void): MqttSocket {
    const listeners: Record<string, (data: string) => void> = {};
    const mine = answerConnection(world, isRunning, {
      onConnected,
      onData: (data) => listeners.data?.(data),
      onEnd: () => listeners.close?.(""),
    });
    peer = mine;
    return {
      on(event: string, callback: (data: string) => void) {
        listeners[event] = callback;
      },
      removeAllListeners() {
        for (const event of Object.keys(listeners)) delete listeners[event];
      },
      write: (data) => mine.receive(data),
      end: () => mine.end(),
    };
  }

  const mqtt = createMqttLink({
    open: (_address, _port, _isSecure, onConnected) => openSocket(onConnected),
    later: (run, ms) => after(ms, run),
    cancel: (timer) => world.clock.cancel(timer as object),
    random32: () => world.random32(),
  });

  function open(config: LinkConfig, listener: LinkListener): void {
    inner = config.host.startsWith("mqtt") ? mqtt : tcp;
    inner.start(config, listener);
  }

  return {
    link: {
      start(config, listener) {
        if (isStarted) throw new Error("the link is started already");
        isStarted = true;
        const wiring = world.board.link;
        if (wiring.driver === "serial" || (!config.host && wiring.cable)) {
          inner = cable;
          cable.start(config, listener);
        } else if (config.host && !wiring.isWireless) open(config, listener);
        else {
          after(0, () => listener.onState(false, ""));
          if (config.host && config.wifi.length > 0) after(0, () => open(config, listener));
        }
      },
      send: (kind, text) => inner?.send(kind, text) ?? "down",
    },
    onHostLine: (line) => (fromCable ? fromCable(`${line}\n`) : peer?.say(line)),
    onLink: (isUp) => (isUp ? undefined : peer?.end()),
  };
}
