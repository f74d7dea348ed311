// The list of the devices that were flashed here, for whoever runs the host: secrets/devices.jsonl.

import { existsSync, readFileSync } from "node:fs";
import { appendSecret, secretPath } from "../provision/secrets.js";

export const REGISTER_FILE = "devices.jsonl";

/** Adds an entry with the present time. */
export function register(entry: object): void {
  appendSecret(secretPath(REGISTER_FILE), `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
}

/**
 * When a device was last done at this port and closed, with the same digest.
 * @returns a time in ISO 8601; undefined where its newest entry says otherwise, or there is none
 */
export function closedAt(device: string, port: string, digest: string): string | undefined {
  const file = secretPath(REGISTER_FILE);
  if (!existsSync(file)) return undefined;
  const last = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .filter((line) => line.includes(`"device":${JSON.stringify(device)},`) && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .at(-1);
  return last?.isClosed === true && last.port === port && last.digest === digest ? String(last.at) : undefined;
}
