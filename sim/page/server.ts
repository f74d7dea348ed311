// The web server of the page, for this computer alone: its files, a stream of what it shows, and the actions that it asks for. The server answers before
// there is a terminal, so it imports little.

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LiveTerminal } from "./live-terminal.js";
import { Refusal } from "./refusal.js";
import type { Setup } from "./setups.js";
import type { Snapshot } from "./snapshot.js";

/** Shortest time between two messages to the page, in ms. */
const PUBLISH_MS = 33;
const MAX_BODY_BYTES = 4096;

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
};

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
};

export interface PageServer {
  /** Address of the page. */
  readonly url: string;
  /** Names the step of the start that takes time now, for the page to show. */
  showStep(step: string): void;
  /** Shows a terminal from now on, lets time pass for it, and lets the page operate it. */
  showTerminal(terminal: LiveTerminal): void;
  /** What is done when the page asks for another terminal. Without it the page has the one. @param make shows the new terminal, or throws a Refusal */
  onSetup(make: (setup: Setup) => Promise<void>): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** @param port 0: any free one @throws Error when the port is taken (`EADDRINUSE`) */
export async function startServer(port: number): Promise<PageServer> {
  const streams = new Set<ServerResponse>();
  /** Each part of the snapshot as it was sent last, in JSON. */
  const sent = new Map<string, string>();
  let starting = "Starting";
  let terminal: LiveTerminal | undefined;
  let makeTerminal: ((setup: Setup) => Promise<void>) | undefined;
  let origins: readonly string[] = [];
  let publishing: NodeJS.Timeout | undefined;
  let publishedMs = 0;

  function publish(): void {
    const parts: Partial<Snapshot> = terminal ? terminal.snapshot() : { starting };
    const changed: string[] = [];
    for (const [name, value] of Object.entries(parts)) {
      const text = JSON.stringify(value);
      if (sent.get(name) === text) continue;
      sent.set(name, text);
      changed.push(`${JSON.stringify(name)}:${text}`);
    }
    if (changed.length) for (const stream of streams) stream.write(`data: {${changed.join(",")}}\n\n`);
  }

  function publishSoon(): void {
    publishing ??= setTimeout(
      () => {
        publishing = undefined;
        publishedMs = performance.now();
        publish();
      },
      Math.max(0, publishedMs + PUBLISH_MS - performance.now()),
    );
  }

  function openStream(request: IncomingMessage, response: ServerResponse): void {
    publish();
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(`retry: 1000\ndata: {${[...sent].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}\n\n`);
    streams.add(response);
    request.on("close", () => {
      streams.delete(response);
      // Nobody is left to let go of a key.
      if (!streams.size) terminal?.releaseKeys();
    });
  }

  /** Refuses a request by another name of this computer: somebody else may have given it that name, so that his page can read this one. */
  function checkHost(request: IncomingMessage): void {
    if (!origins.includes(`http://${request.headers.host}`)) throw new Refusal(403, `This server answers to ${origins.join(" and ")} only.`);
  }

  /** Only the page itself may watch and operate the terminal: not another page in the same browser. */
  function checkOrigin(request: IncomingMessage): void {
    const origin = request.headers.origin;
    const from = request.headers["sec-fetch-site"];
    if ((origin !== undefined && !origins.includes(origin)) || from === "cross-site" || from === "same-site") {
      throw new Refusal(403, "Another web page cannot operate this terminal.");
    }
  }

  async function act(request: IncomingMessage): Promise<void> {
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) throw new Refusal(415, "An action is sent as application/json.");
    const body = await readBody(request);
    if (!terminal) throw new Refusal(503, "The terminal is still starting.");
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      throw new Refusal(400, "The action is not JSON.");
    }
    const action = terminal.parseAction(json);
    if (action.do !== "setup") terminal.act(action);
    else if (makeTerminal) await makeTerminal(action);
    else throw new Refusal(400, "Here is one terminal only.");
    publishSoon();
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkHost(request);
    const url = URL.canParse(request.url ?? "/", "http://localhost") ? new URL(request.url ?? "/", "http://localhost") : undefined;
    if (!url) throw new Refusal(400, "The address is none.");
    const path = url.pathname;
    const file = FILES[path];
    const method = path === "/act" ? "POST" : path === "/events" || file ? "GET" : undefined;
    if (!method) throw new Refusal(404, `There is no ${path} here.`);
    if (request.method !== method) throw new Refusal(405, `${path} takes ${method} only.`);
    if (file) {
      const bytes = await readFile(new URL(`./${file[0]}`, import.meta.url));
      response.writeHead(200, { ...HEADERS, "Content-Type": file[1] }).end(bytes);
      return;
    }
    checkOrigin(request);
    if (path === "/events") openStream(request, response);
    else {
      await act(request);
      response.writeHead(204, HEADERS).end();
    }
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : String(error));
      if (refusal.status === 500) console.error(error);
      if (response.headersSent) return void response.destroy();
      response.writeHead(refusal.status, { ...HEADERS, "Content-Type": "application/json", Connection: "close" });
      response.end(JSON.stringify({ error: refusal.message }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  origins = [`http://127.0.0.1:${taken}`, `http://localhost:${taken}`];

  return {
    url: `${origins[0]}/`,
    showStep(step) {
      starting = step;
      publish();
    },
    onSetup(make) {
      makeTerminal = make;
    },
    showTerminal(given) {
      terminal?.stop();
      terminal = given;
      terminal.start(() => {
        if (streams.size) publishSoon();
      });
      publish();
    },
    close() {
      terminal?.stop();
      clearTimeout(publishing);
      for (const stream of streams) stream.end();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** @throws Refusal when it is longer than `MAX_BODY_BYTES` */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
    // So much is read to its end, that the sender hears the refusal.
    else if (length > 64 * MAX_BODY_BYTES) break;
  }
  if (length > MAX_BODY_BYTES) throw new Refusal(413, `An action has at most ${MAX_BODY_BYTES} bytes.`);
  return Buffer.concat(chunks).toString("utf8");
}
