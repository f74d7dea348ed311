// Carries commands from another process to the receiver that is at work on a database. It is a local socket beside the database, for this user alone: a line of JSON
// goes there, and a line of JSON comes back.

import { createHash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import path from "node:path";
import { type ErrorReport, ToolError } from "../tools/tool-error.js";
import type { Answer } from "./receiver/command-queue.js";

/** A command for a terminal. */
export interface ControlRequest {
  readonly device: string;
  readonly command: object;
}
type ControlReply = { readonly answer: Answer } | { readonly problem: ErrorReport };

/** The state of a receiver that does not begin. */
const NOTHING_RECEIVED = "Nothing is received.";

/** Longest request, in bytes. */
const MOST_BYTES = 65_536;
/** Longest path of a socket that every system accepts. */
const MOST_PATH = 100;

function socketOf(database: string): string {
  const file = `${path.resolve(database)}-control`;
  // Windows has pipes instead. They are in no folder.
  if (process.platform === "win32") return `\\\\.\\pipe\\counter-terminal-${createHash("sha256").update(file).digest("hex").slice(0, 16)}`;
  return file;
}

/**
 * Answers requests. Call it only with the claim on the database: it removes the socket of a receiver that died.
 * @throws ToolError when it cannot listen
 */
export async function serveControl(database: string, carryOut: (request: ControlRequest) => Promise<Answer>): Promise<{ close(): void }> {
  const socketFile = socketOf(database);
  if (socketFile.length > MOST_PATH) {
    throw new ToolError("usage", `${database}: its full path is too long for a socket beside it.`, NOTHING_RECEIVED, "Choose a shorter path.");
  }
  if (process.platform !== "win32") rmSync(socketFile, { force: true });
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > MOST_BYTES) socket.destroy();
      if (!text.includes("\n")) return;
      socket.pause();
      void reply(text.slice(0, text.indexOf("\n")), carryOut).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(
        new ToolError("portUnavailable", `${socketFile}: cannot listen: ${message}.`, NOTHING_RECEIVED, "Choose another folder for the database."),
      ),
    );
    server.listen(socketFile, resolve);
  });
  if (process.platform !== "win32") chmodSync(socketFile, 0o600);
  return { close: () => void server.close() };
}

async function reply(line: string, carryOut: (request: ControlRequest) => Promise<Answer>): Promise<ControlReply> {
  try {
    return { answer: await carryOut(JSON.parse(line) as ControlRequest) };
  } catch (error) {
    if (error instanceof ToolError) return { problem: error.toJSON() };
    if (error instanceof SyntaxError) {
      return {
        problem: new ToolError("commandInvalid", `${error.message}.`, "Nothing was sent to the terminal.", "Send one line of JSON.").toJSON(),
      };
    }
    throw error;
  }
}

/** Has the receiver that is at work on a database carry out a command. @throws ToolError when there is none, or when it cannot */
export function askReceiver(database: string, request: ControlRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = createConnection(socketOf(database), () => socket.write(`${JSON.stringify(request)}\n`));
    socket.setEncoding("utf8");
    socket.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      const [why, todo] =
        code === "EACCES"
          ? ["it belongs to another user", "Run the command as the user who runs the receiver."]
          : code === "ENOENT" || code === "ECONNREFUSED"
            ? ["there is none", "Start one: counter-terminal receive."]
            : [message, "Start the receiver anew."];
      reject(new ToolError("receiverMissing", `${database}: no receiver on it takes a command: ${why}.`, "Nothing was sent to the terminal.", todo));
    });
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("end", () => {
      if (!text.endsWith("\n"))
        return reject(
          new ToolError(
            "receiverEnded",
            `${database}: the receiver ended before the answer came.`,
            "Nobody knows whether the terminal carried the command out.",
            "Start the receiver again, and look at the terminal's records.",
          ),
        );
      const answer = JSON.parse(text) as ControlReply;
      if ("answer" in answer) return resolve(answer.answer);
      const { code, error, state, todo } = answer.problem;
      reject(new ToolError(code, error, state, todo));
    });
  });
}
