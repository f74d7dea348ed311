// The hall's end of every link: stores what comes, and only then acknowledges it; says what is wrong; carries commands to terminals. It knows nothing of
// ports, sockets and brokers: they hand it messages and take texts.

import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { AnswerMessage, Command, CommandId, HelloMessage, NeighbourState, SignedCommand, StatusMessage, UpKind } from "../../uplink/messages.js";
import { macOf } from "../ledger-chain.js";
import { END_BYTES, type LedgerRecord, RecordError, readRecord } from "../ledger-reader.js";
import { asciiJson } from "./ascii-json.js";
import type { DeviceKeys } from "./device-keys.js";
import { sentenceOf } from "./error-codes.js";
import { commandSchema, SIGNED_COMMANDS, UP_SCHEMAS } from "./message-schemas.js";
import { NumberRun } from "./number-run.js";
import { ReceiveError } from "./receive-error.js";
import { signCommand } from "./signing.js";
import { type Alarm, type DeviceRow, type HeadRow, type Proof, type RecordRow, StorageError, type Store } from "./store.js";

/** Longest text of a message in either direction: a line of 512 bytes without `*` and its CRC. */
export const MOST_TEXT = 503;
/** A command whose answer does not come is sent again after so long. */
const REPEAT_MS = 2000;
/** How long an answer is waited for. */
const ANSWER_MS = 30_000;
/** Messages are stored together when they come within so long: a commit costs as much for one as for hundreds. */
const BATCH_MS = 5;
const MOST_IN_BATCH = 2000;
/** Every terminal gets the time again after so long. */
const TIME_EVERY_MS = 24 * 3_600_000;
/** Refusals that leave the number of a signed command to the next. */
const NUMBER_LEFT: ReadonlySet<string> = new Set(["badMac", "otherLog", "bad n"]);
const U32 = 0xffffffff;
/** So many signed commands may come for each record. */
const SIGNED_NUMBERS = 1000;
/** A number that is missing for so long, while later ones are here, is a gap. */
const GAP_MS = 60_000;
/** How often a record that is not here is asked for. */
const RESEND_TRIES = 5;

/** A way to one terminal: a port, a connection, a topic. */
export interface Peer {
  /** For people: `/dev/ttyUSB0`, `10.0.0.7:41234`. */
  readonly name: string;
  /** The device at its end, where the way itself says so; a hello of another one is refused there. */
  readonly device?: string | undefined;
  /** @param text JSON in printable ASCII, at most `MOST_TEXT` long. It may get lost. */
  send(text: string): void;
}

/** Something that people want to know. */
export interface ReceiverEvent {
  readonly kind: "online" | "offline" | "record" | "status" | "alert" | "alarm" | "answer" | "refused" | "storage";
  readonly device: string;
  /** A line for people. */
  readonly words: string;
  readonly record?: LedgerRecord;
}

/** What goes on outside. */
export interface ReceiverClock {
  /** Wall time in ms since 1970 UTC. */
  nowMs(): number;
  /** Calls later, unless it was cancelled by what it returns. */
  after(ms: number, run: () => void): () => void;
}

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

/** How a command ended. */
export type Answer = AnswerMessage & {
  /** What the error means. */
  readonly text?: string;
};

export interface CommandOptions {
  /** How long the answer is waited for, in ms. Default 30000. */
  readonly timeoutMs?: number;
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
  /** A terminal sent something. @param message what its JSON text holds */
  hear(peer: Peer, message: unknown): void;
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

/** A log while the receiver runs. */
interface LogState {
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

interface Pending {
  readonly device: string;
  readonly id: CommandId;
  /** A later command of the same name takes its place. */
  readonly name: string;
  readonly text: () => string;
  readonly finish: (answer: Answer | Error) => void;
  cancelTimers: () => void;
}

const KINDS = ["hello", "status", "alert", "answer"] as const;

function kindOf(message: object): UpKind {
  for (const kind of KINDS) if (kind in message) return kind;
  return "record";
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, keys, onEvent, clock = systemClock, batchMs = BATCH_MS, tellsTime = true } = options;
  const prefix = options.idPrefix ?? randomBytes(5).toString("hex");
  const counts: ReceiverCounts = { messages: 0, stored: 0, repeated: 0, notUnderstood: 0, commits: 0 };
  const peers = new Map<Peer, PeerState>();
  const routes = new Map<string, Peer>();
  /** Devices that have said how they stand. */
  const tellers = new Set<string>();
  /** Ways that have ended, and are not forgotten yet. */
  const ended = new Set<Peer>();
  const pendings = new Map<CommandId, Pending>();
  /** Devices that have taken the time since they came. */
  const timed = new Set<string>();
  /** The newest signed command to a device, when it has ended. */
  const signing = new Map<string, Promise<void>>();
  let lastId = 0;
  let queue: (() => void)[] = [];
  let cancelFlush: (() => void) | undefined;
  let isClosed = false;
  let isStorageDown = false;

  // Everything below is as the database has it, and forgotten when a transaction fails.
  const devices = new Map<string, DeviceRow>();
  const touchedDevices = new Set<DeviceRow>();
  const logs = new Map<string, LogState>();
  const touchedLogs = new Set<LogState>();
  /** Logs of which records have come, be they new or not. */
  const heardLogs = new Set<LogState>();
  /** Keys, or null for a device that has none, until its next hello. */
  const deviceKeys = new Map<string, Buffer | null>();
  /** What is done once the batch is committed. */
  let afterCommit: (() => void)[] = [];
  const toAcknowledge = new Set<PeerState & { peer: Peer }>();

  function say(event: ReceiverEvent): void {
    if (onEvent) afterCommit.push(() => onEvent(event));
  }

  function raise(alarm: Alarm): boolean {
    if (!store.raise(alarm, clock.nowMs())) return false;
    say({ kind: "alarm", device: alarm.device, words: alarm.words });
    return true;
  }

  function keyOf(device: string): Buffer | undefined {
    let key = deviceKeys.get(device);
    if (key === undefined) {
      key = lookUpKey(device) ?? null;
      deviceKeys.set(device, key);
    }
    return key ?? undefined;
  }

  function lookUpKey(device: string): Buffer | undefined {
    try {
      return keys(device);
    } catch (error) {
      if (!(error instanceof ReceiveError)) throw error;
      raise({ kind: "key", device, key: error.message, words: error.message });
      return undefined;
    }
  }

  // --- what is known ---

  function deviceOf(name: string): DeviceRow {
    let row = devices.get(name);
    if (!row) {
      row = store.device(name) ?? {
        device: name,
        counter: "",
        firmware: "",
        configuration: 0,
        neighbours: [],
        takesSigned: false,
        signed: 0,
        log: -1,
        status: "",
        dutyBadge: "",
        dutyStaff: "",
        dutySince: 0,
        dutyPause: "",
        seenAt: 0,
      };
      devices.set(name, row);
      if (row.seenAt === 0) touchedDevices.add(row);
    }
    return row;
  }

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
        touchedLogs.add(state);
        noteNewLog(device, log);
      }
    }
    return state;
  }

  function noteNewLog(device: string, log: number): void {
    const row = deviceOf(device);
    if (row.log >= 0 && row.log !== log) {
      const words = `${device} has begun a new log, ${log}: somebody re-initialised it, or exchanged it, or the power went while its only page was erased. What is here of log ${row.log} stays valid.`;
      raise({ kind: "newLog", device, key: `${log}`, words });
    }
    if (!keyOf(device)) {
      const words = `${device} is unknown: there is no key file for it. Its records are stored, and nothing proves them. Put ${device}.key into the folder of keys.`;
      raise({ kind: "unknownDevice", device, key: "", words });
    }
    row.log = log;
    touchedDevices.add(row);
  }

  // --- messages ---

  function handle(peer: Peer, message: unknown): void {
    counts.messages++;
    if (typeof message !== "object" || message === null || Array.isArray(message)) return refuse(peer, "what came is no JSON object");
    const kind = kindOf(message);
    const parsed = UP_SCHEMAS[kind].safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return refuse(peer, `a ${kind} is not as it should be: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    // What a broker says of a terminal that it has lost is no way to it.
    if (kind === "status" && peer.device !== undefined && !(parsed.data as StatusMessage).status.online) {
      return hearStatus(peer.device, parsed.data as StatusMessage);
    }
    const state = stateOf(peer);
    if (kind === "hello") return hearHello(peer, state, parsed.data as HelloMessage);
    if (kind === "record") return hearRecord(peer, state, parsed.data as SeqMessage);
    const device = state.device;
    if (device === undefined) return noteNameless(peer, state);
    // A broker that has lost a terminal may say so behind the terminal's new hello.
    if (!routes.has(device)) route(device, peer);
    if (kind === "status") hearStatus(device, parsed.data as StatusMessage);
    else if (kind === "alert") {
      const { alert, detail } = parsed.data as Up<"alert">;
      say({ kind: "alert", device, words: `${alert} ${detail}` });
    } else hearAnswer(device, parsed.data as AnswerMessage);
  }

  function stateOf(peer: Peer): PeerState & { peer: Peer } {
    let state = peers.get(peer) as (PeerState & { peer: Peer }) | undefined;
    if (!state) {
      state = { peer, device: peer.device, log: -1, brought: undefined, isNameless: false };
      peers.set(peer, state);
      if (peer.device !== undefined) route(peer.device, peer);
    }
    return state;
  }

  function refuse(peer: Peer, words: string): void {
    counts.notUnderstood++;
    say({ kind: "refused", device: peers.get(peer)?.device ?? peer.name, words });
  }

  function route(device: string, peer: Peer): void {
    if (routes.get(device) === peer) return;
    const isNew = !routes.has(device);
    routes.set(device, peer);
    timed.delete(device);
    if (isNew) say({ kind: "online", device, words: `connected: ${peer.name}` });
    afterCommit.push(() => {
      for (const pending of pendings.values()) if (pending.device === device) peer.send(pending.text());
    });
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
    if (peer.device !== undefined && peer.device !== device) {
      const words = `On the way of ${peer.device} (${peer.name}) somebody says to be ${device}: it was refused. Correct the terminal's configuration, or the broker's access rules.`;
      raise({ kind: "impostor", device: peer.device, key: device, words });
      return;
    }
    const row = deviceOf(device);
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
    row.takesSigned = signed !== undefined;
    row.signed = signed ?? 0;
    row.seenAt = clock.nowMs();
    touchedDevices.add(row);
    route(device, peer);
    deviceKeys.delete(device);
    const known = logOf(device, log, acknowledged);
    known.last = Math.max(known.last, last);
    if (acknowledged > known.head.sequence) skipTo(known, acknowledged);
    if (row.log !== log) noteOldLog(row, log);
    if (acknowledged > 0 && !store.find(device, log, acknowledged)) noteAcknowledgedElsewhere(known, acknowledged);
    judgeDuty(row);
    // A terminal that has nothing to send wants to know whether anybody is there.
    toAcknowledge.add(state);
    if (isNew) say({ kind: "online", device, words: `counter ${hello.counter}, firmware ${hello.firmware}, log ${log}, newest record ${last}` });
    afterCommit.push(() => {
      if (tellsTime && !timed.has(device)) tellTime(device);
      for (const counter of row.neighbours) relayFrom(counter, device);
    });
  }

  /** Records that somebody else has had acknowledged, and that are not here. */
  function noteAcknowledgedElsewhere(log: LogState, upTo: number): void {
    const { device, log: name } = log.head;
    const words = `${device} has had records up to ${upTo} of log ${name} acknowledged, and record ${upTo} is not here: another receiver has them, or this database is older than that.`;
    if (!raise({ kind: "gap", device, key: `${name}/acknowledged/${upTo}`, words })) return;
    if (deviceOf(device).takesSigned) afterCommit.push(() => void fetchBack(device, name, upTo));
  }

  /** Asks for records that are not here, the newest first, down to the first that is no longer in flash. */
  async function fetchBack(device: string, log: number, upTo: number): Promise<void> {
    let tries = 0;
    for (let seq = upTo; seq > 0 && deviceOf(device).log === log; ) {
      if (tries === RESEND_TRIES || store.find(device, log, seq)) {
        seq--;
        tries = 0;
        continue;
      }
      try {
        tries++;
        const answer = await commandTo(device, { do: "resend", seq });
        // A terminal that is busy has sent nothing; and what it has sent may have got lost where its answer did not.
        if ("error" in answer && answer.error !== "busy") return;
      } catch (error) {
        // The terminal or the receiver is gone.
        if (error instanceof ReceiveError) return;
        throw error;
      }
    }
  }

  /** A log that was here before goes on, after another one under the same name. */
  function noteOldLog(row: DeviceRow, log: number): void {
    const words = `${row.device} is back at its log ${log}, after log ${row.log}: two terminals have this name. Give one of them another.`;
    raise({ kind: "newLog", device: row.device, key: `${row.log} ${log}`, words });
    row.log = log;
  }

  /** The terminal has forgotten, or may forget, what is not here up to a number. */
  function skipTo(log: LogState, upTo: number): void {
    log.head.sequence = upTo;
    log.head.mac = "";
    log.stored.skipTo(upTo);
    touchedLogs.add(log);
    const row = store.find(log.head.device, log.head.log, upTo);
    if (row && row.bytes.length > 0) log.head.mac = macIn(row.bytes).toString("hex");
    advance(log);
  }

  function deviceFor(state: PeerState, log: number): string | undefined {
    if (state.device !== undefined) return state.device;
    const names = store.devicesWithLog(log);
    // A log's name is random: only one device has it, unless somebody copied a terminal.
    return names.length === 1 ? names[0] : undefined;
  }

  function hearRecord(peer: Peer, state: PeerState & { peer: Peer }, message: SeqMessage): void {
    const { log: name, seq } = message;
    const device = deviceFor(state, name);
    if (device === undefined) return noteNameless(peer, state);
    if (state.device === undefined) {
      state.device = device;
      route(device, peer);
    }
    const log = logOf(device, name, seq === 1 ? 0 : -1);
    if (log.head.sequence < 0 && seq === 1) skipTo(log, 0);
    if (state.log !== name || !state.brought) {
      state.log = name;
      // Its hello got lost. What comes first may have been late, so it tells nothing of what came before.
      state.brought = new NumberRun(Math.max(log.head.sequence, 0));
    }
    if (log.head.sequence < 0) noteNameless(peer, state);
    log.last = Math.max(log.last, seq);
    noteHeard(log);
    if ("lost" in message) storeLost(log, seq);
    else if (!storeRecord(peer, log, seq, Buffer.from(message.record, "base64"))) return;
    state.brought.add(seq);
    toAcknowledge.add(state);
  }

  /** Something of a log has come, be it new or not. */
  function noteHeard(log: LogState): void {
    const nowMs = clock.nowMs();
    // Of a terminal that was away nothing could come.
    if (log.stuckSinceMs && nowMs - log.heardMs > GAP_MS) log.stuckSinceMs = nowMs;
    log.heardMs = nowMs;
    heardLogs.add(log);
  }

  function storeLost(log: LogState, sequence: number): void {
    const { device, log: name } = log.head;
    const none = { type: "lost", staff: null, transaction: null, outcome: null, grade: null, at: null, wall: null };
    const row: RecordRow = { device, log: name, sequence, ...none, proof: "lost", receivedAt: clock.nowMs(), bytes: Buffer.alloc(0) };
    if (!store.insert(row)) return;
    const words = `${device} cannot read its record ${sequence} of log ${name} any more: its flash has lost it. Have the terminal looked at.`;
    raise({ kind: "lost", device, key: `${name}/${sequence}`, words });
    note(log, sequence, row);
  }

  /** @returns whether it is stored now, or was before */
  function storeRecord(peer: Peer, log: LogState, sequence: number, bytes: Buffer): boolean {
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
    if (bytes.length < 64 || bytes.readUInt32LE(4) !== sequence) {
      refuse(peer, `what came as record ${sequence} has another number, or is none`);
      return false;
    }
    const proof = proofOf(log, sequence, bytes);
    const row = rowOf(log.head, sequence, bytes, record, proof);
    if (!store.insert(row)) {
      if (!settleFork(log, row, store.find(device, name, sequence))) return true;
    }
    counts.stored++;
    if (!record) {
      const words = `Record ${sequence} of ${device}, log ${name}, cannot be read: ${damage}. It is stored as it came.`;
      raise({ kind: "unreadable", device, key: `${name}/${sequence}`, words });
    }
    if (record?.type === "refused") {
      const words = `${device} has refused commands (${record.error}, ${record.count} since it said so before): somebody without its key tries to command it, or its key file is wrong, or a command came twice.`;
      raise({ kind: "refused", device, key: `${name}/${sequence}`, words });
    }
    // A fault of the link is over when somebody hears of it.
    if (record?.type === "faultBegan" && record.fault !== "link") {
      raise({ kind: "fault", device, key: `${name}/${sequence}`, words: `${device} reports a fault: ${record.fault}, ${record.detail}.` });
    }
    if (record?.type === "started") {
      // Its hello may have got lost: the numbers of signed commands begin there again.
      const from = deviceOf(device);
      if (from.log === name && from.signed < sequence * SIGNED_NUMBERS) {
        from.signed = sequence * SIGNED_NUMBERS;
        touchedDevices.add(from);
      }
      // Without power it has lost the time.
      if (tellsTime) afterCommit.push(() => tellTime(device));
    }
    if (record && onEvent) say({ kind: "record", device, words: wordsOf(record), record });
    note(log, sequence, row);
    return true;
  }

  /** Two different records with one number. @returns whether the new one takes the place of the other */
  function settleFork(log: LogState, row: RecordRow, known: { readonly bytes: Buffer; readonly proof: Proof } | undefined): boolean {
    const { device, log: name, sequence } = row;
    const isBetter = known?.proof === "lost" || (known?.proof === "badMac" && row.proof === "verified");
    if (known?.proof !== "lost") {
      const [kept, other] = isBetter ? ["the new one", known?.bytes] : ["the first", row.bytes];
      const words = `There are two records ${sequence} of ${device}, log ${name}: the chain forks, so the terminal was copied or somebody sends in its name. ${kept} is kept, the other stands in the alarm.`;
      raise({
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
    const key = keyOf(device);
    if (!key) return "noKey";
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
      touchedLogs.add(log);
      if (bytes.length > 0) noteDuty(head, bytes);
    }
    log.stuckSinceMs = log.stored.isWhole() ? 0 : log.stuckSinceMs || clock.nowMs();
    touchedLogs.add(log);
    judgeDuty(deviceOf(head.device));
  }

  /** Says what the chain says of a record that is in the table. @param fresh a row that was inserted just now @returns its bytes */
  function judge(log: LogState, sequence: number, fresh?: RecordRow): Buffer {
    const { device, log: name } = log.head;
    const row = fresh?.sequence === sequence ? fresh : store.find(device, name, sequence);
    if (!row || row.proof === "lost") return Buffer.alloc(0);
    const proof = row.proof === "verified" ? "verified" : proofOf(log, sequence, row.bytes);
    if (proof !== row.proof) store.setProof(device, name, sequence, proof);
    if (proof === "badMac") {
      const words = `Record ${sequence} of ${device}, log ${name}, does not verify: somebody changed or invented it or the one before, or the key file is another terminal's. It is stored and marked.`;
      raise({ kind: "badMac", device, key: `${name}/${sequence}/${macIn(row.bytes).toString("hex")}`, words });
    }
    return row.bytes;
  }

  // --- one badge at two counters ---

  function noteDuty({ device, log }: HeadRow, bytes: Buffer): void {
    const type = bytes.readUInt8(1);
    if (type < SIGN_IN || type > PAUSE_ENDED) return;
    const row = deviceOf(device);
    if (row.log !== log) return;
    let record: LedgerRecord;
    try {
      record = readRecord(bytes);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      return;
    }
    if (record.type === "pauseBegan") row.dutyPause = record.reason;
    else if (record.type === "pauseEnded") row.dutyPause = "";
    else if (record.type === "signIn") {
      row.dutyPause = "";
      row.dutyBadge = record.badge;
      row.dutyStaff = record.staff;
      row.dutySince = record.wallSeconds ?? 0;
    } else if (record.type === "signOut") {
      const untilS = record.wallSeconds ?? 0;
      // What comes late tells of the past: did they overlap?
      for (const other of othersWith(row)) if (other.dutySince && untilS > other.dutySince && isCurrent(other)) noteDouble(row, other);
      row.dutyPause = "";
      row.dutyBadge = "";
      row.dutyStaff = "";
      row.dutySince = 0;
    }
    touchedDevices.add(row);
  }

  function othersWith(row: DeviceRow): DeviceRow[] {
    if (!row.dutyBadge) return [];
    return [...devices.values()].filter((other) => other.device !== row.device && other.dutyBadge === row.dutyBadge);
  }

  /** Whether everything that a terminal has written is here: of others nobody knows who is on duty there now. */
  function isCurrent({ device, log }: DeviceRow): boolean {
    const state = logs.get(`${device}/${log}`);
    return routes.has(device) && state !== undefined && state.head.sequence >= state.last;
  }

  function judgeDuty(row: DeviceRow): void {
    deriveStatus(row);
    if (!row.dutyBadge || !isCurrent(row)) return;
    for (const other of othersWith(row)) if (isCurrent(other)) noteDouble(row, other);
  }

  function noteDouble(one: DeviceRow, two: DeviceRow): void {
    const [a, b] = [one, two].sort((x, y) => (x.device < y.device ? -1 : 1)) as [DeviceRow, DeviceRow];
    const words = `The badge of ${one.dutyStaff} is on duty at counter ${two.counter} (${two.device}) and at counter ${one.counter} (${one.device}).`;
    if (!raise({ kind: "duplicateBadge", device: a.device, key: `${a.dutyBadge}/${b.device}/${a.dutySince}/${b.dutySince}`, words })) return;
    afterCommit.push(() => {
      tell(one.device, { do: "duplicateBadge", counter: two.counter }, `duplicateBadge ${two.counter}`);
      tell(two.device, { do: "duplicateBadge", counter: one.counter }, `duplicateBadge ${one.counter}`);
    });
  }

  // --- states and neighbours ---

  /** How a terminal stands that does not say so itself, from its records. */
  function deriveStatus({ device, dutyStaff, dutyPause, configuration }: DeviceRow): void {
    if (tellers.has(device) || !isCurrent(deviceOf(device))) return;
    const state = !dutyStaff ? "unattended" : dutyPause ? "paused" : "open";
    const unknown = { faults: [], uptime: 0, free: 0, flags: [] };
    noteStatus(device, { status: { online: true, state, clerk: dutyStaff, pause: dutyPause, config: configuration, ...unknown } });
  }

  function hearStatus(device: string, message: StatusMessage): void {
    if (message.status.online) tellers.add(device);
    noteStatus(device, message);
  }

  function noteStatus(device: string, { status }: StatusMessage): void {
    const row = deviceOf(device);
    const before = neighbourStateOf(row);
    const told = statusOf(row);
    const words = statusWords(status);
    // Its figures alone are no news.
    if (!told || statusWords(told) !== words) say({ kind: "status", device, words });
    if (status.online && status.faults.includes("ledger") && !(told?.online && told.faults.includes("ledger"))) {
      const why = "its flash is full of records that wait for an acknowledgement, or failed";
      // There is no record of it: there was nowhere to write it.
      raise({
        kind: "fault",
        device,
        key: `ledger/${clock.nowMs()}`,
        words: `${device} can write no records: ${why}. Citizens use the paper card there.`,
      });
    }
    row.status = asciiJson(status);
    touchedDevices.add(row);
    if (!status.online) routes.delete(device);
    const after = neighbourStateOf(row);
    if (after && after !== before) afterCommit.push(() => relay(row, after));
  }

  function relay({ counter }: DeviceRow, state: NeighbourState): void {
    for (const other of devices.values())
      if (other.neighbours.includes(counter)) tell(other.device, { do: "neighbour", counter, state }, `neighbour ${counter}`);
  }

  function relayFrom(counter: string, to: string): void {
    for (const row of devices.values()) {
      const state = row.counter === counter && row.device !== to ? neighbourStateOf(row) : undefined;
      if (state) tell(to, { do: "neighbour", counter, state }, `neighbour ${counter}`);
    }
  }

  // --- commands ---

  /** Each is told with its next hello, but one that took it: each second that its clock is corrected by is a record in its flash. */
  function tellTime(device: string): void {
    timed.delete(device);
    begin(
      device,
      () => ({ do: "time", unix: Math.floor(clock.nowMs() / 1000) }),
      "time",
      () => timed.add(device),
    );
  }

  /** Sends a command whose answer interests nobody but the log. A later one with the same name takes its place. */
  function tell(device: string, command: Command, name: string): void {
    begin(device, () => command, name);
  }

  function begin(device: string, command: () => Command, name: string, onDone: () => void = () => undefined): void {
    if (!routes.has(device) || isClosed) return;
    const id = `${prefix}-${++lastId}`;
    send(device, id, name, () => asciiJson({ id, ...command() }), ANSWER_MS).then(
      (answer) => {
        if ("result" in answer) onDone();
        else onEvent?.({ kind: "answer", device, words: `${name}: ${answer.error}: ${answer.text}` });
      },
      // It was replaced, or the terminal is gone: what matters is told again with its next hello.
      () => undefined,
    );
  }

  function send(device: string, id: CommandId, name: string, text: () => string, timeoutMs: number): Promise<Answer> {
    for (const other of pendings.values()) if (name && other.device === device && other.name === name) other.finish(new ReceiveError("replaced"));
    return new Promise((resolve, reject) => {
      let cancelRepeat = (): void => undefined;
      const transmit = (): void => {
        routes.get(device)?.send(text());
        cancelRepeat = clock.after(REPEAT_MS, transmit);
      };
      const cancelTimeout = clock.after(timeoutMs, () =>
        pending.finish(
          new ReceiveError(
            routes.has(device)
              ? `${device} has not answered within ${timeoutMs / 1000} s: is it switched on, and its link in order?`
              : `${device} is not connected`,
          ),
        ),
      );
      const pending: Pending = {
        device,
        id,
        name,
        text,
        finish(answer) {
          pendings.delete(id);
          pending.cancelTimers();
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        },
        cancelTimers() {
          cancelRepeat();
          cancelTimeout();
        },
      };
      pendings.set(id, pending);
      transmit();
    });
  }

  function hearAnswer(device: string, answer: AnswerMessage): void {
    if (answer.answer === null) return;
    const pending = pendings.get(answer.answer);
    if (pending?.device !== device) return;
    const whole = "result" in answer ? answer : { ...answer, text: sentenceOf(answer.error) };
    afterCommit.push(() => pending.finish(whole));
  }

  async function commandTo(device: string, given: Command, { timeoutMs = ANSWER_MS }: CommandOptions = {}): Promise<Answer> {
    const parsed = commandSchema.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new ReceiveError(`${asciiJson(given)}: ${issue?.path.join(".") || "do"}: ${issue?.message}. PROTOCOL.md has all commands.`);
    }
    const command = parsed.data as Command;
    const id = `${prefix}-${++lastId}`;
    flush();
    const row = devices.get(device) ?? store.device(device);
    if (!row)
      throw new ReceiveError(
        `${device}: no such terminal has ever been here; known are ${
          store
            .devices()
            .map((each) => each.device)
            .join(", ") || "none"
        }`,
      );
    if (!SIGNED_COMMANDS.has(command.do) || !row.takesSigned)
      return send(device, id, "", () => fitting(command.do, asciiJson({ id, ...command })), timeoutMs);
    const key = keys(device);
    if (!key) throw new ReceiveError(`${command.do} has to be signed, and there is no key file ${device}.key`);
    fitting(command.do, asciiJson(signCommand(key, { log: U32, n: 1000 * U32 }, command as SignedCommand, id)));
    // One after another: the terminal wants their numbers in order.
    const before = signing.get(device);
    const begin = (): Promise<Answer> => sendSigned(device, id, command as SignedCommand, key, timeoutMs);
    const answer = before ? before.then(begin) : begin();
    const onEnd = (): void => {
      if (signing.get(device) === end) signing.delete(device);
    };
    const end = answer.then(onEnd, onEnd);
    signing.set(device, end);
    return answer;
  }

  /** @throws ReceiveError where it is longer than a message may be */
  function fitting(what: string, text: string): string {
    if (text.length > MOST_TEXT) throw new ReceiveError(`${what}: is ${text.length} characters long as a message, and ${MOST_TEXT} is the most`);
    return text;
  }

  async function sendSigned(device: string, id: CommandId, command: SignedCommand, key: Buffer, timeoutMs: number): Promise<Answer> {
    let n = 0;
    let signed = "";
    // It keeps the number under which it went out first: with another one a terminal that has restarted meanwhile would carry it out once more.
    const answer = await send(
      device,
      id,
      "",
      () => {
        const row = deviceOf(device);
        if (!signed) {
          n = row.signed + 1;
          signed = asciiJson(signCommand(key, { log: row.log, n }, command, id));
        }
        return signed;
      },
      timeoutMs,
    );
    // Where no answer came, its number is tried again: it was not used, or the next is told so.
    if ("result" in answer || !NUMBER_LEFT.has(answer.error)) noteSigned(device, n);
    return answer;
  }

  function noteSigned(device: string, n: number): void {
    if (isClosed) return;
    enqueue(() => {
      const row = deviceOf(device);
      row.signed = Math.max(row.signed, n);
      touchedDevices.add(row);
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
    say({ kind: "offline", device, words: `connection ended: ${peer.name}` });
    if (deviceOf(device).status) hearStatus(device, { status: { online: false } });
  }

  // --- batches ---

  function hear(peer: Peer, message: unknown): void {
    if (isClosed) return;
    enqueue(() => handle(peer, message));
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
      if (devices.size === 0) for (const row of store.devices()) devices.set(row.device, row);
      for (const run of batch) run();
      watchGaps();
      for (const log of touchedLogs) store.saveHead(log.head);
      for (const row of touchedDevices) store.saveDevice(row);
      store.commit();
    } catch (error) {
      abandon();
      if (!(error instanceof StorageError)) throw error;
      if (!isStorageDown) onEvent?.({ kind: "storage", device: "", words: storageWords(error) });
      isStorageDown = true;
      return;
    }
    if (isStorageDown) onEvent?.({ kind: "storage", device: "", words: "records are stored again" });
    isStorageDown = false;
    counts.commits++;
    touchedLogs.clear();
    touchedDevices.clear();
    acknowledge();
    const actions = afterCommit;
    afterCommit = [];
    for (const action of actions) action();
  }

  /** Forgets everything of a batch that could not be stored: nothing of it is acknowledged, so it comes again. */
  function abandon(): void {
    store.rollback();
    devices.clear();
    logs.clear();
    touchedDevices.clear();
    touchedLogs.clear();
    heardLogs.clear();
    toAcknowledge.clear();
    afterCommit = [];
    for (const peer of [...ended]) drop(peer);
  }

  function acknowledge(): void {
    for (const { peer, device, log, brought } of toAcknowledge) {
      const state = logs.get(`${device}/${log}`);
      if (!state || !brought) continue;
      const seq = Math.min(state.head.sequence, brought.upTo);
      if (seq >= 0) peer.send(asciiJson({ do: "acknowledge", log, seq }));
    }
    toAcknowledge.clear();
  }

  function watchGaps(): void {
    for (const log of heardLogs) {
      if (!log.stuckSinceMs || clock.nowMs() - log.stuckSinceMs < GAP_MS) continue;
      const { device, log: name, sequence } = log.head;
      const words = `Record ${sequence + 1} of ${device}, log ${name}, has not come for a minute, and later ones have: the terminal has left it out, or the link loses it every time.`;
      raise({ kind: "gap", device, key: `${name}/${sequence + 1}`, words });
    }
    heardLogs.clear();
  }

  let cancelDaily = (): void => undefined;
  function daily(): void {
    cancelDaily = clock.after(TIME_EVERY_MS, daily);
    for (const device of routes.keys()) tellTime(device);
  }
  if (tellsTime) cancelDaily = clock.after(TIME_EVERY_MS, daily);

  return {
    counts,
    hear,
    end(peer) {
      // Behind what it has said.
      if (isClosed) return;
      ended.add(peer);
      enqueue(() => forget(peer));
    },
    commandTo,
    online: () => [...routes.keys()].sort(),
    flush,
    close() {
      flush();
      isClosed = true;
      cancelFlush?.();
      cancelDaily();
      for (const pending of [...pendings.values()]) pending.finish(new ReceiveError("the receiver ends"));
    },
  };
}

/** Fields that every record has. */
const FRAME: ReadonlySet<string> = new Set(["sequence", "type", "uptimeMs", "wallSeconds", "backlog", "mac"]);
const SIGN_IN = 2;
const PAUSE_ENDED = 6;

/** The MAC in a record. */
function macIn(bytes: Buffer): Buffer {
  return bytes.subarray(-END_BYTES, -8);
}

/** How a terminal stood when it was heard of last. */
export function statusOf({ status }: DeviceRow): StatusMessage["status"] | undefined {
  return status ? (JSON.parse(status) as StatusMessage["status"]) : undefined;
}

/** A status as a line for people, without its figures. */
export function statusWords(status: StatusMessage["status"]): string {
  if (!status.online) return "offline";
  const { state, clerk, pause, faults, flags } = status;
  const parts = [pause ? `${state} (${pause})` : state];
  if (clerk) parts.push(clerk);
  if (faults.length > 0) parts.push(`FAULTS: ${faults.join(" ")}`);
  if (flags.length > 0) parts.push(`its interpreter says ${flags.join(" ")}`);
  return parts.join(", ");
}

/** What the neighbours of a terminal are told of it; undefined where it has not told itself. */
function neighbourStateOf(row: DeviceRow): NeighbourState | undefined {
  const told = statusOf(row);
  if (!told) return undefined;
  if (!told.online || told.state === "outOfOrder") return "closed";
  return told.state === "asking" ? "open" : told.state;
}

/** A record as a line for people. */
function wordsOf(record: LedgerRecord): string {
  const words = Object.entries(record)
    .filter(([name, value]) => !FRAME.has(name) && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const { sequence, type } = record;
  return `#${sequence} ${type}${words.length > 0 ? `: ${words.join(", ")}` : ""}`;
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
