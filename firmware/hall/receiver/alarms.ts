// Every alarm that a receiver raises, in words for people. Its key decides what counts as the same alarm: it is raised once.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import type { ToolError } from "../../tools/tool-error.js";
import type { Alarm, DeviceRow } from "../store/rows.js";

/** A record by its place. */
export interface RecordPlace {
  readonly device: string;
  readonly log: number;
  readonly sequence: number;
}

function keyOf({ log, sequence }: RecordPlace): string {
  return `${log}/${sequence}`;
}

// --- who sends ---

/** A terminal has no key file. */
export function unknownDevice(device: string): Alarm {
  const words = `${device} is unknown: there is no key file for it. Nothing that comes in its name is taken, so it keeps its records. Put ${device}.key into the folder of keys.`;
  return { kind: "unknownDevice", device, key: "", words };
}

/** The key file of a terminal cannot be used. */
export function unusableKey(device: string, error: ToolError): Alarm {
  const words = `${error.message} ${error.todo}`;
  return { kind: "key", device, key: words, words };
}

/** A hello of another terminal came on the way of this one. */
export function impostor(device: string, way: string, told: string): Alarm {
  const words = `On the way of ${device} (${way}) somebody says to be ${told}: it was refused. Correct the terminal's configuration, or the broker's access rules.`;
  return { kind: "impostor", device, key: told, words };
}

/** A message without the terminal's MAC came in its name. One alarm a day. */
export function forged(device: string, way: string, nowMs: number): Alarm {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const words = `Something came in the name of ${device} (${way}) without the MAC of its key, and was not taken: somebody else sends in its name, or ${device}.key is not this terminal's, or the terminal has lost its key. While that lasts it keeps its records.`;
  return { kind: "forged", device, key: day, words };
}

// --- logs ---

/** A terminal that had a log here has begun another one. */
export function newLog(device: string, log: number, before: number): Alarm {
  const words = `${device} has begun a new log, ${log}: somebody re-initialised it, or exchanged it, or the power went while its only page was erased. The records of log ${before} that are here stay valid.`;
  return { kind: "newLog", device, key: `${log}`, words };
}

/** A log that was here before goes on, after another one under the same name. */
export function returnedLog(device: string, log: number, before: number): Alarm {
  const words = `${device} is back at its log ${log}, after log ${before}: two terminals have this name. Give one of them another.`;
  return { kind: "newLog", device, key: `${before} ${log}`, words };
}

/** The terminal has had records acknowledged that are not here. */
export function acknowledgedElsewhere({ device, log, sequence }: RecordPlace): Alarm {
  const words = `${device} has had records up to ${sequence} of log ${log} acknowledged, and record ${sequence} is not here: another receiver has them, or this database is older than that.`;
  return { kind: "gap", device, key: `${log}/acknowledged/${sequence}`, words };
}

/** A record has not come, and later ones have. */
export function missingRecord(place: RecordPlace): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, has not come for a minute, and later ones have: the terminal has left it out, or the link loses it every time.`;
  return { kind: "gap", device, key: keyOf(place), words };
}

// --- records ---

/** A terminal cannot read one of its records any more. */
export function lostRecord(place: RecordPlace): Alarm {
  const { device, log, sequence } = place;
  const words = `${device} cannot read its record ${sequence} of log ${log} any more: its flash has lost it. Have the terminal looked at.`;
  return { kind: "lost", device, key: keyOf(place), words };
}

/** A record came that this program cannot read. */
export function unreadableRecord(place: RecordPlace, damage: string): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, cannot be read: ${damage}. It is stored as it came.`;
  return { kind: "unreadable", device, key: keyOf(place), words };
}

/** A message of a terminal could not be taken in. @param what its kind */
export function leftOut(device: string, what: string, fault: Error): Alarm {
  const words = `A ${what} of ${device} cannot be taken in (${fault.message}), and was left out: its firmware is another one, or somebody has its key.`;
  return { kind: "unreadable", device, key: what, words };
}

/** Another record with the number of a stored one has come. It is neither stored nor acknowledged. @param other its bytes */
export function fork(place: RecordPlace, other: Buffer): Alarm {
  const { device, log, sequence } = place;
  const words = `Another record ${sequence} of ${device}, log ${log}, has come, and differs from the stored one: another terminal sends under this name, or its flash was restored from an old copy. It is not stored and not acknowledged, so its terminal keeps it. Export the ledgers of all terminals with this name (counter-terminal export), then reset all but one, and give them names of their own.`;
  return { kind: "fork", device, key: `${log}`, words, evidence: other.toString("base64") };
}

/** A record that is proven has taken the place of one that was proven to be false. @param other the bytes of that one */
export function replaced(place: RecordPlace, other: Buffer): Alarm {
  const { device, log, sequence } = place;
  const words = `The stored record ${sequence} of ${device}, log ${log}, did not verify, and one that does has taken its place: another terminal sends under this name, or somebody changed its flash. The one before is kept in the table replaced.`;
  return { kind: "fork", device, key: keyOf(place), words, evidence: other.toString("base64") };
}

/** The chain contradicts a record. @param mac the one in the record */
export function brokenChain(place: RecordPlace, mac: string): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, does not verify, and the terminal itself sent it: somebody changed it, or the one before, in its flash. It is stored and marked.`;
  return { kind: "badMac", device, key: `${keyOf(place)}/${mac}`, words };
}

/** What a record itself reports; undefined where it reports nothing. */
export function reportedBy(place: RecordPlace, record: LedgerRecord): Alarm | undefined {
  const { device } = place;
  if (record.type === "refused") {
    const words = `${device} has refused commands (${record.error}, ${record.count} since it last said so): somebody without its key tries to command it, or its key file is wrong, or a command came twice.`;
    return { kind: "refused", device, key: keyOf(place), words };
  }
  // A fault of the link is over when its record comes.
  if (record.type === "faultBegan" && record.fault !== "link") {
    return { kind: "fault", device, key: keyOf(place), words: `${device} reports a fault: ${record.fault}, ${record.detail}.` };
  }
  return undefined;
}

// --- counters ---

/** A terminal says that it can write no records. There is no record of that: there was nowhere to write it. */
export function ledgerFault(device: string, nowMs: number): Alarm {
  const words = `${device} can write no records: its flash is full of records that wait for an acknowledgement, or failed. Citizens use the paper card there.`;
  return { kind: "fault", device, key: `ledger/${nowMs}`, words };
}

/** One badge is on duty at two counters. */
export function duplicateBadge(one: DeviceRow, two: DeviceRow): Alarm {
  const [a, b] = one.device < two.device ? [one, two] : [two, one];
  const words = `The badge of ${one.dutyStaff} is on duty at counter ${two.counter} (${two.device}) and at counter ${one.counter} (${one.device}).`;
  return { kind: "duplicateBadge", device: a.device, key: `${a.dutyBadge}/${b.device}/${a.dutySince}/${b.dutySince}`, words };
}
