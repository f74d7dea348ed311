// The console of a board. Expressions go down in packets that the board acknowledges one by one, and their values come back. The packets are those of the `espruino`
// package (EspruinoTools). Only its protocol is loaded, and no part that could use the internet.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import vm from "node:vm";
import { ToolError } from "../tool-error.js";
import { openTransport, type Transport } from "./transport.js";

/** Longest expression, in characters. With its packet it fits the 1024 bytes of input that the smallest board keeps. */
export const EXPRESSION_CHARACTERS = 960;

/** Ctrl-C. A board acts on it wherever it stands, so not even the length of a packet may contain it. */
const CTRL_C = 3;

/** Speed of a serial console. The console of an ESP32 has this speed; a board's own USB takes any. */
export const CONSOLE_BAUD_HZ = 115200;

/** The members of the class Connection of EspruinoTools (core/serial.js) that are used here. */
interface Connection {
  chunkSize: number;
  received: string;
  writeLowLevel: (text: string) => Promise<void>;
  closeLowLevel: () => void;
  openHandler(): void;
  closeHandler(): void;
  rxDataHandler(data: ArrayBuffer): void;
  espruinoEval(expression: string, options: { timeout: number }): Promise<unknown>;
}

/** The device did not answer, or its answer was an error. `withState` turns it into an error that knows the state of the device. */
export class ConsoleError extends ToolError {
  constructor(message: string) {
    super("transferBroken", message, "Nobody knows the state of the device: it did not answer.", TRY_AGAIN);
  }
}

/** Advice for every command that was interrupted. */
export const TRY_AGAIN = "Check cable and plug, and run the same command again: it goes on where it stopped.";

export interface BoardConsole {
  readonly port: string;
  /**
   * Has the board evaluate an expression of printable ASCII, at most `EXPRESSION_CHARACTERS` long, in less than 5 s.
   * @returns its value, as JSON knows it
   * @throws ConsoleError when there is no answer in time, or the expression threw
   */
  evaluate<Value>(expression: string, timeoutMs?: number): Promise<Value>;
  /** Sends bytes as they are, and waits. @returns everything that came back */
  type(text: string, waitMs: number): Promise<string>;
  /** Whether the other end has gone. */
  isClosed(): boolean;
  close(): Promise<void>;
}

/** Opens a port, whether or not a console answers there. @throws ToolError `portUnavailable` */
export async function openConsole(port: string, baudHz = CONSOLE_BAUD_HZ): Promise<BoardConsole> {
  const connection = loadConnection();
  let isClosed = false;
  let tellGone: (error: ConsoleError) => void = () => undefined;
  const transport: Transport = await openTransport(port, baudHz, {
    onData: (bytes) => connection.rxDataHandler(Uint8Array.from(bytes).buffer),
    onClosed: () => {
      isClosed = true;
      tellGone(new ConsoleError("the device is gone"));
      connection.closeHandler();
    },
  });
  const write = async (text: string): Promise<void> => {
    if (isClosed) throw new ConsoleError("the device is gone");
    await transport.write(Buffer.from(text, "latin1"));
  };
  connection.writeLowLevel = write;
  connection.closeLowLevel = () => undefined;
  connection.chunkSize = 1024;
  connection.openHandler();

  /** Carries out an exchange with the board. The words of an error stand among the other output of the board. */
  async function attempt<Value>(what: string, action: () => Promise<Value>): Promise<Value> {
    if (isClosed) throw new ConsoleError(`${what}: the device is gone`);
    connection.received = "";
    try {
      // When the cable is pulled, the answer never comes.
      return await Promise.race([action(), new Promise<never>((_, reject) => (tellGone = reject))]);
    } catch (error) {
      await sleep(100);
      const words = /Uncaught ([^\r\n]*)/.exec(connection.received)?.[1];
      throw new ConsoleError(`${what}: ${words ?? (error instanceof Error ? error.message : String(error))}`);
    }
  }

  return {
    port,
    evaluate: (expression, timeoutMs = 4000) =>
      attempt(expression.slice(0, 60), async () => {
        const text = `JSON.stringify(${expression})`;
        const value = await connection.espruinoEval(text.length % 256 === CTRL_C ? `${text} ` : text, { timeout: timeoutMs });
        return (typeof value === "string" ? JSON.parse(value) : undefined) as never;
      }),
    async type(text, waitMs) {
      connection.received = "";
      if (!isClosed) await write(text).catch(() => undefined);
      await sleep(waitMs);
      return connection.received;
    },
    isClosed: () => isClosed,
    async close() {
      if (!isClosed) await transport.close();
      isClosed = true;
    },
  };
}

const require = createRequire(import.meta.url);
const PROTOCOL_FILES = ["espruino.js", "core/config.js", "core/utils.js", "core/serial.js"];

/** A fresh connection of EspruinoTools in a context of its own, whose console output is dropped. */
function loadConnection(): Connection {
  const folder = path.dirname(require.resolve("espruino/package.json"));
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const context = vm.createContext({ console: silent, setTimeout, clearTimeout, setInterval, clearInterval, navigator: { userAgent: "node" } });
  for (const file of PROTOCOL_FILES) vm.runInContext(readFileSync(path.join(folder, file), "utf8"), context, { filename: file });
  return vm.runInContext("Espruino.Core.Serial.connection", context) as Connection;
}

/**
 * Opens a port and makes sure that a console answers there.
 * @throws ToolError `consoleSilent` when none does
 */
export async function requireConsole(port: string, baudHz?: number): Promise<BoardConsole> {
  const board = await openConsole(port, baudHz);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      if ((await board.evaluate<number>("6*7", 1500)) === 42) return board;
    } catch (error) {
      if (!(error instanceof ConsoleError)) throw error;
      // Somebody may have left half a line there: Ctrl-C discards it.
      await board.type("\x03\n", 300);
    }
  }
  await board.close();
  throw new ToolError(
    "consoleSilent",
    `Nothing answers as Espruino's console at ${port}.`,
    "The device is closed (a terminal in service), has no Espruino on it, or is no board.",
    "Open a terminal in service first: counter-terminal unlock. Put Espruino on a bare board first: GUIDE.md says how.",
  );
}
