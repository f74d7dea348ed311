// Two thousand strangers at the receiver's port: the terminals of the hall stay served, those that are there and those that come.

import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { createDoor, type Guest } from "../../../firmware/tools/link/connection-limits.js";
import { until } from "../../espruino/linux-terminal.js";
import { LineTerminal, ReceiverFolder } from "./receiver-process.js";

const STRANGERS = 2000;
const TERMINALS = 6;
const RECORDS = 40;
/** A terminal counts its host as lost after a minute. */
const SERVED_MS = 60_000;

let hall: ReceiverFolder;
const strangers: Socket[] = [];
beforeAll(() => {
  hall = new ReceiverFolder(TERMINALS);
});
afterAll(() => {
  for (const each of strangers) each.destroy();
  hall.remove();
});

/** Some come from the terminals' own address, the others from many. */
async function crowd(port: number, from: number): Promise<void> {
  for (let i = from; i < from + STRANGERS / 2; i++) {
    const localAddress = i % 2 ? "127.0.0.1" : `127.0.${1 + (i % 50)}.${1 + (i % 200)}`;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    socket.resume();
    strangers.push(socket);
    if (i % 100 === 0) await sleep(5);
  }
}

it("2000 idle strangers keep no terminal out, with few files open, and are dropped", async () => {
  const terminals = Array.from({ length: TERMINALS }, (_, i) => new LineTerminal(i, RECORDS));
  const { child, port, exited, said } = await hall.start({ before: "ulimit -n 640" });
  const [there, coming] = [terminals.slice(0, 3), terminals.slice(3)];
  for (const terminal of there) terminal.connect(port);
  await until("the terminals that are there", () => there.every(({ acknowledged }) => acknowledged >= 4), SERVED_MS);
  await crowd(port, 0);
  // A busy machine holds the receiver up just while they come: it accepts them and the strangers behind them before it reads a line.
  child.kill("SIGSTOP");
  for (const terminal of coming) terminal.connect(port, "127.0.0.1");
  await crowd(port, STRANGERS / 2);
  child.kill("SIGCONT");
  // They come with half of the strangers at their own address, and stay.
  const resend = setInterval(() => {
    for (const terminal of terminals) terminal.greet();
  }, 500);
  await until("all terminals", () => terminals.every(({ isDone }) => isDone), SERVED_MS).finally(() => clearInterval(resend));
  // Who had proven itself kept its connection. Who came in the crowd may have been dropped before its first line was read, and came again.
  expect(there.map(({ start, isConnected }) => [start, isConnected])).toEqual(there.map(() => [1, true]));
  await until("strangers to be dropped", () => strangers.filter(({ readyState }) => readyState === "open").length <= 512, SERVED_MS);
  child.kill("SIGTERM");
  expect(await exited, said()).toBe(0);
  const store = SqliteStore.read(hall.database);
  expect(store.logs().map(({ records, verified }) => [records, verified])).toEqual(terminals.map(() => [RECORDS, RECORDS]));
  expect(store.alarms()).toEqual([]);
  store.close();
  for (const terminal of terminals) terminal.end();
}, 240_000);

it("A stranger who stays silent is dropped after a while, and a terminal that has proven itself is not", () => {
  const dropped: string[] = [];
  const door = createDoor({ perAddress: 2, inAll: 5 });
  const guest = (address: string, name: string): Guest => ({ address, drop: () => void dropped.push(name) });
  const [a, b] = [guest("a", "terminal a"), guest("b", "terminal b")];
  door.enter(a);
  door.prove(a);
  door.enter(b);
  door.prove(b);
  for (let i = 0; i < 4; i++) door.enter(guest("a", `a${i}`));
  expect(dropped).toEqual(["a0", "a1"]);
  for (let i = 0; i < 3; i++) door.enter(guest(`x${i}`, `x${i}`));
  // The address that has most of them gives way first, then the oldest stranger.
  expect(dropped).toEqual(["a0", "a1", "a2", "a3", "x0"].slice(0, dropped.length));
  expect(dropped.length).toBe(4);
});

it("Terminals behind one address are as many as they are: only the limit of all of them ends one, and says so", () => {
  const dropped: string[] = [];
  const door = createDoor({ perAddress: 2, inAll: 6 });
  const enter = (name: string): Guest => {
    const guest: Guest = { address: "nat", drop: (isProven) => void dropped.push(`${name} ${isProven ? "proven" : "stranger"}`) };
    door.enter(guest);
    return guest;
  };
  for (let i = 0; i < 6; i++) door.prove(enter(`t${i}`));
  expect(dropped).toEqual([]);
  door.prove(enter("t6"));
  expect(dropped).toEqual(["t0 proven"]);
});
