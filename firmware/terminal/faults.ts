// Faults (rules E9, P2, P10, R5): the display and a record report each one for as long as it lasts. Service goes on with the parts that work.

import { RecordType } from "../ledger/records.js";
import { append } from "./effects.js";
import type { Fault } from "./events.js";
import type { State } from "./state.js";

/** @param detail for the technician, in ASCII */
export function beginFault(state: State, fault: Fault, detail: string): void {
  // Every further page that fails is recorded too.
  if (fault !== "flash" && isOn(state, fault)) return;
  turn(state, fault, true);
  if (fault === "config") state.configProblem = detail;
  // There is nowhere to record that the ledger is out of order. Only the end of that fault is recorded.
  if (fault !== "ledger") append(state, RecordType.FaultBegan, [fault, detail]);
}

export function endFault(state: State, fault: Fault): void {
  if (!isOn(state, fault) || fault === "config") return;
  turn(state, fault, false);
  append(state, RecordType.FaultEnded, [fault, ""]);
}

function isOn(state: State, fault: Fault): boolean {
  return fault === "ledger"
    ? state.isLedgerDown
    : fault === "link"
      ? state.isLinkLost
      : fault === "display"
        ? state.isDisplayDown
        : fault === "badgeReader"
          ? state.isReaderDown
          : !!state.configProblem;
}

function turn(state: State, fault: Fault, isDown: boolean): void {
  if (fault === "ledger") state.isLedgerDown = isDown;
  else if (fault === "link") state.isLinkLost = isDown;
  else if (fault === "display") state.isDisplayDown = isDown;
  else if (fault === "badgeReader") state.isReaderDown = isDown;
}
