// Hostile brokers, and several clients at one.

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { begin, Hall, type HallCase, MOST_MB, pour } from "./attacked-hall.js";
import { Broker, publishPacket } from "./broker.js";
import { Terminal } from "./honest-terminal.js";

/** How long two clients get to throw each other out, in ms. */
const TEMPTED_MS = 5000;

/** Two halls at one broker. @param options of both @returns what went wrong, or "" */
async function inTwoHalls(hall: Hall, options: readonly string[], run: (broker: Broker, other: Hall) => Promise<string>): Promise<string> {
  const broker = new Broker();
  const all = ["--mqtt", `mqtt://127.0.0.1:${await broker.listen(hall)}`, ...options];
  const problem = await begin(hall, ...all);
  if (problem) return problem;
  const other = new Hall(hall.attacked);
  try {
    const trouble = await other.start(...all);
    if (trouble) return `it does not start: ${trouble}`;
    hall.inputs++;
    return (await run(broker, other)) || hall.served("behind it");
  } finally {
    await other.end();
  }
}

/** A hall whose terminals are served at one broker. @returns what went wrong, or "" */
async function atBroker(hall: Hall, run: (broker: Broker) => Promise<string>): Promise<string> {
  const broker = new Broker();
  const start = await hall.start("--mqtt", `mqtt://127.0.0.1:${await broker.listen(hall)}`);
  if (start) return `it does not start: ${start}`;
  for (const terminal of hall.terminals) broker.plug(terminal);
  return (await hall.served("before")) || run(broker);
}

export const BROKER_CASES: readonly HallCase[] = [
  {
    name: "a broker sends 250 MB, packets without an end, and names that it invents",
    async run(hall) {
      let logins = 0;
      const port = await hall.serve((socket) => {
        const turn = logins++;
        hall.inputs++;
        let pending = Buffer.alloc(0);
        socket.on("data", (data: Buffer) => {
          pending = Buffer.concat([pending, data]);
          // The packets of a receiver are shorter than 128 bytes.
          while (pending.length >= 2 && pending.length >= 2 + (pending[1] as number)) {
            const packet = pending.subarray(0, 2 + (pending[1] as number));
            pending = pending.subarray(packet.length);
            const kind = (packet[0] as number) >> 4;
            if (kind === 12) socket.write(Buffer.from([0xd0, 0]));
            if (kind === 1) socket.write(Buffer.from([0x20, 2, 0, 0]));
            if (kind !== 8) continue;
            socket.write(Buffer.from([0x90, 3, packet[2] as number, packet[3] as number, 1]));
            void harm(socket, turn);
          }
        });
      });
      const harm = async (socket: Socket, turn: number): Promise<void> => {
        if (turn % 3 === 1) return void socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]));
        if (turn % 3 === 2) return pour(socket, randomBytes(100_000), 20);
        for (let i = 0; i < 2000; i++) socket.write(publishPacket(`counter-terminal/x-${i}/hello`, "{}".padEnd(140)));
        const topic = "counter-terminal/honest-0/record";
        socket.write(Buffer.concat([Buffer.from([0x30, 0xa2, 0xe5, 0x9a, 0x77, 0, topic.length]), Buffer.from(topic)]));
        await pour(socket, Buffer.alloc(1_000_000, 0x41), 250);
        await sleep(500);
        socket.destroy();
      };
      const problem = await begin(hall, "--mqtt", `mqtt://127.0.0.1:${port}`);
      if (problem) return problem;
      const meanwhile = await hall.served("meanwhile");
      await hall.until("three logins", () => logins >= 3);
      await sleep(500);
      if (hall.memoryMB > MOST_MB) return `it takes ${Math.round(hall.memoryMB)} MB`;
      return meanwhile || hall.served("behind it");
    },
  },
  {
    name: "two receivers of two halls at one broker, and two with one client id",
    async run(hall) {
      const apart = await inTwoHalls(hall, [], async ({ logins }) => {
        await hall.until("two logins", () => logins.length >= 2);
        await sleep(TEMPTED_MS);
        return logins.length === 2 && new Set(logins).size === 2 ? "" : `their client ids are ${logins}`;
      });
      if (apart) return apart;
      await hall.stop();
      return inTwoHalls(hall, ["--mqtt-id", "hall"], async (_, other) => {
        const isTold = (each: Hall): boolean => /another client has the same client id, hall: a second receiver/.test(each.said);
        await hall.until("words about the client id", () => isTold(hall) || isTold(other));
        return "";
      });
    },
  },
  {
    name: "two addresses are given, and they lead to one broker",
    async run(hall) {
      const broker = new Broker();
      const ports = [await broker.listen(hall), await broker.listen(hall)];
      const start = await hall.start(...ports.flatMap((port) => ["--mqtt", `mqtt://127.0.0.1:${port}`]));
      if (start) return `it does not start: ${start}`;
      await hall.until("two logins", () => broker.logins.length >= 2);
      for (const terminal of hall.terminals) broker.plug(terminal);
      hall.inputs++;
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return meanwhile;
      await sleep(TEMPTED_MS);
      if (broker.logins.length > 2) return `they throw each other out: ${broker.logins}`;
      return /they are one broker, or a cluster of brokers/.test(hall.said) ? hall.served("behind it") : "nobody is told that they are one broker";
    },
  },
  {
    name: "the holder of one key uses the topics of another terminal",
    run: (hall) =>
      atBroker(hall, async (broker) => {
        const bad = hall.bring(new Terminal("bad", "3"));
        bad.write('"1024","T-1",0,5,1000');
        broker.plug(bad, "honest-0");
        hall.inputs++;
        await hall.until("words about it", () => /On the way of honest-0 .* somebody says to be bad: it was refused/.test(hall.said));
        return hall.served("meanwhile");
      }),
  },
  {
    name: "somebody reads every topic of a broker, and has staff numbers, grades and commands, and no key",
    run: (hall) =>
      atBroker(hall, async (broker) => {
        const card = { do: "card", staff: "1024", transaction: "T-9", grade: 2, by: "9001" };
        const { isDone, words } = await hall.command("send", "honest-0", JSON.stringify(card));
        if (!isDone) return `a command is not carried out: ${words}`;
        hall.inputs += broker.read.length;
        const all = broker.read.join("\n");
        const records = [...all.matchAll(/"record":"([^"]+)"/g)].map(([, text = ""]) => Buffer.from(text, "base64").toString("latin1"));
        // Without access rules and TLS this is what they read.
        if (!records.every((record) => record.includes('"1024","T-')) || !all.includes('\\"grade\\":2'))
          return "the attacker cannot read: this case would notice nothing";
        for (const { key } of hall.terminals)
          for (const pad of [0, 0x36, 0x5c]) {
            const bytes = Buffer.from(key.map((byte) => byte ^ pad));
            const forms = [
              bytes.toString("latin1"),
              bytes.toString("hex"),
              bytes.toString("hex").toUpperCase(),
              bytes.toString("base64").slice(0, -2),
            ];
            if (forms.some((form) => all.includes(form) || records.some((record) => record.includes(form)))) return "a key was sent";
          }
        return "";
      }),
  },
];
