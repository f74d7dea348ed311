// Commands on their way to terminals: each goes out until its answer comes, signed where it has to be.

import { asciiJson } from "../../tools/link/ascii-json.js";
import { sentenceOf } from "../../tools/link/error-codes.js";
import { MOST_TEXT } from "../../tools/link/lines.js";
import { commandSchema, SIGNED_COMMANDS } from "../../tools/link/message-schemas.js";
import { hashOfCommand, newCommandId, signCommand } from "../../tools/link/signing.js";
import { ToolError } from "../../tools/tool-error.js";
import type { AnswerMessage, Command, CommandId, Outcome, SignedCommand } from "../../uplink/messages.js";
import type { HallState } from "./hall-state.js";

/** A command without an answer is sent again after so long, in ms. */
const REPEAT_MS = 2000;
/** Longest wait for an answer, in ms. */
const ANSWER_MS = 30_000;
/** Refusals after which the number of a signed command may be used again. */
const NUMBER_LEFT: ReadonlySet<string> = new Set(["badMac", "otherStart", "bad n"]);
const U32 = 0xffffffff;

/** The state after a command that was refused here. */
const NOT_SENT = "Nothing was sent to the terminal.";
/** The state after a command without an answer. */
const MAYBE_DONE = "Nobody knows whether the terminal carried the command out.";

function receiverEnds(state: string): ToolError {
  return new ToolError("receiverEnded", "The receiver ends.", state, "Start the receiver again, and look at the terminal's records.");
}

/** How a command ended. */
export type Answer = Outcome & {
  /** The error as a sentence. */
  readonly text?: string;
};

export interface CommandOptions {
  /** Longest wait for the answer, in ms. Default 30000. */
  readonly timeoutMs?: number;
}

/** What the queue needs of the receiver. */
export interface Ways {
  /** Whether there is a way to this terminal. */
  has(device: string): boolean;
  /** Puts a text on the way to a terminal. It may get lost. */
  send(device: string, text: string): void;
  /** Stores at once what has come. */
  flush(): void;
  /** Stores the number of the newest signed command that a terminal has taken. */
  noteSigned(device: string, n: number): void;
  /** Stores which emergency text a terminal shows, in base64, "" for none. */
  noteEmergency(device: string, text64: string): void;
}

/** A command that was given, and who wants its answer. */
interface Order {
  readonly device: string;
  readonly id: CommandId;
  /** Its subject where the receiver gives it of its own accord; else "". */
  readonly name: string;
  readonly command: () => Command;
  readonly timeoutMs: number;
  readonly onEnd: (answer: Answer | Error) => void;
}

/** A command on its way. */
interface Pending extends Order {
  readonly isSigned: boolean;
  /** Its turn has come, and it is being sent. */
  isBegun: boolean;
  /** Its message; "" where it cannot be signed: its key file has gone, or nobody knows the terminal's start before its hello. */
  readonly text: () => string;
  /** Hashes of its messages that were sent, by which answers name it. */
  readonly sent: Set<string>;
  readonly begin: () => void;
  readonly finish: (answer: Answer | Error) => void;
}

export interface CommandQueue {
  /** As in `Receiver`. */
  commandTo(device: string, command: Command, options?: CommandOptions): Promise<Answer>;
  /** Gives a command of the receiver's own accord. A later plain one of the same name takes its place; a signed one that is under way stays. */
  tell(device: string, command: Command, name: string): void;
  /** Tells a terminal the time. */
  tellTime(device: string): void;
  /** Tells a terminal once more which emergency text it has to show. */
  tellEmergency(device: string): void;
  /** Whether a terminal has taken the time since its way was opened. */
  isTimed(device: string): boolean;
  hearAnswer(device: string, answer: AnswerMessage): void;
  /** There is another way to a terminal. Commands that wait for an answer are sent on it as well. */
  onWay(device: string): void;
  close(): void;
}

/** @param newId makes the ids of commands: nobody else may be able to guess them */
export function createCommandQueue(hall: HallState, ways: Ways, newId: () => CommandId = newCommandId): CommandQueue {
  const { clock } = hall;
  /** By device, in the order in which they were given: nobody looks through those of a whole hall. */
  const pendings = new Map<string, Map<CommandId, Pending>>();
  /** Devices that have taken the time since they came. */
  const timed = new Set<string>();
  let isClosed = false;

  function tell(device: string, command: Command, name: string): void {
    begin(device, () => command, name);
  }

  /** A terminal that has not taken the time is told with its next hello. One that has is left alone: each correction by a second is a record in its flash. */
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
    const same = pendingsOf(device).find((each) => each.name === name);
    // A signed one has its turn and its number, and says the same: it goes on.
    if (same?.isSigned) return;
    same?.finish(new ToolError("commandReplaced", `A later ${name} takes its place.`, "The receiver sends the later one.", "Wait for its answer."));
    order({
      device,
      id: newId(),
      name,
      command,
      timeoutMs: ANSWER_MS,
      onEnd(answer) {
        // It was replaced, or the terminal is gone. Everything that matters is told again with its next hello.
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

    /** Signed once: a terminal that has restarted meanwhile would carry it out once more. The time does no harm twice, and is signed anew each time. */
    function signedText(): string {
      const row = hall.device(device);
      const key = hall.keyOf(device);
      const told = command();
      if (row.start < 0) return "";
      if (key && (!signed || told.do === "time")) {
        n = row.signed + 1;
        signed = asciiJson(signCommand(key, { start: row.start, n }, told as SignedCommand, id));
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
      sent: new Set(),
      text: () => (isSigned ? signedText() : asciiJson({ id, ...command() })),
      begin() {
        pending.isBegun = true;
        cancelTimeout = clock.after(timeoutMs, () => pending.finish(silence(pending, timeoutMs)));
        transmit();
      },
      finish(answer) {
        if (!remove(device, id)) return;
        cancelRepeat();
        cancelTimeout();
        // Without an answer the next command takes the same number: either it was not used, or the terminal says that it was.
        if (isSigned && !(answer instanceof Error) && ("result" in answer || !NUMBER_LEFT.has(answer.error))) ways.noteSigned(device, n);
        onEnd(answer);
        if (isSigned && !isClosed) nextSigned(device)?.begin();
      },
    };
    const isFirst = !isSigned || !nextSigned(device);
    pendings.set(device, (pendings.get(device) ?? new Map()).set(id, pending));
    if (isFirst) pending.begin();
  }

  function put(pending: Pending): void {
    // Without a way it gets no number yet: until there is one, the terminal may have started anew.
    if (!ways.has(pending.device)) return;
    const text = pending.text();
    if (!text) return;
    pending.sent.add(hashOfCommand(text));
    ways.send(pending.device, text);
  }

  /** The signed command to a device that is under way, or else the next one. */
  function nextSigned(device: string): Pending | undefined {
    return pendingsOf(device).find((each) => each.isSigned);
  }

  function pendingsOf(device: string): Pending[] {
    return [...(pendings.get(device)?.values() ?? [])];
  }

  /** @returns whether it was there */
  function remove(device: string, id: CommandId): boolean {
    const ofDevice = pendings.get(device);
    const wasThere = ofDevice?.delete(id) === true;
    if (ofDevice?.size === 0) pendings.delete(device);
    return wasThere;
  }

  function silence({ device, sent }: Pending, timeoutMs: number): ToolError {
    const message = ways.has(device) ? `${device} has not answered within ${timeoutMs / 1000} s.` : `${device} is not connected.`;
    return new ToolError("deviceSilent", message, sent.size > 0 ? MAYBE_DONE : NOT_SENT, "Look whether it is switched on, and its link in order.");
  }

  function hearAnswer(device: string, answer: AnswerMessage): void {
    if (answer.answer === null) return;
    const pending = pendings.get(device)?.get(answer.answer);
    // An answer to another command under this id is none: a stranger may have used it.
    if (!pending?.sent.has(answer.of)) return;
    const { mac: _, ...outcome } = answer;
    hall.later(() => pending.finish("result" in outcome ? outcome : { ...outcome, text: sentenceOf(outcome.error) }));
  }

  async function commandTo(device: string, given: Command, { timeoutMs = ANSWER_MS }: CommandOptions = {}): Promise<Answer> {
    // Whoever gives one command after another would keep the process alive.
    if (isClosed) throw receiverEnds(NOT_SENT);
    const parsed = commandSchema.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const message = `${asciiJson(given)}: ${issue?.path.join(".") || "do"}: ${issue?.message}.`;
      throw new ToolError("commandInvalid", message, NOT_SENT, "Correct the command: PROTOCOL.md has all of them.");
    }
    const command = parsed.data as Command;
    // A terminal would ignore it, and do something else than was meant.
    const foreign = Object.keys(given).find((field) => !(field in command));
    if (foreign !== undefined) {
      const fields = Object.keys(commandSchema.options.find((each) => each.shape.do.value === command.do)?.shape ?? {}).join(", ");
      const message = `${asciiJson(given)}: ${foreign}: ${command.do} has no such field.`;
      throw new ToolError("commandInvalid", message, NOT_SENT, `Its fields are: ${fields}.`);
    }
    const id = newId();
    ways.flush();
    if (!hall.find(device)) {
      const names = hall.store.devices().map((each) => each.device);
      const message = `${device}: no such terminal was ever here.`;
      throw new ToolError("deviceUnknown", message, NOT_SENT, `Name one of those that were: ${names.join(", ") || "none so far"}.`);
    }
    if (SIGNED_COMMANDS.has(command.do)) {
      if (!hall.keyOf(device)) {
        const message = `${command.do} has to be signed, and there is no key file ${device}.key.`;
        throw new ToolError("keyMissing", message, NOT_SENT, "Put the device's key file into the folder of keys.");
      }
      requireFit(command.do, asciiJson(signCommand(Buffer.alloc(32), { start: U32, n: 1000 * U32 }, command as SignedCommand, id)));
    } else requireFit(command.do, asciiJson({ id, ...command }));
    return new Promise((resolve, reject) => {
      const onEnd = (answer: Answer | Error): void => {
        if (answer instanceof Error) return reject(answer);
        if (command.do === "emergency" && "result" in answer) ways.noteEmergency(device, command.text64 ?? "");
        resolve(answer);
      };
      order({ device, id, name: "", command: () => command, timeoutMs, onEnd });
    });
  }

  /** @throws ToolError `commandInvalid` where it is longer than a message may be */
  function requireFit(what: string, text: string): void {
    if (text.length <= MOST_TEXT) return;
    const message = `${what}: the message is ${text.length} characters long, and ${MOST_TEXT} is the most.`;
    throw new ToolError("commandInvalid", message, NOT_SENT, "Shorten its texts.");
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
        for (const pending of pendingsOf(device)) if (pending.isBegun) put(pending);
      });
    },
    close() {
      isClosed = true;
      for (const pending of [...pendings.keys()].flatMap(pendingsOf)) pending.finish(receiverEnds(MAYBE_DONE));
    },
  };
}
