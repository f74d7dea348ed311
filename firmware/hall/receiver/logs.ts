// The logs of a hall while the receiver runs: up to where each is complete, and which numbers came ahead of a gap.

import type { HeadRow } from "../store/rows.js";
import { lostForGood, missingRecord, newLog } from "./alarms.js";
import type { HallState } from "./hall-state.js";
import { SequenceTracker } from "./sequence-tracker.js";

/** While later records are here, a number that is missing for so long is a gap. */
const GAP_MS = 60_000;

export interface LogState {
  readonly head: HeadRow;
  /** Numbers beyond the head that are stored. */
  readonly stored: SequenceTracker;
  /** Newest number that the terminal has told of. */
  last: number;
  /** Since when a number is missing while later ones are here; 0: none is. */
  stuckSinceMs: number;
  /** When a record of it came last. */
  heardMs: number;
  /** Whether every record up to the head is here, or known to be lost for good. */
  isWhole: boolean;
}

export class Logs {
  private readonly states = new Map<string, LogState>();
  private readonly touched = new Set<LogState>();
  /** Logs of which records have come in this batch, new or not. */
  private readonly heard = new Set<LogState>();

  constructor(private readonly hall: HallState) {}

  /** The log of a terminal. @param begin everything up to here was acknowledged before; -1: nobody knows */
  of(device: string, log: number, begin: number): LogState {
    const name = `${device}/${log}`;
    let state = this.states.get(name);
    if (state) return state;
    const { store, clock } = this.hall;
    const known = store.head(device, log);
    const head = known ?? { device, log, sequence: begin, mac: "", floor: 0 };
    state = { head, stored: new SequenceTracker(head.sequence), last: 0, stuckSinceMs: 0, heardMs: clock.nowMs(), isWhole: true };
    for (const number of store.numbersBeyond(device, log, head.sequence)) state.stored.add(number);
    if (!state.stored.isWhole()) state.stuckSinceMs = clock.nowMs();
    this.states.set(name, state);
    this.judgeWhole(state);
    if (!known) {
      this.touch(state);
      this.noteNewLog(device, log);
    }
    return state;
  }

  /** The head has jumped over records, or the log is looked at for the first time. */
  judgeWhole(log: LogState): void {
    const { head } = log;
    log.isWhole = this.hall.store.isWhole(head.device, head.log, head.floor, head.sequence);
    if (log.isWhole) this.settleUpTo(log, head.sequence);
  }

  /** Whatever is missing up to a number is lost for good: nobody asks for it again. */
  settleUpTo(log: LogState, upTo: number): void {
    const { head } = log;
    if (upTo > head.floor) {
      head.floor = upTo;
      this.touch(log);
    }
    log.isWhole = this.hall.store.isWhole(head.device, head.log, head.floor, head.sequence);
  }

  /** A log that this receiver has seen since it started; undefined for any other. */
  find(device: string, log: number): LogState | undefined {
    return this.states.get(`${device}/${log}`);
  }

  /** Its head has changed, and is saved with the batch. */
  touch(log: LogState): void {
    this.touched.add(log);
  }

  /** A record has come, new or not. */
  noteHeard(log: LogState, sequence: number): void {
    const nowMs = this.hall.clock.nowMs();
    log.last = Math.max(log.last, sequence);
    // While a terminal is away, nothing can come.
    if (log.stuckSinceMs && nowMs - log.heardMs > GAP_MS) log.stuckSinceMs = nowMs;
    log.heardMs = nowMs;
    this.heard.add(log);
  }

  private noteNewLog(device: string, log: number): void {
    const row = this.hall.device(device);
    if (row.log >= 0 && row.log !== log) {
      this.hall.raise(newLog(device, log, row.log));
      this.noteLost(device, row.log);
    }
    row.log = log;
    this.hall.touch(row);
  }

  /** The terminal has another log now, so that what is missing of this one comes no more. */
  private noteLost(device: string, log: number): void {
    const { store } = this.hall;
    const head = store.head(device, log);
    const missing = head ? store.missing(device, log, head.floor, head.sequence) : [];
    if (missing.length > 0) this.hall.raise(lostForGood(device, log, missing));
  }

  private watchGaps(): void {
    for (const { stuckSinceMs, head } of this.heard) {
      if (!stuckSinceMs || this.hall.clock.nowMs() - stuckSinceMs < GAP_MS) continue;
      this.hall.raise(missingRecord({ ...head, sequence: head.sequence + 1 }));
    }
    this.heard.clear();
  }

  // --- batches ---

  /** Raises an alarm for numbers that are missing for long, and saves every head that has changed. */
  save(): void {
    this.watchGaps();
    for (const log of this.touched) this.hall.store.saveHead(log.head);
  }

  /** The batch is on the disk. */
  settle(): void {
    this.touched.clear();
  }

  /** The batch could not be stored. */
  forget(): void {
    this.states.clear();
    this.touched.clear();
    this.heard.clear();
  }
}
