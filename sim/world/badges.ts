// Badges as readers receive them: bits on two wires, bytes on a serial line, or a card that sends its UID on request.

import type { Board } from "../../firmware/boards/board.js";
import type { Site } from "../../firmware/tools/provision/site.js";

type Reader = Board["badgeReader"]["driver"];

/** The form of a badge for each kind of reader, as a pattern and in words for messages. */
export const BADGE_TEXTS: Readonly<Record<Reader, { readonly pattern: RegExp; readonly words: string }>> = {
  wiegand: { pattern: /^(W26:[0-9A-F]{6}|W34:[0-9A-F]{8})$/, words: "W26: and 6, or W34: and 8 upper-case hexadecimal digits" },
  serial: { pattern: /^EM:[0-9A-F]{10}$/, words: "EM: and 10 upper-case hexadecimal digits" },
  mfrc522: { pattern: /^UID:([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/, words: "UID: and 8, 14 or 20 upper-case hexadecimal digits" },
};

/**
 * The signal that a reader receives from a badge: for Wiegand the bits of a frame as `0` and `1`, for a serial reader the bytes of a frame, for a card its
 * UID in hexadecimal digits.
 * @throws Error when the reader does not read such badges
 */
export function signalOf(reader: Reader, badge: string): string {
  const { pattern, words } = BADGE_TEXTS[reader];
  if (!pattern.test(badge)) throw new Error(`"${badge}" is no badge: ${words}`);
  if (reader === "wiegand") return wiegandBits(badge);
  return reader === "serial" ? serialFrame(badge) : badge.slice(4);
}

/**
 * A person's badge for a reader of another kind. The sample hall was written for Wiegand: on other boards its badges keep their digits, with zeros in front.
 * The UID of a card has 4 or 7 bytes and begins as those of NXP do.
 */
export function asReadBy(reader: Reader, badge: string): string {
  if (BADGE_TEXTS[reader].pattern.test(badge)) return badge;
  const digits = badge.slice(badge.indexOf(":") + 1);
  if (reader === "serial") return `EM:${digits.slice(-10).padStart(10, "0")}`;
  if (reader === "mfrc522") return `UID:04${digits.length > 6 ? digits.slice(-12).padStart(12, "0") : digits.padStart(6, "0")}`;
  return digits.length > 6 ? `W34:${digits.slice(-8)}` : `W26:${digits}`;
}

/** The same hall with badges that the board's reader reads. */
export function siteFor(board: Board, site: Site): Site {
  return { ...site, people: site.people.map((person) => ({ ...person, badge: asReadBy(board.badgeReader.driver, person.badge) })) };
}

/** A signal with one bit changed. Bits count from 1, the highest of a byte first. @returns undefined where there is no such bit */
export function flipBit(reader: Reader, signal: string, bit: number): string | undefined {
  // A reader asks a card again when its answer is garbled.
  if (reader === "mfrc522") return undefined;
  const perUnit = reader === "wiegand" ? 1 : 8;
  const at = Math.floor((bit - 1) / perUnit);
  if (at >= signal.length) return undefined;
  const flipped = String.fromCharCode(signal.charCodeAt(at) ^ (1 << (perUnit - 1 - ((bit - 1) % perUnit))));
  return signal.slice(0, at) + flipped + signal.slice(at + 1);
}

/** The frame of a badge: a bit of even parity, the data bits, and a bit of odd parity. */
export function wiegandBits(badge: string): string {
  const match = /^W(26|34):([0-9A-F]+)$/.exec(badge);
  const length = Number(match?.[1]);
  const digits = match?.[2] ?? "";
  if (digits.length * 4 !== length - 2) throw new Error(`"${badge}" is no badge: ${BADGE_TEXTS.wiegand.words}`);
  const data = [...digits].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  const ones = (bits: string): number => bits.split("1").length - 1;
  const half = data.length / 2;
  return (ones(data.slice(0, half)) % 2) + data + ((ones(data.slice(half)) + 1) % 2);
}

/** STX, ten hexadecimal digits, two digits with the XOR of their five bytes, ETX. */
function serialFrame(badge: string): string {
  const digits = badge.slice(3);
  const sum = Buffer.from(digits, "hex").reduce((xor, byte) => xor ^ byte, 0);
  return `\x02${digits}${sum.toString(16).toUpperCase().padStart(2, "0")}\x03`;
}
