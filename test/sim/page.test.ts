// The page of the simulated terminal in a real browser, where there is one, and its server without a browser.

import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Board } from "../../firmware/boards/board.js";
import { board as pico } from "../../firmware/boards/pico.js";
import { sizeOf } from "../../firmware/display/layouts.js";
import { boardNames, readBoard } from "../../firmware/tools/build/build.js";
import { parseSite, storeFiles } from "../../firmware/tools/provision/site.js";
import { nodeEngine } from "../../sim/engines/node.js";
import type { Action, HostCommand } from "../../sim/page/actions.js";
import { createLiveTerminal } from "../../sim/page/live-terminal.js";
import { startSampleTerminal } from "../../sim/page/sample-terminal.js";
import { type PageServer, startServer } from "../../sim/page/server.js";
import { firstSetup, type Setup } from "../../sim/page/setups.js";
import type { Snapshot } from "../../sim/page/snapshot.js";
import { siteFor } from "../../sim/world/badges.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { World } from "../../sim/world/world.js";

const CLERK = "W26:1A2B3C";
const BROWSERS = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const browserPath = BROWSERS.find((path) => path && existsSync(path));

const siteFile = fileURLToPath(new URL("../../sim/site.yaml", import.meta.url));
const site = parseSite(readFileSync(siteFile, "utf8"), siteFile);

function createWorld(board = pico as Board, config: object = {}): World {
  const files = storeFiles({ ...site.counters[0], ...config }, siteFor(board, site), SIMULATED_KEY, sizeOf(board.display.driver));
  return new World({ board, engine: nodeEngine, files });
}

let world: World;
let server: PageServer;

async function start(isRealTime: boolean, board = pico as Board, config: object = {}): Promise<void> {
  world = createWorld(board, config);
  world.powerOn();
  server = await startServer(0);
  server.showTerminal(createLiveTerminal({ world, site: siteFor(board, site), isRealTime }));
}

/** The messages of a stream to the page. */
async function* messagesOf(stream: Response): AsyncGenerator<Partial<Snapshot>, void> {
  let text = "";
  for await (const part of stream.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString("utf8");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const message = text.slice(text.indexOf("data: ") + 6, end);
      text = text.slice(end + 2);
      yield JSON.parse(message) as Partial<Snapshot>;
    }
  }
}

/** Everything that an action can change. */
function stateOf(terminal: World): string {
  const { lamps, keysDown, isPowered, isLinkUp, trace } = terminal;
  return JSON.stringify({ atMs: terminal.clock.nowMs, lamps, keysDown: [...keysDown], isPowered, isLinkUp, trace });
}

describe("the server", () => {
  beforeEach(() => start(false));
  afterEach(() => server.close());

  interface Answer {
    readonly status: number;
    readonly body: string;
  }

  /** A request of any program, with headers that a page in a browser cannot set. */
  function send(path: string, method: string, headers: Record<string, string>, body = ""): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, server.url), { method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  function act(action: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return send("/act", "POST", { "Content-Type": "application/json", ...headers }, typeof action === "string" ? action : JSON.stringify(action));
  }

  /** The first message to a page that opens now. */
  async function look(url = server.url): Promise<Snapshot> {
    const messages = messagesOf(await fetch(new URL("/events", url)));
    const { value } = await messages.next();
    await messages.return();
    return value as Snapshot;
  }

  async function doAll(...actions: Action[]): Promise<void> {
    for (const action of actions) expect(await act(action)).toEqual({ status: 204, body: "" });
  }

  it("serves the page and nothing else of the disk", async () => {
    expect((await send("/", "GET", {})).body).toContain("窗口服务评价器");
    for (const path of ["/server.ts", "/../server.ts", "/%2e%2e/server.ts", "/page/index.html"])
      expect((await send(path, "GET", {})).status).toBe(404);
  });

  /** What the server answers to some bytes, before it ends the connection. */
  function answerTo(bytes: string): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(bytes, "latin1"));
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(text));
    });
  }

  it.each(["http://[", "http://[::1", "//[", "http://a b/", "data:x", "javascript:1", "/\u00e9"])(
    "answers a request for %s, which is no address, with 400",
    async (address) => {
      const { host } = new URL(server.url);
      expect(await answerTo(`GET ${address} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  it.each([
    ["an address with %zz", 404, "GET /%zz HTTP/1.1\r\nHost: HOST\r\n"],
    ["a host that is none", 403, "GET / HTTP/1.1\r\nHost: [\r\n"],
    ["no host", 400, "GET / HTTP/1.1\r\n"],
    ["a header without an end", 431, `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${"a".repeat(100_000)}\r\n`],
    ["an address without an end", 431, `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: HOST\r\n`],
    ["a length below zero", 400, "POST /act HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n"],
    ["two lengths", 400, "POST /act HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"],
    ["a later HTTP", 400, "GET / HTTP/3.0\r\nHost: HOST\r\n"],
    ["noise", 400, "\0\xff\xfe\r\n"],
  ])("answers %s with %i, and goes on", async (_, status, head) => {
    const { host } = new URL(server.url);
    expect(await answerTo(`${head.replace("HOST", host)}Connection: close\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(server.url)).status).toBe(200);
  });

  it("answers before there is a terminal, and says what takes time until it runs", async () => {
    const early = await startServer(0);
    try {
      expect((await fetch(early.url)).status).toBe(200);
      early.showStep("Drawing phrases");
      const events = await fetch(new URL("/events", early.url));
      const messages = messagesOf(events);
      expect((await messages.next()).value).toEqual({ starting: "Drawing phrases" });
      const refused = await fetch(new URL("/act", early.url), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ do: "power", isOn: false }),
      });
      expect(refused.status).toBe(503);
      expect(((await refused.json()) as { error: string }).error).toContain("still starting");
      early.showTerminal(createLiveTerminal({ world, site, isRealTime: false }));
      expect((await messages.next()).value).toMatchObject({ starting: "", terminal: { counter: "8" }, isPowered: true });
      await messages.return();
    } finally {
      await early.close();
    }
  });

  it.each([
    ["no JSON", "{", "not JSON"],
    ["an unknown action", { do: "explode" }, '"do" must be'],
    ["no action at all", [], ""],
    ["an unknown key", { do: "key", key: "key9", isDown: true }, "key: "],
    ["a key without its direction", { do: "key", key: "key1" }, "isDown: "],
    ["a field too many", { do: "power", isOn: false, sure: true }, "sure"],
    ["a badge that is none", { do: "badge", badge: "W26:zz" }, "hexadecimal"],
    ["an id beyond ASCII", { do: "command", command: { do: "invite", transaction: "办件" } }, "command.transaction: "],
    ["time that runs backwards", { do: "advance", ms: -1 }, "ms: "],
  ])("refuses %s with a sentence, and nothing changes", async (_, action, sentence) => {
    const before = stateOf(world);
    const answer = await act(action);
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.body) as { error: string }).error).toContain(sentence);
    expect(stateOf(world)).toBe(before);
  });

  it("refuses what is too long, and goes on", async () => {
    const before = stateOf(world);
    expect((await act(JSON.stringify({ do: "power", isOn: false }) + " ".repeat(5000))).status).toBe(413);
    expect(stateOf(world)).toBe(before);
    await doAll({ do: "power", isOn: false });
    expect(world.isPowered).toBe(false);
  });

  it("lets no other web page operate or watch the terminal", async () => {
    const before = stateOf(world);
    const action = { do: "power", isOn: false };
    expect((await act(action, { Origin: "http://evil.example" })).status).toBe(403);
    expect((await act(action, { Origin: "null" })).status).toBe(403);
    expect((await act(action, { Origin: "http://localhost:1" })).status).toBe(403);
    expect((await act(action, { "Sec-Fetch-Site": "same-site" })).status).toBe(403);
    expect((await act(action, { Host: "evil.example" })).status).toBe(403);
    expect((await act(action, { "Content-Type": "text/plain" })).status).toBe(415);
    expect((await send("/events", "GET", { Origin: "http://evil.example" })).status).toBe(403);
    expect((await send("/act", "GET", {})).status).toBe(405);
    expect(stateOf(world)).toBe(before);
    expect((await act(action, { Origin: new URL(server.url).origin })).status).toBe(204);
    expect(world.isPowered).toBe(false);
  });

  it("shows a rating's record, and where it has got to", async () => {
    await doAll({ do: "badge", badge: CLERK }, { do: "advance", ms: 200 });
    await doAll({ do: "command", command: { do: "invite", transaction: "T-1" } }, { do: "advance", ms: 1500 });
    expect((await look()).hostSays).toMatchObject({ isGood: true, text: "Invite T-1: ok" });
    await doAll({ do: "link", isUp: false }, { do: "key", key: "key2", isDown: true }, { do: "advance", ms: 100 });
    let shown = await look();
    expect(shown.records[0]).toMatchObject({ chinese: "满意", english: "rated 4", detail: "1024 王小明 · T-1 · after 1.5 s", place: "waiting" });
    expect(shown.records[1]).toMatchObject({ chinese: "签到", place: "acknowledged" });
    expect(shown.recordCount).toBe(3);

    await doAll({ do: "acknowledge", isOn: false }, { do: "link", isUp: true }, { do: "advance", ms: 6000 });
    expect((await look()).records[0]?.place).toBe("received");
    await doAll({ do: "acknowledge", isOn: true }, { do: "advance", ms: 6000 });
    shown = await look();
    expect(shown.records[0]?.place).toBe("acknowledged");
    expect(shown.waitingCount).toBe(0);
  });

  it("never acknowledges beyond a record that was lost on the way", async () => {
    await doAll({ do: "advance", ms: 1000 }, { do: "link", isUp: false }, { do: "badge", badge: CLERK }, { do: "advance", ms: 1000 });
    await doAll({ do: "link", isUp: true }, { do: "key", key: "pause", isDown: true }, { do: "advance", ms: 100 });
    await doAll({ do: "key", key: "pause", isDown: false }, { do: "advance", ms: 900 });
    expect((await look()).records.map((record) => [record.sequence, record.place])).toEqual([
      [3, "received"],
      [2, "waiting"],
      [1, "acknowledged"],
    ]);
    await doAll({ do: "advance", ms: 6000 });
    expect((await look()).waitingCount).toBe(0);
  });

  it("says when the host gets no answer or a refusal", async () => {
    await doAll({ do: "command", command: { do: "invite", transaction: "T-1" } }, { do: "advance", ms: 100 });
    expect((await look()).hostSays).toMatchObject({ isGood: false, text: expect.stringContaining("notServing – Nobody is on duty") });
    await doAll({ do: "link", isUp: false }, { do: "command", command: { do: "invite", transaction: "T-1" } });
    expect((await look()).hostSays.text).toContain("the link is down");
    await doAll({ do: "power", isOn: false }, { do: "setTime" });
    expect((await look()).hostSays.text).toContain("no power");
  });

  it("keeps records through a power cut", async () => {
    await doAll({ do: "badge", badge: CLERK }, { do: "advance", ms: 200 }, { do: "power", isOn: false });
    const dark = await look();
    expect(dark).toMatchObject({ isPowered: false, lamps: { pause: false, answer: false }, recordCount: 2 });
    expect(Buffer.from(dark.display, "base64").every((byte) => byte === 0)).toBe(true);
    await doAll({ do: "power", isOn: true }, { do: "advance", ms: 200 });
    expect(await look()).toMatchObject({ isPowered: true, lamps: { pause: false }, recordCount: 3 });
  });

  it("shows the time of day in records once the host has set it", async () => {
    await doAll(
      { do: "advance", ms: 100 },
      { do: "setTime", unix: 1767229200 },
      { do: "advance", ms: 2000 },
      { do: "badge", badge: CLERK },
      { do: "advance", ms: 200 },
    );
    expect((await look()).records[0]).toMatchObject({ chinese: "签到", wallSeconds: 1767229202 });
  });

  it("sends each of the host's commands, and says how it went", async () => {
    await server.close();
    await start(false, pico, { neighbours: ["7"] });
    await doAll({ do: "advance", ms: 200 }, { do: "badge", badge: CLERK }, { do: "advance", ms: 200 });
    const outcomes: string[] = [];
    for (const command of [
      { do: "open", transaction: "T-1", waited: true, long: true },
      { do: "waiting", count: 3 },
      { do: "pause", reason: "phone" },
      { do: "finish" },
      { do: "refer", counter: "12" },
      { do: "waiting", count: 0 },
      { do: "pause", reason: "brief" },
      { do: "neighbour", counter: "7", state: "open" },
      { do: "resume" },
      { do: "emergency", text: "请稍候" },
      { do: "emergency", text: "" },
      { do: "cancel" },
    ] satisfies HostCommand[]) {
      await doAll({ do: "command", command }, { do: "advance", ms: 500 });
      outcomes.push((await look()).hostSays.text.replace(/ – .*/, ""));
    }
    expect(outcomes).toEqual([
      "Open T-1 waited long: ok",
      "Waiting 3: ok",
      "Pause phone: approvalNeeded",
      "Finish: ok",
      "Refer 12: busy",
      "Waiting 0: ok",
      "Pause brief: ok",
      "Neighbour 7 open: ok",
      "Resume: ok",
      "Emergency 请稍候: ok",
      "Emergency over: ok",
      "Cancel: notAsking",
    ]);
  });

  it("has a clock of the hall that goes on with the world, over a night without power", async () => {
    await server.close();
    await start(false, pico, { hours: ["0830-1730", "0830-1730", "0830-1730", "0830-1730", "0830-1730", "", ""] });
    // Monday 2026-03-02, 17:20 in the hall.
    await doAll({ do: "advance", ms: 200 }, { do: "setTime", unix: 1772443200 }, { do: "advance", ms: 200 });
    await doAll({ do: "badge", badge: CLERK }, { do: "advance", ms: 200 }, { do: "power", isOn: false });
    await doAll({ do: "advanceTo", minuteOfDay: 500 }, { do: "power", isOn: true }, { do: "advance", ms: 1000 });
    const shown = await look();
    expect(new Date(shown.hallMinutes * 60_000).toISOString()).toBe("2026-03-03T08:20:00.000Z");
    await doAll({ do: "setTime" }, { do: "advance", ms: 500 });
    const wall = (await look()).records.find(({ english }) => english === "time set")?.wallSeconds;
    expect(wall).toBe(1772443200 + 15 * 3600 + 1);
  });

  it("plays worn keys, a noisy badge and a loose display", async () => {
    await doAll({ do: "advance", ms: 200 }, { do: "noisyBadge", badge: CLERK }, { do: "advance", ms: 500 });
    expect((await look()).records.map(({ english }) => english)).toEqual(["started"]);
    await doAll({ do: "wear", isWorn: true }, { do: "key", key: "key1", isDown: true }, { do: "advance", ms: 60 });
    expect([...world.keysDown]).toEqual(["key1"]);
    await doAll({ do: "key", key: "key1", isDown: false }, { do: "advance", ms: 60 });
    expect(world.keysDown.size).toBe(0);
    await doAll({ do: "display", isConnected: false }, { do: "badge", badge: CLERK }, { do: "advance", ms: 120_000 });
    const shown = await look();
    expect([shown.isDisplayConnected, shown.areKeysWorn]).toEqual([false, true]);
    expect(shown.records.map(({ english }) => english)).toContain("fault began");
  });

  it("makes another terminal where it can, and says what there is where it cannot", async () => {
    const setup = { do: "setup", board: "pico", display: "ssd1322", timetable: "0800-1800", hasReasons: false } as const;
    expect(await act(setup)).toMatchObject({ status: 400, body: expect.stringContaining("board: must be one of") });
    expect(await act({ ...setup, display: "wall" })).toMatchObject({ status: 400, body: expect.stringContaining("display: ") });
    await server.close();
    const own = await startServer(0);
    try {
      const make = async (wanted: Setup): Promise<void> => own.showTerminal(await startSampleTerminal(wanted, "node", async () => undefined));
      own.onSetup(make);
      await make(firstSetup("pico"));
      const before = await look(own.url);
      expect(before.terminal).toMatchObject({ display: { width: 128 }, setup: { timetable: "none" }, neighbours: ["7", "9"] });
      expect(before.terminal.boards).toEqual(expect.arrayContaining(boardNames()));
      const answer = await fetch(new URL("/act", own.url), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(setup),
      });
      expect(answer.status).toBe(204);
      await expect.poll(async () => (await look(own.url)).recordCount).toBe(1);
      expect(await look(own.url)).toMatchObject({
        starting: "",
        recordCount: 1,
        terminal: { display: { width: 256, isSegments: false }, setup: { hasReasons: false } },
      });
    } finally {
      await own.close();
    }
  });

  it("lets go of all keys when the last page closes", async () => {
    const answer = await fetch(new URL("/events", server.url));
    await doAll({ do: "key", key: "key1", isDown: true });
    expect(world.keysDown.size).toBe(1);
    await answer.body?.cancel();
    await expect.poll(() => world.keysDown.size).toBe(0);
  });

  it("shows rings and the sign's second light of a board that has them, and takes the badges of its reader alone", async () => {
    await server.close();
    await start(false, readBoard("test/boards/card-matrix.ts"));
    const before = await look();
    expect(before.terminal).toMatchObject({ hasRings: true, hasSignLamp: true, hasVoice: false, reads: "13.56 MHz", unknownBadge: "UID:04ABCDEF" });
    expect(before.terminal.people.map(({ badge }) => badge)).toEqual(["UID:041A2B3C", "UID:042C4D5E", "UID:04000000C0FFEE", "UID:040F0F0F"]);
    expect(before.lamps).toMatchObject({ rings: false, sign: true });
    expect(await act({ do: "badge", badge: CLERK })).toMatchObject({ status: 400, body: expect.stringContaining("UID: and 8, 14 or 20") });
    for (const [i, { badge }] of before.terminal.people.slice(0, 3).entries()) {
      await doAll({ do: "badge", badge }, { do: "advance", ms: 5000 });
      const { number, name } = before.terminal.people[i] as { number: string; name: string };
      expect((await look()).records[0]).toMatchObject({ chinese: "签到", detail: `${number} ${name}` });
    }
    await doAll({ do: "command", command: { do: "invite", transaction: "A-1" } }, { do: "advance", ms: 500 });
    expect((await look()).lamps).toMatchObject({ rings: true, sign: false });
  });

  it("shows what a voice module says, and with which volume", async () => {
    await server.close();
    await start(false, readBoard("test/boards/badge-voice.ts"));
    const { terminal, clip } = await look();
    expect(terminal).toMatchObject({ hasVoice: true, hasRings: false, hasSignLamp: false, reads: "125 kHz" });
    expect(clip.number).toBe(0);
    await doAll({ do: "advance", ms: 2000 }, { do: "badge", badge: "EM:00001A2B3C" }, { do: "advance", ms: 3000 });
    expect((await look()).clip).toEqual({ number: 1, clip: 6, words: "(sign-in)", volume: 30 });
    await doAll({ do: "command", command: { do: "invite", transaction: "A-1" } }, { do: "advance", ms: 500 });
    expect((await look()).clip).toEqual({ number: 2, clip: 2, words: "请对我的服务做出评价", volume: 30 });
  });

  it("shows firmware that throws as stopped, and goes on itself", async () => {
    const failing = createWorld();
    failing.setTone = () => {
      throw new Error("the firmware has a bug");
    };
    failing.powerOn();
    const second = await startServer(0);
    second.showTerminal(createLiveTerminal({ world: failing, site, isRealTime: false }));
    const complain = console.error;
    console.error = () => undefined;
    try {
      for (const action of [
        { do: "badge", badge: CLERK },
        { do: "advance", ms: 200 },
      ] satisfies Action[]) {
        await fetch(new URL("/act", second.url), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(action) });
      }
      expect(await look(second.url)).toMatchObject({ isPowered: false, problem: "the firmware has a bug" });
    } finally {
      console.error = complain;
      await second.close();
    }
  });
});

describe("npm start", () => {
  const start = (...options: string[]): ChildProcessByStdio<null, Readable, Readable> => {
    return spawn(process.execPath, ["--import", "tsx", "sim/start.ts", "--port", "0", ...options], { stdio: ["ignore", "pipe", "pipe"] });
  };
  const endOf = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.on("exit", (code, signal) => resolve([code, signal])));

  it("says where the page is before the terminal runs, and ends cleanly on Ctrl-C", { timeout: 60000 }, async () => {
    const child = start();
    const ended = endOf(child);
    let printed = "";
    let messages: ReturnType<typeof messagesOf> | undefined;
    for await (const part of child.stdout) {
      printed += String(part);
      const url = /http:\S+/.exec(printed)?.[0];
      if (!url || messages) continue;
      expect(printed).not.toContain("Ctrl-C");
      expect((await fetch(url)).status).toBe(200);
      messages = messagesOf(await fetch(new URL("/events", url)));
      expect((await messages.next()).value).not.toHaveProperty("terminal");
      for await (const message of messages) if (message.terminal) break;
      child.kill("SIGINT");
    }
    expect(printed).toContain("Ctrl-C");
    expect(await ended).toEqual([0, null]);
  });

  it("says which boards there are when there is none of that name", { timeout: 60000 }, async () => {
    const child = start("--board", "nonsense");
    const ended = endOf(child);
    let complaint = "";
    for await (const part of child.stderr) complaint += String(part);
    expect(complaint).toContain('there is no board "nonsense": use esp32');
    expect(complaint).not.toContain("    at ");
    expect(await ended).toEqual([1, null]);
  });
});

/** The accessibility rules of axe, as a script for a page. */
const AXE_SCRIPT = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A rule that is broken, as axe reports it. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

if (!browserPath) console.warn("SKIPPED: the page in a browser. No Chromium found; set CHROMIUM to the path of one.");

describe("the page in a real browser", { timeout: 30000 }, () => {
  let browser: Browser | undefined;
  let page: Page;
  const errors: string[] = [];
  const inBrowser = it.skipIf(!browserPath);

  beforeAll(async () => {
    if (browserPath) browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  }, 30000);
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    if (!browser) return;
    await start(true);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    errors.length = 0;
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(server.url);
    await page.locator("[data-key=key5]").waitFor();
  });
  afterEach(async () => {
    if (!browser) return;
    await page.close();
    await server.close();
    expect(errors).toEqual([]);
  });

  const pixels = (): Promise<string> => page.locator("#display").evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
  const rows = (): Promise<string[]> => page.locator("#records tr").allInnerTexts();
  const newestRow = async (): Promise<string> => (await rows())[0] ?? "";

  async function hold(letter: string): Promise<void> {
    await page.keyboard.down(letter);
    await page.waitForTimeout(30);
    await page.keyboard.up(letter);
  }

  /** Does something, and waits for the display to show something else. */
  async function untilDisplayChanges(happen: () => Promise<void>): Promise<void> {
    const before = await pixels();
    await happen();
    await expect.poll(pixels).not.toBe(before);
  }

  /** What axe finds wrong: each rule with the elements that break it. All its rules count, also those that are on trial. */
  async function barriers(): Promise<string[]> {
    await page.evaluate(AXE_SCRIPT);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
      const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"];
      return (await axe.run({ runOnly: { type: "tag", values } })).violations;
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  }

  inBrowser("takes a rating by keyboard: badge, invite, key", async () => {
    await expect.poll(() => page.getByLabel("Pause light: lit").count()).toBe(1);
    await untilDisplayChanges(() => hold("q"));
    await page.getByLabel("Pause light: dark").waitFor();
    await expect.poll(newestRow).toContain("签到");
    await untilDisplayChanges(() => hold("i"));
    await untilDisplayChanges(() => hold("5"));
    await expect.poll(newestRow).toContain("非常不满意 rated 1");
    await expect.poll(newestRow).toContain("stored");
  });

  inBrowser("shows the display's pixels as they are, and all alike", async () => {
    await expect.poll(newestRow).toContain("stored");
    const lit = await page.locator("#display").evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: "2d"): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
      };
      const side = canvas.width / 128;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const at = (x: number, y: number): number => data[4 * (y * side * canvas.width + x * side) + 3] as number;
      return { side, picture: Array.from({ length: 64 }, (_, y) => Array.from({ length: 128 }, (_, x) => (at(x, y) ? "#" : ".")).join("")) };
    });
    expect(Number.isInteger(lit.side)).toBe(true);
    expect(lit.picture).toEqual(
      Array.from({ length: 64 }, (_, y) => Array.from({ length: 128 }, (_, x) => (world.panel.get(x, y) ? "#" : ".")).join("")),
    );
  });

  inBrowser("holds a key for as long as the pointer or the keyboard holds it", async () => {
    await page.locator("[data-key=key3]").hover();
    await page.mouse.down();
    await expect.poll(() => [...world.keysDown]).toEqual(["key3"]);
    await page.locator("[data-key=key3].is-down").waitFor();
    await page.mouse.up();
    await expect.poll(() => world.keysDown.size).toBe(0);
    await page.locator("[data-key=key2]").focus();
    await page.keyboard.down("Space");
    await expect.poll(() => [...world.keysDown]).toEqual(["key2"]);
    await page.keyboard.down("4");
    await expect.poll(() => [...world.keysDown]).toEqual(["key2", "key4"]);
    await page.keyboard.up("Space");
    await page.keyboard.up("4");
    await expect.poll(() => world.keysDown.size).toBe(0);
  });

  inBrowser("types letters into the text field and nowhere else", async () => {
    await page.locator("#transaction").fill("");
    await page.locator("#transaction").pressSequentially("pqlib15");
    expect(await page.locator("#transaction").inputValue()).toBe("pqlib15");
    expect([world.isPowered, world.isLinkUp, world.keysDown.size]).toEqual([true, true, 0]);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#host-says").textContent()).toContain("Invite pqlib15: notServing");
  });

  inBrowser("invites from the host, and says that it did", async () => {
    await hold("w");
    await expect.poll(newestRow).toContain("欧阳静怡");
    await untilDisplayChanges(() => page.getByRole("button", { name: "Invite", exact: true }).click());
    await expect.poll(() => page.locator("#host-says").textContent()).toBe("Invite A-1001: ok");
    expect(await page.locator("#transaction").inputValue()).toBe("A-1002");
    await page.getByRole("button", { name: "30 s forward" }).click();
    await expect.poll(newestRow).toContain("not rated: time-out");
  });

  inBrowser("tells of waiting citizens, an emergency and a neighbour, and letters typed there press no key", async () => {
    await hold("q");
    await expect.poll(newestRow).toContain("签到");
    for (const summary of await page.locator("details > summary").all()) await summary.click();
    await page.locator("#waiting-form button").click();
    await expect.poll(() => page.locator("#host-says").textContent()).toBe("Waiting 3: ok");
    await untilDisplayChanges(() => page.getByRole("button", { name: "Show", exact: true }).click());
    await untilDisplayChanges(() => page.getByRole("button", { name: "Clear", exact: true }).click());
    await page.locator("#reason").selectOption("lunch");
    await page.locator("#reason").press("p");
    expect(world.isPowered).toBe(true);
    await page.locator("#worn").click();
    await expect.poll(() => page.getByRole("switch", { name: "Worn keys" }).getAttribute("aria-checked")).toBe("true");
    expect(await barriers()).toEqual([]);
  });

  inBrowser("says unmistakably that there is no power, and nothing works without it", async () => {
    await hold("q");
    await expect.poll(newestRow).toContain("签到");
    await page.keyboard.press("p");
    await page.getByText("No power", { exact: false }).first().waitFor();
    await expect.poll(() => page.locator("#announcer").textContent()).toContain("No power");
    expect(await page.locator("#switch-on").isVisible()).toBe(true);
    expect(await page.getByLabel("Pause light: dark").count()).toBe(1);
    const before = await rows();
    await page.keyboard.press("1");
    await page.keyboard.press("q");
    await page.waitForTimeout(200);
    expect(world.keysDown.size).toBe(0);
    expect(await rows()).toEqual(before);
    await page.locator("#switch-on").click();
    await page.locator("#no-power").waitFor({ state: "hidden" });
    await expect.poll(newestRow).toContain("started");
    // The clerk is still on duty.
    expect(await page.getByLabel("Pause light: dark").count()).toBe(1);
  });

  inBrowser("shows records that wait while the link is down, and that they arrive", async () => {
    await expect.poll(newestRow).toContain("stored");
    await page.keyboard.press("l");
    await expect.poll(() => page.getByRole("switch", { name: "Link" }).getAttribute("aria-checked")).toBe("false");
    await hold("q");
    await expect.poll(newestRow).toContain("waiting");
    await page.keyboard.press("l");
    await page.getByRole("button", { name: "30 s forward" }).click();
    await expect.poll(newestRow).toContain("stored");
  });

  inBrowser("tells the sound of a refused badge", async () => {
    await hold("t");
    await expect.poll(() => page.locator("#tone").textContent()).toBe("262 Hz");
    await expect.poll(newestRow).toContain("badge refused");
    await expect.poll(() => page.locator("#tone").textContent()).toBe("silent");
  });

  async function openOn(board: string): Promise<void> {
    await page.goto("about:blank");
    await server.close();
    await start(true, readBoard(board));
    errors.length = 0;
    await page.goto(server.url);
    await page.locator("[data-key=key5]").waitFor();
  }

  inBrowser("lights all key rings alike while an answer is asked for, and the sign's second light with the first", async () => {
    expect(await page.locator("#sign-lamp").isVisible()).toBe(false);
    await openOn("test/boards/card-matrix.ts");
    await page.getByLabel("Second light of the sign: lit").waitFor();
    expect(await page.locator("#reads").textContent()).toBe("13.56 MHz");
    await hold("q");
    await page.getByLabel("Second light of the sign: dark").waitFor();
    await hold("i");
    await page.locator("#keys.is-ringed").waitFor();
    const rings = await page
      .locator(".key")
      .evaluateAll((keys) =>
        keys.map(
          (key) =>
            (globalThis as unknown as { getComputedStyle(of: unknown, what: string): { borderColor: string } }).getComputedStyle(key, "::before")
              .borderColor,
        ),
      );
    expect(rings).toHaveLength(5);
    expect(new Set(rings).size).toBe(1);
    await hold("2");
    await page.locator("#keys:not(.is-ringed)").waitFor();
  });

  inBrowser("says what the voice says", async () => {
    await openOn("test/boards/badge-voice.ts");
    await page.waitForTimeout(1600);
    await hold("q");
    await expect.poll(newestRow).toContain("签到");
    await hold("i");
    await expect.poll(() => page.locator("#tone").textContent()).toBe("请对我的服务做出评价");
    await expect.poll(() => page.locator("#tone").textContent(), { timeout: 5000 }).toBe("silent");
  });

  inBrowser("says that the terminal is starting, and shows it as soon as it runs", async () => {
    await page.goto("about:blank");
    const early = await startServer(0);
    try {
      early.showStep("Drawing phrases");
      await page.goto(early.url);
      await expect.poll(() => page.locator("#starting").textContent()).toMatch(/正在启动 · Starting\s+Drawing phrases/);
      expect(await page.locator("#no-power").isVisible()).toBe(false);
      early.showTerminal(createLiveTerminal({ world, site }));
      await page.locator("#starting").waitFor({ state: "hidden" });
      await page.locator("[data-key=key5]").waitFor();
      await untilDisplayChanges(() => hold("q"));
    } finally {
      await early.close();
      await page.goto("about:blank");
    }
  });

  inBrowser("says when the simulation has ended", async () => {
    await server.close();
    await page.locator("#offline").waitFor();
    errors.length = 0;
  });

  inBrowser("fits the window: no sideways scrolling on a phone, and the whole device on a desk", async () => {
    const overflow = (): Promise<number> => page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(await overflow()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollHeight - innerHeight")).toBe(0);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflow()).toBe(0);
    await page.setViewportSize({ width: 360, height: 640 });
    expect(await overflow()).toBe(0);
    const keys = await page.locator(".key").evaluateAll((all) => all.map((key) => key.clientWidth * 1000 + key.clientHeight));
    expect(new Set(keys).size).toBe(1);
  });

  const WIDE = { width: 1280, height: 800 };
  const NARROW = { width: 390, height: 844 };

  inBrowser.each([
    ["in its own colours, wide", { forcedColors: "none" }, WIDE],
    ["in its own colours, narrow", { forcedColors: "none" }, NARROW],
    ["in forced colours, dark on light", { forcedColors: "active", colorScheme: "light" }, WIDE],
    ["in forced colours, light on dark", { forcedColors: "active", colorScheme: "dark" }, NARROW],
  ] as const)("has no barrier that axe finds, %s, while it waits, asks, and has no power", async (_, media, size) => {
    await page.emulateMedia(media);
    await page.setViewportSize(size);
    await expect.poll(newestRow).toContain("stored");
    expect(await barriers()).toEqual([]);
    await untilDisplayChanges(() => hold("q"));
    await untilDisplayChanges(() => hold("i"));
    expect(await barriers()).toEqual([]);
    await page.keyboard.press("p");
    await page.locator("#switch-on").waitFor();
    expect(await barriers()).toEqual([]);
  });

  inBrowser("calls each badge what stands on it", async () => {
    const { nodes } = (await (await page.context().newCDPSession(page)).send("Accessibility.getFullAXTree")) as {
      nodes: { role?: { value: string }; name?: { value: string } }[];
    };
    const names = nodes.filter(({ role }) => role?.value === "button").map(({ name }) => name?.value);
    for (const name of ["clerk 王小明 1024 综合受理", "supervisor 陈敏 9001 首席代表", "unknown 未登记 ABCDEF a stranger's card"])
      expect(names).toContain(name);
  });
});
