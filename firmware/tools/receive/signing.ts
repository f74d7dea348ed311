// Signs commands with the device key: see PROTOCOL.md, "Commands that are signed".

import { createHmac } from "node:crypto";
import type { CommandId, SignedCommand, SignedEnvelope } from "../../uplink/messages.js";
import { asciiJson } from "./ascii-json.js";

/** Where a terminal's numbers are, as its hello tells. */
export interface SignedPlace {
  /** Name of its ledger. */
  readonly log: number;
  /** One more than the number of the newest signed command that it accepted. */
  readonly n: number;
}

/** @param key the device key, 32 bytes */
export function signCommand(key: Uint8Array, { log, n }: SignedPlace, command: SignedCommand, id?: CommandId): SignedEnvelope {
  const signed = asciiJson({ ...command, n, log });
  const mac = createHmac("sha256", key).update(`command:${signed}`, "latin1").digest("base64");
  return { ...(id === undefined ? {} : { id }), signed, mac };
}
