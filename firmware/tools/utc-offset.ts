// The option `--utc-offset` of commands that count by local days and months.

import { Option } from "commander";
import { DEFAULT_UTC_OFFSET } from "./ledger/utc-offset-of.js";
import { ToolError } from "./tool-error.js";

/** The option `--utc-offset`, which `readOffset` reads. */
export function utcOffsetOption(): Option {
  const says = "local time minus UTC, for records that no start of the log stands in front of: each start tells the terminal's own";
  return new Option("--utc-offset <minutes>", says).default(String(DEFAULT_UTC_OFFSET));
}

/** @param text minutes of local time minus UTC, -840 to 840 @param state what has happened so far, for the message @throws ToolError */
export function readOffset(text: string, state: string): number {
  const minutes = Number(text);
  if (!/^[+-]?\d{1,3}$/.test(text) || Math.abs(minutes) > 840)
    throw new ToolError("usage", `--utc-offset ${text} is no offset.`, state, "Write minutes, from -840 to 840: 480 is China.");
  return minutes;
}
