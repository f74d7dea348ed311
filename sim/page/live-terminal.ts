// One simulated terminal in real time, with its host: what the page shows of it, and what people do with it.

import { readConfig, Setting } from "../../firmware/config/config.js";
import type { Site } from "../../firmware/tools/provision/site.js";
import { CLIPS } from "../../hal/espruino/sound/mp3.js";
import type { Cue } from "../../hal/sound.js";
import { contactEdges, type KeyEdge } from "../scenario/keys.js";
import { asReadBy, flipBit, signalOf } from "../world/badges.js";
import { crc32 } from "../world/native.js";
import { SegmentPanel } from "../world/segments.js";
import type { World } from "../world/world.js";
import { type Action, type HostCommand, parseAction } from "./actions.js";
import { createHost } from "./host.js";
import { createRecordReader, type FlashRecord } from "./record-reader.js";
import { Refusal } from "./refusal.js";
import { firstSetup, type Setup } from "./setups.js";
import type { RecordPlace, RecordView, Snapshot, TerminalParts } from "./snapshot.js";
import { CLIP_WORDS, READS, wordsOf } from "./words.js";

/** How often the world is brought up to real time, in ms. */
const TICK_MS = 10;
/** Number of records on the page. */
const SHOWN_RECORDS = 100;
/** Number of notes that the page is told: more than a tune has. */
const SHOWN_NOTES = 16;
/** How long a worn contact bounces, in ms. */
const WORN_BOUNCE_MS = 30;
/** The bit of a noisy badge's signal that is wrong. */
const NOISY_BIT = 5;
const DAY_MS = 86_400_000;
/** Badges to choose the unknown one from. */
const UNKNOWN_BADGES = ["W26:ABCDEF", "W26:FEDCBA", "W26:BADBAD"];

export interface LiveTerminalOptions {
  readonly world: World;
  /** The hall whose people have badges. */
  readonly site: Site;
  /** False: time passes by the action `advance` alone. Default true. */
  readonly isRealTime?: boolean;
  /** Name of the engine that runs the firmware. Default `node`. */
  readonly engineName?: string;
  /** What it was made from. Default: as `npm start` begins. */
  readonly setup?: Setup;
  /** Boards to choose another terminal from. Default none. */
  readonly boards?: readonly string[];
}

export interface LiveTerminal {
  /** Everything that the page shows now. */
  snapshot(): Snapshot;
  /** Checks an action that the page asks for. @throws Refusal when there is no such action */
  parseAction(json: unknown): Action;
  /** Does something, now. */
  act(action: Action): void;
  /** Lets go of every key. */
  releaseKeys(): void;
  /** Lets time pass from now on. @param onTick is called each time when some of it has passed */
  start(onTick: () => void): void;
  /** Time passes no more, and the world is not watched any more. */
  stop(): void;
}

export function createLiveTerminal(options: LiveTerminalOptions): LiveTerminal {
  const { world, site, isRealTime = true } = options;
  const host = createHost(world);
  const reader = createRecordReader(world);
  const terminal = partsOf(options);
  const notes: { number: number; atMs: number; toneHz: number }[] = [];
  let noteCount = 0;
  let clip: Snapshot["clip"] = { number: 0, clip: 0, words: "", volume: 0 };
  let problem = "";
  let isStopped = false;
  let ticking: NodeJS.Timeout | undefined;
  /** Edges of the keys' contacts that are still to come, in their order. */
  let edges: KeyEdge[] = [];
  let areKeysWorn = false;
  /** The host's clock minus the world's. It begins with the time of this computer. */
  let hallOffsetMs = Date.now() - world.clock.nowMs;
  const utcOffsetMs = 60_000 * terminal.utcOffsetMinutes;
  /** The world's clock minus this computer's. */
  let offsetMs = world.clock.nowMs - performance.now();

  world.onTrace((line) => {
    if (isStopped) return;
    if ("sent" in line) host.hear(line.sent);
    if ("clip" in line) clip = { number: clip.number + 1, clip: line.clip, words: CLIP_WORDS[CLIPS[line.clip - 1] as Cue], volume: line.volume };
    if ("toneHz" in line || ("power" in line && line.power === "off")) {
      notes.push({ number: ++noteCount, atMs: line.atMs, toneHz: "toneHz" in line ? line.toneHz : 0 });
      if (notes.length > SHOWN_NOTES) notes.shift();
    }
  });

  function advanceTo(atMs: number): void {
    for (;;) {
      const nextMs = Math.min(world.clock.nextMs, host.nextMs(), edges[0]?.atMs ?? Infinity);
      if (nextMs > atMs) break;
      world.advanceTo(Math.max(nextMs, world.clock.nowMs));
      host.pass();
      moveContacts();
    }
    world.advanceTo(atMs);
  }

  function advanceBy(ms: number): void {
    offsetMs += ms;
    advanceTo(world.clock.nowMs + ms);
  }

  /** The contacts of keys close and open that are due. */
  function moveContacts(): void {
    for (let edge = edges[0]; edge && edge.atMs <= world.clock.nowMs; edge = edges[0]) {
      edges.shift();
      world.setKey(edge.key, edge.isDown);
    }
  }

  /** A badge's signal with one wrong bit. */
  function noisy(badge: string): string {
    const kind = world.board.badgeReader.driver;
    return flipBit(kind, signalOf(kind, badge), NOISY_BIT) as string;
  }

  function hallMs(): number {
    return hallOffsetMs + world.clock.nowMs;
  }

  /** Lets something happen in the world. An error of the firmware ends the firmware and not the server. */
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

  function carryOut(action: Action): void {
    switch (action.do) {
      case "key":
        edges.push(...contactEdges(action.key, action.isDown, world.clock.nowMs, areKeysWorn ? WORN_BOUNCE_MS : 0));
        edges.sort((a, b) => a.atMs - b.atMs);
        return;
      case "badge":
        return world.presentBadge(action.badge);
      case "noisyBadge":
        return world.presentBadge(noisy(action.badge));
      case "command":
        return host.command(messageOf(action.command), wordsOfCommand(action.command));
      case "setTime":
        if (action.unix !== undefined) hallOffsetMs = action.unix * 1000 - world.clock.nowMs;
        return host.command({ do: "time", unix: Math.floor(hallMs() / 1000) }, "Set the time");
      case "acknowledge":
        host.isAcknowledging = action.isOn;
        return;
      case "link":
        return world.setLink(action.isUp);
      case "power":
        problem = "";
        return action.isOn ? world.powerOn() : world.powerOff();
      case "advance":
        return advanceBy(action.ms);
      case "advanceTo": {
        const missingMs = action.minuteOfDay * 60_000 - ((hallMs() + utcOffsetMs) % DAY_MS);
        return advanceBy(missingMs > 0 ? missingMs : missingMs + DAY_MS);
      }
      case "display":
        world.isDisplayConnected = action.isConnected;
        return;
      case "wear":
        areKeysWorn = action.isWorn;
        return;
      case "setup":
        throw new Error("another terminal is the server's business");
    }
  }

  /** Who has a record. The log's own acknowledgements count too: the host does not know those of a life before. */
  function placeOf({ logId, record }: FlashRecord): RecordPlace {
    return record.sequence <= reader.acknowledgedIn(logId) ? "acknowledged" : host.placeOf(logId, record.sequence);
  }

  function viewOf(each: FlashRecord): RecordView {
    const { logId, record } = each;
    const { sequence, wallSeconds = 0, uptimeMs } = record;
    return { id: `${logId}:${sequence}`, sequence, wallSeconds, uptimeMs, ...wordsOf(record, site.people), place: placeOf(each) };
  }

  return {
    snapshot() {
      reader.scan();
      const { records } = reader;
      return {
        starting: "",
        terminal,
        isPowered: world.isPowered,
        problem,
        display: Buffer.from(world.panel.bytes).toString("base64"),
        lamps: world.lamps,
        keysDown: [...world.keysDown],
        notes,
        clip,
        isLinkUp: world.isLinkUp,
        isDisplayConnected: world.isDisplayConnected,
        areKeysWorn,
        hallMinutes: Math.floor((hallMs() + utcOffsetMs) / 60_000),
        lines: host.lines,
        isAcknowledging: host.isAcknowledging,
        hostSays: host.says,
        seconds: Math.floor(world.clock.nowMs / 1000),
        records: records.slice(-SHOWN_RECORDS).reverse().map(viewOf),
        recordCount: records.length,
        waitingCount: records.filter((each) => placeOf(each) !== "acknowledged").length,
      };
    },

    parseAction(json) {
      const action = parseAction(json, world.board.badgeReader.driver);
      if (action.do === "setup" && !terminal.boards.includes(action.board))
        throw new Refusal(400, `board: must be one of ${terminal.boards.join(", ")}`);
      return action;
    },

    act(action) {
      catchUp();
      inWorld(() => {
        carryOut(action);
        moveContacts();
      });
    },

    releaseKeys() {
      edges = [];
      for (const key of [...world.keysDown]) inWorld(() => world.setKey(key, false));
    },

    start(onTick) {
      if (!isRealTime) return;
      ticking = setInterval(() => {
        catchUp();
        onTick();
      }, TICK_MS);
    },

    stop() {
      isStopped = true;
      clearInterval(ticking);
    },
  };
}

/** A command as it goes to the terminal. */
function messageOf(command: HostCommand): object {
  return command.do === "emergency" ? { do: command.do, text64: Buffer.from(command.text).toString("base64") } : command;
}

/** A command in words, such as "Invite A-1001". */
function wordsOfCommand(command: HostCommand): string {
  const { do: name, ...fields } = command;
  const words =
    name === "emergency" && !command.text
      ? ["Emergency over"]
      : [`${name[0]?.toUpperCase()}${name.slice(1)}`, ...Object.entries(fields).map(([field, value]) => (value === true ? field : value))];
  return words.join(" ");
}

function partsOf({ world, site, engineName = "node", setup = firstSetup(world.board.name), boards = [] }: LiveTerminalOptions): TerminalParts {
  const { board, panel } = world;
  const { config } = readConfig(world.files.config?.toString("latin1"), crc32);
  const reader = board.badgeReader.driver;
  return {
    counter: config?.[Setting.Counter] ?? "-",
    device: config?.[Setting.Device] ?? "unconfigured",
    board: board.name,
    engine: engineName,
    hasRings: board.ringLamps !== undefined,
    hasSignLamp: board.signLamp !== undefined,
    hasVoice: board.sound.driver === "mp3",
    reads: READS[reader],
    display: { width: panel.width, height: panel.height, isSegments: panel instanceof SegmentPanel },
    grades: config?.[Setting.Grades] ?? [5, 4, 3, 2, 1],
    people: site.people,
    neighbours: config?.[Setting.Neighbours] ?? [],
    utcOffsetMinutes: config?.[Setting.UtcOffsetMinutes] ?? 0,
    setup,
    boards,
    unknownBadge: UNKNOWN_BADGES.map((badge) => asReadBy(reader, badge)).find((badge) => site.people.every((person) => person.badge !== badge)) ?? "",
  };
}
