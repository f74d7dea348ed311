// The `linux` bundle on a real interpreter, over real sockets, at a real broker: every record arrives once, whoever is killed.

import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, expect, it } from "vitest";
import { Signer } from "../../sim/world/signer.js";
import { createMosquitto, type Mosquitto, whyNoBroker } from "./broker.js";
import { type BareTerminal, createBareTerminal, until } from "./linux-terminal.js";

const why = process.env.ESPRUINO ? whyNoBroker() : "set ESPRUINO=/path/to/espruino";
if (why) console.warn(`SKIPPED the real interpreter at a real broker: ${why}`);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The hall's host: stores what it does not have, and then acknowledges. */
class Host {
  readonly stored = new Map<number, string>();
  readonly problems: string[] = [];
  /** Results and errors, by the id of the command. */
  readonly answers = new Map<string, unknown>();
  readonly signer = new Signer();
  readonly statuses: string[] = [];
  hellos = 0;
  private readonly client: MqttClient;
  private contiguous = 0;

  constructor(broker: Mosquitto) {
    this.client = mqtt.connect(broker.host, { clientId: "host", clean: false, reconnectPeriod: 200 });
    this.client.on("connect", () => this.client.subscribe("counter-terminal/sim-08/#", { qos: 1 }));
    this.client.on("error", () => undefined);
    this.client.on("message", (topic, payload) => this.hear(topic.split("/")[2] as string, payload.toString()));
    closing.push(() => this.client.end(true));
  }

  say(message: object): void {
    this.client.publish("counter-terminal/sim-08/command", JSON.stringify(message));
  }

  private hear(kind: string, text: string): void {
    if (kind === "command") return;
    if (kind === "status") this.statuses.push(text);
    const message = JSON.parse(text) as Record<string, unknown>;
    if (kind === "hello") this.hellos++;
    if (kind === "hello") this.signer.hear(message);
    if (kind === "answer") this.answers.set(String(message.answer), message.result ?? message.error);
    if (kind === "record") {
      const sequence = message.seq as number;
      const before = this.stored.get(sequence);
      if (before !== undefined && before !== message.record) this.problems.push(`record ${sequence} is another one than before`);
      this.stored.set(sequence, message.record as string);
      while (this.stored.has(this.contiguous + 1)) this.contiguous++;
    }
    if (kind === "record" || (kind === "hello" && this.contiguous)) this.say(this.signer.acknowledgement(this.contiguous));
  }
}

async function createTerminal(host: string): Promise<BareTerminal> {
  const terminal = await createBareTerminal({ host, linkLostS: 10 });
  closing.push(() => terminal.kill());
  return terminal;
}

async function served(): Promise<{ broker: Mosquitto; terminal: BareTerminal; host: Host }> {
  const broker = await createMosquitto();
  await broker.start();
  closing.push(() => broker.kill());
  const host = new Host(broker);
  const terminal = await createTerminal(broker.host);
  terminal.powerOn();
  await until("the first record", () => host.stored.has(1), 20_000);
  return { broker, terminal, host };
}

const card = (transaction: string, id = transaction): Readonly<Record<string, unknown>> => ({
  id,
  do: "card",
  staff: "1024",
  transaction,
  grade: 5,
  by: "9001",
});

it.skipIf(why)("has every record at the host once, when broker and terminal are killed", { timeout: 240_000 }, async () => {
  const { broker, terminal, host } = await served();
  const promised: string[] = [];
  const put = async (name: string): Promise<void> => {
    const start = performance.now();
    let times = 0;
    const idNow = (): string => `${name}.${times}`;
    const isRecorded = (): boolean => /^(ok|finished)$/.test(String(host.answers.get(idNow())));
    let envelope: object | undefined;
    while (!isRecorded() && performance.now() - start < 60_000) {
      // It is repeated as it is, and signed anew, as another command, for a terminal that has started since.
      if (!envelope || host.answers.has(idNow())) {
        times++;
        envelope = host.signer.message(card(name, idNow()));
      }
      host.say(envelope);
      await sleep(500);
    }
    expect(host.answers.get(idNow()), name).toMatch(/^(ok|finished)$/);
    promised.push(name);
  };
  await put("c1");
  const newestStatus = (): Record<string, unknown> => (JSON.parse(host.statuses.at(-1) as string) as { status: Record<string, unknown> }).status;
  expect(newestStatus()).toMatchObject({ online: true, state: "unattended", faults: [], config: 1, flags: [], free: expect.any(Number) });
  console.info(`a status on the real interpreter: ${host.statuses.at(-1)}`);
  broker.kill();
  await sleep(500);
  await broker.start();
  await put("c2");
  terminal.kill();
  await until("the last will", () => host.statuses.includes('{"status":{"online":false}}'), 20_000);
  terminal.powerOn();
  await put("c3");
  expect(newestStatus()).toMatchObject({ online: true, state: "unattended" });
  host.say(host.signer.message(card("c4")));
  await sleep(20);
  broker.kill();
  terminal.kill();
  await sleep(300);
  terminal.powerOn();
  await broker.start();
  await put("c5");
  const newest = (): number => terminal.records().at(-1)?.sequence ?? 0;
  await until("everything at the host", () => host.stored.size >= newest(), 20_000);
  expect(host.problems).toEqual([]);
  expect([...host.stored.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: newest() }, (_, i) => i + 1));
  const cards = terminal.records().flatMap((record) => (record.type === "card" ? [record.transaction] : []));
  expect(new Set(cards).size, "no card is recorded twice").toBe(cards.length);
  for (const name of promised) expect(cards).toContain(name);
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY/);
});

it.skipIf(why)("records that a login was refused, with the broker's code", { timeout: 60_000 }, async () => {
  const broker = await createMosquitto();
  await broker.start();
  closing.push(() => broker.kill());
  const terminal = await createTerminal(broker.host.replace("secret", "wrong"));
  terminal.powerOn();
  const faults = (): unknown[] => terminal.records().flatMap((record) => (record.type === "faultBegan" ? [record] : []));
  await until("the fault", () => faults().length > 0, 20_000);
  expect(faults()).toEqual([expect.objectContaining({ fault: "link", detail: "login refused 5" })]);
});
