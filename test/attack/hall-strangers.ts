// Strangers at a receiver's port, and the holder of one key.

import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import { begin, type HallCase, MOST_MB, pour } from "./attacked-hall.js";
import { lineOf, type Message, sealed, Terminal } from "./honest-terminal.js";

/** Alarms of a kind in the report, or how many there are in all. */
function alarmsIn(report: string): number {
  return Number(/^(\d+) alarms?:$/m.exec(report)?.[1] ?? 0);
}

/** A line that its sender's key does not fit. */
function forgedHello(device: string): string {
  const message = { hello: { device, counter: "9", firmware: "1", config: 1 }, log: 1, last: 0, acknowledged: 0, start: 1, signed: 0 };
  return lineOf(sealed(Buffer.alloc(32, 1), message));
}

/** A stranger is let go within so long, in ms. */
const LET_GO_MS = 45_000;
/** Most connections that RECEIVE.md promises to hold: of one address, and in all. */
const MOST_HERE = 64;
const MOST_IN_ALL = 512;

export const STRANGER_CASES: readonly HallCase[] = [
  {
    name: "hundreds of strangers connect from one address, a thousand from many, and stay silent",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const strangers: Socket[] = [];
      const open = (): Socket[] => strangers.filter((each) => !each.closed);
      for (let i = 0; i < 500; i++) strangers.push(await hall.stranger());
      await hall.until("most strangers of one address to be let go", () => open().length <= MOST_HERE, LET_GO_MS / 3);
      for (let i = 0; i < 1000; i++) strangers.push(await hall.stranger(`127.0.${1 + (i % 50)}.${1 + (i % 199)}`));
      const meanwhile = await hall.served("with the strangers");
      await hall.until("most strangers to be let go", () => open().length <= MOST_IN_ALL, LET_GO_MS / 3);
      const thrownOut = hall.terminals.filter(({ connections }) => connections > 1).length;
      return meanwhile || (thrownOut > 0 ? `${thrownOut} honest ones were thrown out for them` : "");
    },
  },
  {
    name: "a stranger connects and stays silent, and another one talks without end",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const strangers = [await hall.stranger(), await hall.stranger("127.0.1.2")];
      const talk = setInterval(() => strangers[1]?.write(forgedHello("talker")), 1000);
      try {
        await hall.until("the strangers to be let go", () => strangers.every(({ closed }) => closed), LET_GO_MS);
      } finally {
        clearInterval(talk);
      }
      return hall.served("behind it");
    },
  },
  {
    name: "strangers talk: noise, half lines, lines without an end, a hundred thousand short ones",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const endless = await hall.stranger();
      const noisy = await hall.stranger("127.0.1.2");
      const short = await hall.stranger("127.0.1.3");
      const wrong = await hall.stranger("127.0.1.4");
      const attack = Promise.all([
        pour(endless, Buffer.alloc(1_000_000, "a"), 250),
        pour(noisy, randomBytes(100_000), 100),
        pour(short, Buffer.from(lineOf("{}").repeat(1000)), 100),
        pour(wrong, Buffer.from('{"hello":{"device":"honest-0"*00000000\n["'.repeat(1000)), 50),
      ]);
      hall.inputs += 250_000;
      const meanwhile = await hall.served("meanwhile");
      await attack;
      if (hall.memoryMB > MOST_MB) return `it takes ${Math.round(hall.memoryMB)} MB`;
      return meanwhile || hall.served("behind it");
    },
  },
  {
    name: "five thousand invented names on one connection, and the names of honest ones without their keys",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const socket = await hall.stranger();
      for (let i = 0; i < 5000; i++) socket.write(forgedHello(`x-${i}`));
      for (let i = 0; i < 500; i++) socket.write(forgedHello(`honest-${i % 2}`));
      hall.inputs += 5500;
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return meanwhile;
      // Of what a stranger has said the last is an honest name.
      const isBelieved = (): boolean => /has begun a new log/.test(hall.said);
      await hall.until(
        "words about the last that a stranger said",
        () => isBelieved() || /in the name of honest-1 .*without the MAC/.test(hall.said),
      );
      if (isBelieved()) return "what a stranger said was believed";
      const alarms = alarmsIn((await hall.command("report")).words);
      return alarms > 0 && alarms < 250 ? "" : `${alarms} alarms`;
    },
  },
  {
    name: "a stranger repeats what honest terminals have sent, and spoils records of theirs",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const [honest] = hall.terminals as [Terminal, Terminal];
      const socket = await hall.stranger();
      let acknowledged = 0;
      socket.on("data", (data: Buffer) => {
        acknowledged += data.toString("latin1").split("acknowledge").length - 1;
      });
      for (let seq = 1; seq <= honest.records.length; seq++) {
        const record = honest.records[seq - 1] as Buffer;
        socket.write(lineOf(sealed(honest.key, { log: honest.log, seq, record: record.toString("base64") })));
        const other = Buffer.from(record);
        other.write("9", 30);
        socket.write(lineOf(sealed(Buffer.alloc(32, 9), { log: honest.log, seq, record: other.toString("base64") })));
        hall.inputs += 2;
      }
      const meanwhile = await hall.served("meanwhile");
      if (/differs from the stored one/.test(hall.said)) return "what a stranger had spoilt was believed";
      return meanwhile || (acknowledged > 0 ? "" : "what was sealed by the right key was not answered");
    },
  },
  {
    name: "the holder of one key sends records and messages that no database takes",
    async run(hall) {
      const bad = new Terminal("bad", "3");
      hall.giveKey("bad", bad.key.toString("hex"));
      const problem = await begin(hall);
      if (problem) return problem;
      for (const fields of [
        '"1024","T-1",0,4.5,1000',
        '"1024","T-1",0,5,1e308',
        '"1024","T-1",99999999999999999999,5,1',
        `{"a":1},[],null,true,${"9".repeat(60)}`,
        "",
        "}}]]\u0001\u001b[2J",
        `"${"x".repeat(200)}"`,
        '"1024",{"__proto__":1},0,5,1000',
      ])
        bad.write(fields);
      for (let type = 0; type < 256; type += 5) bad.write('"\\ud800","\\u0000",-1,5,1000', type);
      bad.connect(hall.port);
      const messages: Message[] = [
        bad.hello({ last: 4294967295, acknowledged: 4294967290 }, { counter: "x".repeat(300), firmware: { a: 1 }, neighbours: Array(20).fill("y") }),
        bad.hello({ start: -1, signed: 1e308, log: 4294967296 }),
        { status: { online: true, state: "open", clerk: "\u001b[2J", pause: [], faults: "x", config: -1, uptime: 1e308, free: null, flags: {} } },
        { alert: "badRating", detail: { toString: 1 } },
        { answer: "x", of: 7, result: [] },
        { log: bad.log, seq: 1.5, record: "!!!!" },
        { log: bad.log, seq: 4294967295, record: Buffer.alloc(256, 1).toString("base64") },
        { log: bad.log, seq: 1, lost: "yes" },
      ];
      for (const message of messages) bad.say(message);
      hall.inputs += messages.length + bad.records.length;
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return bad.end() ?? meanwhile;
      await hall.until("the bad one's own records", () => bad.acknowledged === bad.records.length).finally(() => bad.end());
      return "";
    },
  },
  {
    name: "a key file that cannot be read: a folder, half a key, noise, an empty file, and none",
    async run(hall) {
      const others = ["folder", "half", "noise", "empty", "none"].map((name, i) => new Terminal(name, `${i + 3}`));
      const [folder, half, noise, empty] = others as [Terminal, Terminal, Terminal, Terminal];
      mkdirSync(path.join(hall.keys, "folder.key"));
      hall.giveKey("half", half.key.toString("hex").slice(0, 31));
      hall.giveKey("noise", randomBytes(500).toString("latin1"));
      hall.giveKey("empty", "");
      const problem = await begin(hall);
      if (problem) return problem;
      for (const other of others) {
        other.write('"1024","T-1",0,5,1000');
        other.connect(hall.port);
        hall.inputs++;
      }
      const wrong = await hall.served("meanwhile");
      if (wrong) return wrong;
      const isTold = ({ device }: Terminal): boolean => new RegExp(`${device} +ALARM: .*${device}\\.key`).test(hall.said);
      await hall.until("an alarm for each", () => others.every(isTold));
      if (others.some(({ acknowledged }) => acknowledged > 0)) return "what nobody can prove was acknowledged";
      // The key of an honest one, which was read before, becomes unreadable.
      const [honest] = hall.terminals as [Terminal, Terminal];
      rmSync(path.join(hall.keys, "honest-0.key"));
      mkdirSync(path.join(hall.keys, "honest-0.key"));
      honest.greet();
      await hall.until("an alarm for it", () => /ALARM: .*honest-0\.key/.test(hall.said));
      const kept = await hall.served("with a key that was read before");
      if (kept) return kept;
      rmSync(path.join(hall.keys, "honest-0.key"), { recursive: true });
      hall.giveKey("honest-0", honest.key.toString("hex"));
      // Put right, each is served without a restart.
      rmSync(path.join(hall.keys, "folder.key"), { recursive: true });
      for (const { device, key } of others) hall.giveKey(device, key.toString("hex"));
      await hall
        .until("those whose keys were put right", () => [folder, half, noise, empty].every(({ acknowledged }) => acknowledged === 1))
        .finally(() => {
          for (const other of others) other.end();
        });
      return hall.served("behind it");
    },
  },
];
