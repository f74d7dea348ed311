// What is out of order (rules E9, P2, P10, R5): told on the display and in a record, for as long as it lasts. Service goes on with what works.

import { RecordType } from "../ledger/records.js";
import { append } from "./effects.js";
import type { Fault } from "./events.js";
import type { State } from "./state.js";

/** `detail` says what is wrong, for the technician, in ASCII. */
export function beginFault(state: State, fault: Fault, detail: string): void {
  // Another page that fails is told too.
  if (fault !== "flash" && isOn(state, fault)) return;
  turn(state, fault, true);
  if (fault === "config") state.configProblem = detail;
  // A fault of the ledger has no record: there is nowhere to write it. The one that tells of its end does.
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
