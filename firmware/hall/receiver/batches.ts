// Stores messages together when they come within a few ms: a commit costs as much for one as for hundreds.

import { RowError, StorageError, type Store } from "../store/store.js";
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
  /**
   * Takes something in with the next batch.
   * @param onLeftOut is called in a batch of its own when `run` fails. The others of its batch are stored all the same
   */
  enqueue(run: () => void, onLeftOut?: (error: Error) => void): void;
  /** Stores at once what has come. */
  flush(): void;
  /** Looks whether what was stored is still there. */
  look(): void;
  /** Stops its timer. */
  close(): void;
}

interface Item {
  readonly run: () => void;
  readonly onLeftOut: (error: Error) => void;
}

/** Whether an error can come of what one device has sent. Any other is a fault of the computer, or of nobody's. */
function isOfOneItem(error: unknown): error is Error {
  return error instanceof RowError || error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

/** @param onLost the database can never store again */
export function createBatches(
  store: Store,
  clock: ReceiverClock,
  batchMs: number,
  hall: HallState,
  listener: BatchListener,
  onLost: (error: StorageError) => void,
): Batches {
  let queue: Item[] = [];
  let cancelFlush: (() => void) | undefined;
  let commits = 0;
  let isStorageDown = false;
  let isStorageLost = false;

  /** Stores items as one transaction. @throws where nothing of them is stored */
  function commit(items: readonly Item[]): void {
    try {
      store.transact(() => {
        hall.load();
        for (const { run } of items) run();
        listener.save();
        hall.save();
      });
    } catch (error) {
      hall.forget();
      listener.forget();
      throw error;
    }
  }

  function settle(): void {
    commits++;
    listener.settle();
    hall.settle();
  }

  /** Stores items as one transaction. @returns what one of them is guilty of; undefined: they are stored */
  function faultIn(items: readonly Item[]): Error | undefined {
    try {
      commit(items);
    } catch (error) {
      if (isOfOneItem(error)) return error;
      throw error;
    }
    settle();
    return undefined;
  }

  function storeAll(items: readonly Item[]): void {
    if (!faultIn(items)) return;
    // Each gets a transaction of its own, so that the guilty one hurts nobody else.
    for (const item of items) {
      const fault = faultIn([item]);
      if (!fault) continue;
      const worse = faultIn([{ run: () => item.onLeftOut(fault), onLeftOut: () => undefined }]);
      if (worse) hall.sayNow({ kind: "refused", device: "", words: `a message cannot be taken in (${worse.message}), and was left out` });
    }
  }

  function flush(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    if (queue.length === 0) return;
    const items = queue;
    queue = [];
    if (!isStored(() => storeAll(items))) return;
    if (isStorageDown) hall.sayNow({ kind: "storage", device: "", words: "records are stored again" });
    isStorageDown = false;
  }

  /** Runs something that needs the database, and says so when that fails. @returns whether it was done */
  function isStored(run: () => void): boolean {
    if (isStorageLost) return false;
    try {
      run();
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (!isStorageDown) hall.sayNow({ kind: "storage", device: "", words: `${error.message} ${error.todo} ${error.state}` });
      isStorageDown = true;
      if (error.isFinal) {
        isStorageLost = true;
        onLost(error);
      }
      return false;
    }
  }

  return {
    get commits() {
      return commits;
    },
    enqueue(run, onLeftOut = () => undefined) {
      queue.push({ run, onLeftOut });
      if (queue.length >= MOST_IN_BATCH) flush();
      else cancelFlush ??= clock.after(batchMs, flush);
    },
    flush,
    look: () => void isStored(() => store.look()),
    close: () => cancelFlush?.(),
  };
}
