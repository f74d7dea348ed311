// Boards that are replaced, cloned or silent, as PROTOCOL.md has them: nothing is acknowledged that the hall does not have from that very board, and the hall is told.

import { setTimeout as sleep } from "node:timers/promises";
import { backUp, begin, fetchedBack, goOn, type Hall, type HallCase, restoreBackup } from "./attacked-hall.js";
import { Broker } from "./broker.js";
import type { Terminal } from "./honest-terminal.js";

/** How long the hall gets to do what it must not do, in ms. */
const TEMPTED_MS = 1500;
const GONE_S = 2;

/** How a board comes to the hall. */
type Way = (board: Terminal) => void;

function writeAll(board: Terminal, name: string, count: number): void {
  for (let n = 0; n < count; n++) board.write(`"1024","${name}-${n}",0,${1 + (n % 5)},1000`);
}

/** A board whose first records are others than those that the hall has of this log. @returns what went wrong, or "" */
export async function refused(hall: Hall, board: Terminal, connect: Way): Promise<string> {
  const { acknowledged } = board;
  const word = `T-other-${hall.others.length}`;
  writeAll(board, word, 3);
  connect(board);
  hall.inputs++;
  await sleep(TEMPTED_MS);
  // People are told once a day.
  const { words } = await hall.command("report");
  if (!/differs from the stored one/.test(words)) return `nobody is told of two boards: ${words}`;
  if (board.acknowledged > acknowledged) return `records up to ${board.acknowledged} of another board were acknowledged`;
  return hall.lie();
}

/** A board with a log of its own. @returns what went wrong, or "" */
async function taken(hall: Hall, board: Terminal, connect: Way): Promise<string> {
  writeAll(board, "T-new", 2);
  connect(board);
  hall.inputs++;
  await hall.until("the records of the new log", () => board.acknowledged === 2);
  if (!/has begun a new log/.test(hall.said)) return "nobody is told of the new log";
  return hall.lie();
}

/** One board after another comes under the name of the first honest terminal. @returns what went wrong, or "" */
export async function replaceBoards(hall: Hall, way: () => Way, options: readonly string[] = []): Promise<string> {
  const [honest] = hall.terminals as [Terminal, Terminal];
  honest.end();
  const fresh = hall.bring(honest.replaced());
  // Chips without randomness give the same names to their logs, and to their starts.
  const sameLog = hall.bring(honest.replaced({ log: honest.log }));
  const sameStart = hall.bring(honest.replaced({ log: honest.log, start: honest.start }));
  let wrong = await taken(hall, fresh, way());
  fresh.end();
  for (const board of [sameStart, sameLog]) {
    wrong ||= await refused(hall, board, way());
    board.end();
  }
  await hall.stop("SIGKILL");
  const problem = await hall.start(...options);
  if (problem) return `it does not start again: ${problem}`;
  wrong ||= await refused(hall, sameLog, way());
  sameLog.end();
  return wrong;
}

export const BOARD_CASES: readonly HallCase[] = [
  {
    name: "a board is replaced under its name and key, over TCP, while the receiver runs and before it starts",
    async run(hall) {
      const problem = (await begin(hall)) || (await replaceBoards(hall, () => (board) => board.connect(hall.port)));
      if (problem) return problem;
      hall.connectAll();
      return hall.served("behind it");
    },
  },
  {
    name: "a board is replaced under its name and key, on the same topic of a broker",
    async run(hall) {
      const broker = new Broker();
      const options = ["--mqtt", `mqtt://127.0.0.1:${await broker.listen(hall)}`];
      const start = await hall.start(...options);
      if (start) return `it does not start: ${start}`;
      for (const terminal of hall.terminals) broker.plug(terminal);
      const problem = (await hall.served("before")) || (await replaceBoards(hall, () => (board) => broker.plug(board), options));
      if (problem) return problem;
      for (const terminal of hall.terminals) broker.plug(terminal);
      return hall.served("behind it");
    },
  },
  {
    name: "two boards with one flash are alive, and go on with records of their own",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const [honest] = hall.terminals as [Terminal, Terminal];
      const clone = hall.bring(honest.cloned());
      clone.connect(hall.port);
      const meanwhile = await hall.served("meanwhile", 2);
      if (meanwhile) return meanwhile;
      const wrong = await refused(hall, clone, () => undefined);
      return wrong || hall.served("behind it");
    },
  },
  {
    name: "the receiver is killed again and again while it fetches records back into a restored database",
    async run(hall) {
      const backup = `${hall.folder}/backup.sqlite`;
      const problem = (await begin(hall)) || (await backUp(hall, backup)) || (await hall.served("long behind the backup", 20));
      if (problem) return problem;
      await hall.stop("SIGKILL");
      const wrong = await restoreBackup(hall, backup);
      if (wrong) return wrong;
      for (let turn = 0; turn < 3; turn++) {
        const trouble = await hall.start();
        if (trouble) return `it does not start again: ${trouble}`;
        // Each terminal is slow: a few records come, and then the power goes.
        for (const terminal of hall.terminals) terminal.mostResent = terminal.resent + 3;
        hall.connectAll();
        await hall.until("records that are asked for", () => hall.terminals.every(({ resent, mostResent }) => resent === mostResent));
        await hall.stop("SIGKILL");
        hall.inputs++;
      }
      for (const terminal of hall.terminals) terminal.mostResent = Number.POSITIVE_INFINITY;
      return (await goOn(hall)) || fetchedBack(hall);
    },
  },
  {
    name: "a terminal falls silent, and its connection stays",
    async run(hall) {
      const [one, two] = hall.terminals as [Terminal, Terminal];
      one.neighbours = [two.counter];
      for (const terminal of hall.terminals) terminal.isTalking = true;
      const problem = await begin(hall, "--gone", `${GONE_S}`);
      if (problem) return problem;
      const told = (): unknown => one.heard.filter((command) => command.do === "neighbour" && command.counter === two.counter).at(-1)?.state;
      const tell = (): void =>
        two.say({ status: { online: true, state: "open", clerk: "1024", pause: "", faults: [], config: 1, uptime: 1, free: 2000, flags: [] } });
      tell();
      await hall.until("the neighbour to be told that it is open", () => told() === "open");
      two.isMute = true;
      hall.inputs++;
      await hall.until("an alarm", () => /honest-1 \(counter 2\) is gone: it was last heard at \d{4}-/.test(hall.said));
      await hall.until("the neighbour to be told that it is closed", () => told() === "closed");
      if (!/honest-1.*GONE, last heard at \d{4}-/.test((await hall.command("report")).words)) return "the report does not say that it is gone";
      two.isMute = false;
      tell();
      await hall.until("words that it is heard again", () => /is heard again/.test(hall.said));
      await hall.until("the neighbour to be told that it is open again", () => told() === "open");
      const { words } = await hall.command("report");
      if (/GONE/.test(words) || !/honest-1 .*is gone.*over/s.test(words)) return `the report does not say that it is over: ${words}`;
      for (const terminal of hall.terminals) terminal.isTalking = false;
      return hall.served("behind it");
    },
  },
  {
    name: "one badge is on duty at two counters, as the owner and whoever has copied it",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const [one, two] = hall.terminals as [Terminal, Terminal];
      one.write('"1024","W26:1A2B3C",""', 2);
      const alone = await hall.served("with one of them");
      if (alone) return alone;
      if (/duty/.test((await hall.command("report")).words)) return "somebody is told of one badge at one counter";
      two.write('"1024","W26:1A2B3C",""', 2);
      hall.inputs++;
      const meanwhile = await hall.served("with both");
      if (meanwhile) return meanwhile;
      await hall.until("both terminals to be told", () => [one, two].every(({ heard }) => heard.some((command) => command.do === "duplicateBadge")));
      return /W26:1A2B3C/.test(hall.said) ? "" : "nobody is told of the badge";
    },
  },
];
