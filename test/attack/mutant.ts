// A copy of the project from which protections are taken out, one after another, to see whether the attacker notices.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Edit } from "../compiled-program.js";

/** How an attack ended. */
export interface Attack {
  /** Empty where it died. */
  readonly outcomes: readonly { readonly case: string; readonly outcome: string }[];
  /** What it printed. */
  readonly words: string;
  /** What it printed on the stream for errors. */
  readonly complaints: string;
}

/** The edits whose piece of source does not stand once in its file. */
export function strayEdits(edits: readonly Edit[]): Edit[] {
  return edits.filter(({ file, from }) => readFileSync(file, "utf8").split(from).length !== 2);
}

export class Mutant {
  readonly folder = mkdtempSync(path.join(tmpdir(), "mutations-"));

  /** Copies the project. */
  copy(): void {
    for (const each of ["firmware", "hal", "sim", "test", "package.json", "tsconfig.json", "rollup.config.js"])
      cpSync(each, path.join(this.folder, each), { recursive: true });
    symlinkSync(path.resolve("node_modules"), path.join(this.folder, "node_modules"));
  }

  /**
   * Plays one case against the copy without a protection.
   * @param program of the attacker
   * @param env of the environment: what differs from this one's; undefined takes a variable away
   */
  attack(edits: readonly Edit[], program: string, name: string, env: Readonly<Record<string, string | undefined>>): Attack {
    for (const { file, from, to } of edits) {
      const mutant = path.join(this.folder, file);
      writeFileSync(
        mutant,
        readFileSync(mutant, "utf8").replace(from, () => to),
      );
    }
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, name], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      encoding: "utf8",
      timeout: 200_000,
    });
    for (const { file } of edits) cpSync(file, path.join(this.folder, file));
    const line = stdout.trim().split("\n").at(-1) ?? "";
    return { outcomes: line.startsWith("[") ? (JSON.parse(line) as Attack["outcomes"]) : [], words: stdout, complaints: stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
