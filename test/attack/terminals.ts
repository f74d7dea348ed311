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
import { CableEnd } from "./cable.js";

/** The world's time runs that much faster than ours. */
const SPEED = 10;
const TICK_MS = 2;

/** How the attacker reaches a terminal: over a TCP connection, or at its serial cable. */
export type Way = "network" | "cable";

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

/** A cable on which the attacker sits: what comes out of its end goes to his port, and the other way round. */
class TappedCable {
  private socket: Socket | undefined;

  private constructor(
    private readonly end: CableEnd,
    private readonly port: number,
  ) {}

  static async to(port: number): Promise<TappedCable> {
    let cable: TappedCable | undefined;
    const end = await CableEnd.open((bytes) => cable?.socket?.write(bytes, "latin1"));
    cable = new TappedCable(end, port);
    return cable;
  }

  get file(): string {
    return this.end.file;
  }

  /** The terminal has power now: half a line from before belongs to nothing. */
  begin(): void {
    this.socket?.destroy();
    this.socket = connect(this.port, "127.0.0.1");
    this.socket.setEncoding("latin1");
    this.socket.on("error", () => undefined);
    this.socket.on("data", (data: string) => this.end.write(data));
  }

  close(): void {
    this.socket?.destroy();
    this.end.close();
  }
}

async function startInstalled(binary: string, port: number, way: Way): Promise<Attacked> {
  const cable = way === "cable" ? await TappedCable.to(port) : undefined;
  const terminal = await InstalledTerminal.install(binary, cable?.file ?? port);
  let copy: Buffer = Buffer.alloc(0);
  const start = (): void => {
    cable?.begin();
    terminal.start();
  };
  start();
  return {
    hands: {
      async restart() {
        await terminal.kill();
        start();
      },
      copyFlash() {
        copy = terminal.flash;
      },
      async restoreFlash() {
        await terminal.kill();
        terminal.flash = copy;
        start();
      },
    },
    async end() {
      await terminal.kill();
      cable?.close();
      if (terminal.printed().includes("Uncaught")) throw new Error(terminal.printed().slice(-1000));
    },
  };
}

/**
 * Attacks a terminal.
 * @param binary of the interpreter that it runs on; undefined: it is simulated
 * @param names of the cases; none: all of them
 * @param way to a terminal on an interpreter
 */
export async function attackTerminal(binary: string | undefined, names: readonly string[] = [], way: Way = "network"): Promise<Outcome[]> {
  const attacker = new Attacker(SIMULATED_KEY);
  await attacker.listen();
  try {
    const { hands, end } = binary ? await startInstalled(binary, attacker.port, way) : startSimulated(attacker.port);
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
