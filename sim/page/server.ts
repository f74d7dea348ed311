// The simulated terminal for people: a web server that shows one terminal on its counter. The firmware runs here, in real time; the page shows
// and presses, nothing more. It also plays the host at the other end of the link, so that a record's whole way can be watched.

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { readConfig } from "../../firmware/config/config.js";
import { type LedgerRecord, readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import type { Person, Site } from "../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import { CLIPS } from "../../hal/espruino/sound/mp3.js";
import type { KeyName } from "../../hal/keys.js";
import type { Cue } from "../../hal/sound.js";
import { asReadBy, BADGE_TEXTS } from "../world/badges.js";
import { crc32 } from "../world/native.js";
import { SegmentPanel } from "../world/segments.js";
import { acknowledgementOf, Signer } from "../world/signer.js";
import type { LampName, World } from "../world/world.js";

/** How often the world is brought up to real time, in ms. */
const TICK_MS = 10;
/** Changes within so many ms go to the page together. */
const PUBLISH_MS = 33;
/** The host takes so long to store a record and acknowledge it: long enough to see it wait. */
const HOST_STORES_MS = 400;
/** A command without an answer for so long has none. */
const ANSWER_WAIT_MS = 2000;
const MAX_BODY_BYTES = 4096;
/** Records that the page shows. */
const SHOWN_RECORDS = 100;
/** Notes that the page hears of: more than a pattern has. */
const SHOWN_NOTES = 16;

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

// --- what the page says ---

const KEY_NAMES = ["key1", "key2", "key3", "key4", "key5", "invite", "pause"] as const satisfies readonly KeyName[];

const actionSchema = z.discriminatedUnion(
  "do",
  [
    /** A key's contact closes or opens. */
    z.strictObject({ do: z.literal("key"), key: z.enum(KEY_NAMES), isDown: z.boolean() }),
    /** A badge is held to the reader, which is of its kind. */
    z.strictObject({ do: z.literal("badge"), badge: z.string() }),
    /** The host asks for a rating. Whether the id is a good one, the terminal says. */
    z.strictObject({ do: z.literal("invite"), transaction: z.string().regex(/^[ -~]{1,40}$/, "must be 1 to 40 plain ASCII characters") }),
    /** The host sets the time; without `unix` to this computer's. */
    z.strictObject({ do: z.literal("setTime"), unix: z.number().int().min(0).max(4294967295).optional() }),
    z.strictObject({ do: z.literal("acknowledge"), isOn: z.boolean() }),
    z.strictObject({ do: z.literal("link"), isUp: z.boolean() }),
    z.strictObject({ do: z.literal("power"), isOn: z.boolean() }),
    /** Lets time pass at once. */
    z.strictObject({ do: z.literal("advance"), ms: z.number().int().min(1).max(3600000) }),
  ],
  { error: '"do" must be key, badge, invite, setTime, acknowledge, link, power or advance' },
);

/** Something that people, the host or the world do. */
export type Action = z.infer<typeof actionSchema>;

// --- what the page is shown ---

/** Where a record is: in the terminal alone, also with the host, or acknowledged, so that the terminal may forget it. */
export type RecordPlace = "waiting" | "received" | "acknowledged";

/** One record in human words. */
export interface RecordView {
  /** Names the record for ever: log and sequence number. */
  readonly id: string;
  readonly sequence: number;
  /** Wall time in seconds since 1970, or 0 where the terminal did not know it. */
  readonly wallSeconds: number;
  /** Time since the terminal started, in ms. */
  readonly uptimeMs: number;
  readonly chinese: string;
  readonly english: string;
  readonly detail: string;
  readonly place: RecordPlace;
}

/** Everything that the page shows. The first message of `/events` holds all of it, the following ones the parts that changed. */
export interface Snapshot {
  readonly terminal: {
    readonly counter: string;
    readonly device: string;
    readonly board: string;
    readonly engine: string;
    /** Key rings, the second light of the pause sign, and a voice module, where the board has them. */
    readonly hasRings: boolean;
    readonly hasSignLamp: boolean;
    readonly hasVoice: boolean;
    /** What the badge reader reads, in a few words. */
    readonly reads: string;
    /** The panel's size in pixels, and whether they are those of seven-segment digits. */
    readonly display: { readonly width: number; readonly height: number; readonly isSegments: boolean };
    /** Grade of each citizen key, from the left. */
    readonly grades: readonly number[];
    readonly people: readonly Person[];
    /** A badge that the roster does not know. */
    readonly unknownBadge: string;
  };
  readonly isPowered: boolean;
  /** Why the firmware stopped by itself, or "". */
  readonly problem: string;
  /** The panel's bytes as `Pixels` has them, in base64. */
  readonly display: string;
  readonly lamps: Readonly<Record<LampName, boolean>>;
  readonly keysDown: readonly KeyName[];
  /** The newest notes, in order; each lasts until the next. 0 Hz is silence. */
  readonly notes: readonly { readonly number: number; readonly atMs: number; readonly toneHz: number }[];
  /** The clip that a voice module began last: what it says, or in parentheses what it is. */
  readonly clip: { readonly number: number; readonly clip: number; readonly words: string; readonly volume: number };
  readonly isLinkUp: boolean;
  /** Lines that went over the link so far. */
  readonly lines: { readonly up: number; readonly down: number };
  readonly isAcknowledging: boolean;
  /** What came of the host's last command. */
  readonly hostSays: { readonly number: number; readonly isGood: boolean; readonly text: string };
  /** Seconds since the world began. */
  readonly seconds: number;
  /** Newest first. */
  readonly records: readonly RecordView[];
  readonly recordCount: number;
  readonly waitingCount: number;
}

/** What each reader reads, for the page. */
const READS: Readonly<Record<keyof typeof BADGE_TEXTS, string>> = { wiegand: "Wiegand", serial: "125 kHz", mfrc522: "13.56 MHz" };

/** What is recorded for each cue, as firmware/terminal/BEHAVIOUR.md lists it. */
const CLIP_WORDS: Readonly<Record<Cue, string>> = {
  welcome: "您好",
  invite: "请对我的服务做出评价",
  press: "(click)",
  thanks: "谢谢，您慢走",
  apology: "对不起，请稍候",
  signIn: "(sign-in)",
  signOut: "(sign-out)",
  refused: "(refused)",
};

// --- records, read from flash while they are written ---

/** A record, and the log that it belongs to. */
interface FlashRecord {
  readonly logId: number;
  readonly record: LedgerRecord;
}

interface RecordReader {
  /** All records that were ever seen, oldest first: also those whose page was erased since. */
  readonly records: readonly FlashRecord[];
  /** Up to which sequence number the log's own records say that the host has everything. */
  acknowledgedIn(logId: number): number;
  /** Reads what was written since the last call. */
  scan(): void;
}

/** Reads the ledger from outside. */
function createRecordReader(world: World): RecordReader {
  const records: FlashRecord[] = [];
  const seen = new Set<string>();
  const acknowledged = new Map<number, number>();
  let hasChanged = true;
  world.onTrace((line) => {
    if ("flash" in line) hasChanged = true;
  });

  return {
    records,
    acknowledgedIn: (logId) => acknowledged.get(logId) ?? 0,
    scan() {
      if (!hasChanged) return;
      hasChanged = false;
      const image = readFlashImage(world.flash.bytes, world.flash.geometry);
      const { logId } = image;
      if (logId === undefined) return;
      acknowledged.set(logId, Math.max(acknowledged.get(logId) ?? 0, image.acknowledged));
      for (const record of image.records) {
        const id = `${logId}:${record.sequence}`;
        if (!seen.has(id)) records.push({ logId, record });
        seen.add(id);
      }
    },
  };
}

const GRADES: readonly string[] = ["", "非常不满意", "不满意", "基本满意", "满意", "非常满意"];

/** Sessions that ended without a grade. */
const NO_GRADE = {
  timeout: ["未评价", "not rated: time-out"],
  cancelled: ["取消", "cancelled"],
  staffLeft: ["未评价", "not rated: staff left"],
} as const;

/** What a record says, in words. */
function wordsOf(record: LedgerRecord, people: readonly Person[]): { chinese: string; english: string; detail: string } {
  const say = (chinese: string, english: string, ...details: string[]): { chinese: string; english: string; detail: string } => {
    return { chinese, english, detail: details.filter((part) => part !== "").join(" · ") };
  };
  const who = (number: string): string => {
    const name = people.find((person) => person.number === number)?.name;
    return name ? `${number} ${name}` : number;
  };
  switch (record.type) {
    case "started":
      return say(
        "启动",
        "started",
        `firmware ${record.firmware}`,
        record.configuration ? `configuration ${record.configuration}` : "no configuration that holds",
      );
    case "signIn":
      return say("签到", "sign-in", who(record.staff));
    case "signOut":
      return say("签退", "sign-out", who(record.staff), record.relievedBy && `relieved by ${who(record.relievedBy)}`);
    case "session": {
      const matter = [who(record.staff), record.transaction];
      if (record.outcome === "pending") return say("评价中", "asked, outcome follows", ...matter);
      const [chinese, english] = record.outcome === "rated" ? [GRADES[record.grade] ?? "", `rated ${record.grade}`] : NO_GRADE[record.outcome];
      return say(chinese, english, ...matter, `after ${(record.elapsedMs / 1000).toFixed(1)} s`);
    }
    case "pauseBegan":
      return say("暂停", `pause began: ${record.reason}`, who(record.staff), record.approvedBy && `approved by ${who(record.approvedBy)}`);
    case "pauseEnded":
      return say("恢复", "pause ended", who(record.staff), `lasted ${record.seconds} s`);
    case "notInvited":
      return say("漏邀", "not invited", who(record.staff), record.transaction);
    case "reason":
      return say("原因", `reason ${record.code}`, who(record.staff), record.transaction);
    case "approved":
      return say("批准", `approved: ${record.what} ${record.reason}`, who(record.supervisor));
    case "notApproved":
      return say("未批准", `not approved: ${record.what} ${record.reason}`, who(record.staff));
    case "alert":
      return say("警报", `alert: ${record.alert}`, record.detail);
    case "card":
      return say("评议卡", `paper card ${record.grade}`, who(record.staff), record.transaction, `by ${who(record.supervisor)}`);
    case "voided":
      return say("作废", `record ${record.record} is void`, `by ${who(record.supervisor)}`, record.reason);
    case "selfTest":
      return say("自检", `self-test: ${record.result}`, `presses ${record.presses}`);
    case "state":
      return say("状态", "state", record.staff || "nobody on duty", record.pause && `pause: ${record.pause}`);
    case "totals":
      return say("统计", "totals", record.row);
    case "refused":
      return say("拒绝指令", `commands refused: ${record.error}`, `${record.count}`);
    case "switched":
      return say("更新", `new ${record.file}`, `generation ${record.generation}`);
    case "emergency":
      return say("紧急", record.textCrc ? "emergency text" : "emergency over");
    case "opened":
      return say("开始", "matter opened", who(record.staff), record.transaction);
    case "badgeRefused":
      return say("拒绝", "badge refused", record.badge, record.reason);
    case "faultBegan":
      return say("故障", "fault began", record.fault, record.detail);
    case "faultEnded":
      return say("排除", "fault ended", record.fault);
    case "timeSet":
      return say("对时", "time set", record.beforeSeconds ? `moved by ${record.afterSeconds - record.beforeSeconds} s` : "unknown before");
    case "unknown":
      return say("记录", `record of type ${record.typeNumber}`, JSON.stringify(record.values));
  }
}

// --- the host at the other end of the link ---

interface Host {
  isAcknowledging: boolean;
  readonly lines: { up: number; down: number };
  readonly says: Snapshot["hostSays"];
  /** A line of the terminal arrived. */
  hear(line: string): void;
  /** @param what for people, such as "invite A-1001" */
  command(message: object, what: string): void;
  /** When `pass` has something to do, or Infinity. */
  nextMs(): number;
  /** Does what is due. */
  pass(): void;
  placeOf(logId: number, sequence: number): RecordPlace;
}

function createHost(world: World): Host {
  const lines = { up: 0, down: 0 };
  /** Per log, what is stored without a gap, what lies beyond the gap, and what the terminal was told. */
  const logs = new Map<number, { stored: number; beyond: Set<number>; acknowledged: number }>();
  const replies: { atMs: number; logId: number }[] = [];
  const signer = new Signer();
  let says: Snapshot["hostSays"] = { number: 0, isGood: true, text: "" };
  let waiting: { id: number; what: string; untilMs: number } | undefined;
  let lastId = 0;

  function say(isGood: boolean, text: string): void {
    says = { number: says.number + 1, isGood, text };
  }

  function logOf(logId: number): { stored: number; beyond: Set<number>; acknowledged: number } {
    const log = logs.get(logId) ?? { stored: 0, beyond: new Set<number>(), acknowledged: 0 };
    logs.set(logId, log);
    return log;
  }

  function send(message: object): void {
    lines.down++;
    world.sendFromHost(encodeLine(message, crc32));
  }

  const host: Host = {
    isAcknowledging: true,
    lines,
    get says() {
      return says;
    },

    hear(line) {
      lines.up++;
      const message = decodeLine(line, crc32);
      if (!message) return;
      signer.hear(message);
      if (waiting && message.answer === waiting.id) {
        if (message.result === "ok") say(true, `${waiting.what}: ok`);
        else say(false, `${waiting.what}: ${String(message.error)} – ${String(message.hint)}`);
        waiting = undefined;
      }
      const logId = message.log;
      if (typeof logId !== "number") return;
      const log = logOf(logId);
      if (typeof message.acknowledged === "number" && message.acknowledged > log.stored) log.stored = message.acknowledged;
      // A hello has no number; it is answered all the same.
      if (typeof message.seq === "number" && message.seq > log.stored) log.beyond.add(message.seq);
      // An acknowledgement says "everything up to here", so a gap must be filled first.
      while (log.beyond.delete(log.stored + 1)) log.stored++;
      replies.push({ atMs: world.clock.nowMs + HOST_STORES_MS, logId });
    },

    command(message, what) {
      if (!world.isPowered || !world.isLinkUp) {
        say(false, `${what}: no answer, ${world.isPowered ? "the link is down" : "the terminal has no power"}`);
        return;
      }
      waiting = { id: ++lastId, what, untilMs: world.clock.nowMs + ANSWER_WAIT_MS };
      send(signer.message({ id: lastId, ...message }));
    },

    nextMs: () => Math.min(replies[0]?.atMs ?? Infinity, waiting?.untilMs ?? Infinity),

    pass() {
      const nowMs = world.clock.nowMs;
      while (replies[0] && replies[0].atMs <= nowMs) {
        const { logId } = replies.shift() as (typeof replies)[0];
        if (!host.isAcknowledging || !world.isPowered || !world.isLinkUp) continue;
        const log = logOf(logId);
        if (!log.stored) continue;
        log.acknowledged = log.stored;
        send(acknowledgementOf(logId, log.stored));
      }
      if (waiting && waiting.untilMs <= nowMs) {
        say(false, `${waiting.what}: no answer`);
        waiting = undefined;
      }
    },

    placeOf(logId, sequence) {
      const log = logs.get(logId);
      if (!log) return "waiting";
      if (sequence <= log.acknowledged) return "acknowledged";
      return sequence <= log.stored || log.beyond.has(sequence) ? "received" : "waiting";
    },
  };
  return host;
}

// --- the server ---

export interface ServerOptions {
  readonly world: World;
  readonly site: Site;
  /** 0: any free one. */
  readonly port: number;
  /** False: time passes by the action `advance` alone. Default true. */
  readonly realTime?: boolean;
  /** Name of the engine that runs the firmware, for the page. */
  readonly engineName?: string;
}

/** A request that is refused, with the status and the sentence that say why. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

/**
 * Serves the page of one world on this computer, and drives the world.
 * @returns its address, and how to end it
 * @throws when the port is taken (`EADDRINUSE`)
 */
export async function startServer(options: ServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { world, site } = options;
  const isRealTime = options.realTime ?? true;
  const host = createHost(world);
  const reader = createRecordReader(world);
  const streams = new Set<ServerResponse>();
  const notes: { number: number; atMs: number; toneHz: number }[] = [];
  let noteCount = 0;
  let clip: Snapshot["clip"] = { number: 0, clip: 0, words: "", volume: 0 };
  let problem = "";
  let isClosed = false;

  const kind = world.board.badgeReader.driver;
  const checked = readConfig(world.files.config?.toString("latin1"), crc32);
  const terminal: Snapshot["terminal"] = {
    counter: checked.config?.counter ?? "-",
    device: checked.config?.device ?? "unconfigured",
    board: world.board.name,
    engine: options.engineName ?? "node",
    hasRings: world.board.ringLamps !== undefined,
    hasSignLamp: world.board.signLamp !== undefined,
    hasVoice: world.board.sound.driver === "mp3",
    reads: READS[kind],
    display: { width: world.panel.width, height: world.panel.height, isSegments: world.panel instanceof SegmentPanel },
    grades: checked.config?.grades ?? [5, 4, 3, 2, 1],
    people: site.people,
    unknownBadge:
      ["W26:ABCDEF", "W26:FEDCBA", "W26:FFFFFF"]
        .map((badge) => asReadBy(kind, badge))
        .find((badge) => site.people.every((person) => person.badge !== badge)) ?? "",
  };

  world.onTrace((line) => {
    if (isClosed) return;
    if ("sent" in line) host.hear(line.sent);
    if ("clip" in line) clip = { number: clip.number + 1, clip: line.clip, words: CLIP_WORDS[CLIPS[line.clip - 1] as Cue], volume: line.volume };
    if ("toneHz" in line || ("power" in line && line.power === "off")) {
      notes.push({ number: ++noteCount, atMs: line.atMs, toneHz: "toneHz" in line ? line.toneHz : 0 });
      if (notes.length > SHOWN_NOTES) notes.shift();
    }
  });

  // --- time ---

  /** The world's clock minus this computer's. */
  let offsetMs = world.clock.nowMs - performance.now();

  function advanceTo(atMs: number): void {
    for (;;) {
      const nextMs = Math.min(world.clock.nextMs, host.nextMs());
      if (nextMs > atMs) break;
      world.advanceTo(Math.max(nextMs, world.clock.nowMs));
      host.pass();
    }
    world.advanceTo(atMs);
  }

  /** Does something in the world. Firmware that throws is shown as stopped, not as an error of this server. */
  function inWorld(happen: () => void): void {
    try {
      happen();
    } catch (error) {
      console.error(error);
      problem = error instanceof Error ? error.message : String(error);
      world.powerOff();
    }
  }

  function catchUp(): void {
    if (isRealTime) inWorld(() => advanceTo(Math.floor(performance.now() + offsetMs)));
  }

  // --- showing ---

  function snapshot(): Snapshot {
    reader.scan();
    const placed = reader.records.map(({ logId, record }) => {
      const isInFlash = record.sequence <= reader.acknowledgedIn(logId);
      return { logId, record, place: isInFlash ? ("acknowledged" as const) : host.placeOf(logId, record.sequence) };
    });
    return {
      terminal,
      isPowered: world.isPowered,
      problem,
      display: Buffer.from(world.panel.bytes).toString("base64"),
      lamps: world.lamps,
      keysDown: [...world.keysDown],
      notes,
      clip,
      isLinkUp: world.isLinkUp,
      lines: host.lines,
      isAcknowledging: host.isAcknowledging,
      hostSays: host.says,
      seconds: Math.floor(world.clock.nowMs / 1000),
      records: placed
        .slice(-SHOWN_RECORDS)
        .reverse()
        .map(({ logId, record, place }) => {
          const { sequence, wallSeconds = 0, uptimeMs } = record;
          return { id: `${logId}:${sequence}`, sequence, wallSeconds, uptimeMs, ...wordsOf(record, site.people), place };
        }),
      recordCount: placed.length,
      waitingCount: placed.filter(({ place }) => place !== "acknowledged").length,
    };
  }

  /** Each part of the snapshot as it was sent last. */
  const sent = new Map<string, string>();

  function publish(): void {
    const changed: string[] = [];
    for (const [name, value] of Object.entries(snapshot())) {
      const text = JSON.stringify(value);
      if (sent.get(name) === text) continue;
      sent.set(name, text);
      changed.push(`${JSON.stringify(name)}:${text}`);
    }
    if (changed.length) for (const stream of streams) stream.write(`data: {${changed.join(",")}}\n\n`);
  }

  function openStream(request: IncomingMessage, response: ServerResponse): void {
    publish();
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(`retry: 1000\ndata: {${[...sent].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}\n\n`);
    streams.add(response);
    request.on("close", () => {
      streams.delete(response);
      // Nobody is left to let go of a key.
      if (!streams.size) for (const key of [...world.keysDown]) inWorld(() => world.setKey(key, false));
    });
  }

  // --- doing ---

  function act(action: Action): void {
    switch (action.do) {
      case "key":
        return world.setKey(action.key, action.isDown);
      case "badge":
        return world.presentBadge(action.badge);
      case "invite":
        return host.command({ do: "invite", transaction: action.transaction }, `Invite ${action.transaction}`);
      case "setTime":
        return host.command({ do: "time", unix: action.unix ?? Math.floor(Date.now() / 1000) }, "Set the time");
      case "acknowledge":
        host.isAcknowledging = action.isOn;
        return;
      case "link":
        return world.setLink(action.isUp);
      case "power":
        problem = "";
        return action.isOn ? world.powerOn() : world.powerOff();
      case "advance":
        offsetMs += action.ms;
        return advanceTo(world.clock.nowMs + action.ms);
    }
  }

  let origins: readonly string[] = [];

  /** A name that somebody else made point here would let their page read this one. */
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

  async function readBody(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (length > 64 * MAX_BODY_BYTES) break;
    }
    if (length > MAX_BODY_BYTES) throw new Refusal(413, `An action has at most ${MAX_BODY_BYTES} bytes.`);
    return Buffer.concat(chunks).toString("utf8");
  }

  async function readAction(request: IncomingMessage): Promise<Action> {
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) throw new Refusal(415, "An action is sent as application/json.");
    const body = await readBody(request);
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      throw new Refusal(400, "The action is not JSON.");
    }
    const result = actionSchema.safeParse(json);
    if (result.success) {
      const { data } = result;
      if (data.do === "badge" && !BADGE_TEXTS[kind].pattern.test(data.badge)) throw new Refusal(400, `badge: must be ${BADGE_TEXTS[kind].words}`);
      return data;
    }
    const issue = result.error.issues[0];
    throw new Refusal(400, [issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkHost(request);
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = FILES[path];
    const method = path === "/act" ? "POST" : path === "/events" || file ? "GET" : undefined;
    if (!method) throw new Refusal(404, `There is no ${path} here.`);
    if (request.method !== method) throw new Refusal(405, `${path} takes ${method} only.`);
    if (!file) checkOrigin(request);
    if (file) {
      const bytes = await readFile(new URL(`./${file[0]}`, import.meta.url));
      response.writeHead(200, { ...HEADERS, "Content-Type": file[1] }).end(bytes);
    } else if (path === "/events") openStream(request, response);
    else {
      const action = await readAction(request);
      catchUp();
      inWorld(() => act(action));
      schedulePublish();
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

  let publishing: NodeJS.Timeout | undefined;
  let publishedMs = 0;
  function schedulePublish(): void {
    publishing ??= setTimeout(
      () => {
        publishing = undefined;
        publishedMs = performance.now();
        publish();
      },
      Math.max(0, publishedMs + PUBLISH_MS - performance.now()),
    );
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      isClosed = true;
      reject(error);
    });
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const port = (server.address() as AddressInfo).port;
  origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const ticking = isRealTime
    ? setInterval(() => {
        catchUp();
        if (streams.size) schedulePublish();
      }, TICK_MS)
    : undefined;

  return {
    url: `${origins[0]}/`,
    close() {
      isClosed = true;
      clearInterval(ticking);
      clearTimeout(publishing);
      for (const stream of streams) stream.end();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
