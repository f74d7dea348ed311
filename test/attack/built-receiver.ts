// The receiver as one file of JavaScript, which starts in a third of the time that its TypeScript takes, with or without its protections.

import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Edit } from "./mutant.js";

/** A folder for programs, which find the project's packages from there. */
export class BuiltReceivers {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "receivers-"));
  private count = 0;

  constructor() {
    symlinkSync(path.resolve("node_modules"), path.join(this.folder, "node_modules"));
  }

  /** @param edits of its source @returns what Node is given to run it */
  async build(edits: readonly Edit[] = []): Promise<string[]> {
    const outfile = path.join(this.folder, `receive-${this.count++}.mjs`);
    await build({
      entryPoints: ["firmware/hall/cli.ts"],
      outfile,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "error",
      plugins: [
        {
          name: "edits",
          setup(context) {
            context.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({ contents: edited(file, edits), loader: "ts" }));
          },
        },
      ],
    });
    return [outfile];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The source of a file, which still knows where it stands. */
function edited(file: string, edits: readonly Edit[]): string {
  const own = edits.filter((edit) => path.resolve(edit.file) === file);
  const source = own.reduce((text, { from, to }) => text.replace(from, () => to), readFileSync(file, "utf8"));
  return source.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(file)));
}
