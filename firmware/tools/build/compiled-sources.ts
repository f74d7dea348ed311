// The firmware's TypeScript as JavaScript, for rollup. TypeScript reads and checks all of it at once, which takes seconds: a process does it once for all its
// bundles.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "rollup";
import type { Diagnostic, ParsedCommandLine, Program } from "typescript";

/** TypeScript as the one file that it is: imported, its nine megabytes would be read three times, which takes two seconds. */
const ts = createRequire(import.meta.url)("typescript") as typeof import("typescript");

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CONFIG = path.join(ROOT, "firmware/tsconfig.json");

interface Compiled {
  readonly program: Program;
  /** What TypeScript wrote, by path: scripts and their maps. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Errors and warnings, each with its file and line. */
  readonly complaints: readonly string[];
}

let last: Compiled | undefined;

/** The plugin that gives rollup the compiled sources. Each complaint of TypeScript is a warning of the build. */
export function compiledSources(): Plugin {
  let compiled: Compiled;
  return {
    name: "compiled sources",
    buildStart() {
      compiled = currentSources();
      for (const complaint of compiled.complaints) this.warn(complaint);
    },
    resolveId(id, importer) {
      if (!importer?.endsWith(".ts") || !id.startsWith(".")) return null;
      const file = path.resolve(path.dirname(importer), id.replace(/\.js$/, ".ts"));
      return existsSync(file) ? file : null;
    },
    load(id) {
      const script = id.replace(/\.ts$/, ".js");
      const code = compiled.outputs.get(script);
      if (code === undefined) return null;
      return { code: code.replace(/\/\/# sourceMappingURL=.*\s*$/, ""), map: compiled.outputs.get(`${script}.map`) ?? null };
    },
  };
}

/** The sources as they are now: compiled again when a file has changed since the last time. */
function currentSources(): Compiled {
  const onUnRecoverableConfigFileDiagnostic = (diagnostic: Diagnostic): void => {
    throw new Error(textOf([diagnostic])[0]);
  };
  const options = { noEmit: false, sourceMap: true, inlineSources: true };
  const config = ts.getParsedCommandLineOfConfigFile(CONFIG, options, { ...ts.sys, onUnRecoverableConfigFileDiagnostic }) as ParsedCommandLine;
  if (!last || hasChanged(last.program, config.fileNames)) last = compile(config, last?.program);
  return last;
}

function hasChanged(program: Program, files: readonly string[]): boolean {
  return (
    program.getRootFileNames().join() !== files.join() ||
    program.getSourceFiles().some(({ fileName, text }) => path.normalize(fileName).startsWith(ROOT) && readFileSync(fileName, "utf8") !== text)
  );
}

function compile({ fileNames, options, errors }: ParsedCommandLine, before: Program | undefined): Compiled {
  const program = ts.createProgram(fileNames, options, undefined, before, errors);
  const outputs = new Map<string, string>();
  const emitted = program.emit(undefined, (file, text) => outputs.set(path.normalize(file), text));
  return { program, outputs, complaints: textOf([...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics]) };
}

/** Each with its file and line. */
function textOf(diagnostics: readonly Diagnostic[]): string[] {
  const host = { getCurrentDirectory: () => ROOT, getCanonicalFileName: (file: string) => file, getNewLine: () => "\n" };
  return diagnostics.map((diagnostic) => ts.formatDiagnostic(diagnostic, host).trim());
}
