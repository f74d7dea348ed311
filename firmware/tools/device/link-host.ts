// The tool at the hall's end of a terminal's link, in the place of the host. It listens, and gives commands, signed where they have to be. It acknowledges nothing, so
// that the hall still gets every record.

import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "../../boards/board.js";
import type { AnswerMessage, Command, HelloMessage, SignedCommand } from "../../uplink/messages.js";
import { asciiJson } from "../link/ascii-json.js";
import { sentenceOf } from "../link/error-codes.js";
import { listenSerial } from "../link/serial-source.js";
import { hashOfCommand, isSealedBy, newCommandId, signCommand } from "../link/signing.js";
import type { Peer, Source, SourceListener } from "../link/source.js";
import { listenTcp } from "../link/tcp-source.js";
import { ToolError } from "../tool-error.js";

export type Message = Readonly<Record<string, unknown>>;

/** Longest time until the terminal connects over TCP, in ms. It tries every 3 s. */
const CONNECT_MS = 30_000;
/** Longest time until its hello, in ms. It comes when the link comes up, and again each half of `linkLostS`, which is 60 s by default. */
const HELLO_MS = 45_000;
/** How often a command is sent until it is answered, and the time between two tries, in ms. */
const TRIES = 4;
const AGAIN_MS = 2000;

export interface LinkHost {
  /** Sends a plain command until it is answered. @throws ToolError when there is no answer, or it is a refusal */
  command(command: Command): Promise<AnswerMessage>;
  /** The same with a signature. It waits for the terminal's hello, which tells the number that the command needs. */
  signedCommand(command: SignedCommand, key: Uint8Array): Promise<AnswerMessage>;
  /** The newest hello of the terminal; waits for one. @throws ToolError when none comes */
  hello(): Promise<HelloMessage>;
  close(): Promise<void>;
}

/** The state of a terminal that has carried out nothing. */
const AS_IT_WAS = "The terminal is as it was.";

/** Speed of the cable of a board's link. */
export function linkBaudHz({ link }: Board): number {
  return (link.driver === "serial" ? link : link.cable)?.baudHz ?? 9600;
}

/**
 * Opens the hall's end of a link, and waits until a terminal is there.
 * @param where a serial port, or `listen:PORT` for a terminal that connects over TCP
 * @param baudHz speed of the serial port, from the board's file
 * @param onMessage gets every message of the terminal
 * @throws ToolError when the port does not open, or nobody connects
 */
export async function openLink(where: string, baudHz: number, onMessage: (message: Message) => void): Promise<LinkHost> {
  /** Who waits for an answer, by the hash of the command: an answer to anything else, also under the same id, is none. */
  const answers = new Map<unknown, (answer: AnswerMessage, text: string) => void>();
  let peer: Peer | undefined;
  let hello: HelloMessage | undefined;
  let helloText = "";
  /** Number of the newest signed command. */
  let newest = 0;
  let said = "";
  const listener: SourceListener = {
    meet: (each) => {
      // Whoever is at the bench looks at one terminal, and may have no key of it.
      each.prove?.();
      peer = each;
    },
    hear(from, heard, text) {
      peer = from;
      const message = heard as Message;
      if (message.hello) {
        const before = hello;
        hello = message as unknown as HelloMessage;
        helloText = text;
        newest = before?.start === hello.start ? Math.max(newest, hello.signed) : hello.signed;
      }
      answers.get(message.of)?.(message as unknown as AnswerMessage, text);
      onMessage(message);
    },
    end(from) {
      if (peer === from) peer = undefined;
    },
    say: (words) => {
      said = words;
    },
  };
  const source = await openSource(where, baudHz, listener);
  for (const until = Date.now() + CONNECT_MS; !peer && Date.now() < until; ) await sleep(20);
  if (!peer) {
    await source.close();
    throw new ToolError(
      "portUnavailable",
      said || `No terminal connected to ${where}.`,
      AS_IT_WAS,
      "Check the cable. A terminal on the network connects to the address and port in its field host; end every other program that listens there, such as the receiver.",
    );
  }
  /** @param key of the terminal, where its answer has to be proven */
  async function exchange(messageOf: (id: string) => object, key?: Uint8Array): Promise<AnswerMessage> {
    const text = asciiJson(messageOf(newCommandId()));
    const of = hashOfCommand(text);
    const answered = new Promise<AnswerMessage>((resolve) =>
      answers.set(of, (answer, sealed) => {
        if (!key || isSealedBy(key, sealed)) resolve(answer);
      }),
    );
    for (let i = 0; i < TRIES; i++) {
      peer?.send(text);
      const answer = await Promise.race([answered, sleep(AGAIN_MS, undefined, { ref: false })]);
      if (!answer) continue;
      answers.delete(of);
      if (!("error" in answer)) return answer;
      throw new ToolError(
        "commandRefused",
        `The terminal refuses: ${sentenceOf(answer.error)}`,
        AS_IT_WAS,
        "Look at its messages: counter-terminal monitor.",
      );
    }
    throw new ToolError(
      "linkSilent",
      `The terminal at ${where} does not answer on its link.`,
      "Nobody knows whether the terminal carried the command out: the command or its answer was lost.",
      "Check the link's cable (TX to RX), its speed, and that it is the link's port and not the console's.",
    );
  }

  async function waitForHello(): Promise<HelloMessage> {
    for (const until = Date.now() + HELLO_MS; !hello && Date.now() < until; ) await sleep(20);
    if (hello) return hello;
    throw new ToolError(
      "linkSilent",
      `The terminal at ${where} did not say who it is within ${HELLO_MS / 1000} s.`,
      AS_IT_WAS,
      "Check the link's cable. Where linkLostS is long, restart the terminal: it says who it is when it starts.",
    );
  }

  return {
    command: (command) => exchange((id) => ({ id, ...command })),
    async signedCommand(command, key) {
      const { hello: identity, start } = await waitForHello();
      // Otherwise a stranger could choose the number, and keep the command until that number comes.
      if (!isSealedBy(key, helloText))
        throw new ToolError(
          "identityUnproven",
          `The terminal at ${where} says that it is ${identity.device}, and does not have the key in the key file.`,
          AS_IT_WAS,
          "Use the key file that was made for this terminal: name its folder with --keys.",
        );
      return exchange((id) => signCommand(key, { start, n: ++newest }, command, id), key);
    },
    hello: waitForHello,
    close: () => source.close(),
  };
}

async function openSource(where: string, baudHz: number, listener: SourceListener): Promise<Source> {
  const listen = /^listen:(\d+)$/.exec(where);
  return listen ? listenTcp(Number(listen[1]), undefined, listener) : listenSerial({ path: where, baudHz }, listener);
}
