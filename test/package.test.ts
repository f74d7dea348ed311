// The package as npm makes it, in a folder where it was installed: its commands work, and nothing in it passes for a library.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IS_DEEP } from "./depth.js";

const NAME = "counter-terminal";

/** A project that has installed the package. */
let folder = "";
let installed = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "installed-"));
  const modules = path.join(folder, "node_modules");
  installed = path.join(modules, NAME);
  mkdirSync(installed, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "name": "hall", "version": "1.0.0", "type": "module" }\n');
  const words = ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", folder];
  const [packed] = JSON.parse(
    execFileSync("npm", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], shell: process.platform === "win32" }),
  ) as [{ filename: string }];
  // As npm unpacks it.
  execFileSync("tar", ["-xzf", path.join(folder, packed.filename), "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  // What the dependencies need themselves is found where the links lead.
  for (const each of Object.keys(dependencies)) {
    mkdirSync(path.dirname(path.join(modules, each)), { recursive: true });
    symlinkSync(path.resolve("node_modules", each), path.join(modules, each), "junction");
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in the project. */
function run(text: string, type: "module" | "commonjs"): string {
  const { status, stderr, stdout } = spawnSync(process.execPath, [`--input-type=${type}`, "--eval", text], { cwd: folder, encoding: "utf8" });
  expect(status, stdout).not.toBe(0);
  return stderr;
}

function commandLine(...words: readonly string[]): { readonly status: number | null; readonly words: string } {
  const program = path.join(installed, "firmware/tools/counter-terminal.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { cwd: folder, encoding: "utf8" });
  return { status, words: stdout + stderr };
}

describe("Nothing in the package can be imported", () => {
  const ENTRIES = ["", "/firmware/hall/receiver/receiver.ts", "/firmware/hall/cli.js", "/firmware/tools/counter-terminal.js", "/package.json"];

  it.each(ENTRIES)("by import, at %j", (entry) => {
    expect(run(`await import("${NAME}${entry}")`, "module")).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it.each(ENTRIES)("by require, at %j", (entry) => {
    expect(run(`require("${NAME}${entry}")`, "commonjs")).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  const RESOLUTIONS = { node16: ts.ModuleResolutionKind.Node16, bundler: ts.ModuleResolutionKind.Bundler };

  it.each(Object.entries(RESOLUTIONS))("by TypeScript, as %s finds modules", (_, moduleResolution) => {
    for (const entry of ENTRIES) {
      const options = { moduleResolution, resolveJsonModule: true, allowImportingTsExtensions: true };
      const { resolvedModule } = ts.resolveModuleName(`${NAME}${entry}`, path.join(folder, "a.ts"), options, ts.sys);
      expect(resolvedModule?.resolvedFileName, entry).toBe(undefined);
    }
  });

  it("by programs that know no exports: there is no entry and there are no types", () => {
    const { resolvedModule } = ts.resolveModuleName(NAME, path.join(folder, "a.ts"), { moduleResolution: ts.ModuleResolutionKind.Node10 }, ts.sys);
    expect(resolvedModule).toBe(undefined);
    const about = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8")) as Record<string, unknown>;
    expect(Object.keys(about).filter((field) => ["main", "module", "browser", "types", "typings", "typesVersions"].includes(field))).toEqual([]);
    expect(readdirSync(installed).filter((name) => name.startsWith("index."))).toEqual([]);
  });

  it("and the page about running a hall says so, in both languages", () => {
    const page = readFileSync(path.join(installed, "firmware/hall/RECEIVE.md"), "utf8");
    expect(page).toMatch(/The package\s+is a program, not a library: nothing in it can be imported/);
    expect(page).toContain("本软件包是程序，不是库，不能导入");
  });
});

describe("The commands of an installed package", () => {
  it("name its version", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(commandLine("--version")).toEqual({ status: 0, words: expect.stringContaining(version) });
  });

  it.each([["--help"], ["receive", "--help"], ["ledger", "--help"]])("have help: %s %s", (...words) => {
    expect(commandLine(...words)).toEqual({ status: 0, words: expect.stringContaining("Usage: counter-terminal") });
  });

  // To build it takes an installation as long as a dozen other commands.
  it.runIf(IS_DEEP)("make a site file, find nothing wrong with it, and build it", () => {
    expect(commandLine("init", "hall.yaml")).toMatchObject({ status: 0 });
    expect(commandLine("check", "hall.yaml")).toEqual({ status: 0, words: expect.stringContaining("nothing is wrong") });
    const built = commandLine("build", "--board", "linux", "--config", "hall.yaml");
    expect(built, built.words).toMatchObject({ status: 0 });
    expect(readdirSync(path.join(folder, "dist"))).toContain("linux");
  });
});
