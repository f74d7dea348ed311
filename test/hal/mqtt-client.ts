// The board's MQTT client with a network and a clock of the test's own.

import { createMqttLink } from "../../hal/espruino/link/mqtt.js";
import type { NetSocket } from "../../hal/espruino/link/net-socket.js";
import type { Link } from "../../hal/link.js";

export interface Wire {
  /** What the client has written, as bytes. */
  written: string;
  isEnded: boolean;
  /** What waits to be sent is not waited for. */
  isEndedAtOnce(): boolean;
  connected(): void;
  data(bytes: string): void;
  close(): void;
}

export interface TestClient {
  readonly link: Link;
  readonly texts: string[];
  readonly states: string[];
  readonly wires: Wire[];
  readyCount: number;
  nowMs: number;
  /** Opening a connection fails at once. */
  isRefusing: boolean;
  /** Writing fails, as on a socket that is closing. */
  isClosing: boolean;
  /** The broker takes nothing of what is written. */
  isDeaf: boolean;
  random32: () => number;
  /** What opening a connection throws, if anything. */
  problem: unknown;
  /** Lets time pass. */
  pass(ms: number): void;
  /** When the timer is due, from now. */
  dueMs(): number;
  /** The connection that is open now. */
  readonly wire: Wire;
}

export function createTestClient(host = "mqtt://counter:secret@10.0.0.5:1883", device = "sim-08"): TestClient {
  let timer: { atMs: number; run: () => void } | undefined;
  const client: TestClient = {
    texts: [],
    states: [],
    wires: [],
    readyCount: 0,
    nowMs: 0,
    isRefusing: false,
    isClosing: false,
    isDeaf: false,
    random32: () => 2 ** 31,
    problem: undefined,
    link: createMqttLink({
      open(_address, _port, _isSecure, onConnected): NetSocket {
        if (client.problem) throw client.problem;
        if (client.isRefusing) throw new Error("Unable to create socket");
        let listeners: Record<string, (data: string) => void> = {};
        let isOpen = true;
        const wire: Wire = {
          written: "",
          isEnded: false,
          isEndedAtOnce: () => wire.isEnded && socket.clsNow === true,
          connected: () => isOpen && onConnected(),
          data: (bytes) => listeners.data?.(bytes),
          close() {
            listeners.error?.("");
            listeners.close?.("");
          },
        };
        client.wires.push(wire);
        const socket: NetSocket = {
          on(event: string, callback: (data: string) => void) {
            listeners[event] = callback;
          },
          removeAllListeners() {
            listeners = {};
            isOpen = false;
          },
          write(data) {
            if (client.isClosing) throw new Error("This socket is closed");
            wire.written += data;
            if (!client.isDeaf) listeners.drain?.("");
          },
          end() {
            wire.isEnded = true;
          },
        };
        return socket;
      },
      later(run, ms) {
        timer = { atMs: client.nowMs + ms, run };
        return timer;
      },
      cancel(which) {
        if (timer === which) timer = undefined;
      },
      random32: () => client.random32(),
    }),
    pass(ms) {
      const endMs = client.nowMs + ms;
      while (timer && timer.atMs <= endMs) {
        const due = timer;
        client.nowMs = due.atMs;
        timer = undefined;
        due.run();
      }
      client.nowMs = endMs;
    },
    dueMs: () => (timer?.atMs ?? Infinity) - client.nowMs,
    get wire() {
      return client.wires.at(-1) as Wire;
    },
  };
  client.link.start(
    { device, host, wifi: [] },
    {
      onMessage: (text) => client.texts.push(text),
      onState: (isUp, why) => client.states.push(isUp ? "up" : `down ${why}`.trim()),
      onReady: () => client.readyCount++,
    },
  );
  return client;
}

export const CONNACK_NEW = "\x20\x02\0\0";
export const CONNACK_KEPT = "\x20\x02\x01\0";
export const SUBACK = "\x90\x03\xff\xff\0";

/** Brings the client up. */
export function connect(client: TestClient, connack = CONNACK_NEW): void {
  client.pass(Math.max(client.dueMs(), 0));
  client.wire.connected();
  client.wire.data(connack);
  client.wire.data(SUBACK);
}

export function take(wire: Wire): string {
  const { written } = wire;
  wire.written = "";
  return written;
}
