// self-test: guides through every part over the console, or has the terminal test its keys over its link.

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Board } from "../../boards/board.js";
import { boardOf } from "../boards/checked-board.js";
import { type BoardConsole, requireConsole } from "../device/board-console.js";
import { type DeviceState, withState } from "../device/device-state.js";
import { handsProgram, testByHand } from "../device/hardware-test.js";
import type { Message } from "../device/link-host.js";
import { beginRestart, restart, stopFirmware } from "../device/restart.js";
import { crcOf } from "../device/storage.js";
import type { LedgerRecord } from "../ledger/ledger-reader.js";
import { createReport, type Report } from "../report.js";
import { EXIT, ToolError, UNCHANGED } from "../tool-error.js";
import { type EitherOptions, eitherCommand, type LinkOptions, portOf, withLink } from "./device-options.js";
import { recordOf } from "./message-words.js";
import { confirm } from "./question.js";

export function selfTestCommand(): Command {
  return eitherCommand(
    "self-test",
    "guide through every key, light, sound, display and badge over the console of a terminal or of a bare board; or have the terminal test its keys, over its link",
  ).action(async (options: EitherOptions) => {
    const report = createReport(options.json === true);
    const board = boardOf(options.board);
    const { link } = options;
    if (link) await overLink({ ...options, link }, board, report);
    else await overConsole(portOf(options), board, report);
  });
}

const STOPPED = "The device is open, with its firmware stopped: it does not serve before its next start.";

async function overConsole(port: string, board: Board, report: Report): Promise<void> {
  const device = await requireConsole(port);
  const state: DeviceState = { now: UNCHANGED };
  const byHand = async (): Promise<void> => {
    // A lock would close the console as soon as the firmware is stopped.
    if ((await crcOf(device, ".boot0")) !== undefined) {
      const todo = "Test its keys over its link with --link; or flash it with --hands.";
      throw new ToolError("locked", "Its lock is installed.", "The terminal is as it was, and serves.", todo);
    }
    state.now = STOPPED;
    await stopFirmware(device);
    if (!(await testParts(device, board, report))) process.exitCode = EXIT.unhealthy;
  };
  try {
    await withState(state, byHand, "Cut its power and give it again, or run the same command again.").catch(async (error: unknown) => {
      if (state.now !== UNCHANGED && !device.isClosed()) await beginRestart(device, board);
      throw error;
    });
    await (await restart(device, board)).close();
  } finally {
    await device.close();
  }
}

/** Goes through every part with whoever stands there. @returns whether every part works */
export async function testParts(device: BoardConsole, board: Board, report: Report): Promise<boolean> {
  const results = await testByHand(device, board, await handsProgram(board), (question) => confirm(question, STOPPED), report);
  const failed = results.filter(({ isOk }) => !isOk);
  report.result(failed.length === 0 ? "Every part works." : `${failed.length} of ${results.length} parts do not work.`, { parts: results });
  return failed.length === 0;
}

/** The terminal's own key test ends after a minute at the latest, in ms. */
const KEY_TEST_MS = 65_000;

async function overLink(options: LinkOptions, board: Board, report: Report): Promise<void> {
  const unseen: string[] = [];
  let outcome: LedgerRecord | undefined;
  const onMessage = (message: Message): void => {
    const [, key] = /^(\w+) not seen$/.exec(String(message.detail)) ?? [];
    if (message.alert === "key" && key) unseen.push(key);
    const record = recordOf(message);
    if (record?.type === "selfTest") outcome = record;
  };
  await withLink(options, board, onMessage, async (link) => {
    await link.command({ do: "selfTest" });
    report.step("press every key once: the citizen's from the left, then invite, then pause; you have a minute");
    for (const until = Date.now() + KEY_TEST_MS; Date.now() < until && !outcome && unseen.length === 0; ) await sleep(200);
    await sleep(500);
    const isOk = outcome?.type === "selfTest" && outcome.result === "ok";
    if (isOk) report.result("Every key was seen.", { result: "ok" });
    else if (unseen.length > 0) report.result(`Not seen: ${unseen.join(", ")}.`, { result: "failed", unseen });
    else report.result("No key was reported. Its record has not come: the host must acknowledge older ones first.", { result: "unknown" });
    if (!isOk) process.exitCode = EXIT.unhealthy;
  });
}
