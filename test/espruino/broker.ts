// A real Mosquitto, for a test alone: with a password and sessions that outlive it.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, connect as openSocket } from "node:net";
import path from "node:path";
import { temporaryFolder } from "../../sim/espruino/install.js";
import { until } from "./linux-terminal.js";

const WORDS = { user: "counter", password: "secret" } as const;

/** Debian puts it where only root looks. */
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Why there can be no broker here, or undefined. */
export function whyNoBroker(): string | undefined {
  return spawnSync("mosquitto", ["-h"], { env: ENV }).error ? "mosquitto is not installed" : undefined;
}

export interface Mosquitto {
  /** For the configuration of a terminal. */
  readonly host: string;
  readonly port: number;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function createMosquitto(): Promise<Mosquitto> {
  const folder = temporaryFolder();
  const data = path.join(folder, "data");
  mkdirSync(data);
  const passwords = path.join(folder, "passwords");
  execFileSync("mosquitto_passwd", ["-b", "-c", passwords, WORDS.user, WORDS.password], { env: ENV, stdio: "ignore" });
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ["user root"] : [];
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous false", `password_file ${passwords}`, "persistence true", ...user];
  lines.push(`persistence_location ${data}/`, "autosave_interval 1", "autosave_on_changes true", "log_dest file mosquitto.log", "log_type all");
  const config = path.join(folder, "mosquitto.conf");
  writeFileSync(config, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;
  return {
    host: `mqtt://${WORDS.user}:${WORDS.password}@127.0.0.1:${port}`,
    port,
    async start() {
      child = spawn("mosquitto", ["-c", config], { cwd: folder, env: ENV, stdio: "ignore" });
      let isThere = false;
      const probe = setInterval(() => {
        const socket = openSocket(port, "127.0.0.1", () => {
          isThere = true;
          socket.destroy();
        });
        socket.on("error", () => undefined);
      }, 50);
      await until("mosquitto", () => isThere, 10_000);
      clearInterval(probe);
    },
    kill() {
      child?.kill("SIGKILL");
      child = undefined;
    },
  };
}
