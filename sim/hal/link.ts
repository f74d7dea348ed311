// The link of the simulated layer: a cable, lines over TCP, or the board's own MQTT client over a simulated connection.

import { lineOf } from "../../firmware/uplink/codec.js";
import { createLineReader } from "../../hal/espruino/link/lines.js";
import { createMqttLink } from "../../hal/espruino/link/mqtt.js";
import type { NetSocket } from "../../hal/espruino/link/net-socket.js";
import { RETRY_MS } from "../../hal/espruino/link/tcp.js";
import type { Link, LinkConfig, LinkListener } from "../../hal/link.js";
import { crc32 } from "../world/native.js";
import { answerConnection, type Peer } from "../world/network.js";
import type { Timer, World } from "../world/world.js";

export interface SimulatedLink {
  readonly link: Link;
  onHostLine(line: string): void;
  onLink(isUp: boolean): void;
}

/** @param isRunning whether the terminal still has power */
export function createSimulatedLink(world: World, isRunning: () => boolean): SimulatedLink {
  let inner: Link | undefined;
  let isStarted = false;
  /** Takes a line that the host has sent over the cable. */
  let fromCable: ((line: string) => void) | undefined;
  let peer: Peer | undefined;
  let isConnected = false;

  const after = (ms: number, run: () => void): Timer => world.timer(Math.ceil(ms), () => isRunning() && run());

  /** The last message in each direction, and its line. Most hellos, and their acknowledgements, repeat the one before and need no new CRC. */
  let sentText = "";
  let sentLine = "";
  let heardLine = "";
  let heardTexts: string[] = [];

  const cable: Link = {
    start(_, listener) {
      const read = createLineReader((text) => {
        heardTexts.push(text);
        listener.onMessage(text);
      }, crc32);
      fromCable = (line) => {
        if (line === heardLine) {
          for (const text of heardTexts) listener.onMessage(text);
          return;
        }
        heardLine = line;
        heardTexts = [];
        read(`${line}\n`);
      };
      after(0, () => listener.onState(true, ""));
    },
    send(_, text) {
      if (text !== sentText) {
        sentText = text;
        sentLine = lineOf(text, crc32);
      }
      world.receiveLine(sentLine);
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

  /** A socket like those of Espruino's `net`, with the simulated broker at its other end. */
  function openSocket(onConnected: () => void): NetSocket {
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
      write: (data) => {
        mine.receive(data);
        // The other side takes everything.
        listeners.drain?.("");
      },
      end: () => mine.end(),
    };
  }

  const mqtt = createMqttLink({
    open: (_address, _port, _isSecure, onConnected) => openSocket(onConnected),
    later: (run, ms) => after(ms, run),
    cancel: (timer) => world.cancel(timer as Timer),
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
    onHostLine: (line) => (fromCable ? fromCable(line) : peer?.say(line)),
    onLink: (isUp) => (isUp ? undefined : peer?.end()),
  };
}
