// The memory of a Pico that the firmware uses: variables of the real interpreter, after a start from flash and after many sessions.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { board as pico } from "../../firmware/boards/pico.js";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { createEspruinoEngine } from "../engines/espruino.js";
import { temporaryFolder } from "../espruino/install.js";
import { World } from "../world/world.js";
import { AcknowledgingHost, playSession, SESSION_MS, signIn } from "./day.js";
import type { Figure } from "./figure.js";

/** The number of variables of an interpreter. */
export function variablesOf(binary: string): number {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "count.js"), 'print("variables " + process.memory().total);\nquit();\n');
  const output = execFileSync("timeout", ["-s", "KILL", "20", binary, "count.js"], { cwd: folder, input: "", encoding: "latin1" });
  return Number(/variables (\d+)/.exec(output)?.[1] ?? 0);
}

/** The figures of memory. @param sessions number of sessions between the first figure and the last */
export function memoryFigures(binary: string, code: string, files: StoreFiles, sessions: number): readonly Figure[] {
  const total = variablesOf(binary);
  const warning = total === pico.variables ? `of ${total}` : `WRONG INTERPRETER: it has ${total} variables, a Pico has ${pico.variables}`;
  let preludeVariables = 0;
  const engine = createEspruinoEngine({
    binary,
    code,
    onReady: (memory) => {
      preludeVariables = memory.preludeVariables;
    },
  });
  const world = new World({ board: pico, engine, files, isTraced: false });
  const host = new AcknowledgingHost(world);
  world.powerOn();
  try {
    world.advanceTo(100);
    const inUse = (): number => engine.variablesInUse() - preludeVariables;
    const figure = (when: string, measured: number): Figure => ({
      what: `variables in use on a Pico, ${when}`,
      unit: "variables",
      measured,
      budget: BUDGETS.picoVariables,
      note: warning,
    });
    const ready = figure("ready", inUse());
    signIn(world, host);
    for (let i = 0; i < sessions; i++) {
      world.advanceTo(world.clock.nowMs + SESSION_MS);
      playSession(world, host, i);
    }
    host.requireRecords(sessions + 2);
    // The terminal becomes as idle as it was behind its start.
    world.advanceTo(world.clock.nowMs + SESSION_MS);
    return [ready, figure(`after ${sessions} sessions`, inUse())];
  } finally {
    world.powerOff();
  }
}
