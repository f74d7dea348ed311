// Who is on duty at each counter of a hall, and how it stands: tells neighbours of each other, and finds a badge that is on duty at two counters.

import { type LedgerRecord, RecordError, readRecord } from "../../tools/ledger/ledger-reader.js";
import { asciiJson } from "../../tools/link/ascii-json.js";
import type { Command, NeighbourState, Status } from "../../uplink/messages.js";
import type { DeviceRow, HeadRow } from "../store/store.js";
import type { HallState } from "./hall-state.js";

const SIGN_IN = 2;
const PAUSE_ENDED = 6;

export interface CounterBoard {
  /** A record is the next one of its log: is it about who is on duty? */
  noteDuty(head: HeadRow, bytes: Buffer): void;
  /** More is known of who is on duty at a counter: is that badge on duty elsewhere? */
  judgeDuty(row: DeviceRow): void;
  /** A terminal, or its broker, says how it stands. */
  hearStatus(device: string, status: Status): void;
  /** Tells a terminal how its neighbours stand. */
  tellNeighbours(row: DeviceRow): void;
}

/**
 * @param isCurrent whether everything that a terminal has written is here: of others nobody knows who is on duty there now
 * @param tell gives a terminal a command; a later one of the same name takes its place
 */
export function createCounterBoard(
  hall: HallState,
  isCurrent: (row: DeviceRow) => boolean,
  tell: (device: string, command: Command, name: string) => void,
): CounterBoard {
  /** Devices that have said how they stand. */
  const tellers = new Set<string>();

  function noteDuty({ device, log }: HeadRow, bytes: Buffer): void {
    const type = bytes.readUInt8(1);
    if (type < SIGN_IN || type > PAUSE_ENDED) return;
    const row = hall.device(device);
    if (row.log !== log) return;
    let record: LedgerRecord;
    try {
      record = readRecord(bytes);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      return;
    }
    if (record.type === "pauseBegan") row.dutyPause = record.reason;
    else if (record.type === "pauseEnded") row.dutyPause = "";
    else if (record.type === "signIn") {
      row.dutyPause = "";
      row.dutyBadge = record.badge;
      row.dutyStaff = record.staff;
      row.dutySince = record.wallSeconds ?? 0;
    } else if (record.type === "signOut") {
      const untilS = record.wallSeconds ?? 0;
      // What comes late tells of the past: did they overlap?
      for (const other of othersWith(row)) if (other.dutySince && untilS > other.dutySince && isCurrent(other)) noteDouble(row, other);
      row.dutyPause = "";
      row.dutyBadge = "";
      row.dutyStaff = "";
      row.dutySince = 0;
    }
    hall.touch(row);
  }

  function othersWith(row: DeviceRow): DeviceRow[] {
    if (!row.dutyBadge) return [];
    return [...hall.devices()].filter((other) => other.device !== row.device && other.dutyBadge === row.dutyBadge);
  }

  function judgeDuty(row: DeviceRow): void {
    deriveStatus(row);
    if (!row.dutyBadge || !isCurrent(row)) return;
    for (const other of othersWith(row)) if (isCurrent(other)) noteDouble(row, other);
  }

  function noteDouble(one: DeviceRow, two: DeviceRow): void {
    const [a, b] = [one, two].sort((x, y) => (x.device < y.device ? -1 : 1)) as [DeviceRow, DeviceRow];
    const words = `The badge of ${one.dutyStaff} is on duty at counter ${two.counter} (${two.device}) and at counter ${one.counter} (${one.device}).`;
    if (!hall.raise({ kind: "duplicateBadge", device: a.device, key: `${a.dutyBadge}/${b.device}/${a.dutySince}/${b.dutySince}`, words })) return;
    hall.later(() => {
      tell(one.device, { do: "duplicateBadge", counter: two.counter }, `duplicateBadge ${two.counter}`);
      tell(two.device, { do: "duplicateBadge", counter: one.counter }, `duplicateBadge ${one.counter}`);
    });
  }

  /** How a terminal stands that does not say so itself, from its records. */
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
    // Its figures alone are no news.
    if (!told || statusWords(told) !== words) hall.say({ kind: "status", device, words });
    if (status.online && status.faults.includes("ledger") && !(told?.online && told.faults.includes("ledger"))) {
      const why = "its flash is full of records that wait for an acknowledgement, or failed";
      // There is no record of it: there was nowhere to write it.
      hall.raise({
        kind: "fault",
        device,
        key: `ledger/${hall.clock.nowMs()}`,
        words: `${device} can write no records: ${why}. Citizens use the paper card there.`,
      });
    }
    row.status = asciiJson(status);
    hall.touch(row);
    const after = neighbourStateOf(row);
    if (after && after !== before) hall.later(() => relay(row, after));
  }

  function relay({ counter }: DeviceRow, state: NeighbourState): void {
    for (const other of hall.devices())
      if (other.neighbours.includes(counter)) tell(other.device, { do: "neighbour", counter, state }, `neighbour ${counter}`);
  }

  function relayFrom(counter: string, to: string): void {
    for (const row of hall.devices()) {
      const state = row.counter === counter && row.device !== to ? neighbourStateOf(row) : undefined;
      if (state) tell(to, { do: "neighbour", counter, state }, `neighbour ${counter}`);
    }
  }

  return {
    noteDuty,
    judgeDuty,
    hearStatus,
    tellNeighbours(row) {
      for (const counter of row.neighbours) relayFrom(counter, row.device);
    },
  };
}

/** How a terminal stood when it was heard of last. */
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

/** What the neighbours of a terminal are told of it; undefined where it has not told itself. */
function neighbourStateOf(row: DeviceRow): NeighbourState | undefined {
  const told = statusOf(row);
  if (!told) return undefined;
  if (!told.online || told.state === "outOfOrder") return "closed";
  return told.state === "asking" ? "open" : told.state;
}
