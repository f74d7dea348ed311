// The terminals that are attacked, simulated and on a real interpreter, over a real TCP connection. The attacker knows nothing of the firmware; this file lends it hands
// for power and flash. Run by itself it plays the cases that its command line names, on the interpreter where ESPRUINO is set, and prints the outcomes as JSON.

import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { pathToFileURL } from "node:url";
import { board } from "../../firmware/boards/linux.js";
import { parseSite } from "../../firmware/tools/provision/site.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { SIMULATED_KEY } from "../../sim/world/simulated-key.js";
import { World } from "../../sim/world/world.js";
import { InstalledTerminal } from "../espruino/installed-terminal.js";
import { Attacker, attack, type Hands, type Outcome } from "./attacker.js";

/** The world's time runs that much faster than ours. */
const SPEED = 10;
const TICK_MS = 2;

interface Attacked {
  readonly hands: Hands;
  end(): void | Promise<void>;
}

/** A terminal whose link is a connection to this port. */
function startSimulated(port: number): Attacked {
  const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
  const files = contentsOf({ ...site.counters[0], host: "hall:4000" }, site);
  const world = new World({ board, engine: nodeEngine, files, isTraced: false });
  const socket: Socket = connect(port, "127.0.0.1");
  let pending = "";
  let copy = Buffer.alloc(0);
  socket.setEncoding("latin1");
  socket.on("error", () => undefined);
  socket.on("data", (data: string) => {
    const lines = (pending + data).split("\n");
    pending = lines.pop() as string;
    for (const line of lines) world.sendFromHost(line);
  });
  world.onTrace((line) => {
    if ("sent" in line) socket.write(`${line.sent}\n`, "latin1");
  });
  world.powerOn();
  const timer = setInterval(() => world.advanceTo(world.clock.nowMs + TICK_MS * SPEED), TICK_MS);
  return {
    hands: {
      restart() {
        world.powerOff();
        world.powerOn();
      },
      copyFlash() {
        copy = Buffer.from(world.flash.bytes);
      },
      restoreFlash() {
        world.powerOff();
        world.flash.bytes.set(copy);
        world.powerOn();
      },
    },
    end() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

async function startInstalled(binary: string, port: number): Promise<Attacked> {
  const terminal = await InstalledTerminal.install(binary, port);
  let copy: Buffer = Buffer.alloc(0);
  terminal.start();
  return {
    hands: {
      async restart() {
        await terminal.kill();
        terminal.start();
      },
      copyFlash() {
        copy = terminal.flash;
      },
      async restoreFlash() {
        await terminal.kill();
        terminal.flash = copy;
        terminal.start();
      },
    },
    async end() {
      await terminal.kill();
      if (terminal.printed().includes("Uncaught")) throw new Error(terminal.printed().slice(-1000));
    },
  };
}

/**
 * Attacks a terminal.
 * @param binary of the interpreter that it runs on; undefined: it is simulated
 * @param names of the cases; none: all of them
 */
export async function attackTerminal(binary: string | undefined, names: readonly string[] = []): Promise<Outcome[]> {
  const attacker = new Attacker(SIMULATED_KEY);
  await attacker.listen();
  try {
    const { hands, end } = binary ? await startInstalled(binary, attacker.port) : startSimulated(attacker.port);
    try {
      return await attack(attacker, hands, names);
    } finally {
      await end();
    }
  } finally {
    attacker.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(JSON.stringify(await attackTerminal(process.env.ESPRUINO, process.argv.slice(2))));
}
