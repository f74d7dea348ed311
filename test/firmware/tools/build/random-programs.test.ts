// Random programs do the same before and after the passes of the build: on Node, and on the real interpreter where one is at hand.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import vm from "node:vm";
import fc from "fast-check";
import { rollup } from "rollup";
import { expect, it } from "vitest";
import { type BundleForm, passes } from "../../../../firmware/tools/build/bundle.js";
import { programBytes } from "../../../../firmware/tools/build/tokens.js";
import { amount } from "../../../depth.js";
import { seedFrom } from "../../../seed.js";
import { randomProgram } from "./random-program.js";

/** Programs that are tried; PROGRAM_RUNS sets another number. */
const RUNS = amount(12, 200, "PROGRAM_RUNS");

const programs = fc.array(fc.nat(9999), { minLength: 150, maxLength: 1200, size: "max" }).map(randomProgram);

/** A program after all passes, as the build applies them. */
async function built(code: string, form: BundleForm): Promise<string> {
  const bundle = await rollup({
    input: "program",
    plugins: [{ name: "program", resolveId: (id) => id, load: () => code }, ...passes(form)],
    treeshake: false,
    onLog: () => undefined,
  });
  const { output } = await bundle.generate({ format: "es", strict: false });
  return output[0].code;
}

/** What a program tells on Node, a line each call; an error that it ends with is its last line. */
function toldOnNode(code: string): string[] {
  const lines: string[] = [];
  const tell = (a: unknown, b: unknown, c: unknown): number => lines.push(JSON.stringify([a ?? null, b ?? null, c ?? null]));
  try {
    vm.runInNewContext(code, { tell, ArrayBufferView: 0 }, { timeout: 5000 });
  } catch (error) {
    lines.push(`error: ${(error as Error).message}`);
  }
  return lines;
}

/** The same on the real interpreter. @param code the bytes of a program */
function toldOnInterpreter(binary: string, folder: string, code: Buffer): string[] {
  const tell = 'function tell(a,b,c){print("told:"+JSON.stringify([a===undefined?null:a,b===undefined?null:b,c===undefined?null:c]))}';
  const file = path.join(folder, "program.js");
  writeFileSync(file, Buffer.concat([Buffer.from(`${tell}\n`), code, Buffer.from("\nquit();\n")]));
  const output = execFileSync("timeout", ["-s", "KILL", "60", binary, file], { cwd: folder, input: "", encoding: "latin1" });
  return output.split("\n").flatMap((line) => (line.startsWith("told:") ? [line.slice(5).trim()] : /Uncaught/.test(line) ? [line] : []));
}

it("random programs tell something, and nothing that only Node understands", () => {
  const all = fc.sample(programs, { numRuns: 100, seed: seedFrom("PROGRAM_SEED") });
  const told = all.map(toldOnNode);
  expect(told.flat().filter((line) => line.startsWith("error"))).toEqual([]);
  expect(told.filter((lines) => lines.length > 3).length).toBeGreaterThan(50);
  // Each construct that a pass looks for is common enough.
  for (const [what, pattern] of Object.entries({ factory: /create\d+\(/, early: /\) return/, cold: /@cold/, loop: /for \(/, caught: /catch/ })) {
    expect(all.filter((code) => pattern.test(code)).length, what).toBeGreaterThan(5);
  }
});

it.each(["minified", "readable"] as const)("a %s program does what its source does, on Node", async (form) => {
  await fc.assert(
    fc.asyncProperty(programs, async (code) => {
      const after = await built(code, form);
      expect(toldOnNode(after), after).toEqual(toldOnNode(code));
    }),
    { numRuns: RUNS, seed: seedFrom("PROGRAM_SEED") },
  );
});

const binary = process.env.ESPRUINO;
it.skipIf(!binary)(
  `a minified program in tokens does what its source does, on the interpreter${binary ? "" : " (skipped: no ESPRUINO)"}`,
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "programs-"));
    try {
      await fc.assert(
        fc.asyncProperty(programs, async (code) => {
          const after = await built(code, "minified");
          const told = toldOnInterpreter(binary as string, folder, programBytes(after));
          expect(told, after).toEqual(toldOnInterpreter(binary as string, folder, Buffer.from(code)));
        }),
        { numRuns: RUNS, seed: seedFrom("PROGRAM_SEED") },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
