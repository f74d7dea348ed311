// Runs a Mosquitto for one test, where it is installed.

import { spawn, spawnSync } from "node:child_process";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Path of its program, or undefined. */
export const MOSQUITTO = ["mosquitto", "/usr/sbin/mosquitto"].find((name) => spawnSync(name, ["-h"]).error === undefined);

/** A free port. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Runs a function while a broker runs that accepts every client. */
export async function withMosquitto(run: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const broker = spawn(MOSQUITTO as string, ["-p", `${port}`], { stdio: "ignore" });
  for (let i = 0; i < 200 && !(await answers(port)); i++) await sleep(50);
  try {
    await run(`mqtt://127.0.0.1:${port}`);
  } finally {
    broker.kill();
  }
}
