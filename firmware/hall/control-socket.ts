// Carries commands from another process to the receiver that is at work on a database. It is a local socket beside the database, for this user alone: a line of JSON
// goes there, and a line of JSON comes back.

import { createHash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import path from "node:path";
import { z } from "zod";
import { DEVICE_NAME_WORDS, isDeviceName } from "../config/device-name.js";
import { type ErrorReport, ToolError } from "../tools/tool-error.js";
import type { Answer } from "./receiver/command-queue.js";

const requestSchema = z.strictObject({
  device: z.string().refine(isDeviceName, `must be ${DEVICE_NAME_WORDS}`),
  command: z.record(z.string(), z.unknown()),
});

/** A command for a terminal. */
export type ControlRequest = Readonly<z.output<typeof requestSchema>>;
type ControlReply = { readonly answer: Answer } | { readonly problem: ErrorReport };

/** The state of a receiver that does not begin. */
const NOTHING_RECEIVED = "Nothing is received.";

/** Longest request, in bytes. */
const MOST_BYTES = 65_536;
/** Who has not sent a whole request for so long is dropped, in ms. */
const REQUEST_MS = 10_000;
/** Most connections at once. */
const MOST_CONNECTIONS = 256;
/** Most characters of what was sent that an error repeats. */
const MOST_REPEATED = 200;
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
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isTaken = false;
    const tooSlow = setTimeout(() => socket.destroy(), REQUEST_MS);
    socket.on("error", () => undefined);
    socket.on("close", () => clearTimeout(tooSlow));
    socket.on("data", (chunk: Buffer) => {
      if (isTaken) return;
      const end = chunk.indexOf("\n");
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      bytes += chunk.length;
      if (end < 0 && bytes <= MOST_BYTES) return;
      isTaken = true;
      clearTimeout(tooSlow);
      void reply(Buffer.concat(chunks), carryOut).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
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

/** Answers a request. It never throws, whatever was sent: no request ends the receiver. */
async function reply(line: Buffer, carryOut: (request: ControlRequest) => Promise<Answer>): Promise<ControlReply> {
  try {
    return { answer: await carryOut(requestIn(line)) };
  } catch (error) {
    if (error instanceof ToolError) return { problem: { ...error.toJSON(), error: shortened(error.message) } };
    const { message } = error instanceof Error ? error : new Error(String(error));
    return { problem: notARequest(`the receiver cannot carry it out: ${message}`).toJSON() };
  }
}

/** @throws ToolError `commandInvalid` */
function requestIn(line: Buffer): ControlRequest {
  if (line.length > MOST_BYTES) throw notARequest(`it is longer than ${MOST_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    throw notARequest("it is no JSON in UTF-8");
  }
  const { success, data, error } = requestSchema.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  throw notARequest(`${issue?.path.join(".") || "it"}: ${issue?.message}`);
}

function notARequest(why: string): ToolError {
  const todo = 'Send one line of JSON, such as {"device":"sim-08","command":{"do":"selfTest"}}.';
  return new ToolError("commandInvalid", `This request is none: ${shortened(why)}.`, "Nothing was sent to the terminal.", todo);
}

function shortened(text: string): string {
  return text.length > MOST_REPEATED ? `${text.slice(0, MOST_REPEATED)}…` : text;
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
      const answer = replyIn(text);
      if (!answer) return reject(strange(database));
      if ("answer" in answer) return resolve(answer.answer);
      const { code, error, state, todo } = answer.problem;
      reject(new ToolError(code, error, state, todo));
    });
  });
}

/** What a receiver has answered; undefined: whoever answered is none. */
function replyIn(text: string): ControlReply | undefined {
  try {
    const reply = JSON.parse(text) as ControlReply | null;
    return typeof reply === "object" && reply !== null && ("answer" in reply || "problem" in reply) ? reply : undefined;
  } catch {
    return undefined;
  }
}

function strange(database: string): ToolError {
  const message = `${database}: something else than a receiver of this version answers there.`;
  return new ToolError(
    "receiverMissing",
    message,
    "Nobody knows whether the terminal carried the command out.",
    "Start the receiver anew, with this version.",
  );
}
