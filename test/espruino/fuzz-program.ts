// Runs the programs of fuzz-entry.ts and fuzz-decoder-entry.ts on a real interpreter, from flash as on a board.

import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { board } from "../../firmware/boards/linux.js";
import { installScript } from "../../firmware/tools/build/install-script.js";
import { entryProgram } from "../../sim/espruino/entry-program.js";
import { installInto, temporaryFolder } from "../../sim/espruino/install.js";

export interface FuzzRun {
  /** What the program has written to the file `progress`. */
  readonly progress: string;
  /** The end of what the interpreter printed, and how it ended. */
  readonly output: string;
  readonly seconds: number;
}

/** A program for an interpreter. */
export class FuzzProgram {
  private constructor(
    private readonly binary: string,
    /** Words of the command line. */
    private readonly words: readonly string[],
    /** Copies the program into the folder in which it runs. */
    private readonly place: (folder: string) => void,
  ) {}

  /** A program that runs from flash, as the firmware does on a board. @param entry path of its source from the project's root */
  static async inFlash(binary: string, entry: string): Promise<FuzzProgram> {
    const image = installInto(temporaryFolder(), binary, installScript(board, {}, await entryProgram(board.name, entry)));
    return new FuzzProgram(binary, [], (folder) => copyFileSync(image, path.join(folder, "espruino.flash")));
  }

  /** A small program that runs from memory, because Linux opens the flash file for each piece of code that it reads. @param entry as above */
  static async inMemory(binary: string, entry: string): Promise<FuzzProgram> {
    const code = await entryProgram(board.name, entry);
    return new FuzzProgram(binary, ["program.js"], (folder) => writeFileSync(path.join(folder, "program.js"), code, "latin1"));
  }

  /**
   * @param file that the program reads
   * @param contents of that file, Latin-1
   * @param limitMs time after which it counts as hanging, and is killed
   */
  async run(file: string, contents: string, limitMs: number): Promise<FuzzRun> {
    const folder = temporaryFolder();
    this.place(folder);
    writeFileSync(path.join(folder, file), contents, "latin1");
    const begin = performance.now();
    let output = "";
    const child: ChildProcess = spawn(this.binary, this.words, { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
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
    return {
      progress: existsSync(progress) ? readFileSync(progress, "latin1") : "",
      output: `${output}\nended by ${end}`,
      seconds: (performance.now() - begin) / 1000,
    };
  }
}
