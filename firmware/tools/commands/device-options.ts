// The options of every command to a device, and the way to it: its console, or its link.

import { Command, Option } from "commander";
import type { Board } from "../../boards/board.js";
import { boardOf } from "../boards/checked-board.js";
import { boardNames } from "../build/build.js";
import type { ChangeOptions } from "../device/change.js";
import { withState } from "../device/device-state.js";
import { type LinkHost, linkBaudHz, type Message, openLink } from "../device/link-host.js";
import { type OpenTerminal, openTerminal } from "../device/open-terminal.js";
import { jsonOption } from "../program.js";
import { existingKey, keyFileOf } from "../provision/device-key.js";
import { createReport, type Report } from "../report.js";
import { UNCHANGED, usageError } from "../tool-error.js";

interface DeviceOptions {
  readonly board: string;
  readonly keys?: string;
  readonly json?: boolean;
}

export interface ConsoleOptions extends DeviceOptions {
  readonly port: string;
}

export interface LinkOptions extends DeviceOptions {
  readonly link: string;
}

/** Options of a command that takes either way. */
export interface EitherOptions extends DeviceOptions {
  readonly port?: string;
  readonly link?: string;
}

export interface ChangeCommandOptions extends ConsoleOptions {
  readonly leaveOpen?: boolean;
  readonly also?: readonly string[];
}

/** A board of this project, or a board file elsewhere. */
export function boardOption(): Option {
  return new Option("--board <name>", `which board it is: ${boardNames().join(", ")}, or the path of a board file`).makeOptionMandatory();
}

/** A command to one device, without the way to it. */
function deviceCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(boardOption())
    .option("--keys <folder>", "where the device keys are kept (default: secrets/keys)")
    .addOption(jsonOption());
}

/** A command to one device through its console. */
export function consoleCommand(name: string, description: string): Command {
  return deviceCommand(name, description).requiredOption("--port <port>", "its console: a serial port, or tcp://host:port");
}

/** A command to one device through its link. */
export function linkCommand(name: string, description: string): Command {
  return deviceCommand(name, description).requiredOption(
    "--link <end>",
    "the hall's end of its link: a serial port, or listen:PORT where the terminal connects over TCP",
  );
}

/** A command to one device through its console or its link. */
export function eitherCommand(name: string, description: string): Command {
  return deviceCommand(name, description)
    .option("--port <port>", "its console: a serial port, or tcp://host:port")
    .option("--link <end>", "the hall's end of its link instead, which a closed terminal has too: a serial port, or listen:PORT");
}

/** A command that changes a terminal through its console, and closes it at the end. */
export function changeCommand(name: string, description: string): Command {
  return consoleCommand(name, description)
    .option("--leave-open", "leave the console open, for work on the bench")
    .option("--also <ports...>", "further ports of the same board at which it is tried to get in");
}

/** The console of a command that takes either way. @throws ToolError `usage` when neither was given */
export function portOf({ port }: EitherOptions): string {
  if (port !== undefined) return port;
  throw usageError("The command does not say where the terminal is.", "Give --port for its console, or --link for its link.");
}

/** Carries out a command over the way that was given. */
export async function overEither<Options extends EitherOptions>(
  options: Options,
  overLink: (options: Options & LinkOptions, board: Board, report: Report) => Promise<void>,
  overConsole: (terminal: OpenTerminal, report: Report) => Promise<void>,
): Promise<void> {
  const { link } = options;
  if (link !== undefined) return overLink({ ...options, link }, boardOf(options.board), createReport(options.json === true));
  return withTerminal({ ...options, port: portOf(options) }, overConsole);
}

/** Carries out a command on the console of a terminal. */
export async function withTerminal(options: ConsoleOptions, action: (terminal: OpenTerminal, report: Report) => Promise<void>): Promise<void> {
  const terminal = await openTerminal(options.port, boardOf(options.board));
  try {
    await withState({ now: UNCHANGED }, () => action(terminal, createReport(options.json === true)));
  } finally {
    await terminal.device.close();
  }
}

/** Carries out a command on the link of a terminal. @param onMessage hears every message of the terminal */
export async function withLink(
  { link: where }: LinkOptions,
  board: Board,
  onMessage: (message: Message) => void,
  action: (link: LinkHost) => Promise<void>,
): Promise<void> {
  const link = await openLink(where, linkBaudHz(board), onMessage);
  try {
    await action(link);
  } finally {
    await link.close();
  }
}

/** For commands that need no message but the answer. */
export function ignoreMessages(): void {}

/** How a terminal is changed. @throws ToolError `keyMissing` without its key */
export function changeOptions({ config }: OpenTerminal, { keys, leaveOpen, also }: ChangeCommandOptions): ChangeOptions {
  return { key: existingKey(keyFileOf(config.device, keys)), isLeftOpen: leaveOpen, also };
}
