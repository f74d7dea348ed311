// Signs commands with the device key: see PROTOCOL.md, "Commands that are signed".

import { createHmac } from "node:crypto";
import type { CommandId, SignedCommand, SignedEnvelope } from "../../uplink/messages.js";
import { asciiJson } from "./ascii-json.js";

/**
 * @param key the device key, 32 bytes
 * @param n greater than in every command that this device has accepted before
 */
export function signCommand(key: Uint8Array, device: string, n: number, command: SignedCommand, id: CommandId): SignedEnvelope {
  const signed = asciiJson({ ...command, n, device });
  const mac = createHmac("sha256", key).update(`command:${signed}`, "latin1").digest("hex");
  return { id, signed, mac };
}
