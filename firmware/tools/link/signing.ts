// Signs commands to a terminal with the device key, and verifies the MAC of its messages: see PROTOCOL.md, "Authentication".

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Acknowledgement, CommandId, SignedCommand, SignedEnvelope } from "../../uplink/messages.js";
import { asciiJson } from "./ascii-json.js";

/** The numbers that a signed command needs, as the terminal's hello has them. */
export interface SignedPlace {
  /** Names the terminal's start. */
  readonly start: number;
  /** One more than the number of the newest signed command that it accepted. */
  readonly n: number;
}

/** A command in its signed envelope. @param key the device key, 32 bytes */
export function signCommand(key: Uint8Array, { start, n }: SignedPlace, command: SignedCommand, id?: CommandId): SignedEnvelope {
  return envelope(key, asciiJson({ ...command, n, start }), id);
}

/**
 * Tells the terminal that everything of its log is stored up to a number.
 * @param key the device key, 32 bytes
 * @param start names the terminal's start, as its hello does
 */
export function signAcknowledgement(key: Uint8Array, start: number, seq: number): SignedEnvelope {
  return envelope(key, asciiJson({ do: "acknowledge", start, seq } satisfies Acknowledgement));
}

/** An id for a command. Nobody can guess it, and it never comes twice. */
export function newCommandId(): string {
  return randomBytes(12).toString("base64url");
}

/** The word by which an answer names its command. @param text of the command's message as it was sent, without the CRC of a line */
export function hashOfCommand(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("base64").slice(0, 16);
}

function envelope(key: Uint8Array, signed: string, id?: CommandId): SignedEnvelope {
  return { ...(id === undefined ? {} : { id }), signed, mac: macOfText(key, `command:${signed}`) };
}

function macOfText(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "latin1").digest("base64");
}

/** Whether the terminal with this key has sent a message. @param text of the message as it came */
export function isSealedBy(key: Uint8Array, text: string): boolean {
  const [, body, mac] = /^(.*),"mac":"([A-Za-z0-9+/]{43}=)"\}$/s.exec(text) ?? [];
  return body !== undefined && mac !== undefined && timingSafeEqual(Buffer.from(macOfText(key, `${body}}`)), Buffer.from(mac));
}

/** A message with the MAC of this key, as a terminal sends it. */
export function sealedText(key: Uint8Array, message: object): string {
  const text = asciiJson(message);
  return `${text.slice(0, -1)},"mac":"${macOfText(key, text)}"}`;
}
