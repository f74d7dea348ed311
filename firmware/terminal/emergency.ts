// The emergency text of the host (rule P12): the display shows it above everything else until it is cleared.

import { Outcome, RecordType } from "../ledger/records.js";
import { append } from "./effects.js";
import { closeSession } from "./session.js";
import type { State } from "./state.js";

/** @param text in UTF-8, as a byte string that the display can show; "" clears it @param crc CRC-32 of the text, or 0 */
export function setEmergency(state: State, text: string, crc: number, atMs: number): void {
  // The host may repeat it.
  if (state.emergency === text) return;
  state.emergency = text;
  // The prompt is covered, so nobody can rate any more.
  if (text) closeSession(state, Outcome.Cancelled, atMs);
  append(state, RecordType.Emergency, [crc]);
}
