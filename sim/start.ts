// The program behind `npm start`: one terminal of the sample hall, powered on, and its page in the browser. The page is served first. The modules of the
// terminal are loaded behind it, which takes a second or two.

import { setImmediate } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { runProgram } from "../firmware/tools/program.js";
import { type PageServer, startServer } from "./page/server.js";

/** Engines that keep up with real time in this process. */
const ENGINES = ["node", "bundle"] as const;
type EngineName = (typeof ENGINES)[number];

interface Options {
  readonly board: string;
  readonly engine: EngineName;
  readonly port: number;
}

/** Number of ports that are tried, from the wanted one up. */
const PORTS_TRIED = 20;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError("A port is a number from 0 to 65535; 0 takes any that is free.");
  return port;
}

async function start({ board, engine, port }: Options): Promise<void> {
  const server = await startOnFreePort(port);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close().then(() => process.exit()));
  console.log(`A counter terminal (board ${board}) is starting. Its page: ${server.url}`);
  try {
    await showTerminal(server, board, engine);
  } catch (error) {
    await server.close();
    throw error;
  }
  console.log("It runs. Press Q to sign a clerk in, I to invite a rating, and 1 to 5 to rate. Ctrl-C ends it.");
}

async function startOnFreePort(wanted: number): Promise<PageServer> {
  for (let port = wanted; ; port++) {
    try {
      return await startServer(port);
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || port === 65535 || port >= wanted + PORTS_TRIED) throw error;
    }
  }
}

/** Loads, starts and shows the terminal. The server answers between the steps. */
async function showTerminal(server: PageServer, board: string, engine: EngineName): Promise<void> {
  const showStep = async (step: string): Promise<void> => {
    server.showStep(step);
    await setImmediate();
  };
  await showStep("Loading the simulator");
  const { startSampleTerminal } = await import("./page/sample-terminal.js");
  const { firstSetup } = await import("./page/setups.js");
  server.showTerminal(await startSampleTerminal(firstSetup(board), engine, showStep));
  server.onSetup(async (setup) => {
    server.showTerminal(await startSampleTerminal(setup, engine, async () => undefined));
  });
}

const program = new Command("npm start --")
  .description("Starts a simulated counter terminal and serves its page on this computer.")
  .option("--board <name>", "the board whose firmware runs, or the path of a board file", "pico")
  .addOption(
    new Option("--engine <name>", "what runs the firmware: node, its sources; bundle, what a board gets, which is built first")
      .choices(ENGINES)
      .default("node"),
  )
  .addOption(new Option("--port <number>", "port of the page; the next free one when it is taken").argParser(parsePort).default(8800))
  .action(start);

await runProgram(program);
