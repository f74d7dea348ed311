// Plays a scenario on an engine, in a new world, and lists the failed expectations.

import { SiteError } from "../../firmware/tools/provision/site.js";
import { MissingGlyphError } from "../../firmware/tools/provision/text-drawing.js";
import { costsOf } from "../world/costs.js";
import { ForgetError, forget } from "../world/forget.js";
import { TamperError, tamper } from "../world/tamper.js";
import { type Engine, type TraceLine, World } from "../world/world.js";
import { createExpecter } from "./expect.js";
import { replacementOf, storeOf } from "./files.js";
import { createScenarioHost } from "./host.js";
import type { Action, Scenario } from "./scenario.js";

export interface ScenarioRun {
  /** Each is `file:line: what was expected and what was there`. An empty list: the scenario holds. */
  readonly failures: readonly string[];
  readonly trace: readonly TraceLine[];
}

/** The failures of a scenario in which the tool should refuse to provision the terminal. No firmware runs. */
function refusalFailures(scenario: Scenario, wanted: NonNullable<Scenario["refused"]>): string[] {
  let refusal: string | undefined;
  try {
    storeOf(scenario);
  } catch (error) {
    if (!(error instanceof SiteError) && !(error instanceof MissingGlyphError)) throw error;
    refusal = error.message;
  }
  return wanted.flatMap(({ line, text }) => {
    const at = `${scenario.fileName}:${line}: refused:`;
    if (refusal === undefined) return [`${at} "${text}" should be refused, and the terminal was provisioned`];
    return refusal.includes(text) ? [] : [`${at} "${text}" should be in the refusal, which says\n${refusal}`];
  });
}

/** Something happens to the clock chip. The power cut that is planned comes while the firmware sends to it. */
function changeClock(world: World, change: Extract<Action, { kind: "clock" }>["change"]): void {
  const { clockChip } = world;
  if (typeof change === "string") world.isClockConnected = change === "connect";
  else if (!clockChip) throw new Error("the board has no clock chip");
  else if (change.cut !== undefined) clockChip.cutAfterBytes = change.cut;
  else if (change.battery) clockChip.hasBattery = change.battery === "full";
  else clockChip.shift(((change.ahead ?? 0) - (change.behind ?? 0)) / 1000);
}

/**
 * Plays a scenario to its end. The world's time begins at 0.
 * @param seed of costs that are drawn at random
 */
export function runScenario(scenario: Scenario, engine: Engine, seed = 0): ScenarioRun {
  if (scenario.refused) return { failures: refusalFailures(scenario, scenario.refused), trace: [] };
  const world = new World({
    board: scenario.board,
    engine,
    files: storeOf(scenario),
    costs: scenario.cost && costsOf(scenario.cost, scenario.board, seed),
  });
  const failures: string[] = [];
  const host = createScenarioHost(world, scenario.startMs, (replacement) => replacementOf(scenario, replacement));
  const expecter = createExpecter(world, host);
  /** Line of a power cut that is planned and has not happened. */
  let cutLine: number | undefined;
  let isTampered = false;

  const fail = (line: number, message: string): void => {
    failures.push(`${scenario.fileName}:${line}: ${message}`);
  };
  /** Changes the content of the chip, where that is possible. @param name of the step */
  const change = (name: string, line: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TamperError || error instanceof ForgetError)) throw error;
      fail(line, `${name}: ${error.message}`);
    }
  };
  const letPass = (ms: number): void => world.advanceTo(world.clock.nowMs + ms);

  function carryOut(action: Action, line: number): void {
    const beginMs = world.clock.nowMs;
    switch (action.kind) {
      case "badge": {
        for (let atMs = 0; atMs === 0 || atMs < action.holdMs; atMs += action.everyMs) {
          world.advanceTo(beginMs + atMs);
          world.presentBadge(action.signal, action.holdMs - atMs);
        }
        world.advanceTo(beginMs + action.holdMs);
        return;
      }
      case "keys": {
        for (const { atMs, key, isDown } of action.edges) {
          world.advanceTo(beginMs + atMs);
          world.setKey(key, isDown);
        }
        world.advanceTo(beginMs + action.lengthMs);
        return;
      }
      case "wait":
        return letPass(action.ms);
      case "host": {
        const problem = host.say(action.says);
        if (problem) fail(line, problem);
        return;
      }
      case "link":
        return world.setLink(action.isUp);
      case "power": {
        if (action.change !== "on") world.powerOff();
        if (action.change === "cycle") letPass(action.awayMs);
        if (action.change !== "off") world.powerOn();
        return;
      }
      case "cut": {
        cutLine = line;
        world.flash.cutAt({ operations: action.operations, bytes: action.bytes });
        return;
      }
      case "display": {
        world.isDisplayConnected = action.isConnected;
        return;
      }
      case "reader": {
        world.isReaderConnected = action.isConnected;
        return;
      }
      case "memory": {
        world.isMemoryConnected = action.isConnected;
        return;
      }
      case "clock": {
        if (typeof action.change !== "string" && action.change.cut !== undefined) cutLine = line;
        return changeClock(world, action.change);
      }
      case "disturb":
        return world.disturb(action.part, action.loses);
      case "tamper": {
        isTampered = true;
        return change("tamper", line, () => tamper(world.flash, action.what));
      }
      case "forget": {
        // One bit is put right by every reader, so that the ledger stays in order.
        isTampered ||= action.what.bits.length > 1;
        return change("forget", line, () => forget(world.flash, action.what));
      }
      case "expect": {
        // People look when the terminal has done what they have asked for.
        world.finishWork();
        for (const problem of expecter.check(action.checks)) fail(problem.line, problem.message);
        return;
      }
    }
  }

  /** The planned power cut has happened when the power is off and no step has switched it off. */
  function noticeCut(action: Action, wasPowered: boolean, traceLength: number): void {
    if (cutLine === undefined || world.isPowered) return;
    const wentOn = world.trace.slice(traceLength).some((line) => "power" in line && line.power === "on");
    if (wentOn || (wasPowered && action.kind !== "power")) cutLine = undefined;
  }

  let line = 1;
  try {
    if (scenario.isPowered) world.powerOn();
    world.advanceTo(0);
    for (const step of scenario.steps) {
      line = step.line;
      const wasPowered = world.isPowered;
      const traceLength = world.trace.length;
      carryOut(step.action, line);
      // Tasks that are due now belong to this step.
      letPass(0);
      noticeCut(step.action, wasPowered, traceLength);
    }
    if (cutLine !== undefined) fail(cutLine, "the power was never cut: not that much came after this");
    for (const problem of expecter.checkEnd(isTampered)) fail(line, problem);
  } catch (error) {
    fail(line, `the terminal stopped at ${world.clock.nowMs} ms with an error: ${(error as Error).stack ?? String(error)}`);
  }
  const trace = [...world.trace];
  // This is not part of the scenario. It ends the interpreter, where one runs.
  world.powerOff();
  return { failures, trace };
}
