// The devices that one flash works through: several ports, or the lines of a list.

import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { boardOf } from "../boards/checked-board.js";
import { type CheckedSite, counterOf, readText } from "../provision/site-file.js";
import { ToolError, UNTOUCHED, usageError } from "../tool-error.js";

/** One device to be flashed. */
export interface Job {
  readonly config: Config;
  readonly port: string;
  readonly board: Board;
}

export interface JobOptions {
  readonly board?: string;
  readonly port?: readonly string[];
  readonly counter?: string;
  /** A CSV file of counter,port,board. */
  readonly list?: string;
}

/** @throws ToolError when the options name no device, or one that the site does not have */
export function jobsOf(site: CheckedSite, options: JobOptions): Job[] {
  if (options.list !== undefined) return jobsIn(options.list, site, options.board);
  const { board, port: ports = [] } = options;
  if (!board || ports.length === 0)
    throw usageError("The command does not say which board it is, and where.", "Give --board and --port; counter-terminal doctor shows both.");
  const first = site.counters.indexOf(counterOf(site, options.counter));
  return ports.map((port, i) => {
    const config = site.counters[first + i];
    if (config) return { config, port, board: boardOf(board) };
    const message = `${site.file}: has ${site.counters.length - first} counters for ${ports.length} ports.`;
    throw usageError(message, "Give fewer ports, or add counters to the site file.");
  });
}

/** Whether an earlier job has the same port, so that somebody has to plug in the next board. */
export function sharesPort(job: Job, jobs: readonly Job[]): boolean {
  return jobs.indexOf(job) > 0 && jobs.some((each) => each !== job && each.port === job.port);
}

/** The lines of a CSV file, as people and spreadsheets write it. @throws ToolError with everything that is wrong, a line each */
function jobsIn(file: string, site: CheckedSite, boardForAll: string | undefined): Job[] {
  const jobs: Job[] = [];
  const problems: string[] = [];
  const lines = readText(file)
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const [counter, port, ownBoard] = line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    if (!counter || counter.startsWith("#") || counter === "counter") continue;
    const job = jobIn(counter, port, ownBoard || boardForAll, site, jobs);
    if (typeof job === "string") problems.push(`${file}:${i + 1}: ${job}`);
    else jobs.push(job);
  }
  if (problems.length === 0 && jobs.length === 0) problems.push(`${file}: has no line of counter,port,board`);
  if (problems.length === 0) return jobs;
  throw new ToolError("fileInvalid", problems.join("\n"), UNTOUCHED, "Correct the list, and run the same command again.");
}

/** @returns the job of a line, or what is wrong with the line */
function jobIn(counter: string, port: string | undefined, board: string | undefined, site: CheckedSite, before: readonly Job[]): Job | string {
  if (!port || !board) return `must be counter,port,board: the ${port ? "board" : "port"} is missing`;
  try {
    const config = counterOf(site, counter);
    if (before.some((job) => job.config === config)) return `counter ${counter} stands above already: no two terminals may be one`;
    return { config, port, board: boardOf(board) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message;
  }
}
