// The hall's end of every link: stores each message, and only then acknowledges it; raises alarms; carries commands to terminals. It knows neither ports nor SQL:
// sources hand it messages and take texts, and a store keeps its rows.

import type { Peer } from "../../tools/link/source.js";
import type { Command, CommandId } from "../../uplink/messages.js";
import type { DeviceRow } from "../store/rows.js";
import type { StorageError, Store } from "../store/store.js";
import { BATCH_MS, type Batches, createBatches } from "./batches.js";
import { type Answer, type CommandOptions, createCommandQueue } from "./command-queue.js";
import { Connections } from "./connections.js";
import { createFetchBack } from "./fetch-back.js";
import { type DeviceKeys, HallState, type ReceiverClock, type ReceiverEvent } from "./hall-state.js";
import { createIntake } from "./intake.js";
import { Logs } from "./logs.js";
import { createPresence } from "./presence.js";
import { createRecordIngest } from "./record-ingest.js";
import { createSilence, GONE_MS, LOOK_MS, type Silence } from "./silence.js";

/** Every terminal gets the time again after so long, in ms. */
const TIME_EVERY_MS = 24 * 3_600_000;

export interface ReceiverOptions {
  readonly store: Store;
  readonly keys: DeviceKeys;
  readonly onEvent?: (event: ReceiverEvent) => void;
  /** The database can never store again: end the receiver. */
  readonly onStorageLost?: (error: StorageError) => void;
  readonly clock?: ReceiverClock;
  /** Messages are stored together when they come within so long, in ms. Default 5. */
  readonly batchMs?: number;
  /** Whether it tells the terminals the time. Default true. */
  readonly tellsTime?: boolean;
  /** A terminal that is not heard for so long is gone, in ms; 0: none ever is. Default 300000. It has to be longer than half of the longest `linkLostS`. */
  readonly goneMs?: number;
  /** Makes the ids of commands. By default they are random, so that nobody can use them before. */
  readonly newId?: () => CommandId;
}

export interface ReceiverCounts {
  /** Messages that came. */
  messages: number;
  /** Records that were new. */
  stored: number;
  /** Records that were there already. */
  repeated: number;
  /** Messages that were none of PROTOCOL.md. */
  notUnderstood: number;
  commits: number;
}

export interface Receiver {
  readonly counts: Readonly<ReceiverCounts>;
  /** A terminal sent something. @param message the value of its JSON text @param text as it came @param isRetained a broker had kept it: it tells of the past */
  hear(peer: Peer, message: unknown, text: string, isRetained?: boolean): void;
  /** The way to a terminal has ended. */
  end(peer: Peer): void;
  /**
   * Sends a command until its answer comes, signed where it has to be.
   * @throws ToolError when it is no command, cannot be signed, or no answer comes in time
   */
  commandTo(device: string, command: Command, options?: CommandOptions): Promise<Answer>;
  /** Devices that are connected now. */
  online(): readonly string[];
  /** Stores at once what has come. */
  flush(): void;
  /** Stores what has come, and stops. The store stays open. */
  close(): void;
}

const systemClock: ReceiverClock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, keys, onEvent, clock = systemClock, batchMs = BATCH_MS, tellsTime = true, goneMs = GONE_MS } = options;
  const hall = new HallState({ store, keys, clock, onEvent });
  const connections = new Connections();
  const logs = new Logs(hall);
  let isClosed = false;

  const commands = createCommandQueue(
    hall,
    {
      has: (device) => connections.has(device),
      send: (device, text) => connections.send(device, text),
      flush: () => batches.flush(),
      noteSigned: (device, n) => note(device, (row) => (row.signed = Math.max(row.signed, n))),
      noteEmergency: (device, text64) => note(device, (row) => (row.emergency = text64)),
    },
    options.newId,
  );
  const presence = createPresence(hall, isCurrent, (row) => silence.isFresh(row), commands.tell);
  const records = createRecordIngest(hall, logs, {
    onNext: presence.noteDuty,
    onSkipped: presence.forgetDuty,
    onAdvance: presence.judgeDuty,
    onStart(device) {
      // Without power it has lost the time, and the emergency text that it showed.
      hall.later(() => {
        if (tellsTime) commands.tellTime(device);
        commands.tellEmergency(device);
      });
    },
  });
  const fetchBack = createFetchBack({
    hall,
    logs,
    commandTo: commands.commandTo,
    enqueue: (run) => {
      if (!isClosed) batches.enqueue(run);
    },
    onSettled: ({ head }) => presence.recallDuty(head),
  });
  const silence: Silence = createSilence(hall, goneMs, (device) => presence.hearStatus(device, { online: false }));
  const intake = createIntake({ hall, connections, logs, records, presence, commands, fetchBack, silence, tellsTime });
  const batches: Batches = createBatches(
    store,
    clock,
    batchMs,
    hall,
    {
      save: () => logs.save(),
      settle() {
        logs.settle();
        intake.acknowledge();
      },
      forget() {
        logs.forget();
        intake.forget();
      },
    },
    options.onStorageLost ?? (() => undefined),
  );

  /** Whether every record of a terminal is here. Of any other terminal nobody knows who is on duty there now. */
  function isCurrent({ device, log }: DeviceRow): boolean {
    const state = logs.find(device, log);
    return connections.has(device) && !hall.device(device).isGone && state !== undefined && state.head.sequence >= state.last;
  }

  /** Stores a change of a terminal's row at once. */
  function note(device: string, change: (row: DeviceRow) => void): void {
    if (isClosed) return;
    batches.enqueue(() => {
      const row = hall.device(device);
      change(row);
      hall.touch(row);
    });
    batches.flush();
  }

  let cancelDaily = (): void => undefined;
  function daily(): void {
    cancelDaily = clock.after(TIME_EVERY_MS, daily);
    for (const device of connections.devices()) commands.tellTime(device);
  }
  if (tellsTime) cancelDaily = clock.after(TIME_EVERY_MS, daily);
  let cancelLook = (): void => undefined;
  function look(): void {
    cancelLook = clock.after(LOOK_MS, look);
    batches.look();
    if (silence.isDue()) batches.enqueue(() => silence.look());
  }
  cancelLook = clock.after(LOOK_MS, look);
  if (store.isOlder) {
    batches.enqueue(() => undefined);
    batches.flush();
  }

  return {
    get counts() {
      return { ...intake.counts, ...records.counts, commits: batches.commits };
    },
    hear(peer, message, text, isRetained = false) {
      if (isClosed) return;
      batches.enqueue(
        () => intake.hear(peer, message, text, isRetained),
        (fault) => intake.hear(peer, message, text, isRetained, fault),
      );
    },
    end(peer) {
      if (isClosed) return;
      connections.end(peer);
      // Behind the messages that it has brought.
      batches.enqueue(() => intake.endOf(peer));
    },
    commandTo: commands.commandTo,
    online: () => connections.devices().sort(),
    flush: batches.flush,
    close() {
      batches.flush();
      isClosed = true;
      batches.close();
      cancelDaily();
      cancelLook();
      commands.close();
    },
  };
}
