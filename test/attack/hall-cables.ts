// Somebody at the serial cable between a terminal and the receiver, and boards that are exchanged at its end.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Hall, type HallCase } from "./attacked-hall.js";
import { Cable, type Fate } from "./cable.js";
import { refused, replaceBoards } from "./hall-boards.js";
import { lineOf, type Message, sealed, Terminal } from "./honest-terminal.js";

/** A hall whose first terminal is at a cable, and whose second one at TCP. @returns what went wrong, or "" */
async function atCable(hall: Hall, run: (cable: Cable, options: readonly string[]) => Promise<string>): Promise<string> {
  const cable = new Cable();
  try {
    const options = ["--serial", await cable.open()];
    const trouble = await hall.start(...options);
    if (trouble) return `it does not start: ${trouble}`;
    plugAll(hall, cable);
    const wrong = (await hall.served("before")) || (await run(cable, options));
    if (wrong) return wrong;
    plugAll(hall, cable);
    return (await hall.served("behind it")) || (cable.lies[0] ?? "");
  } finally {
    cable.close();
  }
}

function plugAll(hall: Hall, cable: Cable): void {
  const [one, two] = hall.terminals as [Terminal, Terminal];
  cable.plug(one);
  two.connect(hall.port);
}

/** Every so many lines something else comes out. */
function eachOf(count: number, other: Fate): Fate {
  let lines = 0;
  return (line) => (++lines % count === 0 ? other(line) : [line]);
}

/** What somebody does to all lines of a cable. */
const FATES: Readonly<Record<string, Fate>> = {
  "each line comes twice": (line) => [line, line],
  "every third line is lost": eachOf(3, () => []),
  "every third line is cut": eachOf(3, (line) => [`${line.slice(0, line.length / 2)}\n`]),
  "every third line has lost its end": eachOf(3, (line) => [line.slice(0, -1)]),
  "every third line has another character": eachOf(3, (line) => [`${line.slice(0, 20)}~${line.slice(21)}`]),
  "noise stands before every third line": eachOf(3, (line) => [`${randomBytes(200).toString("latin1").replaceAll("\n", " ")}\n`, line]),
};

export const CABLE_CASES: readonly HallCase[] = [
  {
    name: "a board is replaced under its name and key, at the same cable, while the receiver runs and before it starts",
    run: (hall) => atCable(hall, (cable, options) => replaceBoards(hall, () => (board) => cable.plug(board), options)),
  },
  {
    name: "two boards with one flash are alive at one cable that somebody has split",
    run: (hall) =>
      atCable(hall, async (cable) => {
        const [honest] = hall.terminals as [Terminal, Terminal];
        const clone = hall.bring(honest.cloned());
        cable.plug(clone);
        const meanwhile = await hall.served("meanwhile", 2);
        if (meanwhile) return meanwhile;
        const wrong = await refused(hall, clone, () => undefined);
        clone.end();
        return wrong;
      }),
  },
  {
    name: "somebody at the cable doubles, cuts, loses and spoils lines in both directions",
    run: (hall) =>
      atCable(hall, async (cable) => {
        for (const [what, fate] of Object.entries(FATES)) {
          cable.up = fate;
          cable.down = (line) => fate(`${line}\n`).map((each) => each.replace(/\n$/, ""));
          hall.inputs++;
          const wrong = await hall.served(what);
          if (wrong) return wrong;
        }
        cable.up = (line) => [line];
        cable.down = (line) => [line];
        return "";
      }),
  },
  {
    name: "somebody at the cable repeats old lines, invents some, and pours out noise",
    run: (hall) =>
      atCable(hall, async (cable) => {
        const [honest] = hall.terminals as [Terminal, Terminal];
        const old = [...cable.sent];
        const inventions: Message[] = [
          honest.hello({ acknowledged: 0, last: 0 }),
          honest.hello({ acknowledged: 1000, last: 1000, start: 7 }),
          { log: honest.log, seq: honest.records.length + 1, lost: true },
          { log: honest.log, seq: honest.records.length + 1, record: randomBytes(64).toString("base64") },
          { status: { online: false } },
          { alert: "badRating", detail: "1024" },
        ];
        // As somebody seals them who has another key.
        const invented = inventions.flatMap((message) => [lineOf(JSON.stringify(message)), lineOf(sealed(randomBytes(32), message))]);
        const insertions: readonly (readonly string[])[] = [
          old,
          [...old].reverse(),
          invented,
          [randomBytes(100_000).toString("latin1"), "\n"],
          ["x".repeat(500_000), "\n"],
          Array.from({ length: 2000 }, () => "{}\n"),
        ];
        for (const lines of insertions) {
          for (const line of lines) cable.insert(line);
          hall.inputs += lines.length;
          const wrong = await hall.served("meanwhile");
          if (wrong) return wrong;
        }
        const { words } = await hall.command("report");
        if (/begun a new log|differs from the stored one/.test(words)) return `an invention was believed: ${words}`;
        return /in the name of honest-0 .* without the MAC of its key/.test(words) ? "" : `nobody is told of inventions: ${words}`;
      }),
  },
  {
    name: "the holder of one key sends at the cable of another terminal",
    run: (hall) =>
      atCable(hall, async (cable) => {
        const bad = hall.bring(new Terminal("bad", "3"));
        for (let i = 0; i < 3; i++) bad.write(`"1024","T-bad-${i}",0,5,1000`);
        bad.isTalking = true;
        cable.plug(bad);
        hall.inputs++;
        const meanwhile = await hall.served("meanwhile");
        if (meanwhile) return meanwhile;
        await hall.until("its own records", () => bad.acknowledged === bad.records.length);
        bad.end();
        return "";
      }),
  },
  {
    name: "a second receiver is started at the cable",
    run: (hall) =>
      atCable(hall, async (_, options) => {
        const other = new Hall(hall.attacked);
        try {
          const trouble = await other.start(...options);
          hall.inputs++;
          if (trouble) return `it does not start: ${trouble}`;
          await other.until("words about the port", () => /another program uses this port/.test(other.said));
          const meanwhile = await hall.served("meanwhile");
          if (meanwhile) return meanwhile;
          await sleep(3000);
          return hall.served("later");
        } finally {
          await other.end();
        }
      }),
  },
];
