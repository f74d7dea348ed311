// The hall's end of every link: stores what comes, and only then acknowledges it; says what is wrong; carries commands to terminals. It knows nothing of
// ports, sockets and brokers: they hand it messages and take texts. Nothing counts that the terminal's key has not sealed.

import type { z } from "zod";
import { asciiJson } from "../../tools/link/ascii-json.js";
import { UP_SCHEMAS } from "../../tools/link/message-schemas.js";
import { isSealedBy, signAcknowledgement } from "../../tools/link/signing.js";
import type { Peer } from "../../tools/link/source.js";
import type { Command, HelloMessage, UpKind } from "../../uplink/messages.js";
import { ReceiveError } from "../receive-error.js";
import { type DeviceRow, StorageError, type Store } from "../store/store.js";
import { type Answer, type CommandOptions, createCommandDesk } from "./command-queue.js";
import type { DeviceKeys } from "./device-keys.js";
import { HallState, type ReceiverClock, type ReceiverEvent } from "./hall-state.js";
import { createCounterBoard } from "./presence.js";
import { createRecordBook } from "./record-ingest.js";
import { NumberRun } from "./sequence-tracker.js";

/** Messages are stored together when they come within so long: a commit costs as much for one as for hundreds. */
const BATCH_MS = 5;
const MOST_IN_BATCH = 2000;
/** Every terminal gets the time again after so long. */
const TIME_EVERY_MS = 24 * 3_600_000;
/** How often a record that is not here is asked for. */
const RESEND_TRIES = 5;

export interface ReceiverOptions {
  readonly store: Store;
  readonly keys: DeviceKeys;
  readonly onEvent?: (event: ReceiverEvent) => void;
  readonly clock?: ReceiverClock;
  /** See `BATCH_MS`. */
  readonly batchMs?: number;
  /** Tells the terminals the time. Default true. */
  readonly tellsTime?: boolean;
  /** What the ids of commands begin with; by default another one for each start, so that no terminal takes a new command for one that it remembers. */
  readonly idPrefix?: string;
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
  /** A terminal sent something. @param message what its JSON text holds @param text as it came */
  hear(peer: Peer, message: unknown, text: string): void;
  /** The way to a terminal has ended. */
  end(peer: Peer): void;
  /**
   * Sends a command until its answer comes, signed where it has to be.
   * @throws ReceiveError when it is no command, cannot be signed, or no answer comes in time
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

type Up<Kind extends UpKind> = z.output<(typeof UP_SCHEMAS)[Kind]>;
type SeqMessage = Up<"record">;

/** What is known of the other end of a way. */
interface PeerState {
  device: string | undefined;
  log: number;
  /** What this very way has brought: nothing else is acknowledged on it, whoever else has sent something under this name. */
  brought: NumberRun | undefined;
  /** It has sent something before it said who it is. */
  isNameless: boolean;
}

const KINDS = ["hello", "status", "alert", "answer"] as const;

function kindOf(message: object): UpKind {
  for (const kind of KINDS) if (kind in message) return kind;
  return "record";
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, keys, onEvent, clock = systemClock, batchMs = BATCH_MS, tellsTime = true } = options;
  const counts = { messages: 0, notUnderstood: 0, commits: 0 };
  const hall = new HallState({ store, keys, clock, onEvent });
  const peers = new Map<Peer, PeerState & { peer: Peer }>();
  const routes = new Map<string, Peer>();
  /** Ways that have ended, and are not forgotten yet. */
  const ended = new Set<Peer>();
  const toAcknowledge = new Set<PeerState & { peer: Peer }>();
  let queue: (() => void)[] = [];
  let cancelFlush: (() => void) | undefined;
  let isClosed = false;
  let isStorageDown = false;

  const desk = createCommandDesk(
    hall,
    { has: (device) => routes.has(device), send: (device, text) => routes.get(device)?.send(text), flush, noteSigned, noteEmergency },
    options.idPrefix,
  );
  const counters = createCounterBoard(hall, isCurrent, desk.tell);
  const records = createRecordBook(hall, {
    onNext: counters.noteDuty,
    onAdvance: counters.judgeDuty,
    onStart(device) {
      // Without power it has lost the time, and what it was told to show.
      hall.later(() => {
        if (tellsTime) desk.tellTime(device);
        desk.tellEmergency(device);
      });
    },
  });

  /** Whether everything that a terminal has written is here: of others nobody knows who is on duty there now. */
  function isCurrent({ device, log }: DeviceRow): boolean {
    const state = records.find(device, log);
    return routes.has(device) && state !== undefined && state.head.sequence >= state.last;
  }

  // --- messages ---

  function handle(peer: Peer, message: unknown, text: string): void {
    counts.messages++;
    if (typeof message !== "object" || message === null || Array.isArray(message)) return refuse(peer, "what came is no JSON object");
    const kind = kindOf(message);
    const parsed = UP_SCHEMAS[kind].safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return refuse(peer, `a ${kind} is not as it should be: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    const { data } = parsed;
    if ("status" in data && !("mac" in data)) return hearLoss(peer);
    const state = stateOf(peer);
    if ("hello" in data && isImpostor(peer, data.hello.device)) return;
    const device = "hello" in data ? data.hello.device : "seq" in data ? deviceFor(state, data.log) : state.device;
    if (device === undefined) return noteNameless(peer, state);
    if ("hello" in data) hall.forgetKey(device);
    if (!isItsWord(peer, device, text)) return;
    if ("hello" in data) return hearHello(peer, state, data);
    state.device = device;
    if ("seq" in data) return hearRecord(peer, state, device, data);
    // A broker that has lost a terminal may say so behind the terminal's new hello.
    if (!routes.has(device)) route(device, peer);
    if ("status" in data) counters.hearStatus(device, data.status);
    else if ("alert" in data) hall.say({ kind: "alert", device, words: `${data.alert} ${data.detail}` });
    else desk.hearAnswer(device, data);
  }

  function stateOf(peer: Peer): PeerState & { peer: Peer } {
    let state = peers.get(peer);
    if (!state) {
      state = { peer, device: peer.device, log: -1, brought: undefined, isNameless: false };
      peers.set(peer, state);
    }
    return state;
  }

  /** What a broker says of a terminal that it has lost has no MAC, and is no way to it. */
  function hearLoss({ device }: Peer): void {
    if (device === undefined || !hall.find(device)) return;
    routes.delete(device);
    counters.hearStatus(device, { online: false });
  }

  function isImpostor({ device, name }: Peer, told: string): boolean {
    if (device === undefined || device === told) return false;
    const words = `On the way of ${device} (${name}) somebody says to be ${told}: it was refused. Correct the terminal's configuration, or the broker's access rules.`;
    hall.raise({ kind: "impostor", device, key: told, words });
    return true;
  }

  /** Whether a terminal itself has said this: its key has sealed it. */
  function isItsWord(peer: Peer, device: string, text: string): boolean {
    const key = hall.keyOf(device);
    if (!key) return false;
    if (isSealedBy(key, text)) return true;
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
    const words = `Something came in the name of ${device} (${peer.name}) without the MAC of its key, and was not taken: somebody else sends in its name, or ${device}.key is not this terminal's, or the terminal has lost its key. While that lasts it keeps its records.`;
    hall.raise({ kind: "forged", device, key: day, words });
    return false;
  }

  function refuse(peer: Peer, words: string): void {
    counts.notUnderstood++;
    hall.say({ kind: "refused", device: peers.get(peer)?.device ?? peer.name, words });
  }

  function route(device: string, peer: Peer): void {
    if (routes.get(device) === peer) return;
    const isNew = !routes.has(device);
    routes.set(device, peer);
    if (isNew) hall.say({ kind: "online", device, words: `connected: ${peer.name}` });
    desk.onWay(device);
  }

  /** Somebody sends, and has not said who it is. */
  function noteNameless(peer: Peer, state: PeerState): void {
    if (state.isNameless) return;
    state.isNameless = true;
    refuse(
      peer,
      "something comes from a terminal that has not said yet who it is. It says so every half minute, and when it starts: restart it if this stays.",
    );
  }

  function hearHello(peer: Peer, state: PeerState & { peer: Peer }, message: HelloMessage): void {
    const { hello, log, last, acknowledged, signed } = message;
    const { device } = hello;
    const row = hall.device(device);
    const isNew = state.device !== device || routes.get(device) !== peer;
    state.device = device;
    // A hello that comes late must not bring back what has been acknowledged since.
    if (state.log === log && state.brought) state.brought.skipTo(acknowledged);
    else state.brought = new NumberRun(acknowledged);
    state.log = log;
    row.counter = hello.counter;
    row.firmware = hello.firmware;
    row.configuration = hello.config;
    row.neighbours = hello.neighbours ?? [];
    // Nor a number that was used since.
    row.signed = row.log === log ? Math.max(row.signed, signed) : signed;
    row.seenAt = clock.nowMs();
    hall.touch(row);
    route(device, peer);
    const known = records.logOf(device, log, acknowledged);
    known.last = Math.max(known.last, last);
    if (acknowledged > known.head.sequence) records.skipTo(known, acknowledged);
    if (row.log !== log) records.noteOldLog(row, log);
    if (records.noteAcknowledgedElsewhere(known, acknowledged)) hall.later(() => void fetchBack(device, log, acknowledged));
    counters.judgeDuty(row);
    // A terminal that has nothing to send wants to know whether anybody is there.
    toAcknowledge.add(state);
    if (isNew) hall.say({ kind: "online", device, words: `counter ${hello.counter}, firmware ${hello.firmware}, log ${log}, newest record ${last}` });
    hall.later(() => {
      if (tellsTime && !desk.isTimed(device)) desk.tellTime(device);
      counters.tellNeighbours(row);
    });
  }

  /** Asks for records that are not here, the newest first, down to the first that is no longer in flash. */
  async function fetchBack(device: string, log: number, upTo: number): Promise<void> {
    let tries = 0;
    for (let seq = upTo; seq > 0 && hall.device(device).log === log; ) {
      if (tries === RESEND_TRIES || store.find(device, log, seq)) {
        seq--;
        tries = 0;
        continue;
      }
      try {
        tries++;
        const answer = await desk.commandTo(device, { do: "resend", seq });
        // A terminal that is busy has sent nothing; and what it has sent may have got lost where its answer did not.
        if ("error" in answer && answer.error !== "busy") return;
      } catch (error) {
        // The terminal or the receiver is gone.
        if (error instanceof ReceiveError) return;
        throw error;
      }
    }
  }

  function deviceFor(state: PeerState, log: number): string | undefined {
    if (state.device !== undefined) return state.device;
    const names = store.devicesWithLog(log);
    // A log's name is random: only one device has it, unless somebody copied a terminal.
    return names.length === 1 ? names[0] : undefined;
  }

  function hearRecord(peer: Peer, state: PeerState & { peer: Peer }, device: string, message: SeqMessage): void {
    const { log: name, seq } = message;
    if (!routes.has(device)) route(device, peer);
    const log = records.logOf(device, name, seq === 1 ? 0 : -1);
    if (log.head.sequence < 0 && seq === 1) records.skipTo(log, 0);
    if (state.log !== name || !state.brought) {
      state.log = name;
      // Its hello got lost. What comes first may have been late, so it tells nothing of what came before.
      state.brought = new NumberRun(Math.max(log.head.sequence, 0));
    }
    if (log.head.sequence < 0) noteNameless(peer, state);
    if ("lost" in message) records.storeLost(log, seq);
    else if (!records.store(log, seq, Buffer.from(message.record, "base64"))) {
      return refuse(peer, `what came as record ${seq} has another number, or is none`);
    }
    state.brought.add(seq);
    toAcknowledge.add(state);
  }

  function noteSigned(device: string, n: number): void {
    note(device, (row) => {
      row.signed = Math.max(row.signed, n);
    });
  }

  function noteEmergency(device: string, text64: string): void {
    note(device, (row) => {
      row.emergency = text64;
    });
  }

  /** Stores at once what is known of a terminal from now on. */
  function note(device: string, change: (row: DeviceRow) => void): void {
    if (isClosed) return;
    enqueue(() => {
      const row = hall.device(device);
      change(row);
      hall.touch(row);
    });
    flush();
  }

  /** @returns whose only way it was */
  function drop(peer: Peer): string | undefined {
    const device = peers.get(peer)?.device;
    peers.delete(peer);
    ended.delete(peer);
    if (device === undefined || routes.get(device) !== peer) return undefined;
    routes.delete(device);
    return device;
  }

  function forget(peer: Peer): void {
    const device = drop(peer);
    if (device === undefined) return;
    hall.say({ kind: "offline", device, words: `connection ended: ${peer.name}` });
    if (hall.device(device).status) counters.hearStatus(device, { online: false });
  }

  // --- batches ---

  function hear(peer: Peer, message: unknown, text: string): void {
    if (isClosed) return;
    enqueue(() => handle(peer, message, text));
  }

  function enqueue(run: () => void): void {
    queue.push(run);
    if (queue.length >= MOST_IN_BATCH) flush();
    else cancelFlush ??= clock.after(batchMs, flush);
  }

  function flush(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    if (queue.length === 0) return;
    const batch = queue;
    queue = [];
    try {
      store.begin();
      hall.load();
      for (const run of batch) run();
      records.save();
      hall.save();
      store.commit();
    } catch (error) {
      abandon();
      if (!(error instanceof StorageError)) throw error;
      if (!isStorageDown) hall.sayNow({ kind: "storage", device: "", words: storageWords(error) });
      isStorageDown = true;
      return;
    }
    if (isStorageDown) hall.sayNow({ kind: "storage", device: "", words: "records are stored again" });
    isStorageDown = false;
    counts.commits++;
    records.settle();
    acknowledge();
    hall.settle();
  }

  /** Forgets everything of a batch that could not be stored: nothing of it is acknowledged, so it comes again. */
  function abandon(): void {
    store.rollback();
    hall.forget();
    records.forget();
    toAcknowledge.clear();
    for (const peer of [...ended]) drop(peer);
  }

  function acknowledge(): void {
    for (const { peer, device, log, brought } of toAcknowledge) {
      const state = device === undefined ? undefined : records.find(device, log);
      const key = device === undefined ? undefined : hall.keyOf(device);
      if (!state || !brought || !key) continue;
      const seq = Math.min(state.head.sequence, brought.upTo);
      if (seq >= 0) peer.send(asciiJson(signAcknowledgement(key, log, seq)));
    }
    toAcknowledge.clear();
  }

  let cancelDaily = (): void => undefined;
  function daily(): void {
    cancelDaily = clock.after(TIME_EVERY_MS, daily);
    for (const device of routes.keys()) desk.tellTime(device);
  }
  if (tellsTime) cancelDaily = clock.after(TIME_EVERY_MS, daily);

  return {
    get counts() {
      return { ...counts, ...records.counts };
    },
    hear,
    end(peer) {
      // Behind what it has said.
      if (isClosed) return;
      ended.add(peer);
      enqueue(() => forget(peer));
    },
    commandTo: desk.commandTo,
    online: () => [...routes.keys()].sort(),
    flush,
    close() {
      flush();
      isClosed = true;
      cancelFlush?.();
      cancelDaily();
      desk.close();
    },
  };
}

function storageWords({ code, message }: StorageError): string {
  const words =
    code === "SQLITE_FULL"
      ? "the disk is full: make room"
      : code.startsWith("SQLITE_BUSY")
        ? "another program holds the database: end it"
        : `the database does not take them (${message}): see to the disk and its rights`;
  return `Records cannot be stored: ${words}. Nothing is acknowledged meanwhile, so the terminals keep everything and send it again.`;
}
