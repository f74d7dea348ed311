// Commands on their way to terminals: each goes out until its answer comes, signed where it has to be.

import { randomBytes } from "node:crypto";
import { asciiJson } from "../../tools/link/ascii-json.js";
import { sentenceOf } from "../../tools/link/error-codes.js";
import { MOST_TEXT } from "../../tools/link/lines.js";
import { commandSchema, SIGNED_COMMANDS } from "../../tools/link/message-schemas.js";
import { signCommand } from "../../tools/link/signing.js";
import type { AnswerMessage, Command, CommandId, Outcome, SignedCommand } from "../../uplink/messages.js";
import { ReceiveError } from "../receive-error.js";
import type { HallState } from "./hall-state.js";

/** A command whose answer does not come is sent again after so long. */
const REPEAT_MS = 2000;
/** How long an answer is waited for. */
const ANSWER_MS = 30_000;
/** Refusals that leave the number of a signed command to the next. */
const NUMBER_LEFT: ReadonlySet<string> = new Set(["badMac", "otherLog", "bad n"]);
const U32 = 0xffffffff;

/** How a command ended. */
export type Answer = Outcome & {
  /** What the error means. */
  readonly text?: string;
};

export interface CommandOptions {
  /** How long the answer is waited for, in ms. Default 30000. */
  readonly timeoutMs?: number;
}

/** The ways to terminals, as the desk uses them. */
export interface Ways {
  /** Whether there is one to this terminal. */
  has(device: string): boolean;
  /** Puts a text on it. It may get lost. */
  send(device: string, text: string): void;
  /** Stores what has come. */
  flush(): void;
  /** Stores the number of the newest signed command that a terminal has taken. */
  noteSigned(device: string, n: number): void;
  /** Stores which emergency text a terminal shows, in base64, "" for none. */
  noteEmergency(device: string, text64: string): void;
}

/** A command, and what comes of it. */
interface Order {
  readonly device: string;
  readonly id: CommandId;
  /** What it is about, where it is of the receiver's own accord; else "". */
  readonly name: string;
  readonly command: () => Command;
  readonly timeoutMs: number;
  readonly onEnd: (answer: Answer | Error) => void;
}

/** A command on its way. */
interface Pending extends Order {
  readonly isSigned: boolean;
  /** It is its turn, and it goes out. */
  isBegun: boolean;
  /** "" where it cannot be signed: its key file has gone. */
  readonly text: () => string;
  readonly begin: () => void;
  readonly finish: (answer: Answer | Error) => void;
}

export interface CommandDesk {
  /** As in `Receiver`. */
  commandTo(device: string, command: Command, options?: CommandOptions): Promise<Answer>;
  /** Gives a command whose answer interests nobody but the log. A later plain one of the same name takes its place; one that is signed and under way stays. */
  tell(device: string, command: Command, name: string): void;
  /** Tells a terminal the time. */
  tellTime(device: string): void;
  /** Tells a terminal the emergency text once more that it was told to show. */
  tellEmergency(device: string): void;
  /** Whether it has taken the time since its way was opened. */
  isTimed(device: string): boolean;
  hearAnswer(device: string, answer: AnswerMessage): void;
  /** There is another way to a terminal: what waits for an answer goes out on it as well. */
  onWay(device: string): void;
  close(): void;
}

/** @param prefix what the ids of commands begin with; by default another one for each start */
export function createCommandDesk(hall: HallState, ways: Ways, prefix = randomBytes(5).toString("hex")): CommandDesk {
  const { clock } = hall;
  const pendings = new Map<CommandId, Pending>();
  /** Devices that have taken the time since they came. */
  const timed = new Set<string>();
  let lastId = 0;
  let isClosed = false;

  function newId(): CommandId {
    return `${prefix}-${++lastId}`;
  }

  function tell(device: string, command: Command, name: string): void {
    begin(device, () => command, name);
  }

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

  function begin(device: string, command: () => Command, name: string, onDone: () => void = () => undefined): void {
    if (!ways.has(device) || isClosed) return;
    const same = [...pendings.values()].find((each) => each.device === device && each.name === name);
    // A signed one has its turn and its number: it goes on, and says the same.
    if (same?.isSigned) return;
    same?.finish(new ReceiveError("replaced"));
    order({
      device,
      id: newId(),
      name,
      command,
      timeoutMs: ANSWER_MS,
      onEnd(answer) {
        // It was replaced, or the terminal is gone: what matters is told again with its next hello.
        if (answer instanceof Error) return;
        if ("result" in answer) onDone();
        else hall.sayNow({ kind: "answer", device, words: `${name}: ${answer.error}: ${answer.text}` });
      },
    });
  }

  /** Sends a command until its answer comes. Signed ones go one after another: the terminal wants their numbers in order. */
  function order(given: Order): void {
    const { device, id, command, timeoutMs, onEnd } = given;
    const isSigned = SIGNED_COMMANDS.has(command().do);
    let cancelRepeat = (): void => undefined;
    let cancelTimeout = (): void => undefined;
    let n = 0;
    let signed = "";

    /** Where it would do no harm twice it is signed anew each time; else a terminal that has restarted meanwhile would carry it out once more. */
    function signedText(): string {
      const row = hall.device(device);
      const key = hall.keyOf(device);
      const told = command();
      if (key && (!signed || told.do === "time")) {
        n = row.signed + 1;
        signed = asciiJson(signCommand(key, { log: row.log, n }, told as SignedCommand, id));
      }
      return signed;
    }

    function transmit(): void {
      put(pending);
      cancelRepeat = clock.after(REPEAT_MS, transmit);
    }

    const pending: Pending = {
      ...given,
      isSigned,
      isBegun: false,
      text: () => (isSigned ? signedText() : asciiJson({ id, ...command() })),
      begin() {
        pending.isBegun = true;
        cancelTimeout = clock.after(timeoutMs, () => pending.finish(new ReceiveError(silence(device, timeoutMs))));
        transmit();
      },
      finish(answer) {
        if (!pendings.delete(id)) return;
        cancelRepeat();
        cancelTimeout();
        // Where no answer came, its number is tried again: it was not used, or the next is told so.
        if (isSigned && !(answer instanceof Error) && ("result" in answer || !NUMBER_LEFT.has(answer.error))) ways.noteSigned(device, n);
        onEnd(answer);
        if (isSigned && !isClosed) nextSigned(device)?.begin();
      },
    };
    const isFirst = !isSigned || !nextSigned(device);
    pendings.set(id, pending);
    if (isFirst) pending.begin();
  }

  function put(pending: Pending): void {
    // What goes nowhere gets no number: when there is a way again, the terminal may have started anew.
    if (!ways.has(pending.device)) return;
    const text = pending.text();
    if (text) ways.send(pending.device, text);
  }

  /** The signed command to a device that is under way, or is the next. */
  function nextSigned(device: string): Pending | undefined {
    return [...pendings.values()].find((each) => each.isSigned && each.device === device);
  }

  function silence(device: string, timeoutMs: number): string {
    if (!ways.has(device)) return `${device} is not connected`;
    return `${device} has not answered within ${timeoutMs / 1000} s: is it switched on, and its link in order?`;
  }

  function hearAnswer(device: string, answer: AnswerMessage): void {
    if (answer.answer === null) return;
    const pending = pendings.get(answer.answer);
    if (pending?.device !== device) return;
    const { mac: _, ...outcome } = answer;
    hall.later(() => pending.finish("result" in outcome ? outcome : { ...outcome, text: sentenceOf(outcome.error) }));
  }

  async function commandTo(device: string, given: Command, { timeoutMs = ANSWER_MS }: CommandOptions = {}): Promise<Answer> {
    const parsed = commandSchema.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new ReceiveError(`${asciiJson(given)}: ${issue?.path.join(".") || "do"}: ${issue?.message}. PROTOCOL.md has all commands.`);
    }
    const command = parsed.data as Command;
    const id = newId();
    ways.flush();
    if (!hall.find(device)) {
      const names = hall.store.devices().map((each) => each.device);
      throw new ReceiveError(`${device}: no such terminal has ever been here; known are ${names.join(", ") || "none"}`);
    }
    if (SIGNED_COMMANDS.has(command.do)) {
      if (!hall.keyOf(device)) throw new ReceiveError(`${command.do} has to be signed, and there is no key file ${device}.key`);
      fitting(command.do, asciiJson(signCommand(Buffer.alloc(32), { log: U32, n: 1000 * U32 }, command as SignedCommand, id)));
    } else fitting(command.do, asciiJson({ id, ...command }));
    return new Promise((resolve, reject) => {
      const onEnd = (answer: Answer | Error): void => {
        if (answer instanceof Error) return reject(answer);
        if (command.do === "emergency" && "result" in answer) ways.noteEmergency(device, command.text64 ?? "");
        resolve(answer);
      };
      order({ device, id, name: "", command: () => command, timeoutMs, onEnd });
    });
  }

  /** @throws ReceiveError where it is longer than a message may be */
  function fitting(what: string, text: string): void {
    if (text.length > MOST_TEXT) throw new ReceiveError(`${what}: is ${text.length} characters long as a message, and ${MOST_TEXT} is the most`);
  }

  return {
    commandTo,
    tell,
    tellTime,
    tellEmergency(device) {
      const text64 = hall.device(device).emergency;
      if (text64) tell(device, { do: "emergency", text64 }, "emergency");
    },
    isTimed: (device) => timed.has(device),
    hearAnswer,
    onWay(device) {
      timed.delete(device);
      hall.later(() => {
        for (const pending of pendings.values()) if (pending.device === device && pending.isBegun) put(pending);
      });
    },
    close() {
      isClosed = true;
      for (const pending of [...pendings.values()]) pending.finish(new ReceiveError("the receiver ends"));
    },
  };
}
