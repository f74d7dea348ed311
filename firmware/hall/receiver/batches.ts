// Stores messages together when they come within a few ms: a commit costs as much for one as for hundreds.

import { StorageError, type Store } from "../store/store.js";
import type { HallState, ReceiverClock } from "./hall-state.js";

/** Messages are stored together when they come within so long, in ms. */
export const BATCH_MS = 5;
const MOST_IN_BATCH = 2000;

/** What the rest of the receiver does at the ends of a batch. */
export interface BatchListener {
  /** Everything in the batch was taken in: saves what has changed. */
  save(): void;
  /** The batch is on the disk. */
  settle(): void;
  /** The batch could not be stored, and counts as never heard. */
  forget(): void;
}

export interface Batches {
  /** How many batches were stored. */
  readonly commits: number;
  /** Takes something in with the next batch. */
  enqueue(run: () => void): void;
  /** Stores at once what has come. */
  flush(): void;
  /** Stops its timer. */
  close(): void;
}

export function createBatches(store: Store, clock: ReceiverClock, batchMs: number, hall: HallState, listener: BatchListener): Batches {
  let queue: (() => void)[] = [];
  let cancelFlush: (() => void) | undefined;
  let commits = 0;
  let isStorageDown = false;

  function flush(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    if (queue.length === 0) return;
    const batch = queue;
    queue = [];
    try {
      store.transact(() => {
        hall.load();
        for (const run of batch) run();
        listener.save();
        hall.save();
      });
    } catch (error) {
      hall.forget();
      listener.forget();
      if (!(error instanceof StorageError)) throw error;
      if (!isStorageDown) hall.sayNow({ kind: "storage", device: "", words: `${error.message} ${error.todo} ${error.state}` });
      isStorageDown = true;
      return;
    }
    if (isStorageDown) hall.sayNow({ kind: "storage", device: "", words: "records are stored again" });
    isStorageDown = false;
    commits++;
    listener.settle();
    hall.settle();
  }

  return {
    get commits() {
      return commits;
    },
    enqueue(run) {
      queue.push(run);
      if (queue.length >= MOST_IN_BATCH) flush();
      else cancelFlush ??= clock.after(batchMs, flush);
    },
    flush,
    close: () => cancelFlush?.(),
  };
}
