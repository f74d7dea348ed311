// Programs of the project in JavaScript, for tests that start many: to compile their TypeScript at each start takes a second of a processor.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** A piece of source that stands once in its file, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The programs that tests start, from the project's root. */
const PROGRAMS = { tool: "firmware/tools/cli.ts", receive: "firmware/hall/cli.ts", scenario: "sim/scenario/cli.ts" } as const;
export type ProgramName = keyof typeof PROGRAMS;
const FOLDER = path.resolve("dist/programs");

/** The file that Node is given to run a program. It is there as soon as the tests run. */
export function compiledProgram(name: ProgramName): string {
  return path.join(FOLDER, `${name}.mjs`);
}

/** Compiles all programs that tests start. */
export async function compilePrograms(): Promise<void> {
  await compile(PROGRAMS, FOLDER);
}

/**
 * Compiles programs. What they load only where it is needed stays apart.
 * @param entries their sources, by the names of their files in the folder
 * @param folder from which the project's packages are found
 */
export async function compile(entries: Readonly<Record<string, string>>, folder: string, edits: readonly Edit[] = []): Promise<void> {
  await build({
    entryPoints: entries,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
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
}

/** The source of a file, which still knows where it stands. */
function edited(file: string, edits: readonly Edit[]): string {
  const own = edits.filter((edit) => path.resolve(edit.file) === file);
  const source = own.reduce((text, { from, to }) => text.replace(from, () => to), readFileSync(file, "utf8"));
  return source.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(file)));
}
