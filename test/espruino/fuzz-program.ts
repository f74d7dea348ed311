// Runs the fuzz of fuzz-entry.ts on a real interpreter, from flash as on a board.

import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { board } from "../../firmware/boards/linux.js";
import { installScript } from "../../firmware/tools/build/install-script.js";
import { entryProgram } from "../../sim/espruino/entry-program.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";

const ENTRY = "test/espruino/fuzz-entry.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly batches: number;
  readonly inputs: number;
  readonly isVerbose?: boolean;
  /** Messages that come first, in a fresh terminal each. */
  readonly cases?: readonly string[];
}

export interface FuzzResult {
  /** Whether the program came to its end. */
  readonly isWhole: boolean;
  /** Each case and each batch that was begun. */
  readonly begun: readonly string[];
  /** The inputs that something went wrong with. */
  readonly problems: readonly { readonly problem: string; readonly input: string }[];
  /** The newest input, where each was written down. */
  readonly lastInput: string | undefined;
  /** The end of what the interpreter printed, and how it ended. */
  readonly output: string;
  readonly seconds: number;
}

/** The program in the flash of an interpreter. */
export class FuzzProgram {
  private constructor(
    private readonly binary: string,
    private readonly image: string,
  ) {}

  static async install(binary: string): Promise<FuzzProgram> {
    const code = await entryProgram(board.name, ENTRY);
    return new FuzzProgram(binary, installInto(temporaryFolder(), binary, installScript(board, {}, code)));
  }

  /** @param limitMs time after which it counts as hanging, and is killed */
  async run(options: FuzzOptions, limitMs: number): Promise<FuzzResult> {
    const folder = temporaryFolder();
    copyFileSync(this.image, path.join(folder, "espruino.flash"));
    writeFileSync(path.join(folder, "fuzz.json"), JSON.stringify({ isVerbose: false, cases: [], ...options }));
    const begin = performance.now();
    let output = "";
    const child: ChildProcess = spawn(this.binary, [], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    const timer = setTimeout(() => {
      output += "\nkilled: it took too long";
      child.kill("SIGKILL");
    }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("latin1").on("data", (text: string) => {
        output = (output + text.replace(/\s+/g, " ")).slice(-3000);
        // The program has ended, and the interpreter waits for somebody at its console.
        if (/Uncaught|Interrupted|the fuzz has ended/.test(output)) child.kill("SIGKILL");
      });
    }
    const end = await new Promise<string>((resolve) => {
      child.on("close", (code, signal) => resolve(signal ?? `code ${code}`));
    });
    clearTimeout(timer);
    const progress = path.join(folder, "progress");
    const lines = existsSync(progress) ? readFileSync(progress, "latin1").split("\n") : [];
    const inputs = lines.filter((line) => line.startsWith("input "));
    return {
      isWhole: lines.some((line) => line.startsWith("end ")),
      begun: lines.filter((line) => /^(case|batch) /.test(line)),
      problems: lines.filter((line) => line.startsWith("problem ")).map((line) => JSON.parse(line.slice(8))),
      lastInput: inputs.at(-1)?.slice(6),
      output: `${output}\nended by ${end}`,
      seconds: (performance.now() - begin) / 1000,
    };
  }
}
