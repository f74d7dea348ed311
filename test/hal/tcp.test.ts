// The board's link of lines over TCP, where the host takes nothing of what is sent.

import { crc32 } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTcpLink, MOST_WAITING_BYTES, RETRY_MS } from "../../hal/espruino/link/tcp.js";
import type { Link } from "../../hal/link.js";

let listeners: Record<string, (data: string) => void>;
let written: string;
let readyCount: number;
let link: Link;

beforeEach(() => {
  vi.useFakeTimers();
  written = "";
  readyCount = 0;
  vi.stubGlobal("E", { CRC32: (text: string) => crc32(Buffer.from(text, "latin1")) });
  link = createTcpLink((_address, _port, _isSecure, onConnected) => {
    listeners = {};
    setTimeout(onConnected, 0);
    return {
      on: (event: string, callback: (data: string) => void) => {
        listeners[event] = callback;
      },
      removeAllListeners: () => undefined,
      write: (line) => {
        written += line;
      },
      end: () => undefined,
    };
  });
  link.start(
    { device: "d", host: "192.0.2.1:7000", wifi: [] },
    { onMessage: () => undefined, onState: () => undefined, onReady: () => readyCount++ },
  );
  vi.advanceTimersByTime(10);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Sends until the link takes no more. @returns how many messages it took */
function fill(): number {
  let count = 0;
  while (link.send("answer", "x".repeat(400)) === "sent") count++;
  return count;
}

it("keeps no more than eight of the longest lines", () => {
  expect(fill()).toBeGreaterThanOrEqual(8);
  expect(written.length).toBeLessThanOrEqual(MOST_WAITING_BYTES);
  expect(["hello", "record", "answer"].map((kind) => link.send(kind as "hello", "x".repeat(400)))).toEqual(["busy", "busy", "busy"]);
});

it("tells once that there is room again, when the host has taken everything", () => {
  listeners.drain?.("");
  expect(readyCount).toBe(0);
  const count = fill();
  listeners.drain?.("");
  expect(readyCount).toBe(1);
  listeners.drain?.("");
  expect(readyCount).toBe(1);
  expect(fill()).toBe(count);
});

it("has room on a new connection", () => {
  const count = fill();
  listeners.close?.("");
  expect(link.send("hello", "{}")).toBe("down");
  vi.advanceTimersByTime(RETRY_MS + 10);
  expect(fill()).toBe(count);
  expect(readyCount).toBe(0);
});
