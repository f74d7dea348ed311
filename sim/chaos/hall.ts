// The hall in the chaos: the real receiver on a real database. It ends, or dies within a transaction, and starts again with the committed records.

import { createReceiver, type Receiver } from "../../firmware/hall/receiver/receiver.js";
import { SqliteStore } from "../../firmware/hall/store/sqlite-store.js";
import type { Peer } from "../../firmware/tools/link/source.js";
import { ToolError } from "../../firmware/tools/tool-error.js";
import type { VirtualClock } from "../world/clock.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import type { Dice } from "./faults.js";

/** The process of the receiver is dead. */
class Killed extends ToolError {
  constructor() {
    // What still runs of a dead process, behind a promise, ends as it does when the receiver ends.
    super("receiverEnded", "The receiver was killed.", "Nobody knows.", "Start it again.");
  }
}

/** Virtual time whose messages form one transaction, in ms. */
const BATCH_MS = 200;
/** 2026-03-02 01:00 UTC. */
const BEGIN_MS = Date.UTC(2026, 2, 2, 1);
const NO_LIMIT = 1_073_741_823;

export interface HallOptions {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly file: string;
  /** Is called when the receiver is dead, and with it every connection. */
  readonly onKilled: () => void;
}

export class Hall {
  receiver: Receiver | undefined;
  commits = 0;
  repeated = 0;
  private store: SqliteStore | undefined;
  private ids = 0;

  constructor(private readonly options: HallOptions) {}

  get isOn(): boolean {
    return this.receiver !== undefined;
  }

  start(): void {
    const { clock, file } = this.options;
    // Only processes die here, and never the computer.
    const store = SqliteStore.open(file, false);
    this.store = store;
    this.receiver = createReceiver({
      store,
      keys: () => SIMULATED_KEY,
      batchMs: BATCH_MS,
      newId: () => `r${++this.ids}`,
      clock: {
        nowMs: () => BEGIN_MS + clock.nowMs,
        after: (ms, run) => {
          // Timers die with their process.
          const task = clock.at(clock.nowMs + ms, () => void (store === this.store && this.survive(run)));
          return () => clock.cancel(task);
        },
      },
    });
  }

  hear(peer: Peer, message: object, text: string): void {
    this.survive(() => this.receiver?.hear(peer, message, text));
  }

  end(peer: Peer): void {
    this.survive(() => this.receiver?.end(peer));
  }

  /** Ends in order, with everything stored. */
  stop(): void {
    this.survive(() => this.receiver?.close());
    this.drop();
  }

  /** Dies at the next transaction: in one of its statements, before its commit, or just after it. */
  killSoon(): void {
    const { store } = this;
    const { dice } = this.options;
    if (!store) return;
    const die = (): never => {
      throw new Killed();
    };
    let left = dice.between(0, 60);
    if (left < 20) {
      const commit = store.commit.bind(store);
      const isCommitted = dice.isOneOf(500);
      store.commit = () => {
        if (isCommitted) commit();
        die();
      };
      return;
    }
    for (const name of ["insert", "saveHead"] as const) {
      const real = store[name].bind(store) as (row: never) => boolean;
      store[name] = ((row: never) => (--left < 0 ? die() : real(row))) as never;
    }
    // In a smaller transaction it dies at the end.
    store.commit = die;
  }

  setDiskFull(isFull: boolean): void {
    this.store?.limitPages(isFull ? 1 : NO_LIMIT);
  }

  /** All records in the database. */
  *records(): Generator<{ device: string; log: number; sequence: number; bytes: Buffer; proof: string }> {
    if (this.store) yield* this.store.records();
  }

  /** Sequence number up to which a log is complete in the database. */
  headOf(device: string, log: number): number {
    return this.store?.head(device, log)?.sequence ?? 0;
  }

  alarms(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { kind } of this.store?.alarms() ?? []) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  private survive(run: () => void): void {
    if (!this.isOn) return;
    try {
      run();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.drop();
      this.options.onKilled();
    }
  }

  private drop(): void {
    this.commits += this.receiver?.counts.commits ?? 0;
    this.repeated += this.receiver?.counts.repeated ?? 0;
    this.receiver = undefined;
    // Uncommitted changes are lost with the connection, as with a process.
    this.store?.close();
    this.store = undefined;
  }
}
