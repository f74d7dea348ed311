// Receivers with or without their protections, compiled, in a folder of their own.

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compile, type Edit } from "../compiled-program.js";

/** A folder for programs, which find the project's packages from there. */
export class BuiltReceivers {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "receivers-"));
  private count = 0;

  constructor() {
    symlinkSync(path.resolve("node_modules"), path.join(this.folder, "node_modules"));
  }

  /** @param edits of its source @returns what Node is given to run it */
  async build(edits: readonly Edit[] = []): Promise<string[]> {
    const name = `receive-${this.count++}`;
    await compile({ [name]: "firmware/hall/cli.ts" }, this.folder, edits);
    return [path.join(this.folder, `${name}.mjs`)];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
