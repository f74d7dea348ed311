// Plays a life on a simulated terminal, over its keys, its badge reader and its link, and takes down what it states.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Board } from "../../firmware/boards/board.js";
import { sizeOf } from "../../firmware/display/layouts.js";
import { type LedgerRecord, readRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { parseSite, withReasons } from "../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import { CLIPS } from "../../hal/espruino/sound/mp3.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { contactEdges } from "../../sim/scenario/keys.js";
import { readScreen } from "../../sim/scenario/screen.js";
import { crc32 } from "../../sim/world/native.js";
import { Signer } from "../../sim/world/signer.js";
import { type TraceLine, World } from "../../sim/world/world.js";
// A display on SPI takes a whole picture at once, which makes for the fewest events in a simulated day.
import { board } from "../boards/ssd1306-spi.js";
import { BOTH_KEYS_MS, COUNTER, type Command, type Fact, type Happening, type Life, type Look, OUTCOMES } from "./life.js";

const SITE_PATH = fileURLToPath(new URL("../../sim/site.yaml", import.meta.url));
const SITE = parseSite(readFileSync(SITE_PATH, "utf8"), SITE_PATH);
/** A voice module says which cue it is: a buzzer has the same note for several. All lamps are fitted, so that opposite grades are compared by each. */
const BOARD: Board = {
  ...board,
  sound: { driver: "mp3", port: "Serial1", tx: "B6", rx: "B7" },
  ringLamps: { pin: "B12", litLevel: 1 },
  signLamp: { pin: "B13", litLevel: 1 },
};
/** Time until the host acknowledges a record, in ms. */
const STORE_MS = 20;

/** What was seen at a look. */
export interface Sight {
  readonly isPauseLit: boolean;
  /** Whether the text of the look is on the display. */
  readonly isShown: boolean;
}

/** What was found on pictures that were searched before: the same few views come again and again. */
const readings = new Map<string, boolean>();

function isOn(world: World, text: string): boolean {
  const key = `${text} ${Buffer.from(world.panel.bytes).toString("latin1")}`;
  let isShown = readings.get(key);
  if (isShown === undefined) {
    isShown = readScreen(world.panel).shows(text);
    readings.set(key, isShown);
  }
  return isShown;
}

export interface Account {
  readonly facts: readonly Fact[];
  /** One for each look. */
  readonly sights: readonly Sight[];
}

/**
 * Plays a life.
 * @param looks in order of time
 * @param onTrace is called with everything that can be seen, heard or measured
 */
export function play(life: Life, looks: readonly Look[], onTrace?: (line: TraceLine) => void): Account {
  const given = { version: 1, device: "sim-08", counter: COUNTER, language: "zh-CN", linkLostS: 3600, litMinutes: 1440, ...life.hall };
  const world = new World({
    board: BOARD,
    engine: nodeEngine,
    files: contentsOf(withReasons(given, SITE.reasons), SITE, sizeOf(board.display.driver)),
    isTraced: false,
    hasWatchdog: false,
  });
  if (onTrace) world.onTrace(onTrace);
  const playClip = world.playClip.bind(world);
  world.playClip = (clip, volume) => {
    playClip(clip, volume);
    const atMs = world.clock.nowMs;
    facts.push({ fromMs: atMs, atMs, what: `sound ${CLIPS[clip - 1]}`, fields: {} });
  };
  const startMs = Date.parse(`${life.date}T00:00:00+08:00`);
  const signer = new Signer();
  const facts: Fact[] = [];
  const sights: Sight[] = [];
  const records: LedgerRecord[] = [];
  const starts: number[] = [];
  let stored = 0;
  let isReplyDue = false;
  let lastId = 0;

  function send(message: object): void {
    world.sendFromHost(encodeLine(message, crc32));
  }

  /** The host acknowledges what it has, a moment later. */
  function reply(): void {
    if (isReplyDue) return;
    isReplyDue = true;
    world.clock.at(world.clock.nowMs + STORE_MS, () => {
      isReplyDue = false;
      send(signer.acknowledgement(stored));
    });
  }

  world.receiveLine = (line) => {
    const message = decodeLine(line, crc32);
    if (!message) throw new Error(`the terminal sent a line that is no message: ${line}`);
    signer.hear(message);
    const atMs = world.clock.nowMs;
    if (typeof message.record === "string" && message.seq === stored + 1) {
      stored++;
      records.push(readRecord(Buffer.from(message.record, "base64")));
    }
    if ("alert" in message)
      facts.push({ fromMs: atMs, atMs, what: "alert", fields: { alert: String(message.alert), detail: String(message.detail) } });
    if ("answer" in message) facts.push({ fromMs: atMs, atMs, what: "answer", fields: { result: String(message.result ?? message.error) } });
    if ("hello" in message || "seq" in message) reply();
  };

  function command(given: Command): void {
    const { text, ...rest } = given;
    const message = text === undefined ? rest : { ...rest, text64: Buffer.from(text).toString("base64") };
    send(signer.message({ id: ++lastId, ...message }));
  }

  function voided(seq: number): void {
    send(signer.message({ id: ++lastId, do: "void", seq, by: "9001", reason: "error" }));
  }

  function happen(happening: Happening): void {
    switch (happening.what) {
      case "power":
        isReplyDue = false;
        if (happening.isOn) starts.push(world.clock.nowMs);
        return happening.isOn ? world.powerOn() : world.powerOff();
      case "tap":
        return world.presentBadge(badgeOf(happening.who));
      case "key": {
        const { atMs, holdMs, bounceMs = 0 } = happening;
        for (const edge of [...contactEdges(happening.key, true, 0, bounceMs), ...contactEdges(happening.key, false, holdMs, bounceMs)]) {
          world.advanceTo(atMs + edge.atMs);
          world.setKey(edge.key, edge.isDown);
        }
        return;
      }
      case "both": {
        for (const key of happening.keys) world.setKey(key, true);
        world.advanceTo(happening.atMs + 120);
        for (const key of happening.keys) world.setKey(key, false);
        return;
      }
      case "clerkKeys": {
        const { atMs, first, gapMs } = happening;
        const second = first === "invite" ? "pause" : "invite";
        world.setKey(first, true);
        world.advanceTo(atMs + gapMs);
        world.setKey(second, true);
        world.advanceTo(atMs + gapMs + BOTH_KEYS_MS);
        world.setKey(first, false);
        return world.setKey(second, false);
      }
      case "void": {
        const place = records.findLastIndex(
          (record) =>
            OUTCOMES.includes(record.type) &&
            "transaction" in record &&
            record.transaction === happening.transaction &&
            !(record.type === "session" && record.outcome === "pending"),
        );
        return place < 0 ? undefined : voided(place + 1);
      }
      case "clock":
        return command({ do: "time", unix: (startMs + world.clock.nowMs) / 1000 });
      case "host":
        return command(happening.command);
    }
  }

  let next = 0;
  function lookUntil(atMs: number): void {
    for (let look = looks[next]; look && look.atMs < atMs; look = looks[++next]) {
      world.advanceTo(look.atMs);
      sights.push({ isPauseLit: world.lamps.pause, isShown: look.shows?.every((text) => isOn(world, text)) ?? true });
    }
  }
  for (const happening of life.happenings) {
    lookUntil(happening.atMs);
    world.advanceTo(happening.atMs);
    happen(happening);
  }
  lookUntil(Infinity);
  world.advanceTo(world.clock.nowMs + 1000);
  world.powerOff();
  return { facts: [...facts, ...factsOf(records, starts, startMs)], sights };
}

/** The facts in records. The records of each start follow its `started`. */
function factsOf(records: readonly LedgerRecord[], starts: readonly number[], startMs: number): Fact[] {
  const facts: Fact[] = [];
  let startedMs = 0;
  let count = 0;
  for (const record of records) {
    if (record.type === "started") startedMs = starts[count++] as number;
    const { sequence: _, uptimeMs, wallSeconds, backlog: __, mac: ___, type, ...fields } = record;
    const atMs = startedMs + uptimeMs;
    // A begun record that was interrupted says nothing that the next one does not say.
    if (type === "unknown" || (record.type === "session" && record.outcome === "pending")) continue;
    if (wallSeconds !== undefined && Math.abs(startMs / 1000 + atMs / 1000 - wallSeconds) > 1.1)
      throw new Error(`the record ${sequenceWords(record)} has a wrong wall time`);
    // Who was present is left out where it is the clerk of the record, and empty where it was nobody.
    // The number of a record says nothing to the oracle: what that record is about does.
    if (record.type === "attended" || record.type === "voided") {
      const about = records[record.record - 1] as LedgerRecord;
      const { transaction = "", grade = 0 } = about as { transaction?: string; grade?: number };
      const by = record.supervisor;
      facts.push({ fromMs: atMs, atMs, what: `record ${type}`, fields: { supervisor: by, about: about.type, transaction, grade } });
      continue;
    }
    const present = type === "notInvited" || type === "ended" || type === "referred" || type === "reason" ? { present: "-" } : {};
    facts.push({ fromMs: atMs, atMs, what: `record ${type}`, fields: { ...present, ...(fields as unknown as Fact["fields"]) } });
  }
  return facts;
}

function sequenceWords({ sequence, type }: LedgerRecord): string {
  return `${sequence} ${type}`;
}

function badgeOf(who: string): string {
  if (who === "stranger") return "W26:ABCDEF";
  const person = SITE.people.find(({ number }) => number === who);
  if (!person) throw new Error(`nobody on the roster has the number ${who}`);
  return person.badge;
}
