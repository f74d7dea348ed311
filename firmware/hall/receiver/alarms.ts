// Every alarm that a receiver raises, in words for people. Its key decides which of them are one row, with a count; its occasion decides whether people are told.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import type { ToolError } from "../../tools/tool-error.js";
import type { Alarm, DeviceRow, NumberRange } from "../store/rows.js";

/** The occasion of an alarm that people are told once a day while its cause lasts. */
export const DAILY = "daily";

/** A record by its place. */
export interface RecordPlace {
  readonly device: string;
  readonly log: number;
  readonly sequence: number;
}

function keyOf({ log, sequence }: RecordPlace): string {
  return `${log}/${sequence}`;
}

// --- the database ---

/** The database is an older one than there was. */
export function olderDatabase(nowMs: number): Alarm {
  const words = `The database was restored, or an old copy of it put in its place, or a restore was interrupted: what came later may be missing. Terminals are asked for what they still hold; what they do not is told. If an emergency text is to be shown, give it again.`;
  return { kind: "database", device: "", key: "older", occasion: `${nowMs}`, words };
}

// --- who sends ---

/** A terminal has no key file. */
export function unknownDevice(device: string): Alarm {
  const words = `${device} is unknown: there is no key file for it. Nothing that comes in its name is taken, so it keeps its records. Put ${device}.key into the folder of keys.`;
  return { kind: "unknownDevice", device, key: "", occasion: DAILY, words };
}

/** Too many names came that are unknown to have an alarm for each. @param device the newest */
export function manyStrangers(device: string): Alarm {
  const words = `Messages come under ever more unknown names, now ${device}: somebody invents them. Nothing of that is taken. See who may reach the receiver's port, or write to the broker's topics.`;
  return { kind: "unknownDevice", device: "", key: "more", occasion: DAILY, words };
}

/** The key file of a terminal cannot be used. @param isKept whether the key that was read before goes on being used */
export function unusableKey(device: string, { message, todo }: ToolError, isKept: boolean): Alarm {
  const state = isKept
    ? "The key that was read before stays in use until the receiver ends."
    : `Nothing that comes in the name of ${device} is taken meanwhile, so it keeps its records.`;
  const words = `${message} ${state} ${todo}`;
  return { kind: "key", device, key: "", occasion: words, words };
}

/** A hello of another terminal came on the way of this one. */
export function impostor(device: string, way: string, told: string): Alarm {
  const words = `On the way of ${device} (${way}) somebody says to be ${told}: it was refused. Correct the terminal's configuration, or the broker's access rules.`;
  return { kind: "impostor", device, key: "", occasion: DAILY, words };
}

/** One message comes on two ways: two addresses that were given lead to one broker. */
export function sameBroker(one: string, two: string): Alarm {
  const [a, b] = one < two ? [one, two] : [two, one];
  const words = `${a} and ${b} bring the same messages: they are one broker, or a cluster of brokers. Everything is stored once, and the second one does nothing: give --mqtt one of them alone.`;
  return { kind: "impostor", device: "", key: `${a} ${b}`, occasion: DAILY, words };
}

/** A message without the terminal's MAC came in its name. */
export function forged(device: string, way: string): Alarm {
  const words = `Something came in the name of ${device} (${way}) without the MAC of its key, and was not taken: somebody else sends in its name, or ${device}.key is not this terminal's, or the terminal has lost its key. While that lasts it keeps its records.`;
  return { kind: "forged", device, key: "", occasion: DAILY, words };
}

// --- logs ---

/** A terminal that had a log here has begun another one. */
export function newLog(device: string, log: number, before: number): Alarm {
  const words = `${device} has begun a new log, ${log}: somebody re-initialised it, or exchanged it, or the power went while its only page was erased. The records of log ${before} that are here stay valid.`;
  return { kind: "newLog", device, key: "", occasion: `${log}`, words };
}

/** A log that was here before goes on, after another one under the same name. */
export function returnedLog(device: string, log: number, before: number): Alarm {
  const words = `${device} is back at its log ${log}, after log ${before}: two terminals have this name. Give one of them another.`;
  return { kind: "newLog", device, key: "returned", occasion: DAILY, words };
}

/** The terminal has had records acknowledged that are not here. */
export function acknowledgedElsewhere({ device, log, sequence }: RecordPlace): Alarm {
  const words = `${device} has had records up to ${sequence} of log ${log} acknowledged, and not all of them are here: another receiver has them, or this database is older than that, or somebody deleted them from it.`;
  return { kind: "gap", device, key: `${log}/acknowledged`, occasion: DAILY, words };
}

/** Most ranges of numbers that an alarm names. */
const MOST_RANGES = 20;

/** Records that were acknowledged are neither here nor in the terminal any more. */
export function lostForGood(device: string, log: number, ranges: readonly NumberRange[]): Alarm {
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const named = ranges.slice(0, MOST_RANGES).map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  if (ranges.length > MOST_RANGES) named.push("others");
  const what = count === 1 ? `Record ${named[0]} of ${device}, log ${log}, is` : `${count} records of ${device}, log ${log}, are`;
  const which = count === 1 ? "" : ` (${named.join(", ")})`;
  const words = `${what} lost here${which}: the terminal had them acknowledged, and has them no more. Look for them in the database of another receiver, in the one that was replaced, or in a newer backup.`;
  return { kind: "gap", device, key: `${log}/lost`, occasion: named.join(), words };
}

/** A record has not come, and later ones have. */
export function missingRecord(place: RecordPlace): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, has not come for a minute, and later ones have: the terminal has left it out, or the link loses it every time.`;
  return { kind: "gap", device, key: `${log}`, occasion: `${sequence}`, words };
}

// --- records ---

/** A terminal cannot read one of its records any more. */
export function lostRecord(place: RecordPlace): Alarm {
  const { device, log, sequence } = place;
  const words = `${device} cannot read its record ${sequence} of log ${log} any more: its flash has lost it, or never held it where a whole page was lost. Have the terminal looked at.`;
  return { kind: "lost", device, key: `${log}`, occasion: `${sequence}`, words };
}

/** A record came that this program cannot read. */
export function unreadableRecord(place: RecordPlace, damage: string): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, cannot be read: ${damage}. It is stored as it came.`;
  return { kind: "unreadable", device, key: `${log}`, occasion: DAILY, words };
}

/** A message of a terminal could not be taken in. @param what its kind */
export function leftOut(device: string, what: string, fault: Error): Alarm {
  const words = `A ${what} of ${device} cannot be taken in (${fault.message}), and was left out: its firmware is another one, or somebody has its key.`;
  return { kind: "unreadable", device, key: what, occasion: DAILY, words };
}

/** Another record with the number of a stored one has come. It is neither stored nor acknowledged. @param other its bytes */
export function fork(place: RecordPlace, other: Buffer): Alarm {
  const { device, log, sequence } = place;
  const words = `Another record ${sequence} of ${device}, log ${log}, has come, and differs from the stored one: another terminal sends under this name, or its flash was restored from an old copy, or has lost a page. It is not stored and not acknowledged, so its terminal keeps it. Export the ledgers of all terminals with this name (counter-terminal export), then reset all but one, and give them names of their own.`;
  return { kind: "fork", device, key: `${log}`, occasion: DAILY, words, evidence: other.toString("base64") };
}

/** A record that is proven has taken the place of one that was proven to be false. @param other the bytes of that one */
export function replaced(place: RecordPlace, other: Buffer): Alarm {
  const { device, log, sequence } = place;
  const words = `The stored record ${sequence} of ${device}, log ${log}, did not verify, and one that does has taken its place: another terminal sends under this name, or somebody changed its flash. receive export --replaced shows the one before.`;
  return { kind: "fork", device, key: `${log}/replaced`, occasion: `${sequence}`, words, evidence: other.toString("base64") };
}

/** The chain contradicts a record. */
export function brokenChain(place: RecordPlace): Alarm {
  const { device, log, sequence } = place;
  const words = `Record ${sequence} of ${device}, log ${log}, does not verify, and the terminal itself sent it: somebody changed it, or the one before, in its flash. It is stored and marked.`;
  return { kind: "badMac", device, key: `${log}`, occasion: `${sequence}`, words };
}

/** What a record itself reports; undefined where it reports nothing. */
export function reportedBy(place: RecordPlace, record: LedgerRecord): Alarm | undefined {
  const { device } = place;
  if (record.type === "refused") {
    const words = `${device} has refused commands (${record.error}, ${record.count} since it last said so): somebody without its key tries to command it, or its key file is wrong, or a command came twice.`;
    return { kind: "refused", device, key: "", occasion: keyOf(place), words };
  }
  // A fault of the link is over when its record comes.
  if (record.type === "faultBegan" && record.fault !== "link") {
    const words = `${device} reports a fault: ${record.fault}, ${record.detail}.`;
    return { kind: "fault", device, key: `${record.fault} ${record.detail}`, occasion: keyOf(place), words };
  }
  return undefined;
}

// --- counters ---

/** A terminal says that it can write no records. There is no record of that: there was nowhere to write it. */
export function ledgerFault(device: string, nowMs: number): Alarm {
  const words = `${device} can write no records: its flash is full of records that wait for an acknowledgement, or failed. Citizens use the paper card there.`;
  return { kind: "fault", device, key: "ledger", occasion: `${nowMs}`, words };
}

/** A terminal has been silent for too long. @param sinceMs when it was heard last, in ms since 1970 UTC */
export function goneTerminal({ device, counter, heardAt }: DeviceRow): Alarm {
  const where = counter ? ` (counter ${counter})` : "";
  const words = `${device}${where} is gone: it was last heard at ${timeWords(heardAt)}. Look whether it is switched on, and its cable or network in order. Its neighbours send nobody there meanwhile. The alarm ends when it is heard.`;
  return { kind: "gone", device, key: "", occasion: `${heardAt}`, words };
}

/** A time for people, UTC: `2026-03-02 01:15:07 UTC`. */
export function timeWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Two terminals that are connected have one counter's number. */
export function sameCounter(one: DeviceRow, two: DeviceRow): Alarm {
  const [a, b] = one.device < two.device ? [one, two] : [two, one];
  const words = `${a.device} and ${b.device} both say to be counter ${a.counter}: its neighbours hear of both. Give one of them another number in its site file; where one has replaced the other, remove the old one's key file.`;
  return { kind: "sameCounter", device: a.device, key: b.device, occasion: DAILY, words };
}

/** One badge is on duty at two counters. */
export function duplicateBadge(one: DeviceRow, two: DeviceRow): Alarm {
  const [a, b] = one.device < two.device ? [one, two] : [two, one];
  const words = `The badge of ${one.dutyStaff} is on duty at counter ${two.counter} (${two.device}) and at counter ${one.counter} (${one.device}).`;
  return { kind: "duplicateBadge", device: a.device, key: b.device, occasion: `${a.dutyBadge}/${a.dutySince}/${b.dutySince}`, words };
}
