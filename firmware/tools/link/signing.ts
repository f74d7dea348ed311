// Signs commands to a terminal with the device key, and verifies the MAC of its messages: see PROTOCOL.md, "Authentication".

import { createHmac } from "node:crypto";
import type { Acknowledgement, CommandId, SignedCommand, SignedEnvelope } from "../../uplink/messages.js";
import { asciiJson } from "./ascii-json.js";

/** The number that a signed command needs, as the terminal's hello tells. */
export interface SignedPlace {
  /** Name of its ledger. */
  readonly log: number;
  /** One more than the number of the newest signed command that it accepted. */
  readonly n: number;
}

/** A command in its signed envelope. @param key the device key, 32 bytes */
export function signCommand(key: Uint8Array, { log, n }: SignedPlace, command: SignedCommand, id?: CommandId): SignedEnvelope {
  return envelope(key, asciiJson({ ...command, n, log }), id);
}

/** Tells the terminal that everything of a log is stored up to a number. @param key the device key, 32 bytes */
export function signAcknowledgement(key: Uint8Array, log: number, seq: number): SignedEnvelope {
  return envelope(key, asciiJson({ do: "acknowledge", log, seq } satisfies Acknowledgement));
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
  return body !== undefined && macOfText(key, `${body}}`) === mac;
}

/** A message with the MAC of this key, as a terminal sends it. */
export function sealedText(key: Uint8Array, message: object): string {
  const text = asciiJson(message);
  return `${text.slice(0, -1)},"mac":"${macOfText(key, text)}"}`;
}
