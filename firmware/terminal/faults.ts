// What is out of order (rules E9, P2, R5): told on the display and in a record, for as long as it lasts.

import { RecordType } from "../ledger/records.js";
import type { Fault } from "./events.js";
import type { State } from "./state.js";

/** `detail` says what is wrong, for the technician, in ASCII. */
export function beginFault(state: State, fault: Fault, detail: string): void {
  if (fault === "config") state.configProblem = detail;
  else {
    // A fault of the ledger has no record: there is nowhere to write it. The one that tells of its end does.
    state.isLedgerDown = true;
    return;
  }
  state.effects.push({ kind: "append", type: RecordType.FaultBegan, fields: [fault, detail] });
}

export function endFault(state: State, fault: Fault): void {
  if (fault !== "ledger" || !state.isLedgerDown) return;
  state.isLedgerDown = false;
  state.effects.push({ kind: "append", type: RecordType.FaultEnded, fields: [fault] });
}
