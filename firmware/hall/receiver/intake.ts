// Takes in one message after another: which kind it is, which terminal it is of, and whether that terminal itself has said it. A message counts only with the MAC
// of the terminal's key.

import type { z } from "zod";
import { asciiJson } from "../../tools/link/ascii-json.js";
import { UP_SCHEMAS } from "../../tools/link/message-schemas.js";
import { isSealedBy, signAcknowledgement } from "../../tools/link/signing.js";
import type { Peer } from "../../tools/link/source.js";
import { ToolError } from "../../tools/tool-error.js";
import type { HelloMessage, UpKind } from "../../uplink/messages.js";
import { forged, impostor, leftOut, sameBroker, sameCounter } from "./alarms.js";
import type { CommandQueue } from "./command-queue.js";
import type { Connection, Connections, Delivery } from "./connections.js";
import type { FetchBack } from "./fetch-back.js";
import type { HallState } from "./hall-state.js";
import type { LogState, Logs } from "./logs.js";
import type { Presence } from "./presence.js";
import type { RecordIngest } from "./record-ingest.js";
import type { Silence } from "./silence.js";

/** What is wrong on one way is told so often at most, in ms. */
const REFUSED_EVERY_MS = 60_000;
/** Most ways of strangers whose refusals people are told in that time: names and connections cost nothing. */
const MOST_STRANGERS_TOLD = 20;
/** Most records that a terminal is asked for again after a hello: as many as it sends without an acknowledgement, twice. */
const MOST_RECALLED = 8;

/** The same hello on two ways within so long is one, in ms. */
const TWIN_MS = 5000;

type Up<Kind extends UpKind> = z.output<(typeof UP_SCHEMAS)[Kind]>;

export interface IntakeParts {
  readonly hall: HallState;
  readonly connections: Connections;
  readonly logs: Logs;
  readonly records: RecordIngest;
  readonly presence: Presence;
  readonly commands: CommandQueue;
  readonly fetchBack: FetchBack;
  readonly silence: Silence;
  /** Whether terminals are told the time. */
  readonly tellsTime: boolean;
}

export interface Intake {
  /** Messages that came, and those of them that were none of PROTOCOL.md. */
  readonly counts: { messages: number; notUnderstood: number };
  /**
   * A terminal sent something.
   * @param text as it came
   * @param isRetained a broker had kept it: it tells of the past
   * @param fault why the message could not be taken in as it should. Then a record is stored as unreadable, and anything else is left out
   */
  hear(peer: Peer, message: unknown, text: string, isRetained: boolean, fault?: Error): void;
  /** A way has ended. */
  endOf(peer: Peer): void;
  /** Acknowledges what has come on each way and is on the disk. */
  acknowledge(): void;
  /** The batch could not be stored: nothing of it is acknowledged, so it comes again. */
  forget(): void;
}

const KINDS = ["hello", "status", "alert", "answer"] as const;

function kindOf(message: object): UpKind {
  for (const kind of KINDS) if (kind in message) return kind;
  return "record";
}

export function createIntake({ hall, connections, logs, records, presence, commands, fetchBack, silence, tellsTime }: IntakeParts): Intake {
  const { store, clock } = hall;
  const counts = { messages: 0, notUnderstood: 0 };
  /** The newest hello of each terminal, and the way on which it came first. */
  const hellos = new Map<string, { readonly text: string; readonly peer: Peer; readonly atMs: number }>();
  /** What is acknowledged when the batch is on the disk, and on which way. */
  const toAcknowledge = new Map<Delivery, Peer>();
  /** Ways of strangers whose refusals were told since a moment, and messages on others that were not. */
  const strangers = { sinceMs: 0, told: 0, untold: 0 };
  /** What the batch has brought. It counts once it is on the disk. */
  let arrivals: (() => void)[] = [];

  function hear(peer: Peer, message: unknown, text: string, isRetained: boolean, fault?: Error): void {
    if (!fault) counts.messages++;
    if (typeof message !== "object" || message === null || Array.isArray(message)) return refuse(peer, "the message is no JSON object");
    const kind = kindOf(message);
    const parsed = UP_SCHEMAS[kind].safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return refuse(peer, `a ${kind} is not as it should be: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    const { data } = parsed;
    if ("status" in data && !("mac" in data)) return hearLoss(peer);
    const connection = connections.of(peer);
    if ("hello" in data && isImpostor(peer, data.hello.device)) return;
    const device = "hello" in data ? data.hello.device : "seq" in data ? deviceOf(connection, data.log) : connection.device;
    if (device === undefined) return noteNameless(connection);
    if (!isItsWord(peer, device, text, "hello" in data)) return;
    if (!isRetained) silence.noteHeard(device);
    // What was kept for a terminal that is gone may have been kept for long.
    else if (hall.device(device).isGone) return;
    if (fault && !("record" in data)) return void hall.raise(leftOut(device, kind, fault));
    if ("hello" in data) return hearHello(connection, data, noteTwin(device, peer, text));
    connection.device = device;
    if ("seq" in data) return hearRecord(connection, device, data, fault);
    // A broker that has lost a terminal may say so behind the terminal's new hello.
    if (!connections.has(device)) route(device, peer);
    if ("status" in data) presence.hearStatus(device, data.status);
    else if ("alert" in data) hall.say({ kind: "alert", device, words: `${data.alert} ${data.detail}` });
    else commands.hearAnswer(device, data);
  }

  // --- who sends ---

  /** The device that a record is of. The name of a log is random: only one device has it, unless somebody copied a terminal. */
  function deviceOf(connection: Connection, log: number): string | undefined {
    if (connection.device !== undefined) return connection.device;
    const names = store.devicesWithLog(log);
    return names.length === 1 ? names[0] : undefined;
  }

  function isImpostor({ device, name }: Peer, told: string): boolean {
    if (device === undefined || device === told) return false;
    hall.raise(impostor(device, name, told));
    return true;
  }

  /** Whether the terminal itself has said this: its key has sealed it. @param isHello then its key file is looked at again */
  function isItsWord(peer: Peer, device: string, text: string, isHello: boolean): boolean {
    const key = (isHello ? undefined : hall.keyOf(device)) ?? hall.lookUpKey(device);
    if (!key) return false;
    if (isSealedBy(key, text)) {
      peer.prove?.();
      return true;
    }
    hall.raise(forged(device, peer.name));
    return false;
  }

  function refuse(peer: Peer, words: string): void {
    counts.notUnderstood++;
    const connection = connections.of(peer);
    const nowMs = clock.nowMs();
    connection.refused++;
    if (nowMs < connection.refusedAtMs + REFUSED_EVERY_MS) return;
    const isStranger = connection.device === undefined || !hall.find(connection.device);
    if (isStranger && isTooMuch(nowMs)) return;
    const more = connection.refused > 1 ? ` (and ${connection.refused - 1} more messages since this was last said)` : "";
    const others = isStranger && strangers.told === MOST_STRANGERS_TOLD ? ". Refusals of further strangers are counted, and told after a minute" : "";
    connection.refusedAtMs = nowMs;
    connection.refused = 0;
    hall.say({ kind: "refused", device: connection.device ?? peer.name, words: `${words}${more}${others}` });
  }

  /** Whether so many strangers were refused of late that people are not told of one more. */
  function isTooMuch(nowMs: number): boolean {
    if (nowMs >= strangers.sinceMs + REFUSED_EVERY_MS) {
      const { untold } = strangers;
      if (untold > 0)
        hall.say({
          kind: "refused",
          device: "",
          words: `${untold} more messages of strangers since this was last said. See who may reach the receiver`,
        });
      Object.assign(strangers, { sinceMs: nowMs, told: 0, untold: 0 });
    }
    if (strangers.told === MOST_STRANGERS_TOLD) {
      strangers.untold++;
      return true;
    }
    strangers.told++;
    return false;
  }

  /** A terminal sends, and has not said who it is. */
  function noteNameless(connection: Connection): void {
    if (connection.isNameless) return;
    connection.isNameless = true;
    refuse(
      connection.peer,
      "a terminal sends that has not said yet who it is. It says so every half minute, and when it starts: restart it if this stays.",
    );
  }

  function route(device: string, peer: Peer): void {
    if (connections.isRoute(device, peer)) return;
    const isNew = !connections.has(device);
    connections.route(device, peer);
    if (isNew) hall.say({ kind: "online", device, words: `connected: ${peer.name}` });
    commands.onWay(device);
  }

  // --- coming and going ---

  /** Whether this very hello came just now through another broker, on the way by which the terminal is reached: these are one broker then. */
  function noteTwin(device: string, peer: Peer, text: string): boolean {
    const nowMs = clock.nowMs();
    const before = hellos.get(device);
    const isTwin = before?.text === text && before.peer !== peer && nowMs - before.atMs < TWIN_MS && connections.isRoute(device, before.peer);
    // Only a broker names the terminal and may be another's twin. A terminal that connects anew may say what it said before.
    if (isTwin && peer.isTopic && before.peer.isTopic) {
      hall.raise(sameBroker(before.peer.name, peer.name));
      return true;
    }
    hellos.set(device, { text, peer, atMs: nowMs });
    return false;
  }

  /** @param isTwin it came through another broker just now: that stays the way to the terminal */
  function hearHello(connection: Connection, message: HelloMessage, isTwin: boolean): void {
    const { hello, log, last, acknowledged, start, signed } = message;
    const { device } = hello;
    const { peer } = connection;
    const row = hall.device(device);
    const isNew = !isTwin && (connection.device !== device || !connections.isRoute(device, peer));
    connection.device = device;
    const delivery = connections.delivery(connection, device, log, start) ?? connections.beginDelivery(connection, device, log, start);
    arrivals.push(() => {
      const { brought } = delivery;
      const { upTo } = brought;
      if (acknowledged >= upTo) return brought.skipTo(acknowledged);
      // It has crossed the acknowledgement, or comes of another board with the same log and start, as chips without randomness make: that has to prove what it has.
      brought.cutTo(acknowledged);
      hall.later(() => void recall(device, acknowledged + 1, Math.min(upTo, acknowledged + MOST_RECALLED)));
    });
    row.counter = hello.counter;
    row.firmware = hello.firmware;
    row.configuration = hello.config;
    row.neighbours = hello.neighbours ?? [];
    // A late hello must not bring back an earlier start, or a number that was used since.
    if (row.log !== log || row.start < 0 || signed >= row.signed) row.start = start;
    row.signed = row.log === log ? Math.max(row.signed, signed) : signed;
    row.seenAt = clock.nowMs();
    hall.touch(row);
    if (!isTwin) route(device, peer);
    // One of the others is enough: each of them says hello as well.
    const other = hall.byCounter.othersWith(row.counter, device).find((each) => connections.has(each.device));
    if (other) hall.raise(sameCounter(row, other));
    const known = logs.of(device, log, acknowledged);
    known.last = Math.max(known.last, last);
    if (acknowledged > known.head.sequence) records.skipTo(known, acknowledged);
    if (row.log !== log) records.noteOldLog(row, log);
    records.noteAcknowledgedElsewhere(known, acknowledged);
    hall.later(() => fetchBack.begin(known));
    presence.judgeDuty(row);
    // A terminal that has nothing to send wants to know whether anybody is there.
    toAcknowledge.set(delivery, peer);
    if (isNew) hall.say({ kind: "online", device, words: `counter ${hello.counter}, firmware ${hello.firmware}, log ${log}, newest record ${last}` });
    hall.later(() => {
      if (tellsTime && !commands.isTimed(device)) commands.tellTime(device);
      presence.tellNeighbours(row);
    });
  }

  /** A broker's word that it has lost a terminal. It has no MAC, and is no way to the terminal. */
  function hearLoss({ device }: Peer): void {
    if (device === undefined || !hall.find(device)) return;
    connections.unroute(device);
    presence.hearStatus(device, { online: false });
  }

  function endOf(peer: Peer): void {
    const device = connections.drop(peer);
    if (device === undefined) return;
    hall.say({ kind: "offline", device, words: `connection ended: ${peer.name}` });
    if (hall.device(device).status) presence.hearStatus(device, { online: false });
  }

  // --- records ---

  function hearRecord(connection: Connection, device: string, message: Up<"record">, fault: Error | undefined): void {
    const { log: name, seq } = message;
    const { peer } = connection;
    if (!connections.has(device)) route(device, peer);
    const log = logs.of(device, name, seq === 1 ? 0 : -1);
    if (log.head.sequence < 0 && seq === 1) records.skipTo(log, 0);
    if (log.head.sequence < 0) noteNameless(connection);
    // A way that has begun anew may bring records before the next hello.
    const delivery = connections.delivery(connection, device, name) ?? connections.beginDelivery(connection, device, name, hall.device(device).start);
    let isStored = true;
    if ("lost" in message) records.storeLost(log, seq);
    else {
      const outcome = records.store(log, seq, Buffer.from(message.record, "base64"), fault);
      if (outcome === "none") return refuse(peer, `the bytes of record ${seq} have another number, or are no record`);
      isStored = outcome === "stored";
    }
    if (isStored) noteArrival(delivery, log, seq);
    toAcknowledge.set(delivery, peer);
  }

  /** A way has brought a record that is stored now as it came. */
  function noteArrival({ brought }: Delivery, log: LogState, seq: number): void {
    // Its hello got lost. A proven chain says that the terminal's earlier records are those that are here.
    const isWhole = brought.upTo < 0 && records.isProvenTo(log, seq);
    arrivals.push(() => {
      if (brought.upTo < 0 && (isWhole || seq === 1)) brought.skipTo(seq - 1);
      brought.add(seq);
    });
  }

  /** Asks a terminal for records that are here, to see whether they are its own. */
  async function recall(device: string, from: number, to: number): Promise<void> {
    for (let seq = from; seq <= to; seq++) {
      try {
        await commands.commandTo(device, { do: "resend", seq });
      } catch (error) {
        // The terminal or the receiver is gone. With its next hello everything is well, or asked for again.
        if (error instanceof ToolError) return;
        throw error;
      }
    }
  }

  function acknowledge(): void {
    for (const arrive of arrivals) arrive();
    arrivals = [];
    for (const [{ device, log, start, brought }, peer] of toAcknowledge) {
      const state = logs.find(device, log);
      const key = hall.keyOf(device);
      if (!state || !key || start < 0) continue;
      const seq = Math.min(state.head.sequence, brought.upTo);
      if (seq >= 0) peer.send(asciiJson(signAcknowledgement(key, start, seq)));
    }
    toAcknowledge.clear();
  }

  return {
    counts,
    hear,
    endOf,
    acknowledge,
    forget() {
      arrivals = [];
      toAcknowledge.clear();
      connections.dropEnded();
    },
  };
}
