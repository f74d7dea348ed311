// status: says who a terminal is, which firmware it runs, and in which state it is.

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Board } from "../../boards/board.js";
import type { Message } from "../device/link-host.js";
import { type OpenTerminal, statusOf } from "../device/open-terminal.js";
import { keyOf } from "../provision/device-key.js";
import type { Report } from "../report.js";
import { type EitherOptions, eitherCommand, type LinkOptions, overEither, withLink } from "./device-options.js";
import { fieldWords } from "./message-words.js";

export function statusCommand(): Command {
  return eitherCommand("status", "say who a terminal is, what it runs, and how it is").action((options: EitherOptions) =>
    overEither(options, overLink, (terminal, report) => overConsole(terminal, options.keys, report)),
  );
}

async function overConsole(terminal: OpenTerminal, keys: string | undefined, report: Report): Promise<void> {
  const status = await statusOf(terminal, keyOf(terminal.config.device, keys));
  const { started } = status;
  const lines = [
    `device          ${status.device}, counter ${status.counter}, configuration ${status.configuration}`,
    `firmware        ${started ? `${started.firmware}, self-test ${started.selfTest}` : "never started"}`,
    `Espruino        ${status.espruino}, chip ${status.serial}, ${status.freeVariables} variables and ${status.freeStorageBytes} bytes of Storage free`,
    `errors          ${status.errorFlags.join(", ") || "none"}`,
    `ledger          ${status.records} records, acknowledged up to ${status.acknowledged}${status.problems.map((words) => `\n                ${words}`).join("")}`,
    `lock            ${status.isLockInstalled ? "installed" : "not installed: it is open to everybody"}`,
  ];
  report.result(lines.join("\n"), { ...status });
}

/** Longest wait for a terminal's status behind its hello, in ms. */
const STATUS_MS = 1000;

async function overLink(options: LinkOptions, board: Board, report: Report): Promise<void> {
  let status: object | undefined;
  const take = (message: Message): void => {
    if (message.status) status = message.status;
  };
  await withLink(options, board, take, async (link) => {
    const { hello, last, acknowledged } = await link.hello();
    for (const until = Date.now() + STATUS_MS; !status && Date.now() < until; ) await sleep(20);
    const lines = [
      `device          ${hello.device}, counter ${hello.counter}, configuration ${hello.config || "none that is valid"}`,
      `firmware        ${hello.firmware}`,
      ...(status ? [`state           ${fieldWords(status)}`] : []),
      `ledger          ${last} records so far, acknowledged up to ${acknowledged}`,
    ];
    report.result(lines.join("\n"), { ...hello, last, acknowledged, status: status ?? null });
  });
}
