// The records of a hall: each is stored once, under its terminal, log and number, with what the chain says of it; gaps, forks and new logs raise an alarm.

import { macOf } from "../../tools/ledger/ledger-chain.js";
import { END_BYTES, type LedgerRecord, RecordError, readRecord } from "../../tools/ledger/ledger-reader.js";
import type { DeviceRow, HeadRow, Proof, RecordRow } from "../store/store.js";
import type { HallState } from "./hall-state.js";
import { NumberRun } from "./sequence-tracker.js";

/** So many signed commands may come for each record. */
const SIGNED_NUMBERS = 1000;
/** A number that is missing for so long, while later ones are here, is a gap. */
const GAP_MS = 60_000;

/** A log while the receiver runs. */
export interface LogState {
  readonly head: HeadRow;
  /** Numbers beyond the head that are stored. */
  readonly stored: NumberRun;
  /** Newest number that the terminal has told of. */
  last: number;
  /** Since when a number is missing while later ones are here; 0: none is. */
  stuckSinceMs: number;
  /** When something of it came last. */
  heardMs: number;
}

export interface RecordListener {
  /** A record is the next one of its log. */
  onNext(head: HeadRow, bytes: Buffer): void;
  /** More of what a terminal has written is here. */
  onAdvance(row: DeviceRow): void;
  /** A terminal has started anew. */
  onStart(device: string): void;
}

export interface RecordBook {
  /** How many records were new, and were there already. */
  readonly counts: { stored: number; repeated: number };
  /** The log of a terminal. @param begin everything up to here was acknowledged before; -1: nobody knows */
  logOf(device: string, log: number, begin: number): LogState;
  /** A log that has been here since the start; undefined for any other. */
  find(device: string, log: number): LogState | undefined;
  /** The terminal has forgotten, or may forget, what is not here up to a number. */
  skipTo(log: LogState, upTo: number): void;
  /** Stores a record. @returns whether it is stored now, or was before; false: it is none with this number */
  store(log: LogState, sequence: number, bytes: Buffer): boolean;
  /** Stores that a terminal cannot read a record any more. */
  storeLost(log: LogState, sequence: number): void;
  /** A log that was here before goes on, after another one under the same name. */
  noteOldLog(row: DeviceRow, log: number): void;
  /** Records that somebody else has had acknowledged, and that are not here. @returns whether that is news */
  noteAcknowledgedElsewhere(log: LogState, upTo: number): boolean;
  /** Looks for numbers that are missing for long, saves what has changed. */
  save(): void;
  /** The batch is on the disk. */
  settle(): void;
  /** The batch could not be stored. */
  forget(): void;
}

export function createRecordBook(hall: HallState, listener: RecordListener): RecordBook {
  const { store, clock } = hall;
  const counts = { stored: 0, repeated: 0 };
  const logs = new Map<string, LogState>();
  const touched = new Set<LogState>();
  /** Logs of which records have come, be they new or not. */
  const heard = new Set<LogState>();

  function logOf(device: string, log: number, begin: number): LogState {
    const name = `${device}/${log}`;
    let state = logs.get(name);
    if (!state) {
      const known = store.head(device, log);
      const head = known ?? { device, log, sequence: begin, mac: "" };
      state = { head, stored: new NumberRun(head.sequence), last: 0, stuckSinceMs: 0, heardMs: clock.nowMs() };
      for (const number of store.numbersBeyond(device, log, head.sequence)) state.stored.add(number);
      if (!state.stored.isWhole()) state.stuckSinceMs = clock.nowMs();
      logs.set(name, state);
      if (!known) {
        touched.add(state);
        noteNewLog(device, log);
      }
    }
    return state;
  }

  function noteNewLog(device: string, log: number): void {
    const row = hall.device(device);
    if (row.log >= 0 && row.log !== log) {
      const words = `${device} has begun a new log, ${log}: somebody re-initialised it, or exchanged it, or the power went while its only page was erased. What is here of log ${row.log} stays valid.`;
      hall.raise({ kind: "newLog", device, key: `${log}`, words });
    }
    row.log = log;
    hall.touch(row);
  }

  function noteAcknowledgedElsewhere(log: LogState, upTo: number): boolean {
    const { device, log: name } = log.head;
    if (upTo === 0 || store.find(device, name, upTo)) return false;
    const words = `${device} has had records up to ${upTo} of log ${name} acknowledged, and record ${upTo} is not here: another receiver has them, or this database is older than that.`;
    return hall.raise({ kind: "gap", device, key: `${name}/acknowledged/${upTo}`, words });
  }

  /** A log that was here before goes on, after another one under the same name. */
  function noteOldLog(row: DeviceRow, log: number): void {
    const words = `${row.device} is back at its log ${log}, after log ${row.log}: two terminals have this name. Give one of them another.`;
    hall.raise({ kind: "newLog", device: row.device, key: `${row.log} ${log}`, words });
    row.log = log;
  }

  /** The terminal has forgotten, or may forget, what is not here up to a number. */
  function skipTo(log: LogState, upTo: number): void {
    log.head.sequence = upTo;
    log.head.mac = "";
    log.stored.skipTo(upTo);
    touched.add(log);
    const row = store.find(log.head.device, log.head.log, upTo);
    if (row && row.bytes.length > 0) log.head.mac = macIn(row.bytes).toString("hex");
    advance(log);
  }

  /** Something of a log has come, be it new or not. */
  function noteHeard(log: LogState, sequence: number): void {
    const nowMs = clock.nowMs();
    log.last = Math.max(log.last, sequence);
    // Of a terminal that was away nothing could come.
    if (log.stuckSinceMs && nowMs - log.heardMs > GAP_MS) log.stuckSinceMs = nowMs;
    log.heardMs = nowMs;
    heard.add(log);
  }

  function storeLost(log: LogState, sequence: number): void {
    noteHeard(log, sequence);
    const { device, log: name } = log.head;
    const none = { type: "lost", staff: null, transaction: null, outcome: null, grade: null, at: null, wall: null };
    const row: RecordRow = { device, log: name, sequence, ...none, proof: "lost", receivedAt: clock.nowMs(), bytes: Buffer.alloc(0) };
    if (!store.insert(row)) return;
    const words = `${device} cannot read its record ${sequence} of log ${name} any more: its flash has lost it. Have the terminal looked at.`;
    hall.raise({ kind: "lost", device, key: `${name}/${sequence}`, words });
    note(log, sequence, row);
  }

  function storeRecord(log: LogState, sequence: number, bytes: Buffer): boolean {
    noteHeard(log, sequence);
    const { device, log: name } = log.head;
    const isMaybeHere = sequence <= log.head.sequence || log.stored.has(sequence);
    if (isMaybeHere && store.find(device, name, sequence)?.bytes.equals(bytes)) {
      counts.repeated++;
      return true;
    }
    let record: LedgerRecord | undefined;
    let damage = "";
    try {
      record = readRecord(bytes);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      damage = error.message;
    }
    if (bytes.length < 64 || bytes.readUInt32LE(4) !== sequence) return false;
    const proof = proofOf(log, sequence, bytes);
    const row = rowOf(log.head, sequence, bytes, record, proof);
    if (!store.insert(row)) {
      if (!settleFork(log, row, store.find(device, name, sequence))) return true;
    }
    counts.stored++;
    if (!record) {
      const words = `Record ${sequence} of ${device}, log ${name}, cannot be read: ${damage}. It is stored as it came.`;
      hall.raise({ kind: "unreadable", device, key: `${name}/${sequence}`, words });
    }
    if (record?.type === "refused") {
      const words = `${device} has refused commands (${record.error}, ${record.count} since it said so before): somebody without its key tries to command it, or its key file is wrong, or a command came twice.`;
      hall.raise({ kind: "refused", device, key: `${name}/${sequence}`, words });
    }
    // A fault of the link is over when somebody hears of it.
    if (record?.type === "faultBegan" && record.fault !== "link") {
      hall.raise({ kind: "fault", device, key: `${name}/${sequence}`, words: `${device} reports a fault: ${record.fault}, ${record.detail}.` });
    }
    if (record?.type === "started") {
      // Its hello may have got lost: the numbers of signed commands begin there again.
      const from = hall.device(device);
      if (from.log === name && from.signed < sequence * SIGNED_NUMBERS) {
        from.signed = sequence * SIGNED_NUMBERS;
        hall.touch(from);
      }
      listener.onStart(device);
    }
    if (record && hall.isHeard) hall.say({ kind: "record", device, words: wordsOf(record), record });
    note(log, sequence, row);
    return true;
  }

  /** Two different records with one number. @returns whether the new one takes the place of the other */
  function settleFork(log: LogState, row: RecordRow, known: { readonly bytes: Buffer; readonly proof: Proof } | undefined): boolean {
    const { device, log: name, sequence } = row;
    const isBetter = known?.proof === "lost" || (known?.proof === "badMac" && row.proof === "verified");
    if (known?.proof !== "lost") {
      const [kept, other] = isBetter ? ["the new one", known?.bytes] : ["the first", row.bytes];
      const words = `There are two records ${sequence} of ${device}, log ${name}: the chain forks, so the terminal, or its key, was copied. ${kept} is kept, the other stands in the alarm.`;
      hall.raise({
        kind: "fork",
        device,
        key: `${name}/${sequence}/${other?.toString("base64")}`,
        words: words.replace(/\. ./, (text) => text.toUpperCase()),
        evidence: other?.toString("base64") ?? "",
      });
    }
    if (!isBetter) return false;
    store.remove(device, name, sequence);
    store.insert(row);
    if (sequence === log.head.sequence) log.head.mac = macIn(row.bytes).toString("hex");
    return true;
  }

  function rowOf({ device, log }: HeadRow, sequence: number, bytes: Buffer, record: LedgerRecord | undefined, proof: Proof): RecordRow {
    const fields = (record ?? {}) as { staff?: string; transaction?: string; outcome?: string; grade?: number };
    return {
      device,
      log,
      sequence,
      type: record?.type ?? "unreadable",
      staff: fields.staff ?? null,
      transaction: fields.transaction ?? null,
      outcome: fields.outcome ?? null,
      grade: fields.grade ?? null,
      at: record?.uptimeMs ?? null,
      wall: record?.wallSeconds ?? null,
      proof,
      receivedAt: clock.nowMs(),
      bytes,
    };
  }

  /** What the chain says of a record, as far as the one before it is here. */
  function proofOf(log: LogState, sequence: number, bytes: Buffer): Proof {
    const { device, log: name, sequence: head, mac } = log.head;
    const key = hall.keyOf(device);
    if (!key) return "unverified";
    let before: Buffer | undefined;
    if (sequence === 1) {
      before = Buffer.alloc(4);
      before.writeUInt32LE(name);
    } else if (sequence === head + 1) before = mac ? Buffer.from(mac, "hex") : undefined;
    else {
      const row = store.find(device, name, sequence - 1);
      if (row && row.bytes.length > 0) before = macIn(row.bytes);
    }
    if (!before) return "unverified";
    return macOf(key, before, bytes.subarray(0, -END_BYTES)).equals(macIn(bytes)) ? "verified" : "badMac";
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

  /** Goes on over every record that follows without a gap. */
  function advance(log: LogState, row?: RecordRow): void {
    const { head } = log;
    if (head.sequence < 0) return;
    while (log.stored.upTo > head.sequence) {
      const bytes = judge(log, head.sequence + 1, row);
      head.sequence++;
      head.mac = bytes.length > 0 ? macIn(bytes).toString("hex") : "";
      touched.add(log);
      if (bytes.length > 0) listener.onNext(head, bytes);
    }
    log.stuckSinceMs = log.stored.isWhole() ? 0 : log.stuckSinceMs || clock.nowMs();
    touched.add(log);
    listener.onAdvance(hall.device(head.device));
  }

  /** Says what the chain says of a record that is in the table. @param fresh a row that was inserted just now @returns its bytes */
  function judge(log: LogState, sequence: number, fresh?: RecordRow): Buffer {
    const { device, log: name } = log.head;
    const row = fresh?.sequence === sequence ? fresh : store.find(device, name, sequence);
    if (!row || row.proof === "lost") return Buffer.alloc(0);
    const proof = row.proof === "verified" ? "verified" : proofOf(log, sequence, row.bytes);
    if (proof !== row.proof) store.setProof(device, name, sequence, proof);
    if (proof === "badMac") {
      const words = `Record ${sequence} of ${device}, log ${name}, does not verify, and the terminal itself sent it: somebody changed it, or the one before, in its flash. It is stored and marked.`;
      hall.raise({ kind: "badMac", device, key: `${name}/${sequence}/${macIn(row.bytes).toString("hex")}`, words });
    }
    return row.bytes;
  }

  function watchGaps(): void {
    for (const log of heard) {
      if (!log.stuckSinceMs || clock.nowMs() - log.stuckSinceMs < GAP_MS) continue;
      const { device, log: name, sequence } = log.head;
      const words = `Record ${sequence + 1} of ${device}, log ${name}, has not come for a minute, and later ones have: the terminal has left it out, or the link loses it every time.`;
      hall.raise({ kind: "gap", device, key: `${name}/${sequence + 1}`, words });
    }
    heard.clear();
  }

  return {
    counts,
    logOf,
    find: (device, log) => logs.get(`${device}/${log}`),
    skipTo,
    store: storeRecord,
    storeLost,
    noteOldLog,
    noteAcknowledgedElsewhere,
    save() {
      watchGaps();
      for (const log of touched) store.saveHead(log.head);
    },
    settle: () => touched.clear(),
    forget() {
      logs.clear();
      touched.clear();
      heard.clear();
    },
  };
}

/** The MAC in a record. */
function macIn(bytes: Buffer): Buffer {
  return bytes.subarray(-END_BYTES, -8);
}

/** Fields that every record has. */
const FRAME: ReadonlySet<string> = new Set(["sequence", "type", "uptimeMs", "wallSeconds", "backlog", "mac"]);

/** A record as a line for people. */
function wordsOf(record: LedgerRecord): string {
  const words = Object.entries(record)
    .filter(([name, value]) => !FRAME.has(name) && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const { sequence, type } = record;
  return `#${sequence} ${type}${words.length > 0 ? `: ${words.join(", ")}` : ""}`;
}
