// npm run bench prints every figure, or the reason why it is missing: `npm run test:all` lets it. The test does not compare figures with their budgets: the bench
// itself does.

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { isFailure, tableOf, verdictOf } from "../../sim/bench/figure.js";
import { countStatements } from "../../sim/bench/statements.js";
import { IS_DEEP } from "../depth.js";

interface PrintedFigure {
  readonly what: string;
  readonly unit: string;
  readonly measured?: number;
  readonly budget?: number;
  readonly verdict: string;
  readonly note?: string;
}

/** Figures by the interpreter that they were measured with. */
const measured = new Map<string | undefined, PrintedFigure[]>();

function quickBench(espruino: string | undefined): PrintedFigure[] {
  const figures = measured.get(espruino) ?? measureQuickly(espruino);
  measured.set(espruino, figures);
  return figures;
}

function measureQuickly(espruino: string | undefined): PrintedFigure[] {
  const { ESPRUINO: _, ...environment } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "sim/bench/cli.ts", "--json", "--quick"], {
    encoding: "utf8",
    env: espruino ? { ...environment, ESPRUINO: espruino } : environment,
  });
  expect(stderr).not.toContain("Error");
  return JSON.parse(stdout) as PrintedFigure[];
}

it.runIf(IS_DEEP)("has a number or a reason on every line, and every budget of the design", { timeout: 300_000 }, () => {
  const figures = quickBench(process.env.ESPRUINO);
  for (const figure of figures) {
    if (figure.measured === undefined) expect(figure.note, figure.what).toMatch(/\w/);
    else expect(figure.measured, figure.what).toBeGreaterThan(0);
    expect(figure.verdict === "not measured", figure.what).toBe(figure.measured === undefined);
  }
  const lines = figures.map(({ what, unit }) => `${what} (${unit})`).join("\n");
  for (const board of ["esp32", "espruino-wifi", "linux", "pico", "pico-w25q"]) expect(lines).toContain(`bundle of ${board} (bytes)`);
  expect(lines).toMatch(/variables in use on a Pico.* \(variables\)/);
  expect(lines).toMatch(/press to light \(statements\)/);
  expect(lines).toMatch(/press to first tone \(statements\)/);
  expect(lines).toMatch(/press to light.* \(instructions\)/);
  expect(lines).toMatch(/append of a session's record on a Pico, estimated \(ms\)/);
  expect(lines).toMatch(/redraw of a view on a Pico, estimated \(ms\)/);
  expect(lines).toMatch(/badge to name, estimated.* \(ms\)/);
  expect(lines).toMatch(/start, full ledger \(statements\)/);
  expect(lines).toMatch(/start on a Pico, estimated.* \(ms\)/);
  expect(lines).toMatch(/flash bytes a session \(bytes\)/);
  expect(lines).toMatch(/simulated counter-days .*\(days\/s\)/);
});

it.runIf(IS_DEEP)("says what is missing where there is no real interpreter", { timeout: 120_000 }, () => {
  const missing = quickBench(undefined).filter(({ verdict }) => verdict === "not measured");
  expect(missing.map(({ unit }) => unit)).toEqual(["variables", "instructions", "ms", "ms", "ms", "ms", "ms"]);
  for (const { note } of missing) expect(note).toContain("ESPRUINO");
});

it("counts every statement that is executed, however it is nested, and changes nothing", () => {
  const run = (code: string): { result: unknown; count: number } =>
    new Function(`${countStatements(code)}\nreturn { result: result, count: executedStatements };`)() as { result: unknown; count: number };
  expect(run("var result = 0;")).toEqual({ result: 0, count: 1 });
  expect(run("var result = 1; if (result) result = 2; else result = 3;")).toEqual({ result: 2, count: 3 });
  expect(run("var result = 0; for (var i = 0; i < 3; i++) result += i;")).toEqual({ result: 3, count: 5 });
  expect(run("function f(x) { switch (x) { case 1: return 2; } } var result = f(1);")).toEqual({ result: 2, count: 3 });
  expect(run("var result = 0;while(result<2)result++;if(result)result=9;")).toEqual({ result: 9, count: 6 });
});

it("fails for what is over its budget, and never for what depends on the machine", () => {
  const figure = { what: "size", unit: "bytes", measured: 11, budget: 10 };
  expect(verdictOf(figure)).toBe("over");
  expect(isFailure(figure)).toBe(true);
  expect(isFailure({ ...figure, isTimed: true })).toBe(false);
  expect(verdictOf({ ...figure, isLeast: true })).toBe("ok");
  expect(verdictOf({ ...figure, isLeast: true, measured: 9 })).toBe("under");
  expect(isFailure({ ...figure, measured: undefined })).toBe(false);
  expect(tableOf([figure])).toBe("size  11  ≤ 10  bytes  over");
});
