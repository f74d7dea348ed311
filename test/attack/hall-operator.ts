// What reaches the people and programs of a hall: their screens, pipes, names and the control socket.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { begin, type Hall, type HallCase, MOST_MB } from "./attacked-hall.js";
import { type Message, Terminal } from "./honest-terminal.js";

/** What would steer a screen, or turn the order of what is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const STEERING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const STEERING_TEXTS = ["\u001b[2J", "\u001b]0;x\u0007", "\u009b31m", "\u202e", "\u0000", "\r"];
/** Names that no terminal may have. */
const BAD_NAMES = ["../evil", "a/b", "a.b", ".evil", "$(id)", "x".repeat(17), "", " a", "a:b", "\u001b[2J", "é"];

/** What some text on the control socket gets as its answer; undefined: the connection has ended without one. */
function ask(hall: Hall, text: string | Buffer): Promise<string | undefined> {
  hall.inputs++;
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(`${hall.database}-control`, () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer || undefined));
  });
}

export const OPERATOR_CASES: readonly HallCase[] = [
  {
    name: "the holder of one key writes escape sequences into every text",
    async run(hall) {
      const bad = hall.bring(new Terminal("bad", "3"));
      const problem = await begin(hall);
      if (problem) return problem;
      for (const text of STEERING_TEXTS) {
        for (let type = 1; type <= 28; type++) bad.write(`${`${JSON.stringify(text)},`.repeat(3)}1,2`, type);
        bad.write(`"${Buffer.from(text, "utf8").toString("latin1")}","1","2",1,2`);
        // The kinds whose columns are words, with one field that steers.
        bad.write(`"1024",${JSON.stringify(text)},0,5,1000`);
        bad.write(`"link",${JSON.stringify(text)}`, 8);
      }
      bad.connect(hall.port);
      for (const text of STEERING_TEXTS) {
        bad.say(bad.hello({}, { firmware: text, neighbours: [text] }));
        bad.say(bad.hello({}, { counter: text }));
        bad.say({ alert: "badRating", detail: text });
        bad.say({ alert: text, detail: "1024" });
        bad.say({ status: { online: true, state: "open", clerk: text, pause: text, faults: [text], config: 1, uptime: 1, free: 1, flags: [text] } });
        bad.say({ answer: text, of: text, error: text });
        bad.say({ [text]: text });
        hall.inputs += 6;
      }
      hall.inputs += bad.records.length;
      await hall.until("its records to be stored", () => bad.acknowledged === bad.records.length);
      const shown: Record<string, string> = { "receive listen": hall.said };
      for (const words of [["report"], ["export", "--format", "csv"], ["export", "--format", "jsonl"], ["clerks", "--month", "2026-03"]])
        shown[words.join(" ")] = (await hall.command(...words)).words.replace(/\r\n/g, "\n");
      for (const [what, text] of Object.entries(shown)) {
        const [found] = STEERING.exec(text) ?? [];
        if (found !== undefined) return `${what} prints ${JSON.stringify(text.slice(text.indexOf(found) - 100, text.indexOf(found) + 20))}`;
        if (!/bad/.test(text) && what !== "clerks --month 2026-03") return `${what} says nothing of it: ${text}`;
      }
      return hall.served("behind it");
    },
  },
  {
    name: "a terminal with a name that no terminal may have, and with its key in another folder",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const before = readdirSync(hall.folder).length;
      const bad = BAD_NAMES.map((name, i) => hall.bring(new Terminal(name, `${i + 3}`), false));
      writeFileSync(path.join(hall.folder, "evil.key"), (bad[0] as Terminal).key.toString("hex"), { mode: 0o600 });
      for (const terminal of bad) {
        if (/^[^/\0]+$/.test(terminal.device)) hall.giveKey(terminal.device, terminal.key.toString("hex"));
        terminal.write('"1024","T-1",0,5,1000');
        terminal.connect(hall.port);
        hall.inputs++;
        if (terminal.device) await ask(hall, `${JSON.stringify({ device: terminal.device, command: { do: "selfTest" } })}\n`);
      }
      const meanwhile = await hall.served("meanwhile");
      if (meanwhile) return meanwhile;
      if (!/is not as it should be: hello\.device/.test(hall.said)) return "nobody is told of such a name";
      const taken = bad.find(({ acknowledged }) => acknowledged > 0);
      if (taken) return `the name ${JSON.stringify(taken.device)} was taken`;
      // What it writes beside the database is of the same names as before.
      return readdirSync(hall.folder).length === before + 1 ? "" : `there are other files: ${readdirSync(hall.folder)}`;
    },
  },
  {
    name: "requests at the control socket that are none",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const requests = ["null", "{}", "[]", "0", '"x"', "true", "", "\u0000", "{", `${"[".repeat(60_000)}`, '{"__proto__":{"device":"honest-0"}}'];
      for (const device of [{}, [], null, 7, "honest-0\u0000", "../honest-0", { toString: "x" }])
        requests.push(JSON.stringify({ device, command: { do: "selfTest" } }));
      for (const command of [
        null,
        [],
        "selfTest",
        {},
        { do: {} },
        { do: "card", grade: { valueOf: 1 } },
        { do: "selfTest", more: "x".repeat(60_000) },
      ])
        requests.push(JSON.stringify({ device: "honest-0", command }));
      for (const request of requests) {
        const answer = await ask(hall, `${request}\n`);
        if (hall.ended !== undefined) return `${request.slice(0, 80)} has ended it`;
        if (!answer?.includes('"problem"')) return `${request.slice(0, 80)} gets the answer ${answer}`;
      }
      const noise = await ask(hall, Buffer.from([0xff, 0xfe, 0x80, 0x0a]));
      if (!noise?.includes('"problem"')) return `noise gets the answer ${noise}`;
      const endless = await ask(hall, Buffer.alloc(50_000_000, "a"));
      if (!endless?.includes('"problem"')) return `a request without an end gets the answer ${endless}`;
      if (hall.memoryMB > MOST_MB) return `it takes ${Math.round(hall.memoryMB)} MB`;
      const right = await ask(hall, '{"device":"honest-0","command":{"do":"selfTest"}}\n');
      return right?.includes('"result":"ok"') ? hall.served("behind it") : `a right command gets ${right}`;
    },
  },
  {
    name: "answers to other commands come under the ids that the hall uses",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const [honest] = hall.terminals as [Terminal, Terminal];
      honest.answersOthers = true;
      const answers: (string | undefined)[] = [];
      const asked = ask(hall, '{"device":"honest-0","command":{"do":"selfTest"}}\n').then((answer) => answers.push(answer));
      const commands = (): Message[] => honest.heard.filter((command) => command.do === "selfTest");
      await hall.until("the command to be repeated", () => commands().length >= 3);
      if (answers.length > 0) return `an answer to another command was taken: ${answers}`;
      honest.answersOthers = false;
      await asked;
      if (!answers[0]?.includes('"result":"ok"')) return `the right answer was not taken: ${answers}`;
      for (let i = 0; i < 20; i++) await ask(hall, '{"device":"honest-0","command":{"do":"selfTest"}}\n');
      const ids = new Set(commands().map(({ id }) => id as string));
      const common = [...ids].filter((id) => id.length < 12 || [...ids].some((other) => other !== id && other.slice(0, 8) === id.slice(0, 8)));
      return ids.size < 21 || common.length > 0 ? `ids can be guessed: ${[...ids]}` : hall.served("behind it");
    },
  },
  {
    name: "whoever reads its output goes away",
    async run(hall) {
      const problem = (await begin(hall)) || (await hall.served("more", 200));
      if (problem) return problem;
      for (const format of ["csv", "jsonl"]) {
        const words = [process.execPath, ...hall.attacked.program, "export", "--format", format, "--database", hall.database];
        const { stderr } = spawnSync("sh", ["-c", '"$@" | head -c 10', "sh", ...words], { encoding: "utf8" });
        hall.inputs++;
        if (stderr) return `export complains: ${stderr}`;
      }
      return "";
    },
  },
  {
    name: "the key file of a terminal is taken away",
    async run(hall) {
      const stolen = hall.bring(new Terminal("stolen", "3"));
      stolen.write('"1024","T-1",0,5,1000');
      const problem = await begin(hall);
      if (problem) return problem;
      stolen.connect(hall.port);
      await hall.until("its record to be stored", () => stolen.acknowledged === 1);
      const file = path.join(hall.keys, "stolen.key");
      rmSync(file);
      stolen.write('"1024","T-2",0,5,1000');
      stolen.connect(hall.port);
      hall.inputs++;
      await hall.until("words that it is unknown", () => /stolen is unknown: there is no key file/.test(hall.said));
      const meanwhile = await hall.served("meanwhile");
      if (existsSync(file)) return "the receiver has made a key file";
      return meanwhile || (stolen.acknowledged > 1 ? "it is still believed" : "");
    },
  },
];
