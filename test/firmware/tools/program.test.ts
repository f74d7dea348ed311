// How every command line ends when something fails: the same words for people, the same object for scripts, and a stack trace for faults of the program alone.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DisplayError } from "../../../firmware/display/layouts.js";
import { BuildError } from "../../../firmware/tools/build/build.js";
import { jsonOption, runProgram } from "../../../firmware/tools/program.js";
import { ERROR_CODES, EXIT, ToolError } from "../../../firmware/tools/tool-error.js";

const BROKEN = new ToolError("transferBroken", "The transfer broke off.", "The device is open.", "Check the cable.");

const argv = process.argv;
let told: string[];
let failed: string[];
beforeEach(() => {
  told = [];
  failed = [];
  const into = (lines: string[]) => (text: string | Uint8Array) => lines.push(String(text).trimEnd()) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(into(told));
  vi.spyOn(process.stderr, "write").mockImplementation(into(failed));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.argv = argv;
  process.exitCode = undefined;
});

/** Runs a program whose command `act` does something. @returns its exit code */
async function run(words: string, action: () => void = () => undefined): Promise<number> {
  process.argv = ["node", "program", ...words.split(" ")];
  const program = new Command("program");
  program.addCommand(new Command("act").requiredOption("--port <port>", "a port").addOption(jsonOption()).action(action));
  await runProgram(program);
  return Number(process.exitCode ?? 0);
}

function fail(error: unknown): () => void {
  return () => {
    throw error;
  };
}

describe("A command that fails", () => {
  it("tells people what happened, the state, and what to do", async () => {
    expect(await run("act --port x", fail(BROKEN))).toBe(EXIT.transfer);
    expect(failed).toEqual(["The transfer broke off.\n  State: The device is open.\n  To do: Check the cable."]);
    expect(told).toEqual([]);
  });

  it("tells scripts the same as one object", async () => {
    expect(await run("act --port x --json", fail(BROKEN))).toBe(EXIT.transfer);
    expect(failed).toEqual([]);
    expect(told.map((text) => JSON.parse(text) as unknown)).toEqual([
      { error: "The transfer broke off.", code: "transferBroken", state: "The device is open.", todo: "Check the cable.", exitCode: 4 },
    ]);
  });

  it.each([
    ["a missing option", "act", undefined, "usage"],
    ["an unknown option", "act --port x --colour red", undefined, "usage"],
    ["an unknown command", "fly", undefined, "usage"],
    ["no command", "--json", undefined, "usage"],
    ["a display without layouts", "act --port x", new DisplayError("display: 8x8"), "displayUnknown"],
    ["a board that does not build", "act --port x", new BuildError("no board"), "boardUnknown"],
    ["a file that is not there", "act --port x", Object.assign(new Error("no"), { code: "ENOENT", path: "x.yaml" }), "fileMissing"],
    ["a file of somebody else", "act --port x", Object.assign(new Error("no"), { code: "EACCES", path: "x.yaml" }), "fileForbidden"],
    ["too many open files", "act --port x", Object.assign(new Error("no"), { code: "EMFILE", path: "x.yaml" }), "fileForbidden"],
    ["a full disk", "act --port x", Object.assign(new Error("no"), { code: "ENOSPC" }), "diskFull"],
  ])("has a code, a state and an advice for %s", async (_, words, error, code) => {
    expect(await run(`${words} --json`.replace("--json --json", "--json"), error && fail(error))).toBe(EXIT.given);
    expect(JSON.parse(told.at(-1) as string)).toMatchObject({
      code,
      state: expect.stringMatching(/\.$/),
      todo: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  it("by a fault of the program itself ends with its stack trace", async () => {
    await expect(run("act --port x", fail(new TypeError("undefined is no function")))).rejects.toThrow(TypeError);
  });
});

it("Help is no failure", async () => {
  expect(await run("act --help")).toBe(0);
  expect([told.join().slice(0, 6), failed]).toEqual(["Usage:", []]);
});

describe("The errors of tools and hall", () => {
  /** Sources below a folder. The build's passes are no commands: build.ts turns what they complain of into a BuildError. */
  function sources(folder: string): string[] {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith(`build${path.sep}`))
      .map((file) => path.join(folder, file));
  }

  it("have one base", () => {
    const others = ["firmware/tools", "firmware/hall"].flatMap(sources).filter((file) => readFileSync(file, "utf8").includes("extends Error"));
    expect(others).toEqual([path.join("firmware/tools", "tool-error.ts")]);
  });

  it("use every code that there is", () => {
    const text = ["firmware/tools", "firmware/hall", "sim"].flatMap(sources).map((file) => readFileSync(file, "utf8"));
    const build = readFileSync("firmware/tools/build/build.ts", "utf8") + readFileSync("firmware/tools/build/install-script.ts", "utf8");
    const unused = Object.keys(ERROR_CODES).filter((code) => ![...text, build].some((source) => source.includes(`"${code}"`)));
    expect(unused).toEqual([]);
  });
});
