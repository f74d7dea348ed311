// The tool as the hall's host at the other end of a terminal's link: lines as PROTOCOL.md has them, over a serial port or a TCP connection that the terminal opens.

import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { createLineCutter } from "../../../hal/espruino/link/lines.js";
import { decodeLine, encodeLine } from "../../uplink/codec.js";
import { EXIT, ToolError } from "../tool-error.js";
import { openTransport, type Transport } from "./transport.js";

export type Message = Readonly<Record<string, unknown>>;

/** How long the terminal may take to connect, or to say its first word, in ms. */
const CONNECT_MS = 30000;
/** How often a command is sent until it is answered, and after how long again, in ms. */
const TRIES = 4;
const AGAIN_MS = 2000;

export interface LinkHost {
  /** Sends a message that has no answer. */
  tell(message: Message): void;
  /** Sends a command until it is answered. @returns the answer @throws ToolError when there is none */
  command(message: Message): Promise<Message>;
  close(): Promise<void>;
}

const crcOf = (data: string): number => crc32(Buffer.from(data, "latin1"));

/**
 * @param where a serial port, or `listen:PORT` for a terminal that connects over TCP
 * @param baudHz speed of the serial port, from the board's file
 * @param onMessage hears everything that the terminal says
 * @throws ToolError when the port does not open, or nobody connects
 */
export async function openLink(where: string, baudHz: number, onMessage: (message: Message) => void): Promise<LinkHost> {
  const answers = new Map<unknown, (answer: Message) => void>();
  const onChunk = createLineCutter((line) => {
    const message = decodeLine(line, crcOf);
    if (!message) return;
    answers.get(message.answer)?.(message);
    onMessage(message);
  });
  const transport = await openEnd(where, baudHz, onChunk);
  const tell = (message: Message): void => void transport.write(Buffer.from(`${encodeLine(message, crcOf)}\n`, "latin1")).catch(() => undefined);
  let lastId = Date.now() % 1e6;
  return {
    tell,
    async command(message) {
      const id = ++lastId;
      const answered = new Promise<Message>((resolve) => answers.set(id, resolve));
      for (let i = 0; i < TRIES; i++) {
        tell({ id, ...message });
        const answer = await Promise.race([answered, sleep(AGAIN_MS)]);
        if (answer) return answer;
      }
      throw new ToolError(
        EXIT.unreachable,
        `The terminal at ${where} does not answer on its link.`,
        "as it was; it may not have heard the command, or have heard it and not been heard.",
        "check the link's cable (TX to RX), its speed, and that it is the link's port and not the console's.",
      );
    },
    close: () => transport.close(),
  };
}

async function openEnd(where: string, baudHz: number, onChunk: (chunk: string) => void): Promise<Transport> {
  const listen = /^listen:(\d+)$/.exec(where);
  const onData = (bytes: Buffer): void => onChunk(bytes.toString("latin1"));
  if (!listen) return openTransport(where, baudHz, { onData, onClosed: () => undefined });
  let current: Socket | undefined;
  const server = createServer((socket) => {
    current = socket;
    socket.on("error", () => undefined);
    socket.on("data", onData);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new ToolError(EXIT.unreachable, `${where}: ${error.message}`, "untouched.", "use another port.")));
    server.listen(Number(listen[1]), resolve);
  });
  for (const until = Date.now() + CONNECT_MS; !current && Date.now() < until; ) await sleep(50);
  if (!current) {
    server.close();
    throw new ToolError(
      EXIT.unreachable,
      `No terminal connected to ${where}.`,
      "untouched.",
      "its field host must name this computer and this port.",
    );
  }
  return {
    write: (bytes) => new Promise((resolve, reject) => current?.write(bytes, (error) => (error ? reject(error) : resolve()))),
    close: async () => {
      current?.destroy();
      server.close();
    },
  };
}
