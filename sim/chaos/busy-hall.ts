// A hall of simulated terminals at one broker, with the receiver that stores their records: a busy hour in compressed time. The terminals send lines. A client
// of npm `mqtt` in front of each puts its messages on the topics of PROTOCOL.md.

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

/** Step of the worlds' time, in ms. Behind each step all messages arrive. */
const STEP_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Time from one citizen to the next, in ms. */
const CITIZEN_MS = 120_000;
/** Longest real time for messages to arrive, in ms. */
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
  /** The faults, as sentences. */
  readonly problems: readonly string[];
}

/** A terminal in a world of its own, with one clerk, and with a link through a broker. */
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

  /** An action of people, and the time that it takes. */
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

  /** The records in its flash. */
  written(): number {
    return readFlashImage(this.world.flash.bytes, pico.flash, { key: SIMULATED_KEY }).records.length;
  }

  async end(): Promise<void> {
    await this.client?.endAsync(true);
  }
}

/** The badge of the clerk at a counter. */
export function badgeOf(number: number): string {
  return `W26:${(0x200000 + number).toString(16).toUpperCase()}`;
}

/** Plays an hour in a hall of terminals. @param url of a running broker */
export async function runBusyHall(url: string, count: number, store: Store & Archive, hourMs = HOUR_MS): Promise<BusyHall> {
  const problems: string[] = [];
  // To draw their glyphs takes a while, and no connection may wait for it.
  const terminals = Array.from({ length: count }, (_, i) => new HallTerminal(i));
  const receiver = createReceiver({ store, keys: () => SIMULATED_KEY });
  const source = listenMqtt(
    { url, clientId: "busy-hall" },
    { hear: receiver.hear, end: receiver.end, say: (words) => void (words.endsWith(": connected") || problems.push(words)) },
  );
  // The subscription comes first: messages that were published before it are lost.
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

/** Waits for messages. @returns whether all have arrived */
async function arrive(terminals: readonly HallTerminal[]): Promise<boolean> {
  const endMs = performance.now() + ARRIVE_MS;
  while (!terminals.every((terminal) => terminal.isSettled())) {
    if (performance.now() > endMs) return false;
    await sleep(2);
  }
  return true;
}
