// Sends a terminal a new configuration, roster or pictures. The file is announced with a signed command, sent in pieces, and committed. PROTOCOL.md has the three
// commands.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { DisplaySize } from "../display/layouts.js";
import { sentenceOf } from "../tools/link/error-codes.js";
import { configOf, picturesFile, rosterText, type Site } from "../tools/provision/site.js";
import { packConfig } from "../tools/provision/stored-config.js";
import { ToolError, usageError } from "../tools/tool-error.js";
import type { Command } from "../uplink/messages.js";
import type { Answer } from "./receiver/command-queue.js";

export const REPLACEABLE = ["pictures", "roster", "config"] as const;
export type Replaceable = (typeof REPLACEABLE)[number];

/** Bytes of a piece, which fit a message in base64. Each piece but the last has to be a multiple of 8 bytes. */
const PIECE_BYTES = 288;
/** A terminal that is busy with a citizen, or restarts with the file before, is tried again after so long, in ms, and so often. */
const BUSY_MS = 5000;
const BUSY_TRIES = 60;

export interface Replacement {
  readonly what: Replaceable;
  readonly bytes: Uint8Array;
  /** Who orders it: the terminal records it. */
  readonly by: string;
}

export interface ReplaceOptions {
  /** See `BUSY_MS`. */
  readonly busyMs?: number;
  readonly onProgress?: (doneBytes: number) => void;
}

/**
 * Makes the file that a terminal takes.
 * @param device its name: it has to be one of the site's counters
 * @param size of its display; null: it shows no pictures
 * @throws ToolError where the site has no such device, the terminal shows no pictures, or the tool refuses to make the file
 */
export function replacementFor(device: string, what: Replaceable, site: Site, size: DisplaySize | null): Uint8Array {
  const fields = site.counters.find((each) => each.device === device);
  if (!fields) {
    const names = site.counters.map((each) => each.device).join(", ");
    throw usageError(`${device} is none of the site's terminals: they are ${names}.`, "Name one of these, or add it to the site file.");
  }
  if (what === "config") return Buffer.from(packConfig(configOf(fields)), "utf8");
  if (what === "roster") return Buffer.from(rosterText(site.people), "utf8");
  if (!size) throw usageError("A display with digits shows no pictures.", "Send the roster alone.");
  return picturesFile(fields, site, size);
}

/**
 * Sends a file, and waits until the terminal has accepted it. The terminal restarts by itself when no citizen is asked.
 * @param give gives the terminal a command, and waits for its answer: `Receiver.commandTo`
 * @throws ToolError when the terminal refuses it or does not answer: then its old file stays in force. Where only the answer to the last command is missing, the next
 * hello and the terminal's record tell which file is in force
 */
export async function replaceFile(
  give: (command: Command) => Promise<Answer>,
  { what, bytes, by }: Replacement,
  { busyMs = BUSY_MS, onProgress }: ReplaceOptions = {},
): Promise<void> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");

  async function must(command: Command, again: readonly string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const answer = await give(command);
      if (!("error" in answer)) return;
      if (!again.includes(answer.error) || tries === BUSY_TRIES) {
        throw new ToolError(
          "commandRefused",
          `${what}: ${sentenceOf(answer.error)}`,
          "The terminal keeps the file that it had.",
          "Do what the message says.",
        );
      }
      await sleep(busyMs);
    }
  }

  // When it restarts, its signed numbers begin anew and an old number is refused. Announcing the same file twice does no harm.
  await must({ do: "replace", what, bytes: bytes.length, sha256, by }, ["busy", "replayed"]);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const data = Buffer.from(bytes.subarray(at, at + PIECE_BYTES)).toString("base64");
    await must({ do: "piece", at, data }, []);
    onProgress?.(Math.min(at + PIECE_BYTES, bytes.length));
  }
  await must({ do: "commit" }, ["busy"]);
}
