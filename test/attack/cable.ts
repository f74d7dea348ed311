// A serial cable between terminals and a receiver, as far as programs notice: a pseudo-terminal. Whoever has it in his hands decides what becomes of each line.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { lineOf, type Terminal } from "./honest-terminal.js";

/** What comes out of the cable where a line went in. */
export type Fate = (line: string) => readonly string[];

const AS_IT_IS: Fate = (line) => [line];

/** One end of a pseudo-terminal. The other one is a file for a program that opens a serial port. */
export class CableEnd {
  private constructor(
    readonly file: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param onBytes hears what that program sends, as Latin-1 */
  static async open(onBytes: (bytes: string) => void): Promise<CableEnd> {
    const child = spawn("python3", [fileURLToPath(new URL("cable.py", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin?.on("error", () => undefined);
    child.stdout?.setEncoding("latin1");
    let begin = "";
    const file = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error("there is no pseudo-terminal")));
      child.stdout?.on("data", function first(data: string) {
        begin += data;
        if (!begin.includes("\n")) return;
        child.stdout?.off("data", first);
        child.stdout?.on("data", onBytes);
        resolve(begin.slice(0, begin.indexOf("\n")));
      });
    });
    return new CableEnd(file, child);
  }

  write(bytes: string): void {
    this.child.stdin?.write(bytes, "latin1");
  }

  close(): void {
    this.child.kill("SIGKILL");
  }
}

/** A cable with terminals at its one end: several, where somebody has split it. All of them hear what the receiver sends. */
export class Cable {
  /** What becomes of the terminals' lines, and of the receiver's. */
  up: Fate = AS_IT_IS;
  down: Fate = AS_IT_IS;
  /** Everything that went through, in order. */
  readonly sent: string[] = [];
  /** What no receiver may send. */
  readonly lies: string[] = [];
  private readonly terminals = new Set<Terminal>();
  private end: CableEnd | undefined;

  async open(): Promise<string> {
    let pending = "";
    this.end = await CableEnd.open((bytes) => {
      const lines = (pending + bytes).split("\n");
      pending = lines.pop() as string;
      for (const line of lines) this.pass(line);
    });
    return this.end.file;
  }

  plug(terminal: Terminal): void {
    this.terminals.add(terminal);
    terminal.plug((text) => {
      const line = lineOf(text);
      this.sent.push(line);
      for (const each of this.up(line)) this.insert(each);
    });
  }

  /** Bytes that the receiver hears. */
  insert(bytes: string): void {
    this.end?.write(bytes);
  }

  close(): void {
    this.end?.close();
  }

  private pass(line: string): void {
    const whole = textOf(line);
    if (whole === undefined) return void this.lies.push(`the receiver sends a line with a wrong CRC: ${line}`);
    if (![...this.terminals].some((terminal) => terminal.mayTake(whole))) this.lies.push(`nobody's key has signed ${whole}`);
    // A terminal drops what is no line.
    for (const each of this.down(line)) {
      const text = textOf(each);
      if (text !== undefined) for (const terminal of this.terminals) if (terminal.isPlugged && terminal.mayTake(text)) terminal.hear(text);
    }
  }
}

/** The text in a line; undefined: it is none. @param line without its end */
function textOf(line: string): string | undefined {
  const text = line.slice(0, -9);
  const digits = crc32(Buffer.from(text, "latin1")).toString(16).padStart(8, "0");
  return line.slice(-9) === `*${digits}` ? text : undefined;
}
