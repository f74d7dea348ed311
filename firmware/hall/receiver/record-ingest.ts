// Takes in the records of a hall: each is stored once, under its terminal, log and number, with how far the chain proves it. Forks and broken chains raise an alarm.

import type { LedgerRecord } from "../../tools/ledger/ledger-reader.js";
import type { DeviceRow, HeadRow, Proof, RecordRow, StoredRecord } from "../store/rows.js";
import { acknowledgedElsewhere, brokenChain, fork, lostRecord, replaced, reportedBy, returnedLog, unreadableRecord } from "./alarms.js";
import type { HallState } from "./hall-state.js";
import type { LogState, Logs } from "./logs.js";
import { type CheckedRecord, checkedRecord, damagedBy } from "./record-columns.js";
import { isBetter, macBeforeFirst, macIn, proofOf } from "./record-proof.js";
import { recordWords } from "./record-words.js";

/** So many signed commands may come for each record. */
const SIGNED_NUMBERS = 1000;
const LEAST_RECORD_BYTES = 64;

export interface RecordListener {
  /** A record is the next one of its log. */
  onNext(head: HeadRow, bytes: Buffer): void;
  /** Records of a log are not here, and later ones count. */
  onSkipped(head: HeadRow): void;
  /** More records of a terminal are here. */
  onAdvance(row: DeviceRow): void;
  /** A terminal has started anew. */
  onStart(device: string): void;
}

export interface RecordIngest {
  /** How many records were new, and how many were there already. */
  readonly counts: { stored: number; repeated: number };
  /** The terminal has forgotten, or may forget, the records up to a number that are not here. */
  skipTo(log: LogState, upTo: number): void;
  /**
   * Stores a record.
   * @param fault why it cannot be stored as it should: then it is stored as unreadable
   * @returns whether these very bytes are stored now. `differs`: another record with this number is. `none`: the bytes are no record with this number
   */
  store(log: LogState, sequence: number, bytes: Buffer, fault?: Error): "stored" | "differs" | "none";
  /** Whether every record of a log up to a number is here and proven: then whoever has this record has all of them as they are here. */
  isProvenTo(log: LogState, sequence: number): boolean;
  /** Stores that a terminal cannot read a record any more. */
  storeLost(log: LogState, sequence: number): void;
  /** A log that was here before goes on, after another one under the same name. */
  noteOldLog(row: DeviceRow, log: number): void;
  /** The terminal has had records acknowledged that are not here. */
  noteAcknowledgedElsewhere(log: LogState, upTo: number): void;
}

export function createRecordIngest(hall: HallState, logs: Logs, listener: RecordListener): RecordIngest {
  const { store, clock } = hall;
  const counts = { stored: 0, repeated: 0 };

  function noteAcknowledgedElsewhere({ head: { device, log }, isWhole }: LogState, upTo: number): void {
    if (!isWhole) hall.raise(acknowledgedElsewhere({ device, log, sequence: upTo }));
  }

  function noteOldLog(row: DeviceRow, log: number): void {
    hall.raise(returnedLog(row.device, log, row.log));
    row.log = log;
  }

  function skipTo(log: LogState, upTo: number): void {
    log.head.sequence = upTo;
    log.head.mac = "";
    log.stored.skipTo(upTo);
    logs.touch(log);
    const row = store.find(log.head.device, log.head.log, upTo);
    if (row && row.bytes.length > 0) log.head.mac = macIn(row.bytes).toString("hex");
    logs.judgeWhole(log);
    if (!log.isWhole) listener.onSkipped(log.head);
    advance(log);
  }

  function storeLost(log: LogState, sequence: number): void {
    logs.noteHeard(log, sequence);
    const { device, log: name } = log.head;
    const none = { type: "lost", staff: null, transaction: null, outcome: null, grade: null, at: null, wall: null };
    const row: RecordRow = { device, log: name, sequence, ...none, proof: "lost", receivedAt: clock.nowMs(), bytes: Buffer.alloc(0) };
    if (!store.insert(row)) return;
    hall.raise(lostRecord(row));
    note(log, sequence, row);
  }

  function storeRecord(log: LogState, sequence: number, bytes: Buffer, fault?: Error): "stored" | "differs" | "none" {
    logs.noteHeard(log, sequence);
    const { device, log: name } = log.head;
    const isMaybeHere = sequence <= log.head.sequence || log.stored.has(sequence);
    if (isMaybeHere && store.find(device, name, sequence)?.bytes.equals(bytes)) {
      counts.repeated++;
      return "stored";
    }
    if (bytes.length < LEAST_RECORD_BYTES || bytes.readUInt32LE(4) !== sequence) return "none";
    const checked = fault ? damagedBy(fault) : checkedRecord(bytes);
    const { record, damage } = checked;
    const row = rowOf(log.head, sequence, bytes, checked, proofHere(log, sequence, bytes));
    if (!store.insert(row) && !settleFork(log, row, store.find(device, name, sequence))) return "differs";
    counts.stored++;
    if (record) report(row, record);
    else hall.raise(unreadableRecord(row, damage));
    note(log, sequence, row);
    return "stored";
  }

  /** Tells people and the rest of the receiver of a new record. */
  function report(row: RecordRow, record: LedgerRecord): void {
    const { device } = row;
    const alarm = reportedBy(row, record);
    if (alarm) hall.raise(alarm);
    if (record.type === "started") noteStart(row);
    if (hall.isHeard) hall.say({ kind: "record", device, words: recordWords(record), record });
  }

  /** The numbers of signed commands begin anew with each start. The hello that tells so may have got lost. */
  function noteStart({ device, log, sequence }: RecordRow): void {
    const from = hall.device(device);
    if (from.log === log && from.signed < sequence * SIGNED_NUMBERS) {
      from.signed = sequence * SIGNED_NUMBERS;
      hall.touch(from);
    }
    listener.onStart(device);
  }

  /** Two different records have one number. @returns whether the new one takes the place of the other */
  function settleFork(log: LogState, row: RecordRow, known: StoredRecord | undefined): boolean {
    const isNewKept = isBetter(row.proof, known?.proof);
    if (!isNewKept) {
      hall.raise(fork(row, row.bytes));
      return false;
    }
    if (known && known.proof !== "lost") hall.raise(replaced(row, known.bytes));
    store.replace(row);
    if (row.sequence === log.head.sequence) log.head.mac = macIn(row.bytes).toString("hex");
    return true;
  }

  function rowOf({ device, log }: HeadRow, sequence: number, bytes: Buffer, { record, columns }: CheckedRecord, proof: Proof): RecordRow {
    return {
      device,
      log,
      sequence,
      type: record?.type ?? "unreadable",
      staff: columns.staff ?? null,
      transaction: columns.transaction ?? null,
      outcome: columns.outcome ?? null,
      grade: columns.grade ?? null,
      at: record?.uptimeMs ?? null,
      wall: record?.wallSeconds ?? null,
      proof,
      receivedAt: clock.nowMs(),
      bytes,
    };
  }

  function proofHere({ head }: LogState, sequence: number, bytes: Buffer): Proof {
    const key = hall.keyOf(head.device);
    return proofOf(key, key && macBefore(head, sequence), bytes);
  }

  /** MAC of the record before a number; undefined where that record is not here. */
  function macBefore({ device, log, sequence: last, mac }: HeadRow, sequence: number): Buffer | undefined {
    if (sequence === 1) return macBeforeFirst(log);
    if (sequence === last + 1) return mac ? Buffer.from(mac, "hex") : undefined;
    const row = store.find(device, log, sequence - 1);
    return row && row.bytes.length > 0 ? macIn(row.bytes) : undefined;
  }

  /** A record is in the table now. */
  function note(log: LogState, sequence: number, row: RecordRow): void {
    const { device, log: name, sequence: head } = log.head;
    if (sequence <= head) {
      // It fills a gap, or takes another's place: the one behind it may be proven now.
      judge(log, sequence, row);
      if (store.find(device, name, sequence + 1)) judge(log, sequence + 1);
      return;
    }
    log.stored.add(sequence);
    advance(log, row);
  }

  /** Moves the head over every record that follows without a gap. */
  function advance(log: LogState, row?: RecordRow): void {
    const { head } = log;
    if (head.sequence < 0) return;
    while (log.stored.upTo > head.sequence) {
      const bytes = judge(log, head.sequence + 1, row);
      head.sequence++;
      head.mac = bytes.length > 0 ? macIn(bytes).toString("hex") : "";
      logs.touch(log);
      if (bytes.length > 0) listener.onNext(head, bytes);
    }
    log.stuckSinceMs = log.stored.isWhole() ? 0 : log.stuckSinceMs || clock.nowMs();
    logs.touch(log);
    listener.onAdvance(hall.device(head.device));
  }

  /** Notes how far the chain proves a record that is in the table. @param fresh a row that was inserted just now @returns the record's bytes */
  function judge(log: LogState, sequence: number, fresh?: RecordRow): Buffer {
    const { device, log: name } = log.head;
    const row = fresh?.sequence === sequence ? fresh : store.find(device, name, sequence);
    if (!row || row.proof === "lost") return Buffer.alloc(0);
    const proof = row.proof === "verified" ? "verified" : proofHere(log, sequence, row.bytes);
    if (proof !== row.proof) store.setProof(device, name, sequence, proof);
    if (proof === "badMac") hall.raise(brokenChain({ device, log: name, sequence }));
    return row.bytes;
  }

  function isProvenTo({ head: { device, log } }: LogState, sequence: number): boolean {
    return store.countProven(device, log, sequence) === sequence;
  }

  return { counts, skipTo, store: storeRecord, isProvenTo, storeLost, noteOldLog, noteAcknowledgedElsewhere };
}
