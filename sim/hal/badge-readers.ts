// Badge readers of each kind over a simulated world: the time of each report, and whether a frame is right. Written from the formats and not from the drivers.

import type { BadgeFault, BadgeListener } from "../../hal/badge.js";
import { POLL_MS, RETRY_MS } from "../../hal/espruino/badge-reader/mfrc522.js";
import { FRAME_GAP_MS } from "../../hal/espruino/badge-reader/wiegand.js";
import type { World } from "../world/world.js";

/** Time between the bits of a badge's frame on the wires, in ms. */
export const WIEGAND_BIT_MS = 2;

/** Time of a byte at 9600 baud, with ten bits, in ms. */
const BYTE_MS = 10 / 9.6;
/** Number of bytes that a port hands out at once. */
const CHUNK_BYTES = 5;

/** The bytes of a serial reader in the chunks of a port, and the time of each chunk after the first edge. */
export function serialChunks(signal: string): { readonly data: string; readonly afterMs: number }[] {
  const chunks = [];
  for (let end = CHUNK_BYTES; end < signal.length + CHUNK_BYTES; end += CHUNK_BYTES) {
    const data = signal.slice(end - CHUNK_BYTES, end);
    chunks.push({ data, afterMs: Math.ceil((end - CHUNK_BYTES + data.length) * BYTE_MS) });
  }
  return chunks;
}

/** The parts of the layer that a simulated reader needs. */
export interface ReaderParts {
  readonly world: World;
  readonly nowMs: () => number;
  readonly after: (ms: number, run: () => void) => void;
}

/** The reader of the world's board. `present` is called when somebody holds a badge to it. */
export interface SimulatedReader {
  start(listener: BadgeListener): void;
  present(signal: string): void;
}

export function createReader(parts: ReaderParts): SimulatedReader {
  const { driver } = parts.world.board.badgeReader;
  return driver === "wiegand" ? wiegandReader(parts) : driver === "serial" ? serialReader(parts) : mfrc522Reader(parts);
}

/** All bits are 0 or all are 1. */
function isInvented(digits: string): boolean {
  return /^(0*|F*)$/.test(digits);
}

function wiegandReader({ nowMs, after }: ReaderParts): SimulatedReader {
  let listener: BadgeListener | undefined;
  return {
    start(given) {
      listener = given;
    },
    present(bits) {
      const lastMs = nowMs() + (bits.length - 1) * WIEGAND_BIT_MS;
      after(lastMs - nowMs() + FRAME_GAP_MS, () => reportBits(bits, lastMs, listener));
    },
  };
}

function reportBits(bits: string, atMs: number, listener: BadgeListener | undefined): void {
  const half = bits.length / 2;
  const ones = (part: string): number => [...part].filter((bit) => bit === "1").length;
  if (bits.length !== 26 && bits.length !== 34) listener?.onFault("length", atMs);
  else if (ones(bits.slice(0, half)) % 2 !== 0 || ones(bits.slice(half)) % 2 !== 1) listener?.onFault("parity", atMs);
  else {
    const value = Number.parseInt(bits.slice(1, -1), 2);
    const digits = (bits.length - 2) / 4;
    const number = value.toString(16).toUpperCase().padStart(digits, "0");
    if (!isInvented(number)) listener?.onBadge(`W${bits.length}:${number}`, atMs);
  }
}

function serialReader({ nowMs, after }: ReaderParts): SimulatedReader {
  let listener: BadgeListener | undefined;
  let line: number[] = [];
  const report = (frame: readonly number[]): void => {
    const text = Buffer.from(frame).toString("latin1");
    const digits = text.slice(1, 13);
    const end = text.slice(13);
    const isRight = /^[0-9A-F]{12}$/.test(digits) && Buffer.from(digits, "hex").reduce((xor, byte) => xor ^ byte, 0) === 0;
    if (end !== "\x03" && end !== "\r\n\x03") listener?.onFault("length", nowMs());
    else if (!isRight) listener?.onFault("checksum", nowMs());
    else if (!isInvented(digits.slice(0, 10))) listener?.onBadge(`EM:${digits.slice(0, 10)}`, nowMs());
  };
  return {
    start(given) {
      listener = given;
    },
    present(signal) {
      for (const { data, afterMs } of serialChunks(signal)) {
        after(afterMs, () => {
          line.push(...Buffer.from(data, "latin1"));
          // A frame is an STX and 13 bytes without another STX, or 15 where the last of the 13 is a CR.
          for (let begin = line.indexOf(2); begin >= 0; begin = line.indexOf(2, begin + 1)) {
            const lengthBytes = line[begin + 13] === 13 ? 16 : 14;
            const frame = line.slice(begin, begin + lengthBytes);
            if (frame.length < lengthBytes || frame.lastIndexOf(2) > 0) continue;
            report(frame);
            line = line.slice(begin + lengthBytes);
            begin = -1;
          }
        });
      }
    },
  };
}

function mfrc522Reader({ world, nowMs, after }: ReaderParts): SimulatedReader {
  let isAnswering = true;
  /** The fault of the newest poll, or "". A fault that lasts is reported once. */
  let trouble: BadgeFault | "" = "";
  return {
    start(listener) {
      const poll = (): void => {
        const isConnected = world.hears("reader");
        const uids = isConnected ? world.cardsInField() : [];
        after(isConnected ? POLL_MS : RETRY_MS, poll);
        if (isConnected !== isAnswering) {
          isAnswering = isConnected;
          listener.onFault(isConnected ? "answers" : "silent", nowMs());
        }
        const before = trouble;
        trouble = uids.length > 1 ? "collision" : uids[0] && uids[0].length > 14 ? "length" : "";
        if (trouble && !before) listener.onFault(trouble, nowMs());
        else if (uids.length === 1 && !trouble && !isInvented(uids[0] as string)) listener.onBadge(`UID:${uids[0]}`, nowMs());
      };
      after(0, poll);
    },
    present: () => undefined,
  };
}
