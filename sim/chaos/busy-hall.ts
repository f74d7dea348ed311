// A hall of simulated terminals at one broker, and the receiver that stores what they record: a busy hour in compressed time. The terminals speak lines;
// here each has a client of npm `mqtt` in front of it, which puts their messages on the topics of PROTOCOL.md.

import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { board as pico } from "../../firmware/boards/pico.js";
import { createReceiver } from "../../firmware/hall/receiver/receiver.js";
import { listenMqtt, TOPIC_ROOT } from "../../firmware/hall/sources/mqtt-source.js";
import type { Archive, Store } from "../../firmware/hall/store/store.js";
import { readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { lineOf } from "../../firmware/tools/link/lines.js";
import { parseSite } from "../../firmware/tools/provision/site.js";
import type { KeyName } from "../../hal/keys.js";
import { nodeEngine } from "../engines/node.js";
import { contentsOf } from "../scenario/files.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import { World } from "../world/world.js";

/** The worlds go on by so much, then everything that is under way arrives. */
const STEP_MS = 10_000;
const HOUR_MS = 3_600_000;
/** A citizen every two minutes. */
const CITIZEN_MS = 120_000;
/** What is under way has to arrive within so long of real time. */
const ARRIVE_MS = 20_000;
const GRADE_KEYS: readonly KeyName[] = ["key5", "key4", "key3", "key2", "key1"];
const KINDS = ["hello", "status", "alert", "answer"] as const;

export interface BusyHall {
  readonly terminals: number;
  readonly records: number;
  readonly stored: number;
  readonly messages: number;
  readonly seconds: number;
  readonly memoryMB: number;
  /** What is not as it has to be. */
  readonly problems: readonly string[];
}

/** A terminal in a world of its own, with one clerk, whose link goes through a broker. */
export class HallTerminal {
  readonly world: World;
  readonly device: string;
  messages = 0;
  private newest = 0;
  private acknowledged = 0;
  private client: MqttClient | undefined;

  constructor(
    private readonly number: number,
    neighbours: readonly string[] = [],
  ) {
    this.device = `hall-${number}`;
    const clerk = `{ badge: "${badgeOf(number)}", number: "${2000 + number}", name: 王小明, post: 综合受理, role: clerk }`;
    const site = parseSite(`counters: [{}]\npeople: [${clerk}]\n`, "hall");
    const files = contentsOf({ version: 1, device: this.device, counter: `${number}`, neighbours }, site);
    this.world = new World({ board: pico, engine: nodeEngine, files, isTraced: false });
    this.world.onTrace((line) => {
      if ("sent" in line) this.publish(line.sent.slice(0, -9));
    });
  }

  async connect(url: string): Promise<void> {
    const client = await mqtt.connectAsync(url, { clientId: `counter-terminal-${this.device}`, clean: false, protocolVersion: 4 });
    this.client = client;
    client.on("message", (_, payload) => {
      const text = payload.toString("latin1");
      const { signed = "{}" } = JSON.parse(text) as { signed?: string };
      const message = JSON.parse(signed) as { do?: string; seq?: number };
      if (message.do === "acknowledge") this.acknowledged = Math.max(this.acknowledged, message.seq ?? 0);
      this.messages++;
      this.world.sendFromHost(lineOf(text).trimEnd());
    });
    await client.subscribeAsync(`${TOPIC_ROOT}/${this.device}/command`, { qos: 0 });
    this.world.powerOn();
    this.world.advanceTo(1);
  }

  private publish(text: string): void {
    const message = JSON.parse(text) as { seq?: number };
    this.newest = Math.max(this.newest, message.seq ?? 0);
    this.messages++;
    const kind = KINDS.find((each) => each in message) ?? "record";
    this.client?.publish(`${TOPIC_ROOT}/${this.device}/${kind}`, text, { qos: 1, retain: kind === "status" });
  }

  /** What people do in one step, and the time that it takes. */
  act(atMs: number, badge: string): void {
    const { world, number } = this;
    const sinceMs = (atMs + number * 1700) % CITIZEN_MS;
    if (atMs === STEP_MS) world.presentBadge(badge);
    if (sinceMs < STEP_MS) this.tap("invite");
    else if (sinceMs < 2 * STEP_MS) this.tap(GRADE_KEYS[(number + Math.floor(atMs / CITIZEN_MS)) % 5] as KeyName);
    world.advanceTo(atMs + STEP_MS);
  }

  tap(key: KeyName): void {
    const { world } = this;
    world.setKey(key, true);
    world.advanceTo(world.clock.nowMs + 150);
    world.setKey(key, false);
  }

  isSettled(): boolean {
    return this.acknowledged >= this.newest;
  }

  /** Records in its flash. */
  written(): number {
    return readFlashImage(this.world.flash.bytes, pico.flash, { key: SIMULATED_KEY }).records.length;
  }

  async end(): Promise<void> {
    await this.client?.endAsync(true);
  }
}

/** Badge of the clerk at a counter. */
export function badgeOf(number: number): string {
  return `W26:${(0x200000 + number).toString(16).toUpperCase()}`;
}

/** Lets a hall of terminals live through an hour. @param url of a broker that is running */
export async function runBusyHall(url: string, count: number, store: Store & Archive, hourMs = HOUR_MS): Promise<BusyHall> {
  const problems: string[] = [];
  // Drawing their glyphs takes a while: no connection may wait for it.
  const terminals = Array.from({ length: count }, (_, i) => new HallTerminal(i));
  const receiver = createReceiver({ store, keys: () => SIMULATED_KEY });
  const source = listenMqtt(
    { url, clientId: "busy-hall" },
    { hear: receiver.hear, end: receiver.end, say: (words) => void (words.endsWith(": connected") || problems.push(words)) },
  );
  // The subscription comes first: what was published before it is nobody's.
  await sleep(500);
  for (const terminal of terminals) await terminal.connect(url);
  const beginMs = performance.now();
  await arrive(terminals);
  for (let atMs = STEP_MS; atMs < hourMs; atMs += STEP_MS) {
    for (const [i, terminal] of terminals.entries()) terminal.act(atMs, badgeOf(i));
    if (!(await arrive(terminals))) problems.push(`at ${atMs / 1000} s not everything had been acknowledged after ${ARRIVE_MS / 1000} s`);
    if (problems.length > 0) break;
  }
  const seconds = (performance.now() - beginMs) / 1000;
  receiver.flush();
  const records = terminals.reduce((sum, terminal) => sum + terminal.written(), 0);
  const messages = terminals.reduce((sum, terminal) => sum + terminal.messages, 0);
  let stored = 0;
  for (const { proof, device, sequence } of store.records()) {
    stored++;
    if (proof !== "verified") problems.push(`record ${sequence} of ${device} is ${proof}`);
  }
  problems.push(...store.alarms().map(({ words }) => words));
  await Promise.all(terminals.map((terminal) => terminal.end()));
  receiver.close();
  await source.close();
  return { terminals: count, records, stored, messages, seconds, memoryMB: Math.round(process.memoryUsage().rss / 1e6), problems };
}

/** @returns whether everything that is under way has arrived */
async function arrive(terminals: readonly HallTerminal[]): Promise<boolean> {
  const endMs = performance.now() + ARRIVE_MS;
  while (!terminals.every((terminal) => terminal.isSettled())) {
    if (performance.now() > endMs) return false;
    await sleep(2);
  }
  return true;
}
