// Presence: who is on duty at each counter of a hall, and in which state the counter is. It tells neighbours of each other, and finds a badge that is on duty at two
// counters.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import { asciiJson } from "../../tools/link/ascii-json.js";
import type { Command, NeighbourState, Status } from "../../uplink/messages.js";
import type { DeviceRow, HeadRow } from "../store/rows.js";
import { duplicateBadge, ledgerFault } from "./alarms.js";
import type { HallState } from "./hall-state.js";
import { checkedRecord } from "./record-columns.js";

/** The records that tell who is on duty, with their numbers in the ledger. */
const DUTY_NUMBERS = { signIn: 2, signOut: 3, pauseBegan: 5, pauseEnded: 6 } as const;
const DUTY_TYPES = Object.keys(DUTY_NUMBERS);
const DUTY_BYTES: ReadonlySet<number> = new Set(Object.values(DUTY_NUMBERS));

export interface Presence {
  /** A record is the next one of its log. Notes the clerk or the pause that it tells of. */
  noteDuty(head: HeadRow, bytes: Buffer): void;
  /** Nobody knows any more who is on duty: records are missing. */
  forgetDuty(head: HeadRow): void;
  /** Reads from all records of a log who is on duty. */
  recallDuty(head: HeadRow): void;
  /** More records of a counter are here. Looks whether the badge on duty there is on duty elsewhere. */
  judgeDuty(row: DeviceRow): void;
  /** A terminal, or its broker, reports its status. */
  hearStatus(device: string, status: Status): void;
  /** Tells a terminal the states of its neighbours. */
  tellNeighbours(row: DeviceRow): void;
}

/**
 * @param isCurrent whether every record of a terminal is here. Of any other terminal nobody knows who is on duty there now
 * @param isFresh whether what a terminal said last may still be so
 * @param tell gives a terminal a command; a later one of the same name takes its place
 */
export function createPresence(
  hall: HallState,
  isCurrent: (row: DeviceRow) => boolean,
  isFresh: (row: DeviceRow) => boolean,
  tell: (device: string, command: Command, name: string) => void,
): Presence {
  /** Devices that have reported their status. */
  const tellers = new Set<string>();

  function noteDuty({ device, log }: HeadRow, bytes: Buffer): void {
    if (!DUTY_BYTES.has(bytes.readUInt8(1))) return;
    const row = hall.device(device);
    if (row.log !== log) return;
    // What is stored as unreadable tells nothing.
    const { record } = checkedRecord(bytes);
    if (!record) return;
    if (record.type === "signOut") {
      const untilS = record.wallSeconds ?? 0;
      // A late record tells of the past: two duties may have overlapped then.
      for (const other of othersWith(row)) if (other.dutySince && untilS > other.dutySince && isCurrent(other)) noteDouble(row, other);
    }
    applyDuty(row, record);
    hall.touch(row);
  }

  function forgetDuty({ device, log }: HeadRow): void {
    const row = hall.device(device);
    if (row.log !== log) return;
    applyDuty(row, undefined);
    hall.touch(row);
  }

  function recallDuty(head: HeadRow): void {
    const { device, log, sequence } = head;
    const row = hall.device(device);
    if (row.log !== log) return;
    forgetDuty(head);
    const records = hall.store.newestOf(device, log, DUTY_TYPES, sequence).flatMap((bytes) => checkedRecord(bytes).record ?? []);
    const last = records.findIndex(({ type }) => type === "signIn" || type === "signOut");
    for (const record of records.slice(0, last + 1).reverse()) applyDuty(row, record);
    hall.touch(row);
    judgeDuty(row);
  }

  function othersWith(row: DeviceRow): DeviceRow[] {
    return row.dutyBadge ? hall.byBadge.othersWith(row.dutyBadge, row.device) : [];
  }

  function judgeDuty(row: DeviceRow): void {
    deriveStatus(row);
    if (!row.dutyBadge || !isCurrent(row)) return;
    for (const other of othersWith(row)) if (isCurrent(other)) noteDouble(row, other);
  }

  function noteDouble(one: DeviceRow, two: DeviceRow): void {
    if (!hall.raise(duplicateBadge(one, two))) return;
    hall.later(() => {
      tell(one.device, { do: "duplicateBadge", counter: two.counter }, `duplicateBadge ${two.counter}`);
      tell(two.device, { do: "duplicateBadge", counter: one.counter }, `duplicateBadge ${one.counter}`);
    });
  }

  /** Derives the status of a terminal that does not report it from its records. */
  function deriveStatus({ device, dutyStaff, dutyPause, configuration }: DeviceRow): void {
    if (tellers.has(device) || !isCurrent(hall.device(device))) return;
    const state = !dutyStaff ? "unattended" : dutyPause ? "paused" : "open";
    const unknown = { faults: [], uptime: 0, free: 0, flags: [] };
    noteStatus(device, { online: true, state, clerk: dutyStaff, pause: dutyPause, config: configuration, ...unknown });
  }

  function hearStatus(device: string, status: Status): void {
    if (status.online) tellers.add(device);
    noteStatus(device, status);
  }

  function noteStatus(device: string, status: Status): void {
    const row = hall.device(device);
    const before = neighbourStateOf(row);
    const told = statusOf(row);
    const words = statusWords(status);
    // A change of its figures alone is no event.
    if (!told || statusWords(told) !== words) hall.say({ kind: "status", device, words });
    if (hasLedgerFault(status) && !hasLedgerFault(told)) hall.raise(ledgerFault(device, hall.clock.nowMs()));
    row.status = asciiJson(status);
    hall.touch(row);
    const after = neighbourStateOf(row);
    if (after && after !== before) hall.later(() => relay(row, after));
  }

  function relay({ device, counter }: DeviceRow, state: NeighbourState): void {
    for (const other of hall.byNeighbour.othersWith(counter, device)) tell(other.device, { do: "neighbour", counter, state }, `neighbour ${counter}`);
  }

  function relayFrom(counter: string, to: string): void {
    for (const row of hall.byCounter.othersWith(counter, to)) {
      const state = isFresh(row) ? neighbourStateOf(row) : undefined;
      if (state) tell(to, { do: "neighbour", counter, state }, `neighbour ${counter}`);
    }
  }

  return {
    noteDuty,
    forgetDuty,
    recallDuty,
    judgeDuty,
    hearStatus,
    tellNeighbours(row) {
      for (const counter of row.neighbours) relayFrom(counter, row.device);
    },
  };
}

/** Notes who is on duty after a record; undefined: nobody knows. */
function applyDuty(row: DeviceRow, record: LedgerRecord | undefined): void {
  if (record?.type === "pauseBegan") row.dutyPause = record.reason;
  else if (record?.type === "pauseEnded") row.dutyPause = "";
  else {
    const { badge = "", staff = "", wallSeconds = 0 } = record?.type === "signIn" ? record : {};
    Object.assign(row, { dutyPause: "", dutyBadge: badge, dutyStaff: staff, dutySince: wallSeconds });
  }
}

function hasLedgerFault(status: Status | undefined): boolean {
  return status?.online === true && status.faults.includes("ledger");
}

/** The newest status of a terminal; undefined where there is none. */
export function statusOf({ status }: DeviceRow): Status | undefined {
  return status ? (JSON.parse(status) as Status) : undefined;
}

/** A status as a line for people, without its figures. */
export function statusWords(status: Status): string {
  if (!status.online) return "offline";
  const { state, clerk, pause, faults, flags } = status;
  const parts = [pause ? `${state} (${pause})` : state];
  if (clerk) parts.push(clerk);
  if (faults.length > 0) parts.push(`FAULTS: ${faults.join(" ")}`);
  if (flags.length > 0) parts.push(`its interpreter says ${flags.join(" ")}`);
  return parts.join(", ");
}

/** The state of a terminal as its neighbours are told it; undefined before its first status. */
function neighbourStateOf(row: DeviceRow): NeighbourState | undefined {
  const told = statusOf(row);
  if (!told) return undefined;
  if (!told.online || told.state === "outOfOrder") return "closed";
  return told.state === "asking" ? "open" : told.state;
}
