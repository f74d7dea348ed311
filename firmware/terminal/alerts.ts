// Alerts to the supervisor (rules E7, A5, A6, P6, E12): a message to the host at once, and a record. A bad rating needs no record of its own.

import { RecordType } from "../ledger/records.js";
import { type AlertName, alert, append } from "./effects.js";
import type { State } from "./state.js";

/** @param detail for the supervisor, in ASCII */
export function raiseAlert(state: State, name: AlertName, detail: string): void {
  if (name !== "badRating") append(state, RecordType.Alert, [name, detail]);
  alert(state, name, detail);
}
