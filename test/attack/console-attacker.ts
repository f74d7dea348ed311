// An attacker with a computer at the counter, written from firmware/lock/LOCK.md alone: whatever can be typed at the console of a terminal on a real interpreter, while it
// serves and while it starts. It imports nothing of the project.

import { setTimeout as sleep } from "node:timers/promises";

/** A terminal's console, as the port behind its case. */
export interface ConsoleOfTerminal {
  type(bytes: string): void;
  /** Everything that has come out of it. */
  printed(): string;
  restart(): Promise<void>;
  /** Whether its process runs. */
  isAlive(): boolean;
}

export interface ConsoleCase {
  readonly name: string;
  /** @returns what went wrong, or "" */
  run(terminal: ConsoleOfTerminal): Promise<string>;
}

/** Its result does not stand in its echo. */
const SUM = 'print("in"+6*7)';
const ANSWER_MS = 500;
const STARTING_MS = 3000;

/** What gets into an open console. */
const TYPED = [
  `\n${SUM}\n`,
  `\x03\x03\n${SUM}\n`,
  `\x10${SUM}\n`,
  `\x10\x01${String.fromCharCode(0x20, SUM.length)}${SUM}`,
  "\x05",
  "\x1b[A\n",
  `\nload()\n${SUM}\n`,
  `\nreset()\n${SUM}\n`,
  `\nE.setConsole("USB",{force:true})\n${SUM}\n`,
  `\nlock.open(600000)\n${SUM}\n`,
  `\n${"x".repeat(5000)}\n${SUM}\n`,
  `"\n);}]\n${SUM}\n`,
] as const;

function judged(terminal: ConsoleOfTerminal, typed: string): string {
  const printed = terminal.printed();
  if (/in42|Espruino \d+v\d+/.test(printed)) return `${JSON.stringify(typed.slice(0, 60))} gets in: ${printed.slice(-200)}`;
  return terminal.isAlive() ? "" : `${JSON.stringify(typed.slice(0, 60))} ends it`;
}

export const CONSOLE_CASES: readonly ConsoleCase[] = [
  {
    name: "everything that gets into an open console is typed at a closed one",
    async run(terminal) {
      for (const typed of TYPED) {
        terminal.type(typed);
        await sleep(ANSWER_MS);
        const problem = judged(terminal, typed);
        if (problem) return problem;
      }
      return "";
    },
  },
  {
    name: "somebody types at the console all the time while the terminal starts",
    async run(terminal) {
      await terminal.restart();
      for (let ms = 0; ms < STARTING_MS; ms += 20) {
        terminal.type(`\x03\n${SUM}\n`);
        await sleep(20);
      }
      await sleep(ANSWER_MS);
      return judged(terminal, SUM);
    },
  },
];
