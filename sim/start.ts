// The program behind `npm start`: one terminal of the sample hall, powered on, and its page in the browser.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Board } from "../firmware/boards/board.js";
import { sizeOf } from "../firmware/display/layouts.js";
import { BuildError, boardNames, readBoard } from "../firmware/tools/build/build.js";
import { parseSite, storeFiles } from "../firmware/tools/provision/site.js";
import { enginesFor } from "./engines/index.js";
import { startServer } from "./page/server.js";
import { siteFor } from "./world/badges.js";
import { SIMULATED_KEY } from "./world/simulated-key.js";
import { World } from "./world/world.js";

/** Engines that keep up with real time in this process. */
const ENGINES = ["bundle", "node"] as const;

/** Ports that are tried, from the wanted one up. */
const PORTS_TRIED = 20;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError("A port is a number from 0 to 65535; 0 takes any that is free.");
  return port;
}

const program = new Command("npm start --")
  .description("Starts a simulated counter terminal and serves its page on this computer.")
  .option("--board <name>", `the board whose firmware runs: ${boardNames().join(", ")}, or the path of a board file`, "pico")
  .addOption(new Option("--engine <name>", "what runs it: the minified bundle, or the sources").choices(ENGINES).default("bundle"))
  .addOption(new Option("--port <number>", "port of the page; the next free one when it is taken").argParser(parsePort).default(8800))
  .parse();
const options = program.opts<{ board: string; engine: (typeof ENGINES)[number]; port: number }>();

const siteFile = fileURLToPath(new URL("site.yaml", import.meta.url));
const board = boardOf(options.board);
const site = siteFor(board, parseSite(readFileSync(siteFile, "utf8"), siteFile));
const [engine] = (await enginesFor(board, options.engine)).engines;
if (!engine) throw new Error(`the engine ${options.engine} does not run here`);
// A board on the network looks for its host by address; the simulated host answers to any.
const config = { ...site.counters[0], ...(board.link.driver === "network" ? { host: "127.0.0.1:8801" } : {}) };
// Without a trace memory stays the same however long it runs.
const world = new World({ board, engine, files: storeFiles(config, site, SIMULATED_KEY, sizeOf(board.display.driver)), isTraced: false });
world.powerOn();

async function startOnFreePort(): Promise<Awaited<ReturnType<typeof startServer>>> {
  for (let port = options.port; ; port++) {
    try {
      return await startServer({ world, site, port, engineName: options.engine });
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || port === 65535 || port >= options.port + PORTS_TRIED) throw error;
    }
  }
}

const server = await startOnFreePort();
console.log(`A counter terminal is running: ${server.url}`);
console.log("Open it, press Q to sign a clerk in, I to invite a rating, and 1 to 5 to rate. Ctrl-C ends it.");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void server.close();
  });
}

function boardOf(name: string): Board {
  try {
    return readBoard(name);
  } catch (error) {
    if (error instanceof BuildError) program.error(error.message);
    throw error;
  }
}
