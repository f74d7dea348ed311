// Alerts to the supervisor (rules E7, A5, A6, P6, E12): a message to the host at once, and a record, except for a bad rating, whose own record says it.

import { RecordType } from "../ledger/records.js";
import { type AlertName, append } from "./effects.js";
import type { State } from "./state.js";

/** @param detail what the supervisor has to know, in ASCII */
export function raiseAlert(state: State, alert: AlertName, detail: string): void {
  if (alert !== "badRating") append(state, RecordType.Alert, [alert, detail]);
  state.effects.push({ kind: "alert", alert, detail });
}
